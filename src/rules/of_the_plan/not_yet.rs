//! What the plan format has and this version can't do yet. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{OnFailure, Plan};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    match plan.on_failure {
        OnFailure::Previous => {
            let at = Pointer::of(["on_failure"]);
            let message = "going back to the previous plan is not available yet";
            let place = Place::Value(at.clone());
            let finding = Finding::error(Code::PreviousNotYet, at, message)
                .label("in the plan format, but not in this version")
                .help("write `containerless`");
            findings.push(finding.fix("write \"containerless\"", place, "\"containerless\""));
        }
        OnFailure::Containerless => {}
    }
    findings
}
