//! `landfall teardown`: to the containerless state, on purpose.

use super::arguments::{Format, Teardown};
use super::progress::Progress;
use super::runs::{self, Begins, Begun};
use super::screen::Screen;
use super::{data, in_force, log, summary};
use crate::exit::Exit;
use crate::facts::{CrontabFact, RunKind};
use crate::host::lock::{LockProblem, RunLock};
use crate::host::node::{Node, state};
use crate::host::signals::Interrupts;
use crate::host::{engine, files, limits, survey, system};
use crate::operation::{Known, Layout};
use crate::plan::model::Plan;
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
    let lock = match RunLock::acquire(&format!("teardown of {name}")) {
        Ok(lock) => lock,
        Err(problem) => {
            screen.line(&problem.to_string());
            return match problem {
                LockProblem::Busy { holder: _ } => Exit::Busy,
                LockProblem::System(_) => Exit::Failed,
            };
        }
    };
    let ended = perform(&layout, screen)
        .and_then(|exit| if *purge && exit == Exit::Done { leave(&layout, lock).map(|()| exit) } else { Ok(exit) });
    ended.unwrap_or_else(|cause| {
        screen.line(&cause);
        Exit::Failed
    })
}

/// Removes what is left of the plan, and of Landfall where it was the last one.
fn leave(layout: &Layout, lock: RunLock) -> Result<(), String> {
    for folder in [layout.state(), layout.volatile()] {
        files::remove_tree(folder).map_err(|problem| problem.to_string())?;
    }
    // The next run, if there is one, asks again.
    engine::forget_what_it_said();
    // A folder at another place is the operator's own.
    let all = [Path::new(Layout::STATE), Path::new(Layout::VOLATILE)];
    let last = all.iter().all(|folder| files::remove_if_empty(folder));
    if last && layout.state().starts_with(Layout::STATE) {
        lock.remove();
    }
    Ok(())
}

/// The plan that is on record, deployed or from before.
fn on_record(layout: &Layout) -> Option<Plan> {
    let read = |path: PathBuf| state::read_saved(&path).ok().flatten();
    read(layout.saved()).or_else(|| read(layout.previous())).as_ref().and_then(in_force::plan)
}

/// Tells which data stays.
fn tell_kept(plan: Option<&Plan>, screen: &Screen) {
    let kept = plan.map(data::kept).unwrap_or_default();
    if !kept.is_empty() {
        let lines: String = kept.iter().map(|line| format!("  {line}\n")).collect();
        let told = format!("these data directories are kept:\n{lines}");
        log::keep(&told);
        screen.result(&told);
    }
}

fn perform(layout: &Layout, screen: &Screen) -> Result<Exit, String> {
    let name = layout.plan();
    if !layout.state().is_dir() {
        screen.line(&format!("there is no plan called {name} here: `landfall status` lists those that there are"));
        return Ok(Exit::Refused);
    }
    limits::prepare()?;
    let interrupts = Interrupts::install().map_err(|error| format!("signals can't be handled: {error}"))?;
    let progress = Progress::on(screen);
    let plan = on_record(layout);
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
    let Begun { run, mut journal } = runs::begin(layout, kind, Begins::of(RunKind::Teardown, &departure))?;
    let floors = Floors {
        before_uncommit: &|observed| floor::as_before(layout, observed),
        after_uncommit: &|observed| floor::containerless(layout, &names, observed),
        on_purpose: true,
        previous: None,
    };
    let interrupted = Cancel::from(interrupts.flag());
    let stage = Stage { world: &node, listener: &progress, layout, interrupted: &interrupted };
    let ending = run::run(&departure, &floors, &stage, &mut journal, Known::at_start(run.clone()));
    runs::finish(layout, &run, RunKind::Teardown, &ending);
    summary::tell(layout, &run, &ending, &progress, (Format::Human, screen));
    if ending == Ending::TornDown {
        tell_kept(plan.as_ref(), screen);
    }
    Ok(Exit::from(&ending))
}
