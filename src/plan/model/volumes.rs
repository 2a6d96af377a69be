//! Data directories, and directories in memory. Reads nothing, changes nothing.

use crate::plan::values::{ContainerPath, HostPath, Mode, Owner, Size};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A data directory of the server. An existing one is used exactly as it is; a missing one is created, and never removed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Volume {
    /// The directory on the server.
    pub source: HostPath,
    /// The directory in the container.
    pub target: ContainerPath,
    /// Whether the container may only read it.
    #[serde(default, skip_serializing_if = "super::off")]
    pub read_only: bool,
    /// The owner that a missing directory is created with.
    #[serde(default = "super::root")]
    pub owner: Owner,
    /// The mode that a missing directory is created with.
    #[serde(default = "open_to_read")]
    pub mode: Mode,
    /// Whether a disk must be mounted there: an absent disk is an error then, not an empty directory.
    #[serde(default, skip_serializing_if = "super::off")]
    pub mountpoint: bool,
}

fn open_to_read() -> Mode {
    Mode::ALL_ENTER
}

/// A directory in memory: its path, or an object.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
pub enum Tmpfs {
    /// With the engine's defaults.
    Target(ContainerPath),
    /// With a bound.
    Detailed {
        /// The directory in the container.
        target: ContainerPath,
        /// The most it may hold.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        size: Option<Size>,
        /// Its mode.
        #[serde(default, skip_serializing_if = "Option::is_none")]
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
