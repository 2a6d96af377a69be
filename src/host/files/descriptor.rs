//! Opens, looks at and lists by descriptor, one component at a time, following no link.

use super::FileProblem;
use crate::few::InOrder;
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::{AtFlags, OFlag, open, openat};
use nix::sys::stat::{FileStat, Mode, SFlag, fstatat};
use std::ffi::{CStr, CString, OsStr};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};

const DIRECTORY: OFlag = OFlag::O_DIRECTORY.union(OFlag::O_NOFOLLOW).union(OFlag::O_CLOEXEC);

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Regular,
    Directory,
    Link,
    Other(&'static str),
}

impl Kind {
    pub(super) const PIPE: &str = "a named pipe";

    pub(super) fn of(stat: &FileStat) -> Self {
        match SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT {
            SFlag::S_IFREG => Self::Regular,
            SFlag::S_IFDIR => Self::Directory,
            SFlag::S_IFLNK => Self::Link,
            SFlag::S_IFIFO => Self::Other(Self::PIPE),
            SFlag::S_IFSOCK => Self::Other("a socket"),
            SFlag::S_IFBLK | SFlag::S_IFCHR => Self::Other("a device"),
            _ => Self::Other("something unknown"),
        }
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Regular => "a regular file",
            Self::Directory => "a folder",
            Self::Link => "a symbolic link",
            Self::Other(words) => words,
        }
    }
}

/// The folder `/`, to look at and to start from.
pub(super) fn root() -> Result<OwnedFd, FileProblem> {
    open("/", OFlag::O_PATH | DIRECTORY, Mode::empty())
        .map_err(|errno| FileProblem::system(Path::new("/"), "opened", errno))
}

/// The folder `name` in `parent`, to look at and to start from; works without permission to list it.
pub(super) fn enter(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    openat(parent, name, OFlag::O_PATH | DIRECTORY, Mode::empty())
}

/// The folder `name` in `parent`, to list, change and fsync.
pub(super) fn open_directory(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    openat(parent, name, OFlag::O_RDONLY | DIRECTORY, Mode::empty())
}

/// The file `name` in `parent`, for reading; never waits for the other end of a pipe.
pub(super) fn open_file(parent: impl AsFd, name: &OsStr) -> Result<OwnedFd, Errno> {
    let flags = OFlag::O_RDONLY | OFlag::O_NOFOLLOW | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    openat(parent, name, flags, Mode::empty())
}

/// What `name` in `parent` is, itself.
pub(super) fn look(parent: impl AsFd, name: &OsStr) -> Result<FileStat, Errno> {
    fstatat(parent, name, AtFlags::AT_SYMLINK_NOFOLLOW)
}

/// The names in a folder, sorted, without `.` and `..`.
pub(super) fn names(directory: OwnedFd) -> Result<Vec<CString>, Errno> {
    let mut directory = Dir::from_fd(directory)?;
    let mut names = Vec::new();
    for entry in directory.iter() {
        let name = entry?.file_name().to_owned();
        if !matches!(name.to_bytes(), b"." | b"..") {
            names.push(name);
        }
    }
    names.put_in_order();
    Ok(names)
}

pub(super) fn as_os_str(name: &CStr) -> &OsStr {
    OsStr::from_bytes(name.to_bytes())
}

/// The names that an absolute path without `..` consists of.
pub(super) fn components(path: &Path) -> Result<Vec<&OsStr>, FileProblem> {
    let not_absolute = || FileProblem::NotAbsolute { path: path.to_path_buf() };
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::Normal(name) => names.push(name),
            Component::ParentDir | Component::Prefix(_) => return Err(not_absolute()),
        }
    }
    if path.is_absolute() { Ok(names) } else { Err(not_absolute()) }
}

/// Why `name` could not be opened as a folder: a link, something else, or the system's refusal.
pub(super) fn not_entered(parent: impl AsFd, name: &OsStr, path: &Path, errno: Errno) -> FileProblem {
    let path: PathBuf = path.to_path_buf();
    match look(parent, name).map(|stat| Kind::of(&stat)) {
        Ok(Kind::Link) => FileProblem::SymbolicLink { path },
        Ok(kind @ (Kind::Regular | Kind::Other(_))) => FileProblem::NotADirectory { path, kind: kind.words() },
        Ok(Kind::Directory) | Err(_) => FileProblem::system(&path, "opened", errno),
    }
}
