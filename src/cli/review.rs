//! What a person reviews of a plan, told with its hash: what `--expect` takes. Reads only.

use crate::facts::FileFact;
use crate::host::sources::{self, Sources};
use crate::plan::canonical::NotCanonical;
use crate::plan::model::Plan;
use crate::plan::review::Review;
use crate::plan::values::PlanPath;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// What there is to review of a plan in this folder, whoever can write what it names.
///
/// # Errors
/// A plan that has no canonical JSON: a defect of ours.
pub fn of(plan: &Plan, folder: &Path) -> Result<Review, NotCanonical> {
    let (sources, facts) = Sources::open(plan, folder, sources::Trust::Anybody);
    of_opened(plan, &sources, &facts)
}

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

/// The hash, or why there is none.
pub fn hash(review: &Review) -> String {
    let Review { plan_sha256: _, files: _, unread, unpinned: _ } = review;
    review.hash().unwrap_or_else(|| {
        let unread: Vec<String> = unread.iter().map(|(path, reason)| format!("{path}: {reason}")).collect();
        format!("none, because not everything can be read ({})", unread.join("; "))
    })
}

/// The hash in a few lines for people, each ending with a line break, and what `--expect` would say of it.
pub fn told(review: &Review) -> String {
    let mut text = format!("hash {}\n", hash(review));
    if !review.unpinned.is_empty() {
        let names: Vec<_> = review.unpinned.iter().map(ToString::to_string).collect();
        let names = names.join(", ");
        text.push_str(&format!(
            "`--expect` would refuse it: no digest, id or sha256 says which image is that of {names}\n"
        ));
    }
    text
}
