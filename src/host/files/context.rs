//! Copies a build context into a private folder, so that what was verified is what is built.

use super::FileProblem;
use super::descriptor::{self, Kind, as_os_str};
use super::trusted::{judge, open_trusted_directory};
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat, readlinkat};
use nix::sys::stat::{FileStat, Mode, fchmod, fstat, futimens, mkdirat};
use nix::sys::time::TimeSpec;
use nix::unistd::symlinkat;
use std::ffi::OsStr;
use std::fs::File;
use std::os::fd::OwnedFd;
use std::path::Path;

/// How much a build context was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CopiedContext {
    /// Regular files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Copies the tree `source` into the existing empty folder `destination`: regular files, folders and symbolic links, with
/// permission bits and times, owned by root.
///
/// # Errors
/// What someone other than `owners` can change, a named pipe, socket or device, or the system's refusal.
pub fn copy_context(source: &Path, destination: &Path, owners: &[u32]) -> Result<CopiedContext, FileProblem> {
    let from = open_trusted_directory(source, owners)?;
    let to: OwnedFd = File::open(destination).map_err(|error| FileProblem::io(destination, "opened", &error))?.into();
    let mut copied = CopiedContext::default();
    copy_directory(&from, &to, source, owners, &mut copied)?;
    Ok(copied)
}

fn copy_directory(
    from: &OwnedFd,
    to: &OwnedFd,
    path: &Path,
    owners: &[u32],
    copied: &mut CopiedContext,
) -> Result<(), FileProblem> {
    let refused = |errno| FileProblem::system(path, "read", errno);
    let listing = descriptor::open_directory(from, OsStr::new(".")).map_err(refused)?;
    for name in descriptor::names(listing).map_err(refused)? {
        let name = as_os_str(&name);
        let path = path.join(name);
        let refused = |errno| FileProblem::system(&path, "copied", errno);
        let stat = descriptor::look(from, name).map_err(refused)?;
        judge(&stat, &path, owners)?;
        match Kind::of(&stat) {
            Kind::Regular => copied.add(copy_file(from, to, name, &path, owners)?),
            Kind::Link => {
                let target = readlinkat(from, name).map_err(refused)?;
                symlinkat(target.as_os_str(), to, name).map_err(refused)?;
            }
            Kind::Directory => {
                let inner = descriptor::open_directory(from, name).map_err(refused)?;
                let stat = fstat(&inner).map_err(refused)?;
                judge(&stat, &path, owners)?;
                mkdirat(to, name, Mode::S_IRWXU).map_err(refused)?;
                let copy = descriptor::open_directory(to, name).map_err(refused)?;
                copy_directory(&inner, &copy, &path, owners, copied)?;
                keep_mode_and_times(&copy, &stat).map_err(refused)?;
            }
            Kind::Other(kind) => return Err(FileProblem::NotARegularFile { path, kind }),
        }
    }
    Ok(())
}

impl CopiedContext {
    fn add(&mut self, bytes: u64) {
        self.files += 1;
        self.bytes += bytes;
    }
}

fn copy_file(from: &OwnedFd, to: &OwnedFd, name: &OsStr, path: &Path, owners: &[u32]) -> Result<u64, FileProblem> {
    let refused = |errno| FileProblem::system(path, "copied", errno);
    let source = descriptor::open_file(from, name).map_err(refused)?;
    let stat = fstat(&source).map_err(refused)?;
    judge(&stat, path, owners)?;
    if Kind::of(&stat) != Kind::Regular {
        return Err(FileProblem::NotARegularFile { path: path.to_path_buf(), kind: Kind::of(&stat).words() });
    }
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let mut copy = File::from(openat(to, name, flags, Mode::S_IRUSR | Mode::S_IWUSR).map_err(refused)?);
    let bytes =
        std::io::copy(&mut File::from(source), &mut copy).map_err(|error| FileProblem::io(path, "copied", &error))?;
    keep_mode_and_times(&copy.into(), &stat).map_err(refused)?;
    Ok(bytes)
}

fn keep_mode_and_times(copy: &OwnedFd, stat: &FileStat) -> Result<(), Errno> {
    fchmod(copy, Mode::from_bits_truncate(stat.st_mode & 0o777))?;
    futimens(copy, &TimeSpec::new(stat.st_atime, stat.st_atime_nsec), &TimeSpec::new(stat.st_mtime, stat.st_mtime_nsec))
}
