//! Every kind of change that an engine makes. Reads nothing, changes nothing.
//!
//! Each is one command of the engine, see `host/engine/podman`: another engine is another function from these to commands.

use super::{Argument, Container};
use crate::plan::model::Decode;
use crate::plan::values::{PlanName, SecretName, ServiceName, Subnet};
use ipnet::IpNet;
use std::path::PathBuf;

/// One change of what the engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineChange {
    /// Stops a container with its own signal and grace period, and removes it.
    DropContainer(DroppedContainer),
    /// Takes what is left of our containers off the plan's network, and removes it.
    DropNetwork {
        /// The network's name.
        network: String,
    },
    /// Removes a tag of ours, and the image with its last tag.
    DropTag {
        /// The tag.
        tag: String,
        /// The service whose new image makes the tag worth keeping, when it is the same image.
        unless_image_of: Option<ServiceName>,
    },
    /// Removes an image that is not ours; only on a server that is dedicated to the plan.
    DropImage {
        /// The image's ID.
        id: String,
    },
    /// Removes a secret from the engine's store.
    DropSecret {
        /// The engine's name of the secret.
        secret: String,
    },
    /// Creates the plan's network.
    CreateNetwork {
        /// The network's name.
        network: PlanName,
        /// Its address ranges.
        subnets: Vec<Subnet>,
    },
    /// Keeps the plan's network, without what lost containers left on it. Nobody may be on it any more.
    KeepNetwork {
        /// The network's name.
        network: PlanName,
        /// Its address ranges, as the engine has them.
        ranges: Vec<IpNet>,
    },
    /// Puts a secret into the engine's store.
    CreateSecret(NewSecret),
    /// Creates a container.
    CreateContainer(Box<Container>),
    /// Stops a container with its own signal and grace period, and keeps it.
    StopContainer {
        /// The container's name.
        container: String,
    },
    /// Gives a container another name.
    RenameContainer {
        /// The name that it has.
        container: String,
        /// The name that it gets.
        to: String,
    },
    /// Starts a container.
    StartContainer {
        /// The service.
        service: ServiceName,
        /// The container's name.
        container: String,
        /// The file in `/run` that it mounts.
        boot_guard: PathBuf,
    },
}

/// A container that is going to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DroppedContainer {
    /// Its name, or its ID where the name is not ours.
    pub container: String,
    /// How long it may take to stop, in seconds; its own grace period if not said.
    pub grace_seconds: Option<u64>,
}

/// A secret that is put into the engine's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSecret {
    /// The engine's name of it.
    pub name: Argument,
    /// What it holds.
    pub text: SecretText,
}

/// What a secret of the engine's store holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretText {
    /// A value of the secrets file.
    Value {
        /// Its name there.
        secret: SecretName,
        /// How it is written there.
        decode: Option<Decode>,
    },
    /// A template with secrets filled in.
    Template(String),
}
