//! Whichever engine performs a plan: what the rest of `host` and the command line may ask of it, and who answers.

mod images;
mod mend;
mod operate;

pub use operate::Wanted;

use super::docker::Docker;
use super::driver::{Answer, Podman};
use super::look::FirstProcess;
use crate::facts::{self, ContainerFact, EngineKind, EngineLook, NetworkFact, SecretFact};
use crate::few::Few;
use crate::operation::{EngineChange, Known, Layout};
use crate::plan::model::EngineChoice;
use crate::run::{Cancel, Failure};
use std::collections::BTreeSet;
use std::time::Duration;

/// A container engine of this server. Another one is another variant: the compiler then asks for each of its answers.
#[derive(Debug, Clone)]
pub enum Engine {
    /// Podman, as root.
    Podman(Podman),
    /// Docker, as root.
    Docker(Docker),
}

impl Engine {
    /// The installed one of this kind, for a plan, if there is one.
    pub fn of(kind: EngineKind, layout: &Layout) -> Option<Self> {
        match kind {
            EngineKind::Podman => Podman::find().map(Self::Podman),
            EngineKind::Docker => Docker::find(layout).map(Self::Docker),
        }
    }

    /// The one that a plan asks for; `deployed_on` is where it is deployed now.
    pub fn chosen(choice: EngineChoice, deployed_on: Option<EngineKind>, layout: &Layout) -> Option<Self> {
        match (choice, deployed_on) {
            (EngineChoice::Podman, _) => Self::of(EngineKind::Podman, layout),
            (EngineChoice::Docker, _) => Self::of(EngineKind::Docker, layout),
            (EngineChoice::Auto, Some(kind)) => Self::of(kind, layout),
            (EngineChoice::Auto, None) => {
                Self::of(EngineKind::Podman, layout).or_else(|| Self::of(EngineKind::Docker, layout))
            }
        }
    }

    /// Which one it is.
    pub fn kind(&self) -> EngineKind {
        match self {
            Self::Podman(_) => EngineKind::Podman,
            Self::Docker(_) => EngineKind::Docker,
        }
    }

    /// What it is. What keeps it from being used is in [`facts::Engine::problem`].
    pub fn fact(&self) -> facts::Engine {
        match self {
            Self::Podman(podman) => podman.engine(),
            Self::Docker(docker) => docker.engine(),
        }
    }

    /// The same, with nothing from an earlier run.
    pub fn fact_now(&self) -> facts::Engine {
        match self {
            Self::Podman(podman) => podman.engine_now(),
            Self::Docker(docker) => docker.engine(),
        }
    }

    /// Has what it said of itself for the next run, where that spares a call.
    pub fn keep_what_it_said(&self) {
        match self {
            Self::Podman(podman) => podman.keep_what_it_said(),
            Self::Docker(_) => {}
        }
    }

    /// All that it has.
    ///
    /// # Errors
    /// A listing fails, does not end in time, or can't be read.
    pub fn look(&self) -> Result<EngineLook, Failure> {
        match self {
            Self::Podman(podman) => podman.look(),
            Self::Docker(docker) => docker.look(),
        }
    }

    /// All containers, those of which little is left included.
    ///
    /// # Errors
    /// A listing fails, does not end in time, or can't be read.
    pub fn containers(&self) -> Result<Vec<ContainerFact>, Failure> {
        match self {
            Self::Podman(podman) => podman.containers(),
            Self::Docker(docker) => docker.containers(),
        }
    }

    /// Those of these containers that exist, by name.
    ///
    /// # Errors
    /// The engine can't tell, or not in time.
    pub fn containers_named(&self, names: &[String]) -> Result<Vec<ContainerFact>, Failure> {
        match self {
            Self::Podman(podman) => podman.containers_named(names),
            Self::Docker(docker) => docker.containers_named(names),
        }
    }

    /// The names and IDs of those of these containers, by name or ID, of which anything is left, storage included; and perhaps of
    /// others.
    ///
    /// # Errors
    /// The engine can't tell, or not in time.
    pub fn left_of(&self, containers: &[String]) -> Result<BTreeSet<String>, Failure> {
        let both = |there: Vec<ContainerFact>| there.into_iter().flat_map(|there| [there.name, there.id]).gathered();
        match self {
            Self::Podman(podman) => podman.left_of(containers),
            Self::Docker(docker) => docker.containers().map(both),
        }
    }

    /// Whether a container of this name is in the lists of its storage. Where it is not, it must be asked itself.
    pub fn stores(&self, container: &str) -> bool {
        match self {
            Self::Podman(podman) => podman.stores(container),
            Self::Docker(_) => false,
        }
    }

