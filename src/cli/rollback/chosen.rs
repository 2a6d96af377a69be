//! Which plan of the history is meant. Reads only.

use crate::cli::deployed::Refusal;
use crate::facts::{Outcome, RunKind, Saved};
use crate::few::Few;
use crate::host::history::{self, Entry};
use crate::host::node::{accepted, state};
use crate::operation::Layout;
use crate::plan::values::RunId;
use crate::run::Failure;
use std::collections::BTreeSet;

/// An accepted plan, and what it is deployed instead of.
#[derive(Debug)]
pub struct Chosen {
    /// The record of its deployment.
    pub saved: Saved,
    /// The run that deployed what is deployed now.
    pub instead_of: Option<RunId>,
}

/// The accepted plan of the run that is called so or begins so; without a run, the newest that is another one than what is deployed.
///
/// # Errors
/// There is none, with the reason and what to type next.
pub fn of(layout: &Layout, wanted: Option<&str>) -> Result<Chosen, Refusal> {
    let now = state::read_saved(&layout.saved())?;
    let kept = accepted::kept(layout)?;
    let saved = match wanted {
        None => before(layout, now.as_ref(), &kept)?,
        Some(wanted) => of_a_run(layout, wanted, now.as_ref(), &kept)?,
    };
    Ok(Chosen { saved, instead_of: now.map(|now| now.run) })
}

fn before(layout: &Layout, now: Option<&Saved>, kept: &[RunId]) -> Result<Saved, Refusal> {
    for run in kept.iter().rev() {
        let saved = read(layout, run, kept)?;
        if now.is_none_or(|now| !is_the_same(now, &saved)) {
            return Ok(saved);
        }
    }
    let name = layout.plan();
    Err(Refusal::new(match now {
        Some(now) => format!(
            "no accepted plan of {name} is kept but what is deployed, by run {}: `landfall history {name}` tells every run",
            now.run
        ),
        None => format!(
            "no accepted plan of {name} is kept: `landfall history {name}` tells every run, `landfall deploy PLAN` deploys a plan"
        ),
    }))
}

/// Whether going back from one to the other would change nothing.
fn is_the_same(one: &Saved, other: &Saved) -> bool {
    let made = |saved: &Saved| -> Vec<_> {
        saved.services.values().map(|service| (service.config.clone(), service.image_id.clone())).collect()
    };
    (&one.plan_sha256, &one.files, made(one)) == (&other.plan_sha256, &other.files, made(other))
}

fn of_a_run(layout: &Layout, wanted: &str, now: Option<&Saved>, kept: &[RunId]) -> Result<Saved, Refusal> {
    let name = layout.plan();
    let entries = history::read(layout)?;
    let deployed = now.map(|now| &now.run);
    let all: BTreeSet<&RunId> = entries.iter().map(|entry| &entry.run).chain(kept).chain(deployed).gathered();
    let named: Vec<_> =
        all.into_iter().filter(|run| !wanted.is_empty() && run.to_string().starts_with(wanted)).collect();
    let run = match named.as_slice() {
        [run] => *run,
        [] => {
            return Err(Refusal::new(format!(
                "{name} has no run whose name is or begins with `{wanted}`: `landfall history {name}` lists those that there are"
            )));
        }
        several => {
            let several = listed(several.iter().copied());
            return Err(Refusal::new(format!("the names of several runs of {name} begin with `{wanted}`: {several}")));
        }
    };
    if deployed == Some(run) {
        let what = "what it deployed is deployed now: without a run, the plan before it is deployed again";
        return Err(Refusal::new(format!("there is nothing to go back to with run {run}: {what}")));
    }
    if kept.contains(run) {
        return read(layout, run, kept);
    }
    let entry = entries.iter().find(|entry| entry.run == *run);
    Err(Refusal::new(format!("{} {}", why_not_kept(run, entry), others(layout, kept))))
}

/// Why a run that there was has no accepted plan that is kept.
fn why_not_kept(run: &RunId, entry: Option<&Entry>) -> String {
    match entry.map(|entry| (entry.kind, entry.outcome)) {
        None | Some((RunKind::Deploy, Some(Outcome::Deployed))) => {
            format!(
                "the plan that run {run} deployed is not kept any more: `\"history\": {{\"keep\": N}}` of the plan says how many are."
            )
        }
        Some((RunKind::Deploy, _)) => {
            format!("what run {run} was to deploy was never accepted: it failed, or changed nothing.")
        }
        Some((
            RunKind::Teardown | RunKind::Start | RunKind::Stop | RunKind::Restart | RunKind::Replace | RunKind::Remake,
            _,
        )) => format!("run {run} was no deployment: it has no plan."),
    }
}

/// What can be deployed again instead.
fn others(layout: &Layout, kept: &[RunId]) -> String {
    let name = layout.plan();
    if kept.is_empty() {
        return format!("None of {name} can be deployed again; `landfall deploy PLAN` deploys a plan file");
    }
    format!("These can be deployed again with `landfall rollback {name} RUN`: {}", listed(kept.iter().rev()))
}

fn listed<'a>(runs: impl Iterator<Item = &'a RunId>) -> String {
    runs.map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

fn read(layout: &Layout, run: &RunId, kept: &[RunId]) -> Result<Saved, Refusal> {
    let left: Vec<_> = kept.iter().filter(|other| *other != run).cloned().collect();
    let damaged = |failure: Failure| {
        Refusal::from(Failure::new(format!(
            "{}: put it back from a backup. {}",
            failure.message,
            others(layout, &left)
        )))
    };
    let saved = accepted::read(layout, run).map_err(damaged)?;
    let gone = || Failure::new(format!("{} is gone", layout.accepted_by(run).display()));
    let saved = saved.ok_or_else(|| damaged(gone()))?;
    // A whole record in the place of another one.
    if saved.run == *run && saved.name == *layout.plan() {
        return Ok(saved);
    }
    Err(damaged(Failure::new(format!("{} is the record of another run", layout.accepted_by(run).display()))))
}
