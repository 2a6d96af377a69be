//! Creates data folders, component by component, following no link and touching nothing that is already there.

use super::FileProblem;
use super::descriptor::{self, not_entered};
use nix::errno::Errno;
use nix::fcntl::{RenameFlags, renameat2};
use nix::sys::stat::{Mode, fchmod, mkdirat};
use nix::unistd::{Gid, Uid, UnlinkatFlags, fchown, fsync, unlinkat};
use std::ffi::{OsStr, OsString};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Held while folders are created: two services' may need the same missing one above them, at the same moment.
static ALONE: Mutex<()> = Mutex::new(());

/// Who a folder belongs to, by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Owner {
    /// The user.
    pub uid: u32,
    /// The group.
    pub gid: u32,
}

impl Owner {
    /// root and its group.
    pub const ROOT: Self = Self { uid: 0, gid: 0 };
}

/// Creates what is missing of `path` and returns the created folders, outermost first: empty if all was there.
///
/// The last one gets `owner` and `mode`, those before it `root:root` and 0755; existing ones stay exactly as they are.
/// Each appears under its name only with owner and mode already set, and is on disk when this returns.
///
/// # Errors
/// A symbolic link or something that is no folder on the way, or the system's refusal (a read-only or full disk).
pub fn create_directories(path: &Path, owner: Owner, mode: u32) -> Result<Vec<PathBuf>, FileProblem> {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let names = descriptor::components(path)?;
    let mut here = descriptor::root()?;
    let mut full = PathBuf::from("/");
    let mut created = Vec::new();
    for (position, name) in names.iter().enumerate() {
        full.push(name);
        here = match descriptor::enter(&here, name) {
            Ok(directory) => directory,
            Err(Errno::ENOENT) => {
                let last = position + 1 == names.len();
                let (owner, mode) = if last { (owner, mode) } else { (Owner::ROOT, 0o755) };
                let directory = create(&here, name, owner, mode).map_err(|errno| match errno {
                    Errno::EEXIST => not_entered(&here, name, &full, errno),
                    other => {
                        FileProblem::System { path: full.clone(), action: "created", reason: other.desc().to_owned() }
                    }
                })?;
                created.push(full.clone());
                directory
            }
            Err(errno) => return Err(not_entered(&here, name, &full, errno)),
        };
    }
    Ok(created)
}

/// Removes what a creation of `path` that was killed may have left beside the folders on the way: empty ones under temporary names.
///
/// # Errors
/// The system's refusal to look at or remove one.
pub fn remove_unfinished_directories(path: &Path) -> Result<(), FileProblem> {
    let names = descriptor::components(path)?;
    let mut here = descriptor::root()?;
    let mut full = PathBuf::from("/");
    for name in &names {
        match unlinkat(&here, unfinished(name).as_os_str(), UnlinkatFlags::RemoveDir) {
            // What is not an empty folder is not of our making.
            Ok(()) | Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ENOTEMPTY) => {}
            Err(errno) => return Err(FileProblem::system(&full.join(unfinished(name)), "removed", errno)),
        }
        full.push(name);
        here = match descriptor::enter(&here, name) {
            Ok(directory) => directory,
            // What is below a link is another folder's.
            Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ELOOP) => return Ok(()),
            Err(errno) => return Err(FileProblem::system(&full, "opened", errno)),
        };
    }
    Ok(())
}

fn unfinished(name: &OsStr) -> OsString {
    let mut unfinished = OsString::from(".landfall-new-");
    unfinished.push(name);
    unfinished
}

/// Creates `name` under a temporary name that a later attempt recognises, completes it, and renames it without replacing.
fn create(parent: &OwnedFd, name: &OsStr, owner: Owner, mode: u32) -> Result<OwnedFd, Errno> {
    let unfinished = unfinished(name);
    match unlinkat(parent, unfinished.as_os_str(), UnlinkatFlags::RemoveDir) {
        Ok(()) | Err(Errno::ENOENT) => {}
        Err(errno) => return Err(errno),
    }
    mkdirat(parent, unfinished.as_os_str(), Mode::S_IRWXU)?;
    let finish = || {
        let directory = descriptor::open_directory(parent, &unfinished)?;
        fchown(&directory, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?;
        fchmod(&directory, Mode::from_bits_truncate(mode))?;
        fsync(&directory)?;
        renameat2(parent, unfinished.as_os_str(), parent, name, RenameFlags::RENAME_NOREPLACE)?;
        fsync(descriptor::open_directory(parent, OsStr::new("."))?)?;
        Ok(directory)
    };
    finish().inspect_err(|_| {
        let _ = unlinkat(parent, unfinished.as_os_str(), UnlinkatFlags::RemoveDir);
    })
}
