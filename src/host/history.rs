//! What came of every run of a plan, a line each: kept when the records of the runs themselves are gone.

use crate::facts::{LastRun, Outcome, RunKind};
use crate::host::files::FileProblem;
use crate::host::node::state;
use crate::journal::{Journal, Record};
use crate::operation::Layout;
use crate::plan::values::RunId;
use crate::run::Failure;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

/// More bytes than this, some thousand runs, are put aside, in place of those that were put aside before.
const MOST: u64 = 1024 * 1024;

/// A run that has ended, or of which its journal alone tells.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct Entry {
    /// The run.
    pub run: RunId,
    /// What it was to do.
    pub kind: RunKind,
    /// How it ended; none while it is under way, or where a crash interrupted it.
    pub outcome: Option<Outcome>,
    /// Who began it; none where that is not known.
    pub by: Option<String>,
    /// Whether a crash interrupted it, and it was finished later.
    pub recovered: bool,
    /// When it began.
    pub began_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// The run whose accepted plan it deployed again, if it did.
    #[serde(default)]
    pub rollback_to: Option<RunId>,
    /// The SHA-256 of its plan, for a deployment.
    pub plan_sha256: Option<String>,
    /// The Git commit of the plan file, of a deployment that succeeded.
    pub git_commit: Option<String>,
    /// The version of the program.
    pub landfall: Option<String>,
    /// Why it failed, if it did.
    pub cause: Option<String>,
    /// What could not be removed.
    pub left: Vec<String>,
}

/// Adds a run that has ended. `by` is who began it; nobody's name, where that run was interrupted and is finished by another.
///
/// # Errors
/// When the system refuses.
pub fn append(layout: &Layout, last: &LastRun, by: Option<&str>) -> Result<(), Failure> {
    let LastRun { run, kind, outcome, ended_at, cause, left } = last;
    let saved = state::read_saved(&layout.saved()).ok().flatten().filter(|saved| saved.run == *run);
    let entry = Entry {
        outcome: Some(*outcome),
        by: by.map(str::to_owned).or_else(|| saved.as_ref().map(|saved| saved.deployed_by.clone())),
        recovered: by.is_none(),
        ended_at: Some(*ended_at),
        git_commit: saved.and_then(|saved| saved.git_commit),
        cause: cause.clone(),
        left: left.clone(),
        ..of_journal(layout, run, *kind)
    };
    write(layout, &entry).map_err(|error| Failure::new(FileProblem::io(&file(layout), "written", &error).to_string()))
}

/// All runs on record, oldest first: those that ended, and those of which there is but a journal.
///
/// # Errors
/// What is on record is there and can't be read.
pub fn read(layout: &Layout) -> Result<Vec<Entry>, Failure> {
    let mut all = BTreeMap::new();
    for run in state::runs(layout)? {
        all.insert(run.clone(), of_journal(layout, &run, RunKind::Deploy));
    }
    for file in [file(layout).with_extension("old"), file(layout)] {
        let bytes = crate::host::files::read_if_there(&file).map_err(|problem| Failure::new(problem.to_string()))?;
        let text = String::from_utf8_lossy(&bytes.unwrap_or_default()).into_owned();
        // A line that was torn by a crash, or altered, tells nothing.
        all.extend(text.lines().filter_map(entry).map(|entry| (entry.run.clone(), entry)));
    }
    Ok(all.into_values().collect())
}

/// What the journal of a run tells of it.
fn of_journal(layout: &Layout, run: &RunId, kind: RunKind) -> Entry {
    let records = Journal::records(&layout.journal(run)).unwrap_or_default();
    let mut entry = Entry {
        run: run.clone(),
        kind,
        outcome: None,
        by: None,
        recovered: false,
        began_at: run.began(),
        ended_at: None,
        rollback_to: None,
        plan_sha256: None,
        git_commit: None,
        landfall: None,
        cause: None,
        left: Vec::new(),
    };
    for record in records {
        match record {
            Record::Began { run: _, plan: _, kind, at, landfall, plan_sha256, goes_back: _, rollback_to } => {
                entry = Entry { kind, began_at: Some(at), landfall: Some(landfall), plan_sha256, rollback_to, ..entry };
            }
            Record::Falling { cause, to: _ } => entry.cause = Some(cause),
            Record::Ended { outcome, left } => entry = Entry { outcome: Some(outcome), left, ..entry },
            Record::Intent { .. } | Record::Done { .. } | Record::Failed { .. } | Record::GoingBack => {}
        }
    }
    entry
}

/// Beside the runs, whose folders come and go.
fn file(layout: &Layout) -> PathBuf {
    layout.runs().join("history")
}

fn write(layout: &Layout, entry: &Entry) -> std::io::Result<()> {
    let file = file(layout);
    if file.metadata().is_ok_and(|found| found.len() > MOST) {
        std::fs::rename(&file, file.with_extension("old"))?;
    }
    let json = serde_json::to_string(entry)?;
    let mut out = OpenOptions::new().append(true).create(true).mode(0o600).open(file)?;
    // After a line that a crash has torn, a new one begins.
    out.write_all(format!("\n{} {json}\n", checksum(&json)).as_bytes())?;
    out.sync_data()
}

fn entry(line: &str) -> Option<Entry> {
    let (sum, json) = line.split_once(' ')?;
    (sum == checksum(json)).then(|| serde_json::from_str(json).ok()).flatten()
}

fn checksum(json: &str) -> String {
    Sha256::digest(json.as_bytes()).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Entry, append, file, read};
    use crate::facts::{LastRun, Outcome, RunKind};
    use crate::operation::Layout;
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;

    fn last(run: &str, outcome: Outcome) -> LastRun {
        let cause = (outcome == Outcome::RolledBack).then(|| "no\nluck".to_owned());
        let ended_at = jiff::Timestamp::UNIX_EPOCH;
        LastRun { run: RunId::parse(run).unwrap(), kind: RunKind::Deploy, outcome, ended_at, cause, left: Vec::new() }
    }

    #[test]
    fn every_run_that_ended_is_told_of_although_a_crash_has_torn_a_line() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path(), &PlanName::parse("shop").unwrap());
        std::fs::create_dir_all(layout.runs()).unwrap();
        append(&layout, &last("20261121t101112", Outcome::RolledBack), Some("ada")).unwrap();
        let torn = std::fs::read_to_string(file(&layout)).unwrap();
        std::fs::write(file(&layout), [torn.as_str(), &torn[..40]].concat()).unwrap();
        append(&layout, &last("20261121t101113", Outcome::Deployed), None).unwrap();
        let told = read(&layout).unwrap().into_iter();
        let told: Vec<_> = told
            .map(|Entry { run, outcome, by, recovered, cause, .. }| (run.to_string(), outcome, by, recovered, cause))
            .collect();
        let expected = [
            (
                "20261121t101112".to_owned(),
                Some(Outcome::RolledBack),
                Some("ada".to_owned()),
                false,
                Some("no\nluck".to_owned()),
            ),
            ("20261121t101113".to_owned(), Some(Outcome::Deployed), None, true, None),
        ];
        assert_eq!(told, expected);
    }
}
