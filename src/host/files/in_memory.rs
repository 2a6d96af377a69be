//! Files that lie in memory alone: for programs that read what must never be left on a disk.

use super::FileProblem;
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::fs::{File, Permissions};
use std::io::Write;
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// A file without a name that only root may read, which is gone with the value or with this process, however it ends.
#[derive(Debug)]
pub struct InMemory {
    _file: File,
    path: PathBuf,
}

impl InMemory {
    /// A file that holds these bytes.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn holding(bytes: &[u8]) -> Result<Self, FileProblem> {
        let nameless = Path::new("memory");
        let refused = |errno| FileProblem::system(nameless, "created", errno);
        let mut file = File::from(memfd_create("landfall", MFdFlags::MFD_CLOEXEC).map_err(refused)?);
        let written = file.set_permissions(Permissions::from_mode(0o600)).and_then(|()| file.write_all(bytes));
        written.map_err(|error| FileProblem::io(nameless, "written", &error))?;
        let path = PathBuf::from(format!("/proc/{}/fd/{}", std::process::id(), file.as_raw_fd()));
        Ok(Self { _file: file, path })
    }

    /// Where programs that this one starts can read it, from its beginning each time.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::InMemory;
    use crate::host::command::Command;
    use pretty_assertions::assert_eq;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    #[test]
    fn another_program_reads_it_as_often_as_it_likes_and_then_it_is_gone() {
        let file = InMemory::holding(b"password").unwrap();
        let path = file.path().to_owned();
        let output = Command::new(Path::new("/bin/cat")).arg(&path).arg(&path).run().unwrap();
        assert_eq!(output.stdout, b"passwordpassword");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(path.read_link().unwrap().to_str().unwrap().starts_with("/memfd:landfall"));
        drop(file);
        let target = path.read_link().ok().and_then(|target| target.to_str().map(str::to_owned));
        assert!(!target.is_some_and(|target| target.starts_with("/memfd:landfall")));
    }
}
