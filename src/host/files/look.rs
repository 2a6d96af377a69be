//! Looks at a data folder without following a link. Reads only.

use super::FileProblem;
use super::descriptor::{self, Kind};
use crate::host::system;
use nix::errno::Errno;
use nix::sys::stat::{FileStat, fstat};
use std::ffi::OsStr;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// How often somebody may exchange a folder within one look at it.
const MOST: usize = 100;

/// What is at a data folder's path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryLook {
    /// Nothing; it would be created in or below this existing folder.
    Missing {
        /// The deepest folder on the way that exists.
        nearest_existing: PathBuf,
    },
    /// A folder.
    Directory {
        /// Its owner.
        uid: u32,
        /// Its group.
        gid: u32,
        /// Its permission bits, such as 0o700.
        mode: u32,
        /// The number of the file system that it is on.
        device: u64,
        /// Whether something is mounted exactly there.
        mountpoint: bool,
    },
    /// A symbolic link, on the way or at the end.
    SymbolicLink {
        /// The link.
        at: PathBuf,
    },
    /// Something that is no folder, on the way or at the end.
    NotADirectory {
        /// Where.
        at: PathBuf,
        /// What it is: `a regular file`.
        kind: &'static str,
    },
}

/// What is at the next step of a path.
enum Entered {
    Directory(OwnedFd),
    Nothing,
    Link,
    Else(&'static str),
}

/// Opens the folder `name` in `here`, or tells what is there in its place.
fn entered(here: &OwnedFd, name: &OsStr) -> Result<Entered, Errno> {
    for _ in 0..MOST {
        match descriptor::enter(here, name) {
            Ok(directory) => return Ok(Entered::Directory(directory)),
            Err(Errno::ENOENT) => return Ok(Entered::Nothing),
            Err(Errno::ENOTDIR | Errno::ELOOP) => {}
            Err(errno) => return Err(errno),
        }
        match descriptor::look(here, name).map(|stat| Kind::of(&stat)) {
            Ok(Kind::Link) => return Ok(Entered::Link),
            Ok(kind @ (Kind::Regular | Kind::Other(_))) => return Ok(Entered::Else(kind.words())),
            // Somebody has exchanged it meanwhile.
            Ok(Kind::Directory) | Err(Errno::ENOENT) => {}
            Err(errno) => return Err(errno),
        }
    }
    Err(Errno::ENOTDIR)
}

/// Looks at `path`, an absolute path without `..`.
///
/// # Errors
/// `NotAbsolute`, or the system's refusal.
pub fn observe_directory(path: &Path) -> Result<DirectoryLook, FileProblem> {
    let mut here = descriptor::root()?;
    let mut full = PathBuf::from("/");
    for name in descriptor::components(path)? {
        let next = full.join(name);
        let refused = |errno| FileProblem::system(&next, "opened", errno);
        match entered(&here, name).map_err(refused)? {
            Entered::Directory(directory) => here = directory,
            Entered::Nothing => return Ok(DirectoryLook::Missing { nearest_existing: full }),
            Entered::Link => return Ok(DirectoryLook::SymbolicLink { at: next }),
            Entered::Else(kind) => return Ok(DirectoryLook::NotADirectory { at: next, kind }),
        }
        full = next;
    }
    let stat: FileStat = fstat(&here).map_err(|errno| FileProblem::system(path, "opened", errno))?;
    let mountpoint = system::is_mountpoint(&full).map_err(|error| FileProblem::io(path, "looked up", &error))?;
    let mode = stat.st_mode & 0o7777;
    Ok(DirectoryLook::Directory { uid: stat.st_uid, gid: stat.st_gid, mode, device: stat.st_dev, mountpoint })
}
