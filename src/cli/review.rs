//! What a person reviews of a plan, told with its hash: what `--expect` takes. Reads only.

use crate::facts::FileFact;
use crate::host::sources::Sources;
use crate::plan::canonical::NotCanonical;
use crate::plan::model::Plan;
use crate::plan::review::Review;
use crate::plan::values::PlanPath;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What there is to review of a plan whose files were opened.
///
/// # Errors
/// A plan that has no canonical JSON: a defect of ours.
pub fn of_opened(plan: &Plan, sources: &Sources, facts: &BTreeMap<PlanPath, FileFact>) -> Result<Review, NotCanonical> {
    Review::of(plan, sources.contents(facts))
}

/// The members of a JSON document that tell it: `hash`, `plan_sha256`, `files`, `unread` and `unpinned`.
pub fn as_json(review: &Review) -> Value {
    let Review { plan_sha256, files, unread, unpinned } = review;
    json!({
        "hash": review.hash(),
        "plan_sha256": plan_sha256,
        "files": files,
        "unread": unread,
        "unpinned": unpinned,
    })
}

/// The hash in a few lines for people, each ending with a line break; or why there is none.
pub fn told(review: &Review) -> String {
    let Review { plan_sha256: _, files: _, unread, unpinned } = review;
    let mut text = match review.hash() {
        Some(hash) => format!("hash {hash}\n"),
        None => {
            let unread: Vec<String> = unread.iter().map(|(path, reason)| format!("{path}: {reason}")).collect();
            format!("no hash, because not everything can be read ({})\n", unread.join("; "))
        }
    };
    if !unpinned.is_empty() {
        let names: Vec<_> = unpinned.iter().map(ToString::to_string).collect();
        let names = names.join(", ");
        text.push_str(&format!(
            "`--expect` would refuse it: no digest, id or sha256 says which image is that of {names}\n"
        ));
    }
    text
}