    /// Whether a container of this name is known not to be in the lists of its storage. Where it is not, it must be asked itself.
    pub fn does_not_store(&self, container: &str) -> bool {
        match self {
            Self::Podman(podman) => podman.does_not_store(container),
            Self::Docker(_) => false,
        }
    }

    /// Whether an image of this ID or tag is known not to be in the lists of its storage. Where it is not, it must be asked itself.
    pub fn does_not_store_image(&self, image: &str) -> bool {
        match self {
            Self::Podman(podman) => podman.stores_image(image) == Some(false),
            Self::Docker(_) => false,
        }
    }

    /// What is to be seen of a container that has just been started, without asking: its first process. Where it is not to be seen, the
    /// engine must be asked.
    pub fn started_process(&self, container: &str) -> Option<FirstProcess> {
        match self {
            Self::Podman(podman) => podman.first_process(container),
            Self::Docker(docker) => docker.started_process(container),
        }
    }

    /// The first process of a container that is about to be removed, and that is not started again once that process has ended. `None`
    /// where it is not to be seen, and where the engine may start it again before it hears that it is to go.
    pub fn last_process(&self, container: &str) -> Option<FirstProcess> {
        match self {
            Self::Podman(podman) => podman.first_process(container),
            // Its client is asked for the grace period first, and its daemon starts containers by itself.
            Self::Docker(_) => None,
        }
    }

    /// Whether it has a network of this name on record, in a file. Where it has not, it must be asked itself.
    pub fn records_network(&self, network: &str) -> bool {
        match self {
            Self::Podman(podman) => podman.records_network(network),
            Self::Docker(_) => false,
        }
    }

    /// Whether it refuses to remove a network that a container is on, also one that does not run.
    pub fn keeps_networks_in_use(&self) -> bool {
        match self {
            Self::Podman(_) => true,
            // It removes the network from under one that does not run.
            Self::Docker(_) => false,
        }
    }

    /// All networks.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn networks(&self) -> Result<Vec<NetworkFact>, Failure> {
        match self {
            Self::Podman(podman) => podman.networks(),
            Self::Docker(docker) => docker.networks(),
        }
    }

    /// All secrets of its store.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn secrets(&self) -> Result<Vec<SecretFact>, Failure> {
        match self {
            Self::Podman(podman) => podman.secrets(),
            Self::Docker(docker) => docker.secrets(),
        }
    }

    /// Makes a change. `input` is the value of a secret that is created; for other changes it is empty.
    ///
    /// What is to be removed and isn't there counts as removed. Success is what the engine says: whether it is so must be seen
    /// by looking.
    ///
    /// # Errors
    /// What the engine said, or that it did not end in time; also when a part of the change isn't known yet.
    pub fn perform(&self, change: &EngineChange, known: &Known, input: Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.perform(change, known, input),
            Self::Docker(docker) => docker.perform(change, known, &input),
        }
    }

    /// Takes a container off a network; one that is not on it counts as taken off.
    ///
    /// # Errors
    /// What the engine said, or that it did not end in time.
    pub fn disconnect(&self, container: &str, network: &str) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.disconnect(container, network),
            Self::Docker(docker) => docker.disconnect(container, network),
        }
    }

    /// The last lines of what a container wrote, to both outputs; nothing where its output is thrown away.
    ///
    /// # Errors
    /// What the engine said, or that it did not end in time.
    pub fn last_lines(&self, container: &str) -> Result<Vec<u8>, Failure> {
        match self {
            Self::Podman(podman) => podman.last_lines(container),
            Self::Docker(docker) => docker.last_lines(container),
        }
    }

    /// Runs a command in a container, to whatever exit code.
    ///
    /// # Errors
    /// The command can't be run, does not end within `timeout`, or `cancel` was set.
    pub fn exec(
        &self,
        container: &str,
        command: &[String],
        timeout: Duration,
        cancel: &Cancel,
    ) -> Result<Answer, Failure> {
        match self {
            Self::Podman(podman) => podman.exec(container, command, timeout, cancel),
            Self::Docker(docker) => docker.exec(container, command, timeout, cancel),
        }
    }

    /// Lets the calls come to their end whose caller was a process of ours that did not live to wait for them, and kills those
    /// that take too long.
    pub fn end_orphans(&self) {
        match self {
            Self::Podman(podman) => podman.end_orphans(),
            Self::Docker(docker) => docker.end_orphans(),
        }
    }
}
