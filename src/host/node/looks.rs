//! The looks that operations share: each kind of thing is listed once for all that wait for it.

use crate::facts::{ContainerFact, ImageFact, NetworkFact, SecretFact};
use crate::host::engine::{Engine, Looks};

/// One shared look for each kind of thing that an engine has.
pub(super) struct SharedLooks {
    /// The containers of the plan, by name.
    pub planned: Looks<ContainerFact>,
    /// All containers, storage-only ones included.
    pub containers: Looks<ContainerFact>,
    /// All images.
    pub images: Looks<ImageFact>,
    /// All networks.
    pub networks: Looks<NetworkFact>,
    /// All secrets of the engine's store.
    pub secrets: Looks<SecretFact>,
}

impl SharedLooks {
    /// Looks at what this engine has.
    pub fn at(engine: &Engine, planned: Vec<String>) -> Self {
        let on = || engine.clone();
        let (named, containers, images, networks, secrets) = (on(), on(), on(), on(), on());
        Self {
            planned: Looks::by(move || named.containers_named(&planned)),
            containers: Looks::by(move || containers.containers()),
            images: Looks::by(move || images.images()),
            networks: Looks::by(move || networks.networks()),
            secrets: Looks::by(move || secrets.secrets()),
        }
    }
}
