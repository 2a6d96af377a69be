//! Files that have no name: for what must not be left, whatever happens to this process.

use super::FileProblem;
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::fs::{File, Permissions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file that only this user may read, which is gone with the value or with this process and those that it started, however they end.
#[derive(Debug)]
pub struct Nameless {
    _file: File,
    path: PathBuf,
}

impl Nameless {
    /// One in memory alone, which holds these bytes: for what must never be left on a disk.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn holding(bytes: &[u8]) -> Result<Self, FileProblem> {
        let nameless = Path::new("memory");
        let refused = |errno| FileProblem::system(nameless, "created", errno);
        let mut file = File::from(memfd_create("landfall", MFdFlags::MFD_CLOEXEC).map_err(refused)?);
        let written = file.set_permissions(Permissions::from_mode(0o600)).and_then(|()| file.write_all(bytes));
        written.map_err(|error| FileProblem::io(nameless, "written", &error))?;
        Ok(Self::of(file))
    }

    /// An empty one on the disk of this folder: for what is large.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn on_the_disk_of(folder: &Path) -> Result<Self, FileProblem> {
        let file = tempfile::tempfile_in(folder).map_err(|error| FileProblem::io(folder, "written to", &error))?;
        Ok(Self::of(file))
    }

    fn of(file: File) -> Self {
        let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
        Self { _file: file, path }
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
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    #[test]
    fn another_program_reads_it_as_often_as_it_likes_and_then_it_is_gone() {
        let file = Nameless::holding(b"password").unwrap();
        let path = file.path().to_owned();
        let output = Command::new(Path::new("/bin/cat")).arg(&path).arg(&path).run().unwrap();
        assert_eq!(output.stdout, b"passwordpassword");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(path.read_link().unwrap().to_str().unwrap().starts_with("/memfd:landfall"));
        drop(file);
        let target = path.read_link().ok().and_then(|target| target.to_str().map(str::to_owned));
        assert!(!target.is_some_and(|target| target.starts_with("/memfd:landfall")));
    }

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
