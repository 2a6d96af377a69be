//! What a run learns while it goes. Reads nothing, changes nothing.

use crate::plan::values::{ImageId, RunId, ServiceName};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What a run knows by now. It only grows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The name of the run.
    pub run: RunId,
    /// The image ID of each service whose image was retrieved.
    pub images: BTreeMap<ServiceName, ImageId>,
    /// The address of each service that was started.
    pub addresses: BTreeMap<ServiceName, IpAddr>,
}

impl Known {
    /// What is known at the start: nothing but the name.
    pub fn at_start(run: RunId) -> Self {
        Self { run, images: BTreeMap::new(), addresses: BTreeMap::new() }
    }

    /// Adds what an operation learned.
    pub fn learn(&mut self, more: Learned) {
        let Learned { images, address } = more;
        self.images.extend(images);
        self.addresses.extend(address);
    }
}

/// What one operation learned.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Learned {
    /// The image ID of each service whose image it retrieved.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<ServiceName, ImageId>,
    /// The address of the container that it started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<(ServiceName, IpAddr)>,
}
