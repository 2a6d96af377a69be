//! Which layers Podman has, by the digests that registries know them by. Reads only.

use super::Podman;
use super::lost::records;
use crate::few::Few;
use serde::Deserialize;
use std::collections::BTreeSet;

#[derive(Deserialize)]
struct Layer {
    #[serde(default, rename = "compressed-diff-digest")]
    compressed: String,
}

impl Podman {
    /// Those of these compressed layers that a pull doesn't fetch again. Nothing where that can't be seen.
    pub fn layers_there(&self, digests: &[&str]) -> BTreeSet<String> {
        let layers = self.storage().and_then(|storage| records::list::<Layer>(&storage, "layers"));
        let layers = layers.ok().flatten().unwrap_or_default();
        layers
            .into_iter()
            .map(|Layer { compressed }| compressed)
            .filter(|digest| digests.contains(&digest.as_str()))
            .gathered()
    }
}
