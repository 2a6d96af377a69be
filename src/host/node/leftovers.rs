//! Files and folders of ours that a server without our containers does not have: which are there, and their removal.

use super::Node;
use super::state::{entries_of, remove, runs};
use crate::operation::Layout;
use crate::run::Failure;
use std::path::{Path, PathBuf};

impl Node {
    /// Removes a file or folder, if it is one of ours.
    pub(super) fn remove_path(&self, path: &Path) -> Result<(), Failure> {
        let ours = [self.layout.state(), self.layout.volatile()];
        let plain = path.components().all(|part| !matches!(part, std::path::Component::ParentDir));
        if plain && ours.iter().any(|folder| path.starts_with(folder)) {
            if runs(&self.layout)?.iter().any(|run| self.layout.downloads(run) == path) {
                self.engine.restore_names(path)?;
            }
            if Layout::is_layers(path) && path.is_file() {
                return self.remove_layers(path);
            }
            remove(path)
        } else {
            Err(Failure::new(format!("{} is not one of our files, so it stays", path.display())))
        }
    }

    /// The files and folders of ours that are there, of those that a containerless host does not have.
    pub(super) fn leftover_paths(&self) -> Result<Vec<PathBuf>, Failure> {
        let layout = &self.layout;
        let mut paths = vec![
            layout.jobs(),
            layout.jobs_aside(),
            layout.keys_aside(),
            layout.configs(),
            layout.secrets(),
            layout.health(),
            layout.stopped(),
            layout.volatile().to_owned(),
            layout.recover(),
        ];
        let runs = runs(layout)?;
        paths.extend(runs.iter().map(|run| layout.downloads(run)));
        paths.retain(|path| path.symlink_metadata().is_ok());
        let folders = runs.iter().map(|run| layout.run(run)).chain([layout.state().to_owned()]);
        paths.extend(folders.flat_map(|folder| entries_of(&folder)).filter(|path| is_left(path)));
        // Those of one run may be in use, and those of another be left.
        paths.extend(entries_of(&layout.configs()));
        Ok(paths)
    }
}

/// Whether a file is there only while something is under way.
fn is_left(path: &Path) -> bool {
    Layout::is_unfinished(path) || Layout::is_layers(path)
}
