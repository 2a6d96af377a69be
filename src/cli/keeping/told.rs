//! What is told of a run that leaves a plan deployed: before it, and after it. Reads nothing, changes nothing.

use super::Deployed;
use crate::cli::arguments::Format;
use crate::cli::dry_run;
use crate::operation::Program;
use crate::plan::values::{PlanName, ServiceName};
use crate::run::Ending;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What came of a command, as data.
pub fn outcome_as_json(
    plan: &PlanName,
    outcome: &str,
    services: &BTreeSet<ServiceName>,
    (cause, left): (Option<&str>, &[String]),
) -> String {
    let document = json!({ "plan": plan, "outcome": outcome, "services": services, "cause": cause, "left": left });
    format!("{document:#}\n")
}

/// What is told of a run that did what it was to do.
pub struct Done<'a> {
    /// In words.
    pub words: &'a str,
    /// The services that it was about.
    pub services: &'a BTreeSet<ServiceName>,
    /// How it is told.
    pub format: Format,
}

/// How it ended, in a word.
pub(super) fn outcome_word(ending: &Ending) -> &'static str {
    match ending {
        Ending::Done { known: _, warnings: _ } | Ending::TornDown => "as_asked",
        Ending::Refused { cause: _ } => "refused",
        Ending::RolledBack { cause: _ } => "rolled_back",
        Ending::Restored { cause: _ } => "restored",
        Ending::Incomplete { cause: _, left: _ } => "rollback_incomplete",
    }
}

/// The operations of such a run, for `--dry-run`.
pub fn preview(what: &str, deployed: &Deployed<'_>, program: &Program, format: Format) -> String {
    match format {
        Format::Human => {
            let operations = dry_run::steps_as_text(program, (deployed.layout, deployed.engine.kind()));
            format!("{what}\n{operations}\nnothing else is touched\n")
        }
        Format::Json => format!("{:#}\n", document(deployed, program)),
    }
}

/// The same as data, also for the record of the run.
pub fn document(deployed: &Deployed<'_>, program: &Program) -> Value {
    let (layout, kind) = (deployed.layout, deployed.engine.kind());
    json!({ "plan": layout.plan(), "steps": dry_run::steps_as_json(program, (layout, kind)) })
}

/// How it ended, for people.
pub(super) fn told(plan: &PlanName, ending: &Ending, done: &str) -> String {
    match ending {
        Ending::Done { known: _, warnings } => {
            let warnings: String = warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
            format!("{warnings}{done}\n")
        }
        Ending::TornDown => format!("{done}\n"),
        Ending::Refused { cause } => format!("{cause}\nnothing was changed\n"),
        Ending::RolledBack { cause } => format!("{cause}\nno container of {plan} is left, and its data is untouched\n"),
        Ending::Restored { cause } => format!("{cause}\neverything is again as it was before\n"),
        Ending::Incomplete { cause, left } => {
            let left: String = left.iter().map(|left| format!("  {left}\n")).collect();
            format!(
                "{cause}\nand not everything is as it was; its data is untouched, and `landfall recover` tries again. What is left:\n{left}"
            )
        }
    }
}
