//! `landfall recover`: finishes what a crash left.

use super::mail;
use super::progress::Progress;
use super::runs::{self, Recovered};
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::Outcome;
use crate::host::lock::{LockProblem, RunLock};
use crate::host::{survey, system};
use crate::operation::Layout;
use crate::plan::values::PlanName;
use std::path::Path;

/// Finishes the interrupted runs of all plans; does nothing, and says nothing, where there are none.
pub fn recover(state_dir: &Path, screen: &Screen) -> Exit {
    if !system::is_root() {
        screen.line("recovering needs root: run it with sudo");
        return Exit::Refused;
    }
    system::set_neutral_umask();
    let _lock = match RunLock::acquire("recover") {
        Ok(lock) => lock,
        Err(problem) => {
            screen.line(&problem.to_string());
            return match problem {
                LockProblem::Busy { holder: _ } => Exit::Busy,
                LockProblem::System(_) => Exit::Failed,
            };
        }
    };
    match survey::plan_names(state_dir) {
        Ok(names) => names.iter().map(|name| one(state_dir, name, screen)).fold(Exit::Done, worse),
        Err(failure) => {
            screen.line(&failure.message);
            Exit::Failed
        }
    }
}

fn worse(one: Exit, other: Exit) -> Exit {
    if one.status() >= other.status() { one } else { other }
}

fn one(state_dir: &Path, name: &PlanName, screen: &Screen) -> Exit {
    let layout = Layout::new(state_dir, name);
    let progress = Progress::on(screen);
    // Its scripts go with the containers, so the mail goes first.
    let letter = mail::Interrupted::of(&layout);
    let recovered = runs::recover(&layout, &progress);
    progress.end();
    match recovered {
        Ok(None) => Exit::Done,
        Ok(Some(Recovered { run, outcome, left })) => {
            screen.line(&told(name, outcome, &left));
            let worth_a_mail = matches!(outcome, Outcome::RolledBack | Outcome::RollbackIncomplete);
            if let Some(problem) = worth_a_mail.then(|| letter.send(name, &run, outcome)).and_then(Result::err) {
                screen.line(&format!("the mail about it could not be sent: {problem}"));
            }
            if outcome == Outcome::RollbackIncomplete { Exit::Incomplete } else { Exit::Done }
        }
        Err(cause) => {
            screen.line(&format!("{name}: {cause}"));
            Exit::Failed
        }
    }
}

fn told(name: &PlanName, outcome: Outcome, left: &[String]) -> String {
    match outcome {
        Outcome::Deployed => format!("{name}: the interrupted run had deployed it; what it left is removed"),
        Outcome::Refused => {
            format!("{name}: the interrupted run had changed nothing; what was deployed before is as it was")
        }
        Outcome::RolledBack => {
            format!(
                "{name}: the interrupted run is rolled back: none of its containers is left, and its data is untouched"
            )
        }
        Outcome::TornDown => format!("{name}: the interrupted teardown is finished: none of its containers is left"),
        Outcome::RollbackIncomplete => {
            let left: String = left.iter().map(|left| format!("\n  {left}")).collect();
            format!("{name}: the interrupted run can't be rolled back. What is left:{left}")
        }
    }
}
