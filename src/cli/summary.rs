//! What is told at the end of a run. Reads nothing, changes nothing.

use super::arguments::Format;
use super::log;
use super::progress::Progress;
use super::screen::Screen;
use crate::operation::Layout;
use crate::plan::values::{PlanName, RunId};
use crate::run::Ending;
use serde_json::{Value, json};
use std::time::Duration;

/// Tells how a run ended, why, and what state the server is in.
pub fn tell(layout: &Layout, run: &RunId, ending: &Ending, progress: &Progress, (format, screen): (Format, &Screen)) {
    progress.end();
    let text = human(layout, run, ending);
    log::keep(&text);
    match format {
        Format::Human => {
            screen.tell(&steps(progress));
            match ending {
                Ending::Done { known: _, warnings: _ } | Ending::TornDown => screen.result(&text),
                Ending::Refused { cause: _ }
                | Ending::RolledBack { cause: _ }
                | Ending::Restored { cause: _ }
                | Ending::Incomplete { cause: _, left: _ } => {
                    screen.tell(&text);
                }
            }
        }
        Format::Json => screen.result(&format!("{:#}\n", as_json(layout.plan(), ending, progress))),
    }
}

fn steps(progress: &Progress) -> String {
    let line = |(step, took): &(crate::operation::StepName, Duration)| {
        format!("{:>8.2} s  {}\n", took.as_secs_f64(), step.words())
    };
    progress.steps().iter().map(line).collect()
}

fn human(layout: &Layout, run: &RunId, ending: &Ending) -> String {
    let plan = layout.plan();
    match ending {
        Ending::Done { known, warnings } => {
            let services = known.images.len();
            let warnings: String = warnings.iter().map(|warning| format!("warning: {warning}\n")).collect();
            format!("{warnings}{plan} is deployed: {services} {}\n", if services == 1 { "service" } else { "services" })
        }
        Ending::TornDown => format!("{plan} is torn down: none of its containers is left, and its data is untouched\n"),
        Ending::Refused { cause } => format!("{cause}\nnothing was changed: what was deployed before runs on\n"),
        Ending::RolledBack { cause } => format!(
            "{cause}\nrolled back: no container of {plan} is left, and its data is untouched\nthe output of what was removed \
             and the log are in {}\n",
            layout.run(run).display()
        ),
        Ending::Restored { cause } => format!(
            "{cause}\nrolled back: what was deployed before is deployed again\nthe output of what was removed and the log are in {}\n",
            layout.run(run).display()
        ),
        Ending::Incomplete { cause, left } => {
            let left: String = left.iter().map(|left| format!("  {left}\n")).collect();
            format!("{cause}\nthe rollback could not finish; `landfall recover` tries again. What is left:\n{left}")
        }
    }
}

fn as_json(plan: &PlanName, ending: &Ending, progress: &Progress) -> Value {
    let steps: Vec<_> = progress
        .steps()
        .iter()
        .map(|(step, took)| json!({ "name": step.words(), "seconds": took.as_secs_f64() }))
        .collect();
    let outcome = match ending {
        Ending::Done { known: _, warnings: _ } => "deployed",
        Ending::TornDown => "torn_down",
        Ending::Refused { cause: _ } => "refused",
        Ending::RolledBack { cause: _ } => "rolled_back",
        Ending::Restored { cause: _ } => "restored",
        Ending::Incomplete { cause: _, left: _ } => "rollback_incomplete",
    };
    let left = match ending {
        Ending::Done { known: _, warnings } => warnings.as_slice(),
        Ending::TornDown
        | Ending::Refused { cause: _ }
        | Ending::RolledBack { cause: _ }
        | Ending::Restored { cause: _ }
        | Ending::Incomplete { cause: _, left: _ } => ending.left(),
    };
    json!({ "plan": plan, "outcome": outcome, "steps": steps, "cause": super::runs::cause_of(ending), "left": left })
}
