//! Data directories, and directories in memory. Reads nothing, changes nothing.

use super::{examples, snippets};
use crate::plan::values::{ContainerPath, HostPath, Mode, Owner, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A data directory of the server. An existing one is used exactly as it is; a missing one is created, and never removed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Volume")]
#[schemars(extend("examples" = examples::volumes(), "defaultSnippets" = snippets::volumes()))]
pub struct Volume {
    /// The directory on the server: an absolute path, without symbolic links on the way.
    ///
    /// Two services can have the same only where both are `read_only`.
    #[schemars(example = &"/srv/shop/db")]
    pub source: HostPath,
    /// The directory's absolute path in the container.
    #[schemars(example = &"/var/lib/postgresql/data")]
    pub target: ContainerPath,
    /// Whether the container may only read the directory.
    #[serde(default, skip_serializing_if = "super::off")]
    #[schemars(extend("default" = false), example = true)]
    pub read_only: bool,
    /// The owner that a missing directory is created with, as `uid:gid` in numbers. An existing one keeps its own.
    #[serde(default = "super::root")]
    #[schemars(example = &"999:999", example = &"10001:10001")]
    pub owner: Owner,
    /// The permissions that a missing directory is created with, in octal. An existing one keeps its own.
    #[serde(default = "open_to_read")]
    #[schemars(example = &"0700", example = &"0750")]
    pub mode: Mode,
    /// Whether a disk must be mounted at `source`: an absent disk is an error then, not an empty directory, at boot as well.
    #[serde(default, skip_serializing_if = "super::off")]
    #[schemars(extend("default" = false), example = true)]
    pub mountpoint: bool,
}

fn open_to_read() -> Mode {
    Mode::ALL_ENTER
}

/// A directory in memory: its path in the container, or an object that bounds it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields, extend("examples" = ["/tmp", {"target": "/var/cache", "size": "16MiB"}]))]
pub enum Tmpfs {
    /// The path alone.
    Target(ContainerPath),
    /// The path, with a bound or a mode.
    Detailed {
        /// The directory's absolute path in the container.
        #[schemars(example = &"/var/cache")]
        target: ContainerPath,
        /// The most that the directory may hold. Without it, half of the server's memory.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"16MiB", example = &"1GiB")]
        size: Option<Size>,
        /// The directory's permissions in octal. Without it, everybody may write there, as in `/tmp`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"0700")]
        mode: Option<Mode>,
    },
}

impl Tmpfs {
    /// The directory in the container.
    pub fn target(&self) -> &ContainerPath {
        match self {
            Self::Target(target) | Self::Detailed { target, size: _, mode: _ } => target,
        }
    }
}
