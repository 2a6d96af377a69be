//! What is on record of a plan: what is deployed, its history, its last runs. Reads only.

use super::contents::Contents;
use super::known::Known;
use super::logs::last_lines;
use crate::cli::{history, status};
use crate::host::files;
use crate::host::node::state;
use crate::operation::Layout;
use crate::plan::values::RunId;
use crate::run::Failure;
use serde_json::{Value, json};
use std::path::Path;

/// Of so many runs the records are put in: the last ones.
const RUNS: usize = 5;

/// The most bytes of a record that are put in: the last ones.
const MOST: usize = 2 << 20;

/// Adds the records of a plan.
///
/// # Errors
/// There is no room for them.
pub(super) fn add(contents: &mut Contents<'_>, layout: &Layout, known: &Known) -> Result<(), Failure> {
    for (path, name) in [(layout.saved(), "saved"), (layout.previous(), "previous")] {
        if let Some(bytes) = read(contents, &path, &format!("plan/{name}.json"))? {
            contents.add(&format!("plan/{name}.json"), &bytes, None)?;
            if let Ok(Some(saved)) = state::read_saved(&path) {
                contents.add(
                    &format!("plan/{name}-plan.json"),
                    saved.plan.as_bytes(),
                    Some("as its author wrote it".to_owned()),
                )?;
            }
        }
    }
    if let Some(bytes) = read(contents, &layout.stopped(), "plan/stopped")? {
        contents.add("plan/stopped", &bytes, Some("services that are stopped on purpose".to_owned()))?;
    }
    add_history(contents, layout, known)?;
    add_runs(contents, layout, known)
}

/// Adds what `landfall status --format json` says.
///
/// # Errors
/// There is no room for it.
pub(super) fn add_status(contents: &mut Contents<'_>, layout: &Layout, known: &Known) -> Result<(), Failure> {
    let mut told = match status::as_json(layout) {
        Ok(told) => told,
        Err(failure) => {
            contents.leave_out("status.json", failure.message);
            return Ok(());
        }
    };
    let mut silenced = Vec::new();
    if let Some(why) = known.silences_services() {
        for service in each(told.get_mut("services")) {
            empty(service, &["output", "reason"]);
        }
        for job in each(told.get_mut("jobs")) {
            job.get_mut("last").into_iter().for_each(|last| empty(last, &["output"]));
        }
        silenced.push(("what services and jobs said", why));
    }
    if let Some(why) = known.silences_all() {
        told.get_mut("last_run").into_iter().for_each(|last| empty(last, &["cause", "left"]));
        silenced.push(("why the last run failed", why));
    }
    silenced.into_iter().for_each(|(what, why)| contents.leave_out(format!("status.json, {what}"), why));
    contents.add_json("status.json", &told, None)
}

fn each(list: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    list.and_then(Value::as_array_mut).into_iter().flatten()
}

/// Empties these fields of an object.
fn empty(object: &mut Value, fields: &[&str]) {
    for field in fields {
        object.get_mut(*field).into_iter().for_each(|value| *value = Value::Null);
    }
}

fn add_history(contents: &mut Contents<'_>, layout: &Layout, known: &Known) -> Result<(), Failure> {
    let mut runs = match history::as_json(layout) {
        Ok(runs) => runs,
        Err(failure) => {
            contents.leave_out("history.json", failure.message);
            return Ok(());
        }
    };
    if let Some(why) = known.silences_all() {
        runs.iter_mut().for_each(|run| empty(run, &["cause", "left"]));
        contents.leave_out("history.json, why runs failed", why);
    }
    contents.add_json("history.json", &json!({ "plan": layout.plan(), "runs": runs }), None)
}

fn add_runs(contents: &mut Contents<'_>, layout: &Layout, known: &Known) -> Result<(), Failure> {
    let runs = match state::runs(layout) {
        Ok(runs) => runs,
        Err(failure) => {
            contents.leave_out("runs", failure.message);
            return Ok(());
        }
    };
    if runs.is_empty() {
        contents.leave_out("runs", "there are no records of runs");
    }
    let earlier = runs.len().saturating_sub(RUNS);
    if earlier > 0 {
        contents
            .leave_out(format!("the records of {earlier} earlier runs"), format!("those of the last {RUNS} are in it"));
    }
    for run in runs.iter().skip(earlier) {
        add_run(contents, layout, run, known)?;
    }
    add_kept(contents, layout, &runs, known)
}

/// Adds the program of a run, its journal and its log.
fn add_run(contents: &mut Contents<'_>, layout: &Layout, run: &RunId, known: &Known) -> Result<(), Failure> {
    let silenced = known.silences_all();
    let folder = layout.run(run);
    let files = [
        (layout.journal(run), "journal", true),
        (folder.join("log"), "log", true),
        (folder.join("program.json"), "program.json", false),
    ];
    for (path, name, says) in files {
        let name = format!("runs/{run}/{name}");
        match &silenced {
            Some(why) if says => contents.leave_out(name, why.as_str()),
            Some(_) | None => add_end(contents, &path, &name)?,
        }
    }
    Ok(())
}

/// Adds the last lines of the containers that the last run removed. Those of earlier ones may hold secrets that nobody knows any more.
fn add_kept(contents: &mut Contents<'_>, layout: &Layout, runs: &[RunId], known: &Known) -> Result<(), Failure> {
    let silenced = known.silences_services();
    for run in runs {
        for path in state::kept_logs(layout, run) {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let name = format!("runs/{run}/{name}");
            match &silenced {
                _ if Some(run) != runs.last() => {
                    contents.leave_out(name, "the containers of an earlier run may have had other secrets");
                }
                Some(why) => contents.leave_out(name, why.as_str()),
                None => add_end(contents, &path, &name)?,
            }
        }
    }
    Ok(())
}

fn add_end(contents: &mut Contents<'_>, path: &Path, name: &str) -> Result<(), Failure> {
    let Some(bytes) = read(contents, path, name)? else { return Ok(()) };
    let (end, before) = last_lines(&bytes, MOST);
    contents.add(name, end, (before > 0).then(|| format!("{before} bytes before it are left out")))
}

/// The bytes of a file; none where there is none, or it can't be read.
fn read(contents: &mut Contents<'_>, path: &Path, name: &str) -> Result<Option<Vec<u8>>, Failure> {
    Ok(files::read_if_there(path).unwrap_or_else(|problem| {
        contents.leave_out(name, problem.to_string());
        None
    }))
}
