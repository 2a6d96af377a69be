//! What is told of a replacement: before it, and after it.

use super::candidate::Candidate;
use crate::cli::arguments::Format;
use crate::cli::dry_run;
use crate::cli::keeping::Deployed;
use crate::operation::Program;
use serde_json::{Value, json};

/// The operations of it, for `--dry-run`.
pub fn preview(candidate: &Candidate, deployed: &Deployed<'_>, program: &Program, format: Format) -> String {
    let (layout, kind) = (deployed.layout, deployed.engine.kind());
    match format {
        Format::Human => {
            let operations = dry_run::steps_as_text(program, (layout, kind));
            format!("replace {} of {}\n{operations}\nnothing else is touched\n", candidate.service, layout.plan())
        }
        Format::Json => format!("{:#}\n", document(deployed, program)),
    }
}

/// The same as data, also for the record of the run.
pub fn document(deployed: &Deployed<'_>, program: &Program) -> Value {
    let (layout, kind) = (deployed.layout, deployed.engine.kind());
    json!({ "plan": layout.plan(), "steps": dry_run::steps_as_json(program, (layout, kind)) })
}

/// What is told once the new one is in place.
pub fn done(candidate: &Candidate, deployed: &Deployed<'_>) -> String {
    let (plan, service) = (deployed.layout.plan(), &candidate.service);
    format!(
        "{service} of {plan} is replaced, and healthy. This deviates from the plan that was deployed: the next deployment undoes it, \
         unless its plan has the same"
    )
}
