//! The folder of a run: its name, its log, its journal's place.

use super::files::{self, FileProblem};
use crate::operation::Layout;
use crate::plan::values::RunId;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::Path;

/// Makes the folder of a new run, and opens its log. What lies above it is made too.
///
/// # Errors
/// When the system refuses.
pub fn make(layout: &Layout) -> Result<(RunId, File), FileProblem> {
    // The folder of all plans may be the operator's own, with a mode of its own.
    if let Some(folder) = layout.state().parent().filter(|folder| !folder.exists()) {
        files::create_private_directory(folder)?;
    }
    for folder in [layout.state(), &layout.runs()] {
        files::create_private_directory(folder)?;
    }
    let run = claim(layout)?;
    files::sync_directory(&layout.runs())?;
    let path = layout.run(&run).join("log");
    let log = OpenOptions::new().create_new(true).append(true).mode(0o600).open(&path);
    let log = log.map_err(|error| FileProblem::io(&path, "created", &error))?;
    Ok((run, log))
}

/// The first name that no run has yet: several runs can begin within a second.
fn claim(layout: &Layout) -> Result<RunId, FileProblem> {
    let mut at = jiff::Timestamp::now();
    loop {
        let run = RunId::at(at);
        let path = layout.run(&run);
        match DirBuilder::new().mode(0o700).create(&path) {
            Ok(()) => return Ok(run),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => at += jiff::SignedDuration::from_secs(1),
            Err(error) => return Err(FileProblem::io(&path, "created", &error)),
        }
    }
}

/// Puts a journal that can't be read aside, so that another can be begun in its place.
///
/// # Errors
/// When the system refuses.
pub fn put_aside(journal: &Path) -> Result<(), FileProblem> {
    let renamed = std::fs::rename(journal, journal.with_extension("damaged"));
    renamed.map_err(|error| FileProblem::io(journal, "renamed", &error))
}
