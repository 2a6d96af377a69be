//! Going back to the previous plan, which needs its images. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::plan::model::{OnFailure, Plan, Staging};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    match (plan.on_failure, plan.staging) {
        (OnFailure::Previous, Staging::After) => {
            let message = "`staging` is `after`, and the images of the previous plan are kept to go back to them";
            let finding = Finding::error(Code::NoRoomToGoBack, Pointer::of(["staging"]), message);
            vec![
                finding
                    .label("for a disk that can't hold the old images beside the new ones")
                    .help("write `before`, or `\"on_failure\": \"containerless\"`"),
            ]
        }
        (OnFailure::Previous, Staging::Before) | (OnFailure::Containerless, Staging::Before | Staging::After) => {
            Vec::new()
        }
    }
}

/// Judges a plan anew that falls to another state than it says itself.
pub fn with_on_failure(findings: &mut Vec<Finding>, plan: Option<&Plan>, on_failure: Option<OnFailure>) {
    let (Some(plan), Some(on_failure)) = (plan, on_failure) else { return };
    findings.retain(|finding| finding.code != Code::NoRoomToGoBack);
    findings.extend(self::findings(&Plan { on_failure, ..plan.clone() }));
}
