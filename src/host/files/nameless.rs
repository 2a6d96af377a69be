//! Files on a disk that have no name there: for what is large, and must not be left whatever happens to this process.

use super::FileProblem;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};

/// A file that only this user may read, which is gone with the value or with this process and those that it started, however they end.
#[derive(Debug)]
pub struct Nameless {
    _file: File,
    path: PathBuf,
}

impl Nameless {
    /// An empty one on the disk of this folder.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn on_the_disk_of(folder: &Path) -> Result<Self, FileProblem> {
        let file = tempfile::tempfile_in(folder).map_err(|error| FileProblem::io(folder, "written to", &error))?;
        let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
        Ok(Self { _file: file, path })
    }

    /// Where this process, and programs that it starts, can open it.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::Nameless;
    use crate::host::command::Command;
    use pretty_assertions::assert_eq;
    use std::path::Path;

    #[test]
    fn another_program_writes_to_it_and_it_is_in_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        let file = Nameless::on_the_disk_of(folder.path()).unwrap();
        let write = Command::new(Path::new("/bin/bash")).args(["-c", "printf whole > \"$0\""]).arg(file.path());
        write.run().unwrap();
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "whole");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
