//! `landfall history`: every run of a plan, and what came of it. Changes nothing.

use super::arguments::{Format, History};
use super::deployed::{self, Refusal};
use super::screen::Screen;
use super::table::Table;
use crate::exit::Exit;
use crate::host::command::visible;
use crate::host::history::{self, Entry};
use crate::host::node::accepted;
use crate::operation::Layout;
use crate::plan::values::{PlanName, RunId};
use crate::run::Failure;
use serde::Serialize;
use serde_json::json;
use std::path::Path;

/// Shows the runs, oldest first.
pub fn history(arguments: &History, state_dir: &Path, screen: &Screen) -> Exit {
    shown(arguments, state_dir, screen).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn shown(History { name, format }: &History, state_dir: &Path, screen: &Screen) -> Result<Exit, Refusal> {
    let layout = deployed::known(state_dir, name)?;
    screen.result(&match format {
        Format::Human => human(name, &read(&layout)?, &accepted::kept(&layout)?),
        Format::Json => format!("{:#}\n", json!({ "plan": name, "runs": as_json(&layout)? })),
    });
    Ok(Exit::Done)
}

/// Every run of a plan, as it is told in JSON.
///
/// # Errors
/// What is on record can't be read.
pub fn as_json(layout: &Layout) -> Result<Vec<serde_json::Value>, Failure> {
    let kept = accepted::kept(layout)?;
    Ok(read(layout)?.iter().map(|(entry, word)| json(entry, word, kept.contains(&entry.run))).collect())
}

/// Every run, with the word for what came of it.
fn read(layout: &Layout) -> Result<Vec<(Entry, String)>, Failure> {
    let runs = history::read(layout)?;
    let latest = runs.last().map(|entry| entry.run.clone());
    let under_way = deployed::under_way(layout.plan()).is_some();
    let word = |entry: &Entry| match &entry.outcome {
        Some(outcome) => words(outcome),
        None if under_way && latest.as_ref() == Some(&entry.run) => "in progress".to_owned(),
        None => "interrupted".to_owned(),
    };
    let with_word = |entry: Entry| {
        let word = word(&entry);
        (entry, word)
    };
    Ok(runs.into_iter().map(with_word).collect())
}

/// The words of a value that is written with underscores.
fn words(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| Some(value.as_str()?.replace('_', " "))).unwrap_or_default()
}

/// `kept` is whether its accepted plan can be deployed again.
fn json(entry: &Entry, result: &str, kept: bool) -> serde_json::Value {
    let mut told = json!(entry);
    if let Some(told) = told.as_object_mut() {
        told.insert("result".to_owned(), json!(result.replace(' ', "_")));
        told.insert("seconds".to_owned(), json!(seconds(entry)));
        told.insert("kept".to_owned(), json!(kept));
        told.remove("outcome");
    }
    told
}

/// How long a run took; none where it was interrupted, for nobody knows when.
fn seconds(entry: &Entry) -> Option<i64> {
    let took = entry.ended_at?.duration_since(entry.began_at?).as_secs();
    (!entry.recovered).then_some(took.max(0))
}

fn human(plan: &PlanName, runs: &[(Entry, String)], kept: &[RunId]) -> String {
    if runs.is_empty() {
        return format!("no run of {plan} is on record\n");
    }
    let mut table = Table::new(&["run", "what", "result", "began", "took", "by", "commit", "plan"]);
    for (entry, word) in runs {
        let Entry { run, kind, recovered, by, began_at, rollback_to, plan_sha256, git_commit, cause, left, .. } = entry;
        let short = |text: &Option<String>| text.iter().flat_map(|text| text.chars()).take(12).collect::<String>();
        let began = began_at.map(|began| format!("{began:.0}")).unwrap_or_default();
        let took = seconds(entry).map(|seconds| format!("{seconds} s")).unwrap_or_default();
        let result = format!("{word}{}", if *recovered { ", recovered" } else { "" });
        let (run, by) = (run.to_string(), by.clone().unwrap_or_default());
        let what = rollback_to.as_ref().map_or_else(|| words(kind), |to| format!("rollback to {to}"));
        table.row(
            [&run, &what, &result, &began, &took, &by, &short(git_commit), &short(plan_sha256)].map(String::as_str),
        );
        if let Some(cause) = cause {
            visible(cause).lines().for_each(|line| table.below(line));
        }
        left.iter().for_each(|left| table.below(&format!("left: {}", visible(left))));
    }
    let kept: Vec<_> = kept.iter().rev().map(ToString::to_string).collect();
    if kept.is_empty() {
        return table.finish();
    }
    format!("{}`landfall rollback {plan} RUN` deploys again: {}\n", table.finish(), kept.join(", "))
}
