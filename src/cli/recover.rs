//! `landfall recover`: finishes what a crash left.

use super::mail;
use super::progress::Progress;
use super::runs::{self, Recovered};
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::{Outcome, RunKind};
use crate::host::lock::{LockProblem, RunLock};
use crate::host::node::state;
use crate::host::signals::Interrupts;
use crate::host::{engine, fetch, limits, survey, system};
use crate::operation::Layout;
use crate::plan::values::{PlanName, RunId};
use std::path::Path;
use std::time::Duration;

/// How often a mail is tried again: after a boot, the network may come up later than we do.
const TRIES: usize = 12;
const PAUSE: Duration = Duration::from_secs(15);

/// Finishes the interrupted runs of all plans; does nothing, and says nothing, where there are none.
pub fn recover(state_dir: &Path, screen: &Screen) -> Exit {
    if !system::is_root() {
        screen.line("recovering needs root: run it with sudo");
        return Exit::Refused;
    }
    screen.go_on_without_readers();
    system::set_neutral_umask();
    system::leave_no_core_file();
    // A recovery goes on to its end, as a rollback does, whoever asks for another one and whether the connection drops.
    let interrupts = match limits::prepare().and_then(|()| Interrupts::install().map_err(|error| error.to_string())) {
        Ok(interrupts) => interrupts,
        Err(error) => {
            screen.line(&format!("nothing can be recovered like this: {error}"));
            return Exit::Failed;
        }
    };
    let lock = match RunLock::acquire("recover") {
        Ok(lock) => lock,
        Err(problem) => {
            screen.line(&problem.to_string());
            return match problem {
                LockProblem::Busy { holder: _ } => Exit::Busy,
                LockProblem::System(_) => Exit::Failed,
            };
        }
    };
    engine::remove_what_looks_left();
    // Also where no plan has ever had a run.
    fetch::end_orphans();
    let mut unsent = Vec::new();
    let exit = match survey::plan_names(state_dir) {
        Ok(names) => names.iter().map(|name| one(state_dir, name, screen, &mut unsent)).fold(Exit::Done, worse),
        Err(failure) => {
            screen.line(&failure.message);
            Exit::Failed
        }
    };
    drop(lock);
    // Whoever sits at a terminal has read it there.
    if !screen.is_terminal() {
        send_later(unsent, &interrupts, screen);
    }
    exit
}

/// A mail that was not accepted.
struct Unsent {
    letter: mail::Interrupted,
    plan: PlanName,
    run: RunId,
    kind: RunKind,
    outcome: Outcome,
}

/// Tries mails again, unless there is a newer run of their plan, or the end was asked for.
fn send_later(mut unsent: Vec<Unsent>, interrupts: &Interrupts, screen: &Screen) {
    let requests = interrupts.listen();
    for _ in 0..TRIES {
        if unsent.is_empty() || requests.recv_timeout(PAUSE).is_ok() {
            break;
        }
        unsent.retain(|Unsent { letter, plan, run, kind, outcome }| {
            let last = state::read_last(letter.layout()).ok().flatten();
            last.is_some_and(|last| last.run == *run) && letter.send(plan, (run, *kind), *outcome).is_err()
        });
    }
    for Unsent { letter: _, plan, run: _, kind: _, outcome: _ } in unsent {
        screen.line(&format!("the mail about {plan} was not accepted, and is given up"));
    }
}

fn worse(one: Exit, other: Exit) -> Exit {
    if one.status() >= other.status() { one } else { other }
}

fn one(state_dir: &Path, name: &PlanName, screen: &Screen, unsent: &mut Vec<Unsent>) -> Exit {
    let layout = Layout::new(state_dir, name);
    let progress = Progress::on(screen);
    // Its scripts go with the containers, so the mail goes first.
    let letter = mail::Interrupted::of(&layout);
    let recovered = runs::recover(&layout, &progress);
    progress.end();
    match recovered {
        Ok(None) => Exit::Done,
        Ok(Some(Recovered { run, kind, outcome, left })) => {
            screen.line(&told((name, kind), outcome, &left));
            if let Err(problem) = letter.send(name, (&run, kind), outcome) {
                screen.line(&format!("the mail about it could not be sent: {problem}"));
                unsent.push(Unsent { letter, plan: name.clone(), run, kind, outcome });
            }
            if outcome == Outcome::RollbackIncomplete { Exit::Incomplete } else { Exit::Done }
        }
        Err(cause) => {
            screen.line(&format!("{name}: {cause}"));
            Exit::Failed
        }
    }
}

/// What became of a run that was interrupted.
pub fn told((name, kind): (&PlanName, RunKind), outcome: Outcome, left: &[String]) -> String {
    match outcome {
        Outcome::Deployed => format!("{name}: the interrupted run had deployed it; what it left is removed"),
        Outcome::Refused => {
            format!("{name}: the interrupted run had changed nothing; what was deployed before is as it was")
        }
        Outcome::AsAsked => {
            format!("{name}: the interrupted run had come to what it was to do; what it left is removed")
        }
        Outcome::Restored if kind == RunKind::Deploy => format!(
            "{name}: the interrupted run is rolled back, and the previous plan is deployed again; data is not rolled back with the containers"
        ),
        Outcome::Restored => {
            format!("{name}: the interrupted run is ended: its services are as they are on record, running or stopped")
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
