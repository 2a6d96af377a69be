//! Copies a build context into a private folder, so that what was verified is what is built; and tells its content's hash.

use super::FileProblem;
use super::content::{Content, pass};
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
use std::path::{Path, PathBuf};

/// How much a build context was, and what.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CopiedContext {
    /// Regular files.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The SHA-256 of its content, as [`context_sha256`] tells it.
    pub sha256: String,
}

/// Copies the tree `source` into the existing empty folder `destination`: regular files, folders and symbolic links, with
/// permission bits and times, owned by root.
///
/// # Errors
/// What someone other than `owners` can change, a named pipe, socket or device, or the system's refusal.
pub fn copy_context(source: &Path, destination: &Path, owners: &[u32]) -> Result<CopiedContext, FileProblem> {
    let (from, _) = open_trusted_directory(source, owners)?;
    let to: OwnedFd = File::open(destination).map_err(|error| FileProblem::io(destination, "opened", &error))?.into();
    Reading::of(source, Some(owners)).whole(&from, Some(&to))
}

/// The SHA-256 of a build context's content: of every entry's path, of what files hold and whether their owner may execute
/// them, and of where symbolic links point. Other permissions, owners, times and where the folder lies don't count. Nothing is
/// left out: what `.containerignore` says is the engine's business.
///
/// # Errors
/// A named pipe, socket or device, the system's refusal, and what someone other than `owners` can change, if they are given.
pub fn context_sha256(source: &Path, owners: Option<&[u32]>) -> Result<String, FileProblem> {
    match owners {
        Some(owners) => Ok(trusted_context(source, owners)?.1),
        None => {
            let opened = File::open(source).map_err(|error| FileProblem::io(source, "opened", &error))?;
            Ok(Reading::of(source, None).whole(&opened.into(), None)?.sha256)
        }
    }
}

/// Where a build context really lies, every symbolic link followed, and the SHA-256 of its content: of the folder that was
/// found there, not of one that somebody puts in its place meanwhile.
///
/// # Errors
/// As [`context_sha256`].
pub fn trusted_context(source: &Path, owners: &[u32]) -> Result<(PathBuf, String), FileProblem> {
    let (from, leads_to) = open_trusted_directory(source, owners)?;
    Ok((leads_to, Reading::of(source, Some(owners)).whole(&from, None)?.sha256))
}

/// A tree that is read, and perhaps copied on the way.
struct Reading<'a> {
    source: &'a Path,
    owners: Option<&'a [u32]>,
    files: u64,
    bytes: u64,
    content: Content,
}

/// A folder of the tree: itself, its copy, and its path inside the tree.
struct Folder<'a> {
    from: &'a OwnedFd,
    to: Option<&'a OwnedFd>,
    inside: PathBuf,
}

impl<'a> Reading<'a> {
    fn of(source: &'a Path, owners: Option<&'a [u32]>) -> Self {
        Self { source, owners, files: 0, bytes: 0, content: Content::default() }
    }

    fn whole(mut self, from: &OwnedFd, to: Option<&OwnedFd>) -> Result<CopiedContext, FileProblem> {
        self.folder(&Folder { from, to, inside: PathBuf::new() })?;
        let Self { source: _, owners: _, files, bytes, content } = self;
        Ok(CopiedContext { files, bytes, sha256: content.sha256() })
    }

    fn judge(&self, stat: &FileStat, path: &Path) -> Result<(), FileProblem> {
        self.owners.map_or(Ok(()), |owners| judge(stat, path, owners))
    }

    fn folder(&mut self, folder: &Folder<'_>) -> Result<(), FileProblem> {
        let path = self.source.join(&folder.inside);
        let refused = |errno| FileProblem::system(&path, "read", errno);
        let listing = descriptor::open_directory(folder.from, OsStr::new(".")).map_err(refused)?;
        for name in descriptor::names(listing).map_err(refused)? {
            self.entry(folder, as_os_str(&name))?;
        }
        Ok(())
    }

    fn entry(&mut self, folder: &Folder<'_>, name: &OsStr) -> Result<(), FileProblem> {
        let Folder { from, to, inside } = folder;
        let inside = inside.join(name);
        let path = self.source.join(&inside);
        let refused = |errno| FileProblem::system(&path, "copied", errno);
        let stat = descriptor::look(from, name).map_err(refused)?;
        self.judge(&stat, &path)?;
        match Kind::of(&stat) {
            Kind::Regular => self.file(folder, name, &inside)?,
            Kind::Link => {
                let target = readlinkat(from, name).map_err(refused)?;
                if let Some(to) = to {
                    symlinkat(target.as_os_str(), to, name).map_err(refused)?;
                }
                self.content.link(&inside, &target);
            }
            Kind::Directory => {
                let inner = descriptor::open_directory(from, name).map_err(refused)?;
                let stat = fstat(&inner).map_err(refused)?;
                self.judge(&stat, &path)?;
                self.content.folder(&inside);
                let copy = to.map(|to| make_folder(to, name)).transpose().map_err(refused)?;
                self.folder(&Folder { from: &inner, to: copy.as_ref(), inside })?;
                copy.map_or(Ok(()), |copy| keep_mode_and_times(&copy, &stat)).map_err(refused)?;
            }
            Kind::Other(kind) => return Err(FileProblem::NotARegularFile { path, kind }),
        }
        Ok(())
    }

    fn file(&mut self, folder: &Folder<'_>, name: &OsStr, inside: &Path) -> Result<(), FileProblem> {
        let path = self.source.join(inside);
        let refused = |errno| FileProblem::system(&path, "copied", errno);
        let source = descriptor::open_file(folder.from, name).map_err(refused)?;
        let stat = fstat(&source).map_err(refused)?;
        self.judge(&stat, &path)?;
        if Kind::of(&stat) != Kind::Regular {
            return Err(FileProblem::NotARegularFile { path: path.clone(), kind: Kind::of(&stat).words() });
        }
        let mut copy = folder.to.map(|to| make_file(to, name)).transpose().map_err(refused)?;
        let to = copy.as_mut().map(|copy| copy as &mut dyn std::io::Write);
        let (bytes, sha256) =
            pass(&mut File::from(source), to).map_err(|error| FileProblem::io(&path, "copied", &error))?;
        copy.map_or(Ok(()), |copy| keep_mode_and_times(&copy.into(), &stat)).map_err(refused)?;
        self.content.file(inside, stat.st_mode & 0o100 != 0, &sha256);
        self.files += 1;
        self.bytes += bytes;
        Ok(())
    }
}

fn make_folder(parent: &OwnedFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    mkdirat(parent, name, Mode::S_IRWXU)?;
    descriptor::open_directory(parent, name)
}

fn make_file(parent: &OwnedFd, name: &OsStr) -> Result<File, Errno> {
    let flags = OFlag::O_WRONLY | OFlag::O_CREAT | OFlag::O_EXCL | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    openat(parent, name, flags, Mode::S_IRUSR | Mode::S_IWUSR).map(File::from)
}

fn keep_mode_and_times(copy: &OwnedFd, stat: &FileStat) -> Result<(), Errno> {
    fchmod(copy, Mode::from_bits_truncate(stat.st_mode & 0o777))?;
    futimens(copy, &TimeSpec::new(stat.st_atime, stat.st_atime_nsec), &TimeSpec::new(stat.st_mtime, stat.st_mtime_nsec))
}
