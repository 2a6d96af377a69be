//! The command that a change is, for either engine, as the list that follows its program. Reads nothing, changes nothing.

use super::{docker, podman};
use crate::facts::EngineKind;
use crate::operation::{Argument, DroppedContainer, EngineChange, Layout, PulledFrom, RetrievedImage};
use crate::plan::values::ServiceName;

/// What makes a change; nothing where an engine has no command for it, and a file is what changes.
pub fn command(engine: EngineKind, change: &EngineChange) -> Option<Vec<Argument>> {
    match engine {
        EngineKind::Podman => podman::command(change),
        EngineKind::Docker => docker::command(change),
    }
}

/// What must be run before a container is removed, where the removal would kill it at once.
pub fn stop(engine: EngineKind, dropped: &DroppedContainer) -> Option<Vec<Argument>> {
    match engine {
        EngineKind::Podman => None,
        EngineKind::Docker => Some(docker::stop(dropped)),
    }
}

/// What retrieves an image: a pull from the first place, a build, or a load that reads the archive from standard input.
pub fn retrieve(engine: EngineKind, retrieved: &RetrievedImage, layout: &Layout) -> Vec<Argument> {
    match engine {
        EngineKind::Podman => podman::retrieve(retrieved, layout),
        EngineKind::Docker => docker::retrieve(retrieved, layout),
    }
}

/// Pulls an image from a registry whose certificate authority, if the plan names one, is in this folder.
pub fn pull(engine: EngineKind, place: &PulledFrom, certificates: Argument) -> Vec<Argument> {
    match engine {
        EngineKind::Podman => podman::pull(place, certificates),
        EngineKind::Docker => docker::pull(place),
    }
}

/// Looks at the image of a service, which is known only once it was retrieved.
pub fn inspect_image_of(engine: EngineKind, service: &ServiceName) -> Vec<Argument> {
    match engine {
        EngineKind::Podman => podman::inspect_image_of(service),
        EngineKind::Docker => docker::inspect_image_of(service),
    }
}
