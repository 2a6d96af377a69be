//! The rules that a schema can't say, one file each. Reads nothing, changes nothing.
//!
//! Two lists tell which there are: of the plan alone, and of the plan on a server. Beside them, what `--expect` asks for.

pub mod files;
mod of_the_plan;
mod of_the_review;
mod of_the_server;
mod place;

pub use files::of_the_files;
pub use of_the_plan::of_the_plan;
pub use of_the_review::of_the_review;
pub use of_the_server::{known_better, needed_commands, of_the_server, waits_for_the_server};

use crate::diagnostics::{Code, Finding, Severity};

/// Whether a finding can be told while other parts of the plan could not be read: it is no consequence of their absence.
pub fn stands_by_itself(finding: &Finding) -> bool {
    let Finding { code, severity, document: _, place: _, message: _, label: _, help: _, also: _, fixes: _ } = finding;
    *severity == Severity::Error && *code != Code::NoEffect
}

/// Whether a finding is about something that could be added to a plan that is right otherwise. It waits until the plan
/// is: what is missing may be there already, misspelt.
pub fn is_advice(finding: &Finding) -> bool {
    matches!(finding.code, Code::NoMemoryLimit | Code::NoHealthcheck)
}
