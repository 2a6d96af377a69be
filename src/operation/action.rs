//! Every kind of change that a run can make, and of look that it waits for. Reads nothing, changes nothing.

use super::{EngineChange, HostChange, Look};
use crate::plan::model::Image;
use crate::plan::values::ServiceName;

/// One change, or one look that everything after depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Retrieves an image from where the plan says, and has the engine tag it for every service that uses it.
    Retrieve(RetrievedImage),
    /// Changes what the engine has: its containers, networks, images and secrets.
    Engine(EngineChange),
    /// Changes the server beside the engine: files, data directories, keys, the crontab, and what is on record.
    Host(HostChange),
    /// Changes nothing: looks whether something is as it must be, some of them until it is.
    Look(Look),
}

/// An image, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrievedImage {
    /// Where it comes from.
    pub image: Image,
    /// The services that use it, at least one.
    pub services: Vec<ServiceName>,
}

impl From<RetrievedImage> for Action {
    fn from(image: RetrievedImage) -> Self {
        Self::Retrieve(image)
    }
}

impl From<EngineChange> for Action {
    fn from(change: EngineChange) -> Self {
        Self::Engine(change)
    }
}

impl From<HostChange> for Action {
    fn from(change: HostChange) -> Self {
        Self::Host(change)
    }
}

impl From<Look> for Action {
    fn from(look: Look) -> Self {
        Self::Look(look)
    }
}
