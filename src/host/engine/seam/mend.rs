//! What an engine loses track of when it is killed, or its server loses its power.

use super::super::ImageLayers;
use super::Engine;
use crate::facts::{ContainerFact, MonitorFact};
use crate::plan::values::PlanName;
use crate::run::Failure;
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::SystemTime;

impl Engine {
    /// Holds what this network has on the server while its containers are replaced: until one of them is started.
    pub fn hold_network(&self, network: &str) {
        match self {
            Self::Podman(podman) => podman.hold_network(network),
            // The daemon keeps a network's bridge for as long as it has the network.
            Self::Docker(_) => {}
        }
    }

    /// Mends containers that the engine lost track of, so that it can be asked again; whether there were any.
    pub fn mend_namespaces(&self) -> bool {
        match self {
            Self::Podman(podman) => podman.mend_namespaces(),
            // The daemon keeps its own account of containers, and mends it when it starts.
            Self::Docker(_) => false,
        }
    }

    /// Brings stops of a plan's containers to their ends that were killed half-way.
    pub fn finish_stops(&self, plan: &PlanName) {
        match self {
            Self::Podman(podman) => podman.finish_stops(plan),
            // The daemon goes on with what its client asked for.
            Self::Docker(_) => {}
        }
    }

    /// Removes the network namespaces that were made since then and that no container got.
    pub fn remove_unconnected(&self, since: SystemTime) {
        match self {
            Self::Podman(podman) => {
                if let Err(failure) = podman.remove_unconnected(since) {
                    tracing::warn!(cause = failure.message, "network namespaces that no container has stay");
                }
            }
            // The daemon keeps them elsewhere, and its own account of them.
            Self::Docker(_) => {}
        }
    }

    /// Removes from the engine's storage what nobody's record has, since a run of this plan began. `temporary` is a folder
    /// that may be made for it.
    pub fn mend_storage(&self, plan: &PlanName, temporary: &Path, since: Option<SystemTime>) {
        match self {
            Self::Podman(podman) => podman.mend_storage(plan, temporary, since),
            Self::Docker(_) => {}
        }
    }

    /// The monitors that run although none of these containers is theirs.
    ///
    /// # Errors
    /// The processes can't be seen.
    pub fn lost_monitors(&self, known: &[ContainerFact]) -> Result<Vec<MonitorFact>, Failure> {
        match self {
            Self::Podman(podman) => podman.lost_monitors(known),
            Self::Docker(_) => Ok(Vec::new()),
        }
    }

    /// Whether a container of this ID has a monitor.
    ///
    /// # Errors
    /// The processes can't be seen.
    pub fn has_monitor(&self, id: &str) -> Result<bool, Failure> {
        match self {
            Self::Podman(podman) => podman.has_monitor(id),
            Self::Docker(_) => Ok(false),
        }
    }

    /// Ends the monitor of a container that the engine does not know, and its processes.
    ///
    /// # Errors
    /// They don't end.
    pub fn end_monitor(&self, id: &str) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.end_monitor(id),
            Self::Docker(_) => Ok(()),
        }
    }

    /// Whether some of these layers may be left without an image.
    ///
    /// # Errors
    /// The engine can't tell.
    pub fn may_be_left(&self, layers: &ImageLayers, plan: &PlanName) -> Result<bool, Failure> {
        match self {
            Self::Podman(podman) => podman.may_be_left(layers, plan),
            Self::Docker(_) => Ok(false),
        }
    }

    /// Removes those of these layers that are left without an image. `temporary` is a folder that may be made for it.
    ///
    /// # Errors
    /// What the engine said.
    pub fn remove_lost_layers(&self, layers: &ImageLayers, plan: &PlanName, temporary: &Path) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.remove_lost_layers(layers, plan, temporary),
            Self::Docker(_) => Ok(()),
        }
    }

    /// Whether a network that the engine does not have any more left something.
    ///
    /// # Errors
    /// The system can't tell.
    pub fn network_has_remains(&self, network: &str) -> Result<bool, Failure> {
        match self {
            Self::Podman(podman) => podman.network_has_remains(network),
            Self::Docker(_) => Ok(false),
        }
    }

    /// The address ranges that such remains hold.
    ///
    /// # Errors
    /// The system can't tell.
    pub fn subnets_of_remains(&self, network: &str) -> Result<BTreeSet<IpNet>, Failure> {
        match self {
            Self::Podman(podman) => podman.subnets_of_remains(network),
            Self::Docker(_) => Ok(BTreeSet::new()),
        }
    }
}
