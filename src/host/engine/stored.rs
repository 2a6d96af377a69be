//! Which layers Podman has, by the digests that registries know them by. Reads only.

use super::Podman;
use super::lost::records::{self, Entry};
use crate::few::Few;
use std::collections::BTreeSet;

impl Podman {
    /// Those of these compressed layers that a pull doesn't fetch again. Nothing where that can't be seen.
    pub fn layers_there(&self, digests: &[&str]) -> BTreeSet<String> {
        let layers = self.storage().and_then(|storage| records::list::<Entry>(&storage, "layers"));
        let layers = layers.ok().flatten().unwrap_or_default();
        layers
            .into_iter()
            .map(|layer| layer.compressed_diff_digest)
            .filter(|digest| digests.contains(&digest.as_str()))
            .gathered()
    }
}
