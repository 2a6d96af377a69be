//! Begins, ends and finishes runs: what `deploy`, `teardown` and `recover` share.

use super::log;
use super::progress::Progress;
use crate::facts::{LastRun, Observed, Outcome, RunKind, Saved};
use crate::host::engine::Podman;
use crate::host::node::{Node, state};
use crate::host::{run_folder, survey};
use crate::journal::{Journal, Record, Story};
use crate::operation::{Known, Layout, Object, Operation};
use crate::plan::values::RunId;
use crate::run::{self, Cancel, Ending, Fallen, Reason, Stage};
use crate::steps::floor::{self, Names};
use std::path::PathBuf;

/// A run that has begun: its folder is there, and its journal says so.
pub struct Begun {
    /// Its name.
    pub run: RunId,
    /// Its journal.
    pub journal: Journal,
}

/// Makes a run's folder, its log and its journal.
///
/// # Errors
/// When the system refuses: nothing was changed then but the state folder.
pub fn begin(layout: &Layout, kind: RunKind, plan_sha256: Option<String>, operations: usize) -> Result<Begun, String> {
    let text = |problem: &dyn std::fmt::Display| problem.to_string();
    let (run, log) = run_folder::make(layout).map_err(|problem| text(&problem))?;
    log::to_file(log);
    let mut journal = Journal::create(&layout.journal(&run), operations).map_err(|problem| text(&problem))?;
    let began = Record::Began {
        run: run.clone(),
        plan: layout.plan().clone(),
        kind,
        at: jiff::Timestamp::now(),
        landfall: env!("CARGO_PKG_VERSION").to_owned(),
        plan_sha256,
    };
    journal.append_durably(vec![began]).map_err(|problem| text(&problem))?;
    Ok(Begun { run, journal })
}

/// What tells our containers from strangers', from everything that is on record.
pub fn names(layout: &Layout, story: Option<&Story>, keep_logs: bool) -> Names {
    let mut names = Names { keep_logs, ..Names::default() };
    let created = story.into_iter().flat_map(|story| &story.objects).filter_map(|object| match object {
        Object::Container(name) => Some(name.clone()),
        Object::Network(_)
        | Object::Secret(_)
        | Object::Images(_)
        | Object::Directory(_)
        | Object::Path(_)
        | Object::Key(_)
        | Object::CrontabBlock => None,
    });
    names.containers.extend(created);
    let records = [layout.saved(), layout.previous()];
    for saved in records.iter().filter_map(|path| state::read_saved(path).ok().flatten()) {
        for service in saved.services.values() {
            let needed = service.depends_on.iter().map(|service| layout.container(service)).collect();
            names.containers.insert(service.container.clone());
            names.depends_on.entry(service.container.clone()).or_insert(needed);
        }
    }
    names
}

/// Puts on record how a run ended.
pub fn finish(layout: &Layout, run: &RunId, kind: RunKind, ending: &Ending) {
    put_on_record(layout, run, kind, (ending.outcome(), cause_of(ending), ending.left()));
}

fn put_on_record(
    layout: &Layout,
    run: &RunId,
    kind: RunKind,
    (outcome, cause, left): (Outcome, Option<String>, &[String]),
) {
    let last =
        LastRun { run: run.clone(), kind, outcome, ended_at: jiff::Timestamp::now(), cause, left: left.to_vec() };
    if let Err(failure) = state::write_last(layout, &last) {
        tracing::error!(cause = %failure.message, "the end of the run is not on record");
    }
}

/// What a run that was interrupted came to, once it was finished.
pub struct Recovered {
    /// The run.
    pub run: RunId,
    /// What it came to.
    pub outcome: Outcome,
    /// What could not be removed.
    pub left: Vec<String>,
}

