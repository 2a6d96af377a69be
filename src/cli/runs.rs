//! Begins, ends and finishes runs: what `deploy`, `teardown` and `recover` share.

mod beginning;

pub use beginning::{Begins, Begun, begin};

use super::back::{self, Returning};
use super::in_force;
use super::progress::Progress;
use crate::facts::{FallsTo, LastRun, Observed, Outcome, RunKind};
use crate::host::engine::SecretStore;
use crate::host::node::{Node, state};
use crate::host::{crontab, fetch, files, history, run_folder, survey, system};
use crate::journal::{Journal, Phase, Story};
use crate::operation::{Known, Layout, Object, Program};
use crate::plan::values::RunId;
use crate::run::{self, Cancel, Ending, Failure, Fallen, Reason, Stage};
use crate::steps::floor::{Concerned, Names};
use crate::steps::{self, Interrupted};
use beginning::began;
use std::path::{Path, PathBuf};

/// What tells our containers from strangers', from everything that is on record; `stories` are those of the runs that may have
/// left some.
pub fn names(layout: &Layout, stories: &[Story], keep_logs: bool) -> Names {
    let records = [layout.saved(), layout.previous()];
    let records: Vec<_> = records.iter().filter_map(|path| state::read_saved(path).ok().flatten()).collect();
    Names::on_record(layout, stories.iter().flat_map(|story| &story.objects), &records, keep_logs)
}

/// Puts on record how a run ended.
pub fn finish(layout: &Layout, run: &RunId, kind: RunKind, ending: &Ending) {
    let outcome = match ending.outcome() {
        Outcome::Deployed if kind.stays_deployed() => Outcome::AsAsked,
        outcome => outcome,
    };
    let by = system::operator();
    put_on_record(layout, (run, kind), (outcome, cause_of(ending), ending.left()), Some(&by));
}

/// Removes the records of runs beyond those that the plan keeps, where a run failed: one that succeeds does it on its way.
pub fn forget_old(layout: &Layout, keep: u32, run: &RunId) {
    if let Err(failure) = state::prune_runs(layout, keep, run) {
        tracing::warn!(cause = %failure.message, "the records of old runs stay");
    }
}

/// `by` is who began the run; nobody where another one finishes it.
fn put_on_record(
    layout: &Layout,
    (run, kind): (&RunId, RunKind),
    (outcome, cause, left): (Outcome, Option<String>, &[String]),
    by: Option<&str>,
) {
    let last =
        LastRun { run: run.clone(), kind, outcome, ended_at: jiff::Timestamp::now(), cause, left: left.to_vec() };
    if let Err(failure) = state::write_last(layout, &last) {
        tracing::error!(cause = %failure.message, "the end of the run is not on record");
    }
    if let Err(failure) = history::append(layout, &last, by) {
        tracing::error!(cause = %failure.message, "the run is not in the history");
    }
}

/// What a run that was interrupted came to, once it was finished.
pub struct Recovered {
    /// The run.
    pub run: RunId,
    /// What it was to do.
    pub kind: RunKind,
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
    recovered(layout, progress, true)
}

