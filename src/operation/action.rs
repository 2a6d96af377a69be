//! Every kind of change that a run can make. Reads nothing, changes nothing.

use super::{Argument, Container};
use crate::plan::model::{Condition, ConfigSource, Decode, Healthcheck, Image};
use crate::plan::values::{
    ContainerPath, Duration, HostPath, ImageId, KeyFileName, Mode, Owner, PlanName, Port, SecretName, ServiceName,
    Subnet,
};
use std::path::PathBuf;

/// One change of the host, or one look at it that everything after depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Retrieves an image and tags it for every service that uses it.
    RetrieveImage(RetrievedImage),
    /// Checks an image's ID, architecture, volumes and working directory against the service.
    VerifyImage(VerifiedImage),
    /// Backs up the crontab, and turns our block into a single line that recovers at boot.
    ReserveCrontab,
    /// The point of no return: what was deployed no longer counts as deployed.
    Uncommit,
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
    /// Puts a secret into the engine's store.
    CreateSecret(NewSecret),
    /// Writes a config into the state folder.
    WriteConfig {
        /// The file on the server.
        path: Argument,
        /// Its content.
        content: ConfigSource,
        /// Its owner.
        owner: Owner,
        /// Its mode.
        mode: Mode,
    },
    /// Creates a missing data directory.
    CreateDirectory(NewDirectory),
    /// Installs a private key and its `known_hosts` lines in `/root/.ssh`.
    InstallKey {
        /// The key's file name.
        file: KeyFileName,
        /// The secret that holds it.
        secret: SecretName,
        /// Lines for `known_hosts`.
        known_hosts: Vec<String>,
    },
    /// Creates a container.
    CreateContainer(Box<Container>),
    /// Starts a container.
    StartContainer {
        /// The service.
        service: ServiceName,
        /// The container's name.
        container: String,
        /// The file in `/run` that it mounts.
        boot_guard: PathBuf,
    },
    /// Waits until a service has reached the state that it must reach.
    AwaitService(Box<CheckedService>),
    /// Removes what was retrieved and is not needed any more.
    RemoveDownloads,
    /// Writes the scripts that cron runs, in place of those that were there.
    WriteScripts {
        /// The scripts.
        scripts: Vec<Script>,
    },
    /// Completes our block of the crontab.
    InstallCrontab {
        /// The lines between the marks.
        lines: Vec<String>,
    },
    /// Checks a service once more, when all are up.
    CheckService(Box<CheckedService>),
    /// Saves the plan: from now on it counts as deployed.
    Commit,
    /// Removes the configs of earlier runs.
    RemoveOldConfigs,
    /// Removes the folders of all but the newest runs.
    PruneRuns {
        /// How many stay.
        keep: u32,
    },
    /// Keeps the last lines of a container's output.
    KeepLog {
        /// The container's name.
        container: String,
    },
    /// Removes the keys and `known_hosts` lines that we installed.
    RemoveKeys,
    /// Removes a file or folder of ours.
    RemovePath {
        /// Its path, below the state folder or `/run/landfall`.
        path: PathBuf,
    },
    /// Puts our block of the crontab back to what the saved plan says.
    RestoreCrontab {
        /// The lines between the marks.
        lines: Vec<String>,
    },
    /// Removes our block of the crontab.
    RemoveCrontab,
}

/// An image, and who uses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RetrievedImage {
    /// Where it comes from.
    pub image: Image,
    /// The services that use it, at least one.
    pub services: Vec<ServiceName>,
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

/// A data directory that is going to be created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDirectory {
    /// Its path.
    pub path: HostPath,
    /// Its owner.
    pub owner: Owner,
    /// Its mode.
    pub mode: Mode,
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

/// A script that cron runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    /// Its file name in the jobs folder.
    pub name: String,
    /// Its text.
    pub text: String,
}
