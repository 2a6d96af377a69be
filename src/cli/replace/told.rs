//! What is told of a replacement: before it, and after it.

use super::candidate::Candidate;
use crate::cli::arguments::Format;
use crate::cli::keeping::{self, Deployed};
use crate::operation::Program;

/// The operations of it, for `--dry-run`.
pub fn preview(candidate: &Candidate, deployed: &Deployed<'_>, program: &Program, format: Format) -> String {
    let what = format!("replace {} of {}", candidate.service, deployed.layout.plan());
    keeping::preview(&what, deployed, program, format)
}

/// What is told once the new one is in place.
pub fn done(candidate: &Candidate, deployed: &Deployed<'_>) -> String {
    let (plan, service) = (deployed.layout.plan(), &candidate.service);
    format!(
        "{service} of {plan} is replaced, and healthy. This deviates from the plan that was deployed: the next deployment undoes it, \
         unless its plan has the same"
    )
}
