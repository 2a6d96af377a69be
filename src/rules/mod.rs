//! The rules that a schema can't say, one file each. Reads nothing, changes nothing.
//!
//! Two lists tell which there are: of the plan alone, and of the plan on a server. Beside them, what `--expect` asks for, and what
//! an accepted plan of the history does.

pub mod files;
mod of_the_history;
mod of_the_plan;
mod of_the_review;
mod of_the_server;
pub(crate) mod place;

pub use files::of_the_files;
pub use of_the_history::of_the_history;
pub use of_the_plan::{of_the_plan, with_on_failure};
pub use of_the_review::of_the_review;
pub use of_the_server::{
    known_better, needed_commands, of_the_engine, of_the_server, size_shown, waits_for_the_server,
};

use crate::diagnostics::{Code, Finding, Severity, Source};
use crate::plan::model::Plan;

/// Whether a finding can be told while other parts of the plan could not be read: it is no consequence of their absence.
pub fn stands_by_itself(finding: &Finding) -> bool {
    let Finding { code, severity, document: _, place: _, message: _, label: _, help: _, also: _, fixes: _ } = finding;
    *severity == Severity::Error && !matches!(code, Code::NoEffect | Code::PortOutOfReach)
}

/// What can be said of a plan of which only a part could be read: mistakes of what is there, whatever else there is.
pub fn of_the_rest(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut findings = of_the_plan(plan, source, None);
    findings.retain(|finding| OF_WHAT_IS_THERE.contains(&finding.code));
    findings
}

/// The kinds of mistakes that stay whatever is added to a plan, but for a service: services keep their names.
const OF_WHAT_IS_THERE: &[Code] = &[
    Code::BadTemplate,
    Code::PortUsedTwice,
    Code::SystemDirectory,
    Code::MountInMount,
    Code::TargetReserved,
    Code::UnknownService,
    Code::DependencyCycle,
    Code::NameUsedTwice,
    Code::SubnetsConflict,
    Code::CapabilityTwice,
    Code::SoftAboveHard,
    Code::DigestsDisagree,
    Code::NulCharacter,
    Code::ListedTwice,
    Code::PathEscapes,
];

/// Whether a finding is about something that could be added to a plan that is right otherwise. It waits until the plan
/// is: what is missing may be there already, misspelt.
pub fn is_advice(finding: &Finding) -> bool {
    matches!(finding.code, Code::NoMemoryLimit | Code::NoHealthcheck)
}
