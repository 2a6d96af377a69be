//! What is told when a run does not begin: nothing was changed.

use super::arguments::Format;
use super::screen::Screen;
use crate::Checked;
use crate::diagnostics::{Severity, report};
use crate::exit::Exit;
use crate::host::lock::LockProblem;
use crate::plan::model::Plan;
use crate::plan::values::PlanName;
use serde_json::json;

/// Tells the findings: nothing was changed.
pub fn refuse(checked: &Checked, format: Format, screen: &Screen) -> Exit {
    let report = checked.report();
    match format {
        Format::Human => {
            screen.tell(&report::human(&report, &screen.style()));
            screen.line("refused: nothing was changed");
        }
        Format::Json => {
            let errors = report.findings.iter().filter(|finding| finding.severity == Severity::Error);
            let cause: Vec<_> = errors.map(|finding| format!("{} {}", finding.code, finding.message)).collect();
            screen.result(&format!(
                "{:#}\n",
                json!({
                    "plan": checked.plan.as_ref().map(|plan| &plan.name),
                    "outcome": "refused",
                    "steps": [],
                    "cause": cause.join("; "),
                    "left": [],
                    "findings": report::json(&report).get("findings"),
                })
            ));
        }
    }
    Exit::Refused
}

/// Tells a failure before anything was changed that is no finding.
pub fn fail(plan: &Plan, cause: &str, format: Format, screen: &Screen) -> Exit {
    tell_cause(&plan.name, ("failed", cause), format, screen);
    Exit::Failed
}

/// Tells that an earlier run left what can't be removed: what it is was told already, for people.
pub fn left_over(plan: &Plan, left: &[String], format: Format, screen: &Screen) -> Exit {
    let cause = "an earlier run left what could not be removed now either: nothing is deployed on top of it";
    match format {
        Format::Human => screen.line(cause),
        Format::Json => screen.result(&format!(
            "{:#}\n",
            json!({ "plan": plan.name, "outcome": "rollback_incomplete", "steps": [], "cause": cause, "left": left })
        )),
    }
    Exit::Incomplete
}

/// Tells that another run holds the lock.
pub fn busy(plan: &Plan, problem: &LockProblem, format: Format, screen: &Screen) -> Exit {
    match problem {
        LockProblem::Busy { holder: _ } => {
            tell_cause(&plan.name, ("busy", &problem.to_string()), format, screen);
            Exit::Busy
        }
        LockProblem::System(_) => fail(plan, &problem.to_string(), format, screen),
    }
}

/// Tells in one sentence why a run does not begin; `outcome` is the word for it.
pub fn tell_cause(plan: &PlanName, (outcome, cause): (&str, &str), format: Format, screen: &Screen) {
    match format {
        Format::Human => screen.line(&format!("{cause}\nnothing was changed")),
        Format::Json => screen.result(&format!(
            "{:#}\n",
            json!({ "plan": plan, "outcome": outcome, "steps": [], "cause": cause, "left": [] })
        )),
    }
}
