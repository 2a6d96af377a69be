//! What the file system of a host looks like where a plan touches it. Reads nothing, changes nothing.

use std::path::PathBuf;

/// A data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectoryFact {
    /// It is not there; everything above it that is there is a directory.
    Missing,
    /// It is there.
    Present {
        /// Whether something is mounted there.
        mountpoint: bool,
        /// Whether containers may use its SELinux label; true where SELinux is not enforcing.
        label_usable: bool,
    },
    /// It is there or not, and somebody besides root could put something else in its place.
    WithinReach {
        /// What could be exchanged: a folder on the way, or itself.
        at: PathBuf,
        /// By whom: `its owner, user 1000`.
        by: String,
    },
    /// This component of its path is a symbolic link.
    Symlink(PathBuf),
    /// This component of its path is something else than a directory.
    NotADirectory(PathBuf),
}

/// A file or folder that the plan names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileFact {
    /// It is not there.
    Missing,
    /// It can't be used, for this reason, with this cure.
    Unusable {
        /// What is wrong with it.
        reason: String,
        /// What to do about it.
        cure: String,
    },
    /// A file.
    File {
        /// Its SHA-256, where its content matters to the program (configs): 64 hexadecimal digits.
        sha256: Option<String>,
        /// Its size in bytes.
        size: u64,
    },
    /// A folder.
    Folder,
}

/// What a folder of image archives has for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArchiveFact {
    /// The archive with its image.
    Found {
        /// The name of the archive in the folder.
        name: String,
        /// Its size in bytes.
        size: u64,
    },
    /// No archive, or more than one.
    NotFound {
        /// What is wrong.
        reason: String,
        /// What to do about it.
        cure: String,
    },
}

/// The crontab of root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CrontabFact {
    /// There is none.
    Absent,
    /// There is one, and its marked blocks are whole.
    Present {
        /// The plans that have a block.
        plans: Vec<String>,
    },
    /// It can't be used, for this reason.
    Unusable(String),
}

/// A key as it is in `/root/.ssh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyFact {
    /// It is not there.
    Missing,
    /// It is there, and it is the one that we installed.
    Ours,
    /// It is there, with the content that the plan wants.
    Same,
    /// It is there, and somebody else put it there.
    Foreign,
}