/// `returns`: whether a run that was to go back to the previous plan does so.
fn recovered(layout: &Layout, progress: &Progress, returns: bool) -> Result<Option<Recovered>, String> {
    // What is asked in step 1 is asked before there is a run to finish.
    fetch::end_orphans();
    // It does no harm to a recovery, and an operator can do nothing about it.
    if let Err(problem) = run_folder::remove_unfinished(layout) {
        tracing::warn!(%problem, "what was being written when a run was killed stays");
    }
    if let Err(problem) = crontab::remove_unfinished() {
        tracing::warn!(%problem, "what was not put in place of root's crontab stays");
    }
    // Everybody's: without them Podman says nothing of any.
    SecretStore::default().mend().map_err(|failure| failure.message)?;
    let Some(Left { interrupted, stories, mut journal }) = left(layout)? else { return Ok(None) };
    let engine = state::engine(layout).map_err(|failure| failure.message)?;
    let program = std::env::current_exe().unwrap_or_else(|_| PathBuf::from("landfall"));
    let saved = state::read_saved(&layout.saved()).map_err(|failure| failure.message)?;
    let names = names(layout, &stories, true);
    tidy_directories(&stories);
    let Begun { run, journal } = &mut journal;
    let mut known = Known::at_start(run.clone());
    let in_force = saved.as_ref().and_then(in_force::plan);
    if let Some(plan) = &in_force {
        known.addresses = in_force::addresses(plan, layout, &engine)?;
    }
    let node = match in_force.clone() {
        Some(plan) => Node::keeping(layout.clone(), engine, program, plan),
        None => Node::new(layout.clone(), engine, program, None),
    };
    stories.iter().for_each(|story| known.images.extend(story.known.images.clone()));
    let (to, returning) = match interrupted.falls_to(saved.as_ref()) {
        FallsTo::Previous if returns => back::destination(layout, &node),
        FallsTo::Previous => (FallsTo::Containerless, Err(TORN_DOWN.to_owned())),
        to => (to, Err(String::new())),
    };
    let never = Cancel::never();
    let stage = Stage { world: &node, listener: progress, layout, interrupted: &never };
    let reason = Reason { cause: INTERRUPTED, to, lingering: true };
    let objects = stories.iter().flat_map(|story| &story.objects);
    let concerned = in_force.as_ref().map(|plan| Concerned::on_record(plan, layout, objects).by(interrupted.kind));
    let previous = returning.as_ref().ok();
    let falls = (&names, concerned.as_ref(), previous.map(|returning| returning.previous.saved()));
    let floor = |observed: &Observed| steps::operations_of_fall(to, layout, falls, observed);
    let fallen = run::establish(&floor, &stage, journal, &known, reason);
    let mut cause = reason.cause.to_owned();
    let is_back = |to: &&Returning| saved.as_ref().is_some_and(|saved| saved.run == to.previous.saved().run);
    let (outcome, left) = match (fallen, previous.filter(|to| !is_back(to))) {
        (Fallen::Incomplete(left), _) => (Outcome::RollbackIncomplete, left),
        (Fallen::Reached, Some(returning)) => {
            let ending = returning.finish((&stage, &names, INTERRUPTED), journal, &known);
            cause = cause_of(&ending).unwrap_or(cause);
            (ending.outcome(), ending.left().to_vec())
        }
        (Fallen::Reached, None) => (interrupted.outcome(to, saved.as_ref()), Vec::new()),
    };
    run::end(journal, outcome, &left);
    put_on_record(layout, (run, interrupted.kind), (outcome, Some(cause), &left), None);
    Ok(Some(Recovered { run: run.clone(), kind: interrupted.kind, outcome, left }))
}

/// Why a run that is finished by a teardown does not go back.
const TORN_DOWN: &str = "the plan is torn down";

/// Removes what a creation of data directories that was killed left; a later creation would, too, so a failure harms nobody.
fn tidy_directories(stories: &[Story]) {
    for object in stories.iter().flat_map(|story| &story.objects) {
        let Object::Directory(path) = object else { continue };
        if let Err(problem) = files::remove_unfinished_directories(Path::new(path)) {
            tracing::warn!(%problem, "an unfinished data directory may be left");
        }
    }
}

/// As [`recover`], before everything of the plan goes: what is deployed need not be readable then.
///
/// # Errors
/// As [`recover`], but for a record of what is deployed that can't be read.
pub fn recover_for_teardown(layout: &Layout, progress: &Progress) -> Result<Option<Recovered>, String> {
    let text = |failure: Failure| failure.message;
    let last = last_run(layout)?.is_some_and(|last| last.outcome == Outcome::RollbackIncomplete);
    // Where nothing is to be finished, the teardown itself ends it, in a run that a crash leaves on record.
    if last || survey::unfinished(layout).map_err(text)?.is_some() {
        state::put_unreadable_aside(layout).map_err(text)?;
    }
    recovered(layout, progress, false)
}

/// What a run left that has to be finished.
struct Left {
    interrupted: Interrupted,
    /// What the journals tell of it, as far as there are any.
    stories: Vec<Story>,
    /// The run that finishes it: the same one, or another if that has ended.
    journal: Begun,
}

