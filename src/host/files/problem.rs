//! What is wrong with a file or folder, and the cure. Reads nothing, changes nothing.

use nix::errno::Errno;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Who could change a file that root is about to believe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stranger {
    /// Its owner, by number.
    Owner(u32),
    /// The members of its group, by number.
    Group(u32),
    /// Everyone.
    Everyone,
}

impl fmt::Display for Stranger {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Owner(uid) => write!(formatter, "its owner, user {uid}"),
            Self::Group(gid) => write!(formatter, "the members of group {gid}"),
            Self::Everyone => formatter.write_str("everyone"),
        }
    }
}

/// Why a file or folder was not read, written or removed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// It is not there.
    #[error("`{}` does not exist", path.display())]
    Missing {
        /// What is missing.
        path: PathBuf,
    },
    /// It is there, and would have to be replaced.
    #[error("`{}` exists already, and is never replaced: remove it, or choose another name", path.display())]
    Exists {
        /// What is there.
        path: PathBuf,
    },
    /// A path that must say exactly where something is does not.
    #[error("`{}` must be an absolute path without `..`", path.display())]
    NotAbsolute {
        /// The path as given.
        path: PathBuf,
    },
    /// A symbolic link where none is followed.
    #[error("`{}` is a symbolic link, and it is not followed: put what it points to in its place", path.display())]
    SymbolicLink {
        /// The link.
        path: PathBuf,
    },
    /// Links that lead to links, more than 40 times.
    #[error("`{}` leads through too many symbolic links", path.display())]
    TooManyLinks {
        /// The path as given.
        path: PathBuf,
    },
    /// Something else where a folder is needed.
    #[error("`{}` is {kind}, not a folder", path.display())]
    NotADirectory {
        /// What it is about.
        path: PathBuf,
        /// What it is: `a regular file`.
        kind: &'static str,
    },
    /// Something else where a regular file is needed.
    #[error("`{}` is {kind}, not a regular file", path.display())]
    NotARegularFile {
        /// What it is about.
        path: PathBuf,
        /// What it is: `a named pipe`.
        kind: &'static str,
    },
    /// Someone else could change it, and so become root.
    #[error("`{}` can be written by {who}, who could so become root: {}", path.display(), cure(path, *who))]
    WritableByStrangers {
        /// The file, or the folder on the way to it.
        path: PathBuf,
        /// Who.
        who: Stranger,
    },
    /// A file with a second name, in a folder that everyone may write.
    #[error("`{}` has another name besides this one, in a folder that everyone may write: copy it elsewhere", path.display())]
    SecondName {
        /// The file.
        path: PathBuf,
    },
    /// Secrets that others may read.
    #[error("`{}` has mode {mode:04o}, so others may read the secrets in it: `chmod 600 {}`", path.display(), quoted(path))]
    ReadableByOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// More bytes than are read of such a file.
    #[error("`{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The bound, in bytes.
        limit: u64,
    },
    /// Something is mounted where a tree was to be removed.
    #[error("something is mounted at `{}`, so nothing was removed: `umount {}` first", path.display(), quoted(path))]
    MountPoint {
        /// Where.
        path: PathBuf,
    },
    /// The system refused.
    #[error("`{}` could not be {action}: {reason}", path.display())]
    System {
        /// What it is about.
        path: PathBuf,
        /// What was tried: `opened`, `created`.
        action: &'static str,
        /// What the system said.
        reason: String,
    },
}

impl FileProblem {
    /// The system's refusal of `action` on `path`, or `Missing`.
    pub(in crate::host) fn system(path: &Path, action: &'static str, errno: Errno) -> Self {
        match errno {
            Errno::ENOENT => Self::Missing { path: path.to_path_buf() },
            other => Self::System { path: path.to_path_buf(), action, reason: other.desc().to_owned() },
        }
    }

    /// The same, from an error of the standard library.
    pub(in crate::host) fn io(path: &Path, action: &'static str, error: &io::Error) -> Self {
        match error.raw_os_error() {
            Some(number) => Self::system(path, action, Errno::from_raw(number)),
            None => Self::System { path: path.to_path_buf(), action, reason: error.to_string() },
        }
    }
}

fn cure(path: &Path, who: Stranger) -> String {
    let command = match who {
        Stranger::Owner(_) => "chown root",
        Stranger::Group(_) | Stranger::Everyone => "chmod go-w",
    };
    format!("`{command} {}`", quoted(path))
}

fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy().into_owned();
    shlex::try_quote(&text).map(std::borrow::Cow::into_owned).unwrap_or(text)
}
