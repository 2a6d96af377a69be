//! The accepted plans of earlier deployments: kept beside the history, so that one of them can be deployed again.

use super::{Node, state};
use crate::facts::Saved;
use crate::host::files;
use crate::operation::{Known, Layout};
use crate::plan::values::RunId;
use crate::run::Failure;
use std::io::ErrorKind;

fn failure(problem: impl std::fmt::Display) -> Failure {
    Failure::new(problem.to_string())
}

/// Keeps what counts as deployed now, before it no longer does; what this very run has saved was never accepted.
///
/// It is a second name of the same file, which nothing ever writes to: it takes no room, and is there whole or not at all.
fn keep(layout: &Layout, run: &RunId) -> Result<(), Failure> {
    // One that can't be read can't be deployed again either.
    let Some(saved) = state::read_saved(&layout.saved()).ok().flatten().filter(|saved| saved.run != *run) else {
        return Ok(());
    };
    let (folder, kept) = (layout.accepted(), layout.accepted_by(&saved.run));
    files::create_private_directory(&folder).map_err(failure)?;
    // A crash may have left it there, and a hotfix have changed the record since.
    files::remove_if_there(&kept).map_err(failure)?;
    std::fs::hard_link(layout.saved(), &kept).map_err(|error| state::system("kept", &kept, &error))?;
    files::sync_directory(&folder).map_err(failure)
}

impl Node {
    /// What was deployed no longer counts as deployed, once this has reached the disk.
    pub(super) fn uncommit(&self, known: &Known) -> Result<(), Failure> {
        self.reserve_commit(known)?;
        // Where there is no room for it, that is no reason to leave what is deployed where it is.
        if let Err(failure) = keep(&self.layout, &known.run) {
            tracing::warn!(cause = %failure.message, "the plan that was deployed is not kept in the history");
        }
        let (saved, previous) = (self.layout.saved(), self.layout.previous());
        match std::fs::rename(&saved, &previous) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(state::system("renamed", &saved, &error)),
        }
        // Whatever comes of the new deployment, nothing of it is stopped on purpose.
        files::remove_if_there(&self.layout.stopped()).map_err(failure)?;
        files::sync_directory(self.layout.state()).map_err(failure)
    }
}

/// The runs whose accepted plans are kept, oldest first. What is deployed now is not among them.
///
/// # Errors
/// When the folder is there and can't be read.
pub fn kept(layout: &Layout) -> Result<Vec<RunId>, Failure> {
    let deployed = state::read_saved(&layout.saved()).ok().flatten().map(|saved| saved.run);
    let mut kept = state::runs_in(&layout.accepted(), ".json")?;
    kept.retain(|run| Some(run) != deployed.as_ref());
    Ok(kept)
}

/// The accepted plan of a run, if it is kept.
///
/// # Errors
/// When it is there and can't be read, or is not such a record.
pub fn read(layout: &Layout, run: &RunId) -> Result<Option<Saved>, Failure> {
    state::read_record(&layout.accepted_by(run))
}

/// Removes all but the newest `keep`.
pub(super) fn prune(layout: &Layout, keep: u32) -> Result<(), Failure> {
    let kept = kept(layout)?;
    let surplus = kept.len().saturating_sub(usize::try_from(keep).unwrap_or(usize::MAX));
    kept.iter().take(surplus).try_for_each(|run| state::remove(&layout.accepted_by(run)))
}

#[cfg(test)]
mod tests {
    use super::{keep, kept, prune, read};
    use crate::facts::Saved;
    use crate::host::node::state;
    use crate::operation::Layout;
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn run(text: &str) -> RunId {
        RunId::parse(text).unwrap()
    }

    /// What a run has saved, by somebody.
    fn saved(run: &str, by: &str) -> Saved {
        serde_json::from_value(json!({
            "version": 2, "name": "shop", "run": run, "plan": "{}", "plan_sha256": "", "deployed_at": "2026-11-21T10:11:12Z",
            "deployed_by": by, "landfall": "0.1.0", "services": {}, "secrets": [], "network": "shop", "crontab": []
        }))
        .unwrap()
    }

    fn shop(folder: &tempfile::TempDir) -> Layout {
        let layout = Layout::new(folder.path(), &PlanName::parse("shop").unwrap());
        std::fs::create_dir_all(layout.state()).unwrap();
        layout
    }

    #[test]
    fn what_was_deployed_is_kept_as_it_was_in_the_end_and_what_was_never_accepted_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let layout = &shop(&folder);
        let (first, second) = (run("20261121t101112"), run("20261121t101113"));
        keep(layout, &first).unwrap();
        assert_eq!(kept(layout).unwrap(), []);
        for by in ["ada", "ann"] {
            state::write_record(&layout.saved(), &saved("20261121t101112", by)).unwrap();
            keep(layout, &second).unwrap();
        }
        assert_eq!(kept(layout).unwrap(), [], "it is deployed still");
        state::write_record(&layout.saved(), &saved("20261121t101113", "eve")).unwrap();
        keep(layout, &second).unwrap();
        assert_eq!(kept(layout).unwrap(), [run("20261121t101112")]);
        assert_eq!(read(layout, &first).unwrap(), Some(saved("20261121t101112", "ann")));
        assert_eq!(read(layout, &second).unwrap(), None);
    }

    #[test]
    fn the_newest_stay_and_what_is_deployed_is_not_counted() {
        let folder = tempfile::tempdir().unwrap();
        let layout = &shop(&folder);
        let runs = ["20261121t101112", "20261121t101113", "20261121t101114", "20261121t101115"];
        for name in runs {
            keep(layout, &run(name)).unwrap();
            state::write_record(&layout.saved(), &saved(name, "ada")).unwrap();
        }
        prune(layout, 2).unwrap();
        assert_eq!(kept(layout).unwrap(), [run(runs[1]), run(runs[2])]);
        prune(layout, 1).unwrap();
        assert_eq!(kept(layout).unwrap(), [run(runs[2])]);
    }
}
