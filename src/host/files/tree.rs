//! Removes a tree of ours by descriptor, following no link and leaving no mounted file system.

use super::FileProblem;
use super::descriptor::{self, Kind, as_os_str};
use crate::host::system;
use nix::errno::Errno;
use nix::sys::stat::fstat;
use nix::unistd::{UnlinkatFlags, fsync, unlinkat};
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::Path;

/// Removes what is at `path`, a folder with everything in it, a file, or a link itself; true if something was there.
///
/// # Errors
/// `MountPoint` before anything is removed, or the system's refusal.
pub fn remove_tree(path: &Path) -> Result<bool, FileProblem> {
    let refused = |error: &std::io::Error| FileProblem::io(path, "removed", error);
    let (Some(parent), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(FileProblem::NotAbsolute { path: path.to_path_buf() });
    };
    let parent = match std::fs::canonicalize(if parent.as_os_str().is_empty() { Path::new(".") } else { parent }) {
        Ok(parent) => parent,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(refused(&error)),
    };
    let full = parent.join(name);
    if let Some(mounted) = system::mountpoint_within(&full).map_err(|error| refused(&error))? {
        return Err(FileProblem::MountPoint { path: mounted });
    }
    let directory: OwnedFd = std::fs::File::open(&parent).map_err(|error| refused(&error))?.into();
    let removed = remove(&directory, name, &full, None)?;
    fsync(&directory).map_err(|errno| FileProblem::system(&parent, "synchronised with the disk", errno))?;
    Ok(removed)
}

/// Removes `name` in `parent`, which must be on the file system `device`, if given.
fn remove(parent: &OwnedFd, name: &OsStr, full: &Path, device: Option<u64>) -> Result<bool, FileProblem> {
    let refused = |errno| FileProblem::system(full, "removed", errno);
    let stat = match descriptor::look(parent, name) {
        Ok(stat) => stat,
        Err(Errno::ENOENT) => return Ok(false),
        Err(errno) => return Err(refused(errno)),
    };
    if Kind::of(&stat) != Kind::Directory {
        return unlinkat(parent, name, UnlinkatFlags::NoRemoveDir).map(|()| true).map_err(refused);
    }
    let directory = descriptor::open_directory(parent, name).map_err(refused)?;
    let here = fstat(&directory).map_err(refused)?.st_dev;
    if device.is_some_and(|device| device != here) {
        return Err(FileProblem::MountPoint { path: full.to_path_buf() });
    }
    let listing = descriptor::open_directory(&directory, OsStr::new(".")).map_err(refused)?;
    for name in descriptor::names(listing).map_err(refused)? {
        let name = as_os_str(&name);
        remove(&directory, name, &full.join(name), Some(here))?;
    }
    unlinkat(parent, name, UnlinkatFlags::RemoveDir).map(|()| true).map_err(refused)
}