/// The run that has to be finished, if there is one: its journal has no end, or its end says that something is left.
fn left(layout: &Layout) -> Result<Option<Left>, String> {
    let text = |problem: &dyn std::fmt::Display| problem.to_string();
    let last = last_run(layout)?;
    let incomplete = last.filter(|last| last.outcome == Outcome::RollbackIncomplete);
    let earlier = incomplete.as_ref().and_then(|last| Journal::story(&layout.journal(&last.run)).ok().flatten());
    let Some((unfinished, story)) = survey::unfinished(layout).map_err(|failure| failure.message)? else {
        let Some(last) = incomplete else { return Ok(None) };
        let engine = state::read_engine(layout).map_err(|failure| failure.message)?;
        let journal = begin(layout, engine, Begins::of(last.kind, &Program::default()))?;
        let interrupted = interrupted_by(&last.run, last.kind, earlier.as_ref());
        return Ok(Some(Left { interrupted, stories: earlier.into_iter().collect(), journal }));
    };
    let path = layout.journal(&unfinished.run);
    let journal = match &story {
        Some(_) => Journal::resume(&path).map_err(|problem| text(&problem))?,
        // Nothing was on record yet, or the record is damaged: what there is, is found by looking.
        None => {
            run_folder::put_aside(&path).map_err(|problem| text(&problem))?;
            let mut journal = Journal::create(&path, 0).map_err(|problem| text(&problem))?;
            let began = began(layout, &unfinished.run, Begins::of(unfinished.kind, &Program::default()));
            journal.append_durably(vec![began]).map_err(|problem| text(&problem))?;
            journal
        }
    };
    // A run that had not begun anything is itself one that was to finish an earlier one, or left nothing to decide.
    let idle =
        story.as_ref().is_none_or(|story| story.falls_to.is_none() && story.open.is_empty() && story.done.is_empty());
    let interrupted = match &incomplete {
        Some(last) if idle => interrupted_by(&last.run, last.kind, earlier.as_ref()),
        Some(_) | None => interrupted_by(&unfinished.run, unfinished.kind, story.as_ref()),
    };
    let stories = story.into_iter().chain(earlier).collect();
    Ok(Some(Left { interrupted, stories, journal: Begun { run: unfinished.run, journal } }))
}

/// How the last run ended. Its journal has the last word: a crash can keep its end from being put on record elsewhere.
fn last_run(layout: &Layout) -> Result<Option<LastRun>, String> {
    let last = state::read_last(layout).map_err(|failure| failure.message)?;
    let Some(run) = state::runs(layout).map_err(|failure| failure.message)?.pop() else { return Ok(last) };
    if last.as_ref().is_some_and(|last| last.run == run) {
        return Ok(last);
    }
    let story = Journal::story(&layout.journal(&run)).ok().flatten();
    let Some((Phase::Ended(outcome), kind)) = story.map(|story| (story.phase, story.kind)) else { return Ok(last) };
    let cause = match outcome {
        Outcome::Deployed | Outcome::TornDown | Outcome::AsAsked => None,
        Outcome::Refused | Outcome::Restored | Outcome::RolledBack | Outcome::RollbackIncomplete => {
            Some(INTERRUPTED.to_owned())
        }
    };
    put_on_record(layout, (&run, kind), (outcome, cause, &[]), None);
    state::read_last(layout).map_err(|failure| failure.message)
}

/// The cause that is on record where a crash kept the cause itself from being so.
const INTERRUPTED: &str = "the run was interrupted";

fn interrupted_by(run: &RunId, kind: RunKind, story: Option<&Story>) -> Interrupted {
    let falls_to = story.and_then(|story| story.falls_to);
    let done = story.map(|story| story.done.clone()).unwrap_or_default();
    let goes_back = story.is_some_and(|story| story.goes_back);
    Interrupted { run: run.clone(), kind, falls_to, done, goes_back }
}

/// How an ending goes on record, and with which cause.
pub fn cause_of(ending: &Ending) -> Option<String> {
    match ending {
        Ending::Done { known: _, warnings: _ } | Ending::TornDown => None,
        Ending::Refused { cause }
        | Ending::RolledBack { cause }
        | Ending::Restored { cause }
        | Ending::Incomplete { cause, left: _ } => Some(cause.clone()),
    }
}
