//! The rules that a schema can't say, one file each. Reads nothing, changes nothing.
//!
//! Two lists tell which there are: of the plan alone, and of the plan on a server.

use crate::diagnostics::{Code, Finding, Severity, Source};
use crate::facts::Facts;
use crate::plan::model::Plan;
use crate::plan::secrets::Secrets;

/// Every rule that the plan and its secrets can be judged by without a server.
///
/// `source` tells what the author wrote from what was filled in. Without `secrets`, no value is asked for.
pub fn of_the_plan(plan: &Plan, source: &Source, secrets: Option<&Secrets>) -> Vec<Finding> {
    let _ = (plan, source, secrets);
    Vec::new()
}

/// Every rule that the plan can be judged by on a server.
pub fn of_the_server(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let _ = (plan, facts);
    Vec::new()
}

/// Whether a finding can be told while other parts of the plan could not be read: it is no consequence of their absence.
pub fn stands_by_itself(finding: &Finding) -> bool {
    let Finding { code, severity, document: _, place: _, message: _, label: _, help: _, also: _ } = finding;
    *severity == Severity::Error && *code != Code::NoEffect
}
