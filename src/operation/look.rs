//! Every kind of look at the server that a run waits for. Reads nothing, changes nothing.

use crate::plan::model::{Condition, Healthcheck};
use crate::plan::values::{ContainerPath, Duration, HostPath, ImageId, Port, ServiceName};

/// One look at the server, which fails where things are not as they must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// Checks an image's ID, architecture, volumes and working directory against the service.
    VerifyImage(VerifiedImage),
    /// Waits until a service has reached the state that it must reach.
    AwaitService(Box<CheckedService>),
    /// Checks a service once more, when all are up.
    CheckService(Box<CheckedService>),
}

/// What a service expects of its image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedImage {
    /// The service.
    pub service: ServiceName,
    /// The ID that it must have.
    pub id: Option<ImageId>,
    /// Every directory that something is mounted on: an image's volume must be exactly one of these.
    pub mounts: Vec<MountedDirectory>,
    /// Whether the service says its working directory itself.
    pub working_dir_given: bool,
}

/// A directory of a container that something is mounted on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MountedDirectory {
    /// The directory in the container.
    pub target: ContainerPath,
    /// The data directory on the server; none for a directory in memory.
    pub source: Option<HostPath>,
}

/// A service whose health is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedService {
    /// The service.
    pub service: ServiceName,
    /// The container's name.
    pub container: String,
    /// The state that it must reach.
    pub condition: Condition,
    /// How to tell; without it, running.
    pub healthcheck: Option<Healthcheck>,
    /// Its published ports.
    pub ports: Vec<Port>,
    /// How long it must stay as it should be.
    pub stable_for: Duration,
    /// When it has failed.
    pub deadline: Duration,
}