/// Finishes the run of a plan that a crash interrupted, or whose rollback could not finish; `None` if there is none.
///
/// # Errors
/// When what is on record can't be read or written, or there is no engine.
pub fn recover(layout: &Layout, progress: &Progress) -> Result<Option<Recovered>, String> {
    let Some((run, kind, story, mut journal)) = to_recover(layout)? else { return Ok(None) };
    let engine = Podman::find().ok_or("podman is not installed, and containers may be left that only it can remove")?;
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("landfall"));
    let saved = state::read_saved(&layout.saved()).map_err(|failure| failure.message)?;
    let names = names(layout, story.as_ref(), true);
    let node = Node::new(layout.clone(), engine, program, None);
    let known = story.map_or_else(|| Known::at_start(run.clone()), |story| story.known);
    let (outcome, floor) = floor_of(layout, &names, kind, &run, saved.as_ref());
    let never = Cancel::never();
    let stage = Stage { world: &node, listener: progress, layout, interrupted: &never };
    let reason = Reason { cause: "the run was interrupted", lingering: true };
    let fallen = run::establish(&*floor, &stage, &mut journal, &known, reason);
    let (outcome, left) = match fallen {
        Fallen::Reached => (outcome, Vec::new()),
        Fallen::Incomplete(left) => (Outcome::RollbackIncomplete, left),
    };
    run::end(&mut journal, outcome, &left);
    put_on_record(layout, &run, kind, (outcome, Some(reason.cause.to_owned()), &left));
    Ok(Some(Recovered { run, outcome, left }))
}

type Interrupted = (RunId, RunKind, Option<Story>, Journal);

/// The run that has to be finished, with its journal open at its end.
fn to_recover(layout: &Layout) -> Result<Option<Interrupted>, String> {
    if let Some((unfinished, story)) = survey::unfinished(layout).map_err(|failure| failure.message)? {
        let path = layout.journal(&unfinished.run);
        let journal = match &story {
            Some(_) => Journal::resume(&path).map_err(|problem| problem.to_string())?,
            // Nothing was on record yet, or the record is damaged: what there is, is found by looking.
            None => {
                run_folder::put_aside(&path).map_err(|problem| problem.to_string())?;
                let mut journal = Journal::create(&path, 0).map_err(|problem| problem.to_string())?;
                let began = Record::Began {
                    run: unfinished.run.clone(),
                    plan: unfinished.plan.clone(),
                    kind: unfinished.kind,
                    at: jiff::Timestamp::now(),
                    landfall: env!("CARGO_PKG_VERSION").to_owned(),
                    plan_sha256: None,
                };
                journal.append_durably(vec![began]).map_err(|problem| problem.to_string())?;
                journal
            }
        };
        return Ok(Some((unfinished.run, unfinished.kind, story, journal)));
    }
    let last = state::read_last(layout).map_err(|failure| failure.message)?;
    match last {
        Some(last) if last.outcome == Outcome::RollbackIncomplete => {
            let story = Journal::story(&layout.journal(&last.run)).ok().flatten();
            let Begun { run, journal } = begin(layout, last.kind, None, 0)?;
            Ok(Some((run, last.kind, story, journal)))
        }
        Some(_) | None => Ok(None),
    }
}

type BoxedFloor<'a> = Box<dyn Fn(&Observed) -> Vec<Operation> + Sync + 'a>;

/// The state that an interrupted run falls to. The saved plan decides: it is what «deployed» means.
fn floor_of<'a>(
    layout: &'a Layout,
    names: &'a Names,
    kind: RunKind,
    run: &RunId,
    saved: Option<&Saved>,
) -> (Outcome, BoxedFloor<'a>) {
    match saved {
        Some(saved) if saved.run == *run => {
            (Outcome::Deployed, Box::new(|observed| floor::superseded(layout, observed)))
        }
        Some(_) => (Outcome::Refused, Box::new(|observed| floor::as_before(layout, observed))),
        None => {
            let outcome = match kind {
                RunKind::Deploy => Outcome::RolledBack,
                RunKind::Teardown => Outcome::TornDown,
            };
            (outcome, Box::new(|observed| floor::containerless(layout, names, observed)))
        }
    }
}

/// How an ending goes on record, and with which cause.
pub fn cause_of(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Done { known: _, warnings: _ } | Ending::TornDown => None,
        Ending::Refused { cause } | Ending::RolledBack { cause } | Ending::Incomplete { cause, left: _ } => {
            Some(cause.clone())
        }
    }
}
