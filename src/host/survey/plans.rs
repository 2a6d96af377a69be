//! What is on record of all plans of this server. Reads only.

use crate::facts::{Saved, Unfinished};
use crate::few::InOrder;
use crate::host::node::state;
use crate::journal::{Journal, JournalProblem, Story};
use crate::operation::Layout;
use crate::plan::values::{PlanName, RunId};
use crate::run::Failure;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// The plans that have a state folder, by name.
///
/// # Errors
/// When the folder of all plans can't be read.
pub fn names(state_folder: &Path) -> Result<Vec<PlanName>, Failure> {
    let entries = match std::fs::read_dir(state_folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Failure::new(format!("{} can't be read: {error}", state_folder.display()))),
    };
    let folders = entries.filter_map(Result::ok).filter(|entry| entry.path().is_dir());
    let names = folders.filter_map(|entry| entry.file_name().into_string().ok());
    let mut names: Vec<_> = names.filter_map(|name| PlanName::parse(&name).ok()).collect();
    names.put_in_order();
    Ok(names)
}

/// What is deployed, by plan.
pub(super) fn saved(state_folder: &Path) -> Result<BTreeMap<PlanName, Saved>, Failure> {
    let mut all = BTreeMap::new();
    for name in names(state_folder)? {
        let layout = Layout::new(state_folder, &name);
        if let Some(saved) = state::read_saved(&layout.saved())? {
            all.insert(name, saved);
        }
    }
    Ok(all)
}

/// The run of a plan that was interrupted, with what its journal tells; only the newest run can be.
///
/// A journal without a whole record, or one that is not in order, tells nothing but that a run was begun; whether it has ended may
/// be on record beside it.
///
/// # Errors
/// When the journal is there and can't be read.
pub fn unfinished(layout: &Layout) -> Result<Option<(Unfinished, Option<Story>)>, Failure> {
    let Some(run) = state::runs(layout)?.pop() else { return Ok(None) };
    let path = layout.journal(&run);
    let story = match Journal::story(&path) {
        Ok(story) => story,
        Err(JournalProblem::System { path: _, source }) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(JournalProblem::Breach { path, breach }) => {
            tracing::warn!(path = %path.display(), %breach, "the journal is not in order");
            None
        }
        Err(problem) => return Err(Failure::new(problem.to_string())),
    };
    // What comes after a damaged record of a journal can't be read, its end neither: that is on record elsewhere too.
    let ended = || state::read_last(layout).map(|last| last.is_some_and(|last| last.run == run));
    if story.as_ref().is_some_and(Story::ended) || ended()? {
        return Ok(None);
    }
    let kind = story.as_ref().map_or(crate::facts::RunKind::Deploy, |story| story.kind);
    Ok(Some((Unfinished { plan: layout.plan().clone(), run: RunId::clone(&run), kind }, story)))
}

#[cfg(test)]
mod tests {
    use super::{names, unfinished};
    use crate::facts::{FallsTo, LastRun, Outcome, RunKind};
    use crate::host::node::state;
    use crate::journal::{Journal, Record};
    use crate::operation::Layout;
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;

    #[test]
    fn a_file_among_the_folders_of_the_plans_is_no_plan() {
        let state = tempfile::tempdir().unwrap();
        std::fs::create_dir(state.path().join("shop")).unwrap();
        std::fs::write(state.path().join("notes"), "").unwrap();
        let found: Vec<String> = names(state.path()).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(found, ["shop"]);
    }

    #[test]
    fn regression_020_a_run_that_has_ended_is_not_taken_for_interrupted_because_its_journal_is_damaged() {
        let folder = tempfile::tempdir().unwrap();
        let (plan, run) = (PlanName::parse("shop").unwrap(), RunId::parse("20261121t101112").unwrap());
        let layout = Layout::new(folder.path(), &plan);
        std::fs::create_dir_all(layout.run(&run)).unwrap();
        let at = jiff::Timestamp::UNIX_EPOCH;
        let (kind, landfall) = (RunKind::Teardown, "0.1.0".to_owned());
        let began = Record::Began {
            run: run.clone(),
            plan,
            kind,
            at,
            landfall,
            plan_sha256: None,
            goes_back: false,
            rollback_to: None,
        };
        let falling = Record::Falling { cause: "on purpose".to_owned(), to: FallsTo::Containerless };
        let ended = Record::Ended { outcome: Outcome::TornDown, left: Vec::new() };
        let mut journal = Journal::create(&layout.journal(&run), 0).unwrap();
        journal.append_durably(vec![began, falling, ended]).unwrap();
        let whole = std::fs::read(layout.journal(&run)).unwrap();
        for damaged in 0..100 {
            let mut bytes = whole.clone();
            bytes[damaged] ^= 1;
            std::fs::write(layout.journal(&run), bytes).unwrap();
            std::fs::remove_file(layout.last()).ok();
            assert_eq!(unfinished(&layout).unwrap().map(|(unfinished, _)| unfinished.run), Some(run.clone()));

            let outcome = Outcome::TornDown;
            let last = LastRun { run: run.clone(), kind, outcome, ended_at: at, cause: None, left: Vec::new() };
            state::write_last(&layout, &last).unwrap();

            assert_eq!(unfinished(&layout).unwrap(), None, "byte {damaged}");
        }
    }
}
