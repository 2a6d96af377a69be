//! The looks that operations share: what is asked at the same time is looked at once, for all who wait for it.

use super::living::{ContainerState, Living};
use super::together::Together;
use crate::facts::{ContainerFact, ImageFact, NetworkFact, SecretFact};
use crate::host::engine::{Engine, Looks};
use crate::run::Failure;

/// One shared look for each kind of thing that an engine has.
pub(super) struct SharedLooks {
    engine: Engine,
    /// Containers, by name.
    described: Together<String, Option<ContainerFact>>,
    /// Whether anything is left of containers, by name or ID.
    left: Together<String, bool>,
    /// What containers are known to be without another look.
    pub living: Living,
    /// All images.
    pub images: Looks<ImageFact>,
    /// All networks.
    pub networks: Looks<NetworkFact>,
    /// All secrets of the engine's store.
    pub secrets: Looks<SecretFact>,
}

impl SharedLooks {
    /// Looks at what this engine has.
    pub fn at(engine: &Engine) -> Self {
        let on = || engine.clone();
        let (images, networks, secrets) = (on(), on(), on());
        Self {
            engine: on(),
            described: Together::default(),
            left: Together::default(),
            living: Living::default(),
            images: Looks::by(move || images.images()),
            networks: Looks::by(move || networks.networks()),
            secrets: Looks::by(move || secrets.secrets()),
        }
    }

    /// A container, as of a moment after this call began; `None` if there is none of that name.
    ///
    /// Only those are looked at that somebody asks for: an engine lets who looks at a container wait while it changes it.
    ///
    /// # Errors
    /// The look failed.
    pub fn container(&self, name: &str) -> Result<Option<ContainerFact>, Failure> {
        self.described.done(name.to_owned(), |names| {
            let found = self.engine.living(&names);
            let of = |name: String| {
                let found = found.as_ref().map_err(Clone::clone)?.iter().find(|(container, _)| container.name == name);
                self.living.note(&name, found);
                Ok(found.map(|(container, _)| container.clone()))
            };
            names.into_iter().map(of).collect()
        })
    }

    /// The same, without a look if the container's process is the one that was last seen.
    ///
    /// # Errors
    /// The look failed.
    pub fn running(&self, name: &str) -> Result<Option<ContainerState>, Failure> {
        let look = || Ok(self.container(name)?.as_ref().map(ContainerState::from));
        self.living.still(name).map_or_else(look, |container| Ok(Some(container)))
    }

    /// The same of a container that has just been started.
    ///
    /// # Errors
    /// The look failed.
    pub fn started(&self, name: &str) -> Result<Option<ContainerState>, Failure> {
        let process = self.engine.started_process(name).and_then(|process| self.living.note_start(name, process));
        match process {
            Some(state) => Ok(Some(state)),
            None => Ok(self.container(name)?.as_ref().map(ContainerState::from)),
        }
    }

    /// Whether a container was created: the engine's storage has it on record, or the engine itself.
    ///
    /// # Errors
    /// The look failed.
    pub fn is_there(&self, name: &str) -> Result<bool, Failure> {
        if self.engine.stores(name) { Ok(true) } else { Ok(self.container(name)?.is_some()) }
    }

    /// Whether there is a network of this name: the engine has it on record in a file, or tells of it.
    ///
    /// # Errors
    /// The look failed.
    pub fn has_network(&self, name: &str) -> Result<bool, Failure> {
        if self.engine.records_network(name) {
            return Ok(true);
        }
        Ok(self.networks.now()?.iter().any(|there| there.name == name))
    }

    /// Whether anything is left of a container, by name or ID, its storage included, as of a moment after this call began.
    ///
    /// # Errors
    /// The look failed.
    pub fn is_left(&self, container: &str) -> Result<bool, Failure> {
        self.left.done(container.to_owned(), |names| {
            let left = self.engine.left_of(&names);
            names.into_iter().map(|name| Ok(left.clone()?.contains(&name))).collect()
        })
    }
}
