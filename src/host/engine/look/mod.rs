//! What Podman is and has: runs its listings side by side and reads what they print, or what they would, where that lies. Changes nothing
//! but what is kept of it.

mod containers;
mod elements;
mod engine;
mod listings;
mod memory;
mod process;
#[cfg(test)]
mod tests;

pub(super) use containers::Inspected;
pub use containers::Life;
pub use engine::Storage;
pub(super) use memory::Memory;
pub use memory::forget as forget_what_it_said;
pub use process::{FirstProcess, Process};

use super::deadline;
use super::driver::Podman;
use super::lost::records;
use super::said;
use crate::facts::{ContainerFact, Engine, EngineLook, ImageFact, NetworkFact, SecretFact};
use crate::host::command::{CommandProblem, Output, Pieces};
use crate::host::threads::beside;
use crate::run::Failure;
use listings::Network;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::path::Path;
use std::thread::{ScopedJoinHandle, scope};

/// How often a container that vanished between listing and inspecting makes us look again.
const ATTEMPTS: usize = 3;

/// How often a listing is run that fails over something which was removed while it read, or was not complete yet: an image
/// that comes or goes makes Podman 4.3's `images` fail as a whole, a build's container that goes its `ps --external`.
const LISTINGS: usize = 20;

/// Where Podman has netavark's networks on record unless it is told another folder.
pub(super) const NETWORKS: &str = "/etc/containers/networks";

/// What is on record of a network of this name.
fn recorded(network: &str) -> Option<Network> {
    let recorded = std::fs::read(Path::new(NETWORKS).join(format!("{network}.json"))).ok()?;
    serde_json::from_slice(&recorded).ok().filter(|there: &Network| there.name == network)
}

impl Podman {
    /// What it is. What keeps it from being used is in [`Engine::problem`].
    pub fn engine(&self) -> Engine {
        self.noted(engine::engine(self))
    }

    /// The same, whatever it said of itself before.
    pub fn engine_now(&self) -> Engine {
        self.noted(engine::engine_now(self))
    }

    fn noted(&self, (engine, storage): (Engine, Option<Storage>)) -> Engine {
        if let Some(storage) = storage {
            // Where another look was the first to see it, that holds for this process: all of it must be of one storage.
            self.storage.get_or_init(|| storage);
        }
        engine
    }

    /// Where it has its storage, if that is known without a call.
    fn known_storage(&self) -> Option<Storage> {
        if self.storage.get().is_none()
            && let Some(storage) = engine::recalled_storage(self)
        {
            self.storage.get_or_init(|| storage);
        }
        self.storage.get().cloned()
    }

    /// Where it has its storage; it is asked once, if it must be.
    ///
    /// # Errors
    /// It can't be used.
    pub fn storage(&self) -> Result<Storage, Failure> {
        let unseen = || match self.engine().problem {
            Some(problem) => Err(Failure::new(problem)),
            None => self.storage.get().cloned().ok_or_else(|| Failure::new("it does not say where its storage is")),
        };
        self.storage.get().cloned().map_or_else(unseen, Ok)
    }

    /// All that it has.
    ///
    /// # Errors
    /// A listing fails, does not end in time, or can't be read.
    pub fn look(&self) -> Result<EngineLook, Failure> {
        // Once, for all of them.
        drop(self.known_storage());
        scope(|scope| {
            let containers = beside(scope, || self.containers())?;
            let images = beside(scope, || listings::images(self))?;
            let networks = beside(scope, || listings::networks(self))?;
            let secrets = listings::secrets(self);
            Ok(EngineLook {
                containers: joined(containers)?,
                images: joined(images)?,
                networks: joined(networks)?,
                secrets: secrets?,
            })
        })
    }

