//! Whether a plan is what was reviewed: `--expect`. Reads nothing, changes nothing.

use super::place::field;
use crate::diagnostics::{Code, Document, Finding, Place, Severity};
use crate::plan::model::{Image, ImageSource, Plan};
use crate::plan::review::{Review, is_pinned};
use crate::plan::values::{ServiceName, Sha256};

/// What keeps a plan from being the one that this hash stands for: its own hash, and every image that can be another one than
/// was reviewed although the hash is the same.
pub fn of_the_review(plan: &Plan, review: &Review, expected: &Sha256) -> Vec<Finding> {
    let services = plan.services.iter();
    let open =
        services.filter(|(_, service)| !is_pinned(&service.image)).map(|(name, service)| open(name, &service.image));
    open.chain(hash(review, expected)).collect()
}

fn hash(review: &Review, expected: &Sha256) -> Option<Finding> {
    let message = match review.hash() {
        Some(hash) if hash == expected.as_str() => return None,
        Some(hash) => format!("the hash is {hash}, but {expected} is expected"),
        None => {
            let unread: Vec<_> = review.unread.iter().map(|(path, reason)| format!("{path}: {reason}")).collect();
            format!(
                "{expected} is expected, but there is no hash while something can't be read ({})",
                unread.join("; ")
            )
        }
    };
    let finding = Finding::new(Code::NotAsReviewed, Severity::Error, Document::Plan, Place::Whole, message);
    Some(finding.help(
        "see what differs with `landfall diff PLAN --against REVIEWED`; the hash covers the plan and the content of its \
         configs, certificates and build contexts, which `deploy --dry-run --format json` lists",
    ))
}

/// An image of which the plan does not say which one it is.
fn open(name: &ServiceName, image: &Image) -> Finding {
    let at = field(name, "image");
    let (message, help) = match image {
        Image::Reference(reference) => by_name(reference),
        Image::Source(ImageSource::Registry { registry, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }) => {
            by_name(registry)
        }
        Image::Source(ImageSource::Archive { archive, sha256: _, reference: _, id: _ }) => file(archive),
        Image::Source(ImageSource::Ssh { ssh, key: _, sha256: _, id: _, timeout: _ }) => file(ssh),
        Image::Source(ImageSource::Url { url, sha256: _, id: _, ca: _, timeout: _ }) => file(url),
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => (
            format!("what is built from `{build}` can be another image next time: what it starts from can move"),
            "add the `id` of the image that was reviewed, or deliver that as an archive with its `sha256`",
        ),
    };
    Finding::error(Code::ImageNotPinned, at, message).label("no digest, id or sha256 says which one").help(help)
}

fn by_name(reference: impl std::fmt::Display) -> (String, &'static str) {
    let message = format!("`{reference}` can be another image next time");
    (message, "add its `digest` (`@sha256:…` behind the reference, or the field), or its `id`")
}

fn file(path: impl std::fmt::Display) -> (String, &'static str) {
    let message = format!("`{path}` can hold another image next time");
    (message, "add the file's `sha256`, as `sha256sum` prints it, or the image's `id`")
}

#[cfg(test)]
mod tests {
    use super::of_the_review;
    use crate::diagnostics::{Code, Place, Pointer};
    use crate::plan::model::Plan;
    use crate::plan::review::Review;
    use crate::plan::values::{PlanPath, Sha256};
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

    fn plan(images: &Value) -> Plan {
        let services = images.as_object().unwrap().iter();
        let services: Value = services.map(|(name, image)| (name.clone(), json!({ "image": image }))).collect();
        serde_json::from_value(json!({ "version": 1, "name": "shop", "services": services })).unwrap()
    }

    fn told(plan: &Plan, review: &Review, expected: &str) -> Vec<(Code, Place, String)> {
        let findings = of_the_review(plan, review, &Sha256::parse(expected).unwrap());
        findings.into_iter().map(|finding| (finding.code, finding.place, finding.message)).collect()
    }

    #[test]
    fn what_was_reviewed_is_let_through_and_nothing_else() {
        let plan = plan(&json!({ "web": { "archive": "a.tar", "sha256": "9f".repeat(32) } }));
        let review = Review::of(&plan, [].into()).unwrap();
        let hash = review.hash().unwrap();
        assert_eq!(told(&plan, &review, &hash), []);
        let other = "0".repeat(64);
        let message = format!("the hash is {hash}, but {other} is expected");
        assert_eq!(told(&plan, &review, &other), [(Code::NotAsReviewed, Place::Whole, message)]);
        // The hash of the plan alone is not the one that is asked for.
        assert_ne!(review.plan_sha256, hash);
        assert_eq!(told(&plan, &review, &review.plan_sha256).len(), 1);
        let unread = [(PlanPath::parse("motd").unwrap(), Err("it is not there".to_owned()))].into();
        let message =
            format!("{hash} is expected, but there is no hash while something can't be read (motd: it is not there)");
        let review = Review::of(&plan, unread).unwrap();
        assert_eq!(told(&plan, &review, &hash), [(Code::NotAsReviewed, Place::Whole, message)]);
    }

    #[test]
    fn each_image_that_can_be_another_one_is_named_although_the_hash_is_right() {
        let plan = plan(&json!({
            "a": "localhost/a:1",
            "b": { "archive": "b.tar" },
            "c": { "build": "c" },
            "d": { "registry": "localhost/d:1", "id": "9f".repeat(32) },
        }));
        let review = Review::of(&plan, [].into()).unwrap();
        let expected = [
            ("a", "`localhost/a:1` can be another image next time"),
            ("b", "`b.tar` can hold another image next time"),
            ("c", "what is built from `c` can be another image next time: what it starts from can move"),
        ];
        let at = |name| Place::Value(Pointer::of(["services", name, "image"]));
        let expected = expected.map(|(name, message)| (Code::ImageNotPinned, at(name), message.to_owned()));
        assert_eq!(told(&plan, &review, &review.hash().unwrap()), expected);
    }
}
