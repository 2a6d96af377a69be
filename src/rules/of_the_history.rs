//! Whether what an accepted plan names is what it was when the plan was accepted. Reads nothing, changes nothing.

use super::files::named;
use crate::diagnostics::{Code, Finding};
use crate::plan::model::Plan;
use crate::plan::review::{Contents, Review};

/// What is not as it was, at the first place that names it. What was not on record is not judged, nor are image archives: which image
/// they are to hold is on record.
pub fn of_the_history(plan: &Plan, accepted: &Contents, review: &Review) -> Vec<Finding> {
    let places = named(plan);
    let changed = accepted.iter().filter_map(|(path, was)| {
        let is = review.files.get(path);
        let (_, _, at) = places.iter().find(|(named, _, _)| named == path).filter(|_| is != Some(was))?;
        let short = |sha256: &str| sha256.get(..12).unwrap_or(sha256).to_owned();
        let label = match (is, review.unread.get(path)) {
            (Some(is), _) => format!("its SHA-256 begins with {}, and began with {}", short(is), short(was)),
            (None, Some(reason)) => reason.clone(),
            (None, None) => "it can't be read".to_owned(),
        };
        let message = format!("the content of `{path}` is not what it was when the plan was accepted");
        let finding = Finding::error(Code::NotAsAccepted, at.clone(), message).label(label);
        Some(finding.help("give a folder that has it as it was: `--folder FOLDER`"))
    });
    changed.collect()
}

#[cfg(test)]
mod tests {
    use super::of_the_history;
    use crate::diagnostics::{Finding, Place};
    use crate::plan::model::Plan;
    use crate::plan::review::Review;
    use crate::plan::values::PlanPath;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn what_is_another_file_now_or_gone_is_told_and_what_was_not_on_record_is_not() {
        let config = |file: &str| json!({ "file": file, "target": format!("/etc/{file}") });
        let configs = json!([config("same"), config("changed"), config("gone"), config("unknown")]);
        let plan: Plan = serde_json::from_value(json!({
            "version": 1, "name": "shop", "services": { "web": { "image": "localhost/a:1", "configs": configs } }
        }))
        .unwrap();
        let path = |text: &str| PlanPath::parse(text).unwrap();
        let (one, two) = ("1".repeat(64), "2".repeat(64));
        let accepted = ["same", "changed", "gone"].map(|name| (path(name), one.clone())).into();
        let read = [("same", Ok(one)), ("changed", Ok(two.clone())), ("unknown", Ok(two))];
        let read = read.into_iter().chain([("gone", Err("it is not there".to_owned()))]);
        let review = Review::of(&plan, read.map(|(name, content)| (path(name), content)).collect()).unwrap();
        let found = of_the_history(&plan, &accepted, &review).into_iter();
        let at = |finding: Finding| match finding.place {
            Place::Value(at) => (at.to_string(), finding.label),
            place => panic!("{place:?}"),
        };
        let told: Vec<_> = found.map(at).collect();
        let changed = "its SHA-256 begins with 222222222222, and began with 111111111111";
        let expected = [("/services/web/configs/1/file", changed), ("/services/web/configs/2/file", "it is not there")];
        assert_eq!(told, expected.map(|(at, label)| (at.to_owned(), label.to_owned())));
    }
}
