//! Which images of a plan are older than those of another one, as their names tell it. Reads nothing, changes nothing.

use crate::plan::model::Plan;
use crate::plan::values::ServiceName;

/// A service whose image's version goes backwards: its data stays as the newer one has left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backwards {
    /// The service.
    pub service: ServiceName,
    /// The tag of the image that it has.
    pub from: String,
    /// The tag of the older one that it gets.
    pub to: String,
}

/// The services of both plans that get an older version of the same image. What is not named by a reference, or whose tags have no
/// numbers, can't be told.
pub fn backwards(from: &Plan, to: &Plan) -> Vec<Backwards> {
    let older = |(name, service): (&ServiceName, &crate::plan::model::Service)| {
        let now = from.services.get(name).and_then(|service| service.image.called())?;
        let then = service.image.called()?;
        let same = (now.registry(), now.repository()) == (then.registry(), then.repository());
        let (from, to) = (now.tag().filter(|_| same)?, then.tag()?);
        let is_older = numbers(to)? < numbers(from)?;
        is_older.then(|| Backwards { service: name.clone(), from: from.to_owned(), to: to.to_owned() })
    };
    to.services.iter().filter_map(older).collect()
}

/// `v16.2-alpine`: 16, 2.
fn numbers(tag: &str) -> Option<Vec<u64>> {
    let version = tag.strip_prefix('v').unwrap_or(tag);
    let end = version.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(version.len());
    let numbers = version.get(..end)?.split('.').filter(|part| !part.is_empty());
    let numbers: Vec<u64> = numbers.map(str::parse).collect::<Result<_, _>>().ok()?;
    (!numbers.is_empty()).then_some(numbers)
}

#[cfg(test)]
mod tests {
    use super::{Backwards, backwards};
    use crate::plan::model::Plan;
    use pretty_assertions::assert_eq;

    fn plan(image: &str) -> Plan {
        let text = format!(r#"{{ "version": 1, "name": "shop", "services": {{ "db": {{ "image": "{image}" }} }} }}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_version_that_goes_backwards_is_told_by_its_numbers() {
        let told = |from: &str, to: &str| {
            let of = |tag: &str| plan(&format!("docker.io/library/postgres:{tag}"));
            let told = backwards(&of(from), &of(to)).into_iter();
            told.map(|Backwards { service, from, to }| format!("{service} {from} {to}")).collect::<Vec<_>>()
        };
        assert_eq!(told("16.2", "15.6"), ["db 16.2 15.6"]);
        assert_eq!(told("v1.10.0", "v1.9.9-alpine"), ["db v1.10.0 v1.9.9-alpine"]);
        assert_eq!(told("9.6", "16"), [] as [&str; 0], "a number is more than its first digit");
        assert_eq!(told("16", "16"), [] as [&str; 0]);
        assert_eq!(told("16", "bookworm"), [] as [&str; 0], "nobody can tell");
        assert_eq!(backwards(&plan("docker.io/library/mysql:9"), &plan("docker.io/library/postgres:8")), []);
    }
}