    /// All images.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn images(&self) -> Result<Vec<ImageFact>, Failure> {
        listings::images(self)
    }

    /// All networks.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn networks(&self) -> Result<Vec<NetworkFact>, Failure> {
        listings::networks(self)
    }

    /// All secrets of its store.
    ///
    /// # Errors
    /// The listing fails, does not end in time, or can't be read.
    pub fn secrets(&self) -> Result<Vec<SecretFact>, Failure> {
        listings::secrets(self)
    }

    /// All containers, storage-only ones included.
    ///
    /// # Errors
    /// A listing fails, does not end in time, or can't be read.
    pub fn containers(&self) -> Result<Vec<ContainerFact>, Failure> {
        for _ in 1..ATTEMPTS {
            if let Some(containers) = containers::all(self, containers::Vanished::Again)? {
                return Ok(containers);
            }
        }
        Ok(containers::all(self, containers::Vanished::LeftOut)?.unwrap_or_default())
    }

    /// The names and IDs of those of these containers, by name or ID, of which anything is left, and perhaps of others.
    ///
    /// They are inspected, and the list of the storage is read: a listing of all containers waits for each that is being changed.
    ///
    /// # Errors
    /// Podman can't tell, or not in time.
    pub fn left_of(&self, containers: &[String]) -> Result<BTreeSet<String>, Failure> {
        let stored = self.storage().and_then(|storage| records::names_of_containers(&storage));
        match (self.containers_named(containers), stored) {
            (Ok(there), Ok(Some(mut left))) => {
                left.extend(there.into_iter().flat_map(|there| [there.name, there.id]));
                Ok(left)
            }
            // One of which a part is missing spoils the answer for all, and a storage may have its list elsewhere.
            (Err(_), _) | (_, Err(_) | Ok(None)) => containers::names(self),
        }
    }

    /// Whether a container of this name is in the lists of the storage, which are read without a call.
    pub fn stores(&self, container: &str) -> bool {
        self.has_stored(container) == Some(true)
    }

    /// Whether the lists of the storage can be read, and no container of this name is in them.
    pub fn does_not_store(&self, container: &str) -> bool {
        self.has_stored(container) == Some(false)
    }

    /// Whether a container of this name or ID is in the lists of the storage; `None` where they can't be read.
    fn has_stored(&self, container: &str) -> Option<bool> {
        self.storage().and_then(|storage| records::has_container(&storage, container)).ok().flatten()
    }

    /// The names and IDs of the containers in the lists of the storage; `None` where they can't be read.
    pub(super) fn stored_names(&self) -> Option<BTreeSet<String>> {
        self.storage().and_then(|storage| records::names_of_containers(&storage)).ok().flatten()
    }

    /// The IDs of the containers that there are by the lists of the storage, which may be elsewhere than is supposed here: whoever asks for
    /// them, has to ask for others, too.
    fn supposed_ids(&self) -> Vec<String> {
        let usual = || Storage::at(Path::new(memory::STORE), Path::new("/run/containers/storage"));
        let storage = self.known_storage().unwrap_or_else(usual);
        records::ids(&storage, "containers").ok().flatten().unwrap_or_default().into_iter().collect()
    }

    /// Whether a network of this name is in a file where netavark's networks are by default, which is read without a call.
    pub fn records_network(&self, network: &str) -> bool {
        recorded(network).is_some()
    }

    /// The bridge of a network that is recorded there, if it has one.
    pub fn recorded_bridge(&self, network: &str) -> Option<String> {
        recorded(network).filter(|network| network.driver == "bridge").and_then(|network| network.network_interface)
    }

    /// Those of these containers that exist, by name.
    ///
    /// # Errors
    /// Podman can't tell, or not in time.
    pub fn containers_named(&self, names: &[String]) -> Result<Vec<ContainerFact>, Failure> {
        containers::inspected(self, names)
    }

    /// As [`Podman::containers_named`], with what lives of each.
    ///
    /// # Errors
    /// Podman can't tell, or not in time.
    pub fn living(&self, names: &[String]) -> Result<Vec<(ContainerFact, Life)>, Failure> {
        containers::living(self, names)
    }

    /// Runs a listing and reads the list that it prints.
    fn listed<T: DeserializeOwned, C: Default + Extend<T>>(&self, arguments: &[&str]) -> Result<C, Failure> {
        self.told(arguments, elements::read::<T, C>)
    }

    /// Runs a listing and reads what it prints.
    fn told<T>(
        &self,
        arguments: &[&str],
        read: impl FnOnce(Pieces) -> Result<T, serde_json::Error>,
    ) -> Result<T, Failure> {
        let Output { stdout, stderr: _, code: _ } = self.listing(&texts(arguments))?;
        let name = self.name_of(arguments);
        read(stdout).map_err(|problem| Failure::new(format!("what `{name}` printed can't be read: {problem}")))
    }

    /// What messages call this call.
    fn name_of(&self, arguments: &[&str]) -> String {
        self.call(&texts(arguments), deadline::LOOK).name().to_string()
    }

    /// Runs a listing, again where something came or went while it read.
    fn listing(&self, arguments: &[String]) -> Result<Output<Pieces>, Failure> {
        for _ in 1..LISTINGS {
            match self.call(arguments, deadline::LOOK).run_in_pieces() {
                Err(CommandProblem::Failed { command: _, code: _, stderr_tail })
                    if said::is_of_a_change_meanwhile(&stderr_tail) => {}
                ended => return ended.map_err(said::failure),
            }
        }
        self.call(arguments, deadline::LOOK).run_in_pieces().map_err(said::failure)
    }
}

fn texts(arguments: &[&str]) -> Vec<String> {
    arguments.iter().map(|argument| (*argument).to_owned()).collect()
}

fn joined<T>(thread: ScopedJoinHandle<'_, Result<T, Failure>>) -> Result<T, Failure> {
    thread.join().unwrap_or_else(|_| Err(Failure::new("a panic while looking, which is a defect of Landfall")))
}
