//! `landfall teardown`: to the containerless state, on purpose.

use super::arguments::{Format, Teardown};
use super::progress::Progress;
use super::runs::{self, Begun};
use super::screen::Screen;
use super::summary;
use crate::exit::Exit;
use crate::facts::{CrontabFact, RunKind};
use crate::host::lock::{LockProblem, RunLock};
use crate::host::node::{Node, state};
use crate::host::signals::Interrupts;
use crate::host::{files, limits, survey, system};
use crate::operation::{Known, Layout};
use crate::run::{self, Cancel, Ending, Floors, Stage};
use crate::steps::{self, floor};
use std::path::{Path, PathBuf};

/// Tears a plan down.
pub fn teardown(arguments: &Teardown, state_dir: &Path, screen: &Screen) -> Exit {
    let Teardown { name, purge } = arguments;
    let layout = Layout::new(state_dir, name);
    if !system::is_root() {
        screen.line("a teardown needs root: run it with sudo");
        return Exit::Refused;
    }
    screen.go_on_without_readers();
    system::set_neutral_umask();
    system::leave_no_core_file();
    let _lock = match RunLock::acquire(&format!("teardown of {name}")) {
        Ok(lock) => lock,
        Err(problem) => {
            screen.line(&problem.to_string());
            return match problem {
                LockProblem::Busy { holder: _ } => Exit::Busy,
                LockProblem::System(_) => Exit::Failed,
            };
        }
    };
    match perform(&layout, *purge, screen) {
        Ok(exit) => exit,
        Err(cause) => {
            screen.line(&cause);
            Exit::Failed
        }
    }
}

fn perform(layout: &Layout, purge: bool, screen: &Screen) -> Result<Exit, String> {
    let name = layout.plan();
    if !layout.state().is_dir() {
        screen.line(&format!("there is no plan called {name} here: `landfall status` lists those that there are"));
        return Ok(Exit::Refused);
    }
    limits::prepare()?;
    let interrupts = Interrupts::install().map_err(|error| format!("signals can't be handled: {error}"))?;
    let progress = Progress::on(screen);
    runs::recover_for_teardown(layout, &progress)?;
    if let CrontabFact::Unusable(problem) = survey::crontab(name) {
        screen.line(&format!("the crontab of root can't be used: {problem}\nnothing was changed"));
        return Ok(Exit::Refused);
    }
    let engine = state::engine(layout).map_err(|failure| failure.message)?;
    let kind = engine.kind();
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("landfall"));
    let names = runs::names(layout, &[], false);
    let node = Node::new(layout.clone(), engine, program, None);
    let departure = steps::departure();
    let Begun { run, mut journal } =
        runs::begin(layout, kind, RunKind::Teardown, None, departure.operations().count())?;
    let floors = Floors {
        before_uncommit: &|observed| floor::as_before(layout, observed),
        after_uncommit: &|observed| floor::containerless(layout, &names, observed),
        on_purpose: true,
    };
    let interrupted = Cancel::from(interrupts.flag());
    let stage = Stage { world: &node, listener: &progress, layout, interrupted: &interrupted };
    let ending = run::run(&departure, &floors, &stage, &mut journal, Known::at_start(run.clone()));
    runs::finish(layout, &run, RunKind::Teardown, &ending);
    summary::tell(layout, &run, &ending, &progress, (Format::Human, screen));
    if purge && ending == Ending::TornDown {
        drop(journal);
        files::remove_tree(layout.state()).map_err(|problem| problem.to_string())?;
    }
    Ok(Exit::from(&ending))
}
