//! What images take that lie on other servers. Reads nothing, changes nothing.

use crate::plan::values::ServiceName;
use std::collections::BTreeMap;

/// An image that comes from another server, which has told what it takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteImage {
    /// The services that use it, at least one.
    pub services: Vec<ServiceName>,
    /// What it takes.
    pub size: RemoteSize,
}

/// What an image takes that lies on another server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteSize {
    /// An archive of so many bytes.
    Archive(u64),
    /// An image of a registry.
    Layers {
        /// Its ID, 64 hexadecimal digits.
        id: String,
        /// Its configuration, and the compressed layers that the engine does not have yet: the bytes of each, by its digest.
        missing: BTreeMap<String, u64>,
    },
}

impl RemoteSize {
    /// How many bytes come over the network.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Archive(bytes) => *bytes,
            Self::Layers { id: _, missing } => missing.values().copied().fold(0, u64::saturating_add),
        }
    }
}
