//! The folder of a run: its name, its log, its journal's place.

use super::files::{self, FileProblem};
use super::node::state;
use crate::operation::Layout;
use crate::plan::values::RunId;
use crate::run::Failure;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the folder of a new run, and opens its log. What lies above it is made too.
///
/// # Errors
/// When the system refuses.
pub fn make(layout: &Layout) -> Result<(RunId, File), FileProblem> {
    check(layout)?;
    // The folder of all plans may be the operator's own, with a mode of its own.
    if let Some(folder) = layout.state().parent().filter(|folder| !folder.exists()) {
        files::create_private_directory(folder)?;
    }
    for folder in [layout.state(), &layout.runs()] {
        files::create_private_directory(folder)?;
    }
    let run = claim(layout, RunId::at(jiff::Timestamp::now()))?;
    files::sync_directory(&layout.runs())?;
    let path = layout.run(&run).join("log");
    let log = OpenOptions::new().create_new(true).append(true).mode(0o600).open(&path);
    let log = log.map_err(|error| FileProblem::io(&path, "created", &error))?;
    Ok((run, log))
}

/// Makes sure that nobody but root can change the plan's state folder, or the folder that it will be made in: cron runs as root what
/// lies there.
///
/// # Errors
/// Which folder, who could write it, and the command that cures it.
pub fn check(layout: &Layout) -> Result<(), FileProblem> {
    let there = layout.state().ancestors().find(|folder| folder.symlink_metadata().is_ok());
    files::check_trusted_directory(there.unwrap_or(Path::new("/")), &[0])
}

/// A name after that of every run before: several runs can begin within a second, and the clock can be set back. What has to be
/// finished is looked for in the newest run.
fn claim(layout: &Layout, now: RunId) -> Result<RunId, FileProblem> {
    let newest = state::runs(layout).map_err(|failure| FileProblem::System {
        path: layout.runs(),
        action: "read",
        reason: failure.message,
    })?;
    let after = newest.last().and_then(RunId::next);
    let run = after.map_or(now.clone(), |after| after.max(now));
    let path = layout.run(&run);
    let created = DirBuilder::new().mode(0o700).create(&path);
    created.map(|()| run).map_err(|error| FileProblem::io(&path, "created", &error))
}

/// Removes what was being written in the folders of a plan and of its runs when a run was killed. Nobody may be writing there.
///
/// # Errors
/// When the system refuses.
pub fn remove_unfinished(layout: &Layout) -> Result<(), FileProblem> {
    let refused =
        |failure: Failure| FileProblem::System { path: layout.runs(), action: "read", reason: failure.message };
    let runs = state::runs(layout).map_err(refused)?;
    let folders = [layout.state().to_owned()].into_iter().chain(runs.iter().map(|run| layout.run(run)));
    folders.into_iter().try_for_each(|folder| files::remove_unfinished_in(&folder))
}

/// Puts a journal that can't be read aside, so that another can be begun in its place.
///
/// # Errors
/// When the system refuses.
pub fn put_aside(journal: &Path) -> Result<(), FileProblem> {
    let renamed = std::fs::rename(journal, journal.with_extension("damaged"));
    renamed.map_err(|error| FileProblem::io(journal, "renamed", &error))
}

#[cfg(test)]
mod tests {
    use super::claim;
    use crate::operation::Layout;
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;

    #[test]
    fn runs_are_named_in_the_order_in_which_they_begin_even_if_the_clock_is_set_back() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path(), &PlanName::parse("shop").unwrap());
        std::fs::create_dir_all(layout.runs()).unwrap();
        let clock = ["20261121t101112", "20261121t101112", "20261121t091112", "20261121t101300"];
        let names = clock.map(|now| claim(&layout, RunId::parse(now).unwrap()).unwrap().to_string());
        assert_eq!(names, ["20261121t101112", "20261121t101113", "20261121t101114", "20261121t101300"]);
    }
}
