//! A registry's manifests. Reads nothing, changes nothing.

use crate::host::system;
use crate::plan::values::Digest;
use serde::Deserialize;
use std::fmt;
use std::io;

/// The kinds of manifests that are read.
pub(super) const ACCEPTED: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// What a name in a registry stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Manifest {
    /// An image.
    Image(ImageManifest),
    /// Images for several platforms.
    Index(Vec<Entry>),
}

/// An image's parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ImageManifest {
    /// The digest of its configuration.
    pub(super) configuration: Digest,
    /// The bytes of each layer, as it is transferred.
    pub(super) layers: Vec<(Digest, u64)>,
    /// The bytes of all its parts, as they are transferred.
    pub(super) download_bytes: u64,
}

/// An image of an index.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The digest of its manifest.
    pub(super) digest: Digest,
    /// What it is built for.
    pub(super) platform: Platform,
}

/// What an image is built for.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Platform {
    os: String,
    architecture: String,
}

#[derive(Deserialize)]
struct Written {
    config: Option<Part>,
    layers: Option<Vec<Part>>,
    manifests: Option<Vec<Part>>,
}

#[derive(Deserialize)]
struct Part {
    digest: Digest,
    size: u64,
    platform: Option<Platform>,
}

/// Reads a manifest.
pub(super) fn read(bytes: &[u8]) -> Result<Manifest, String> {
    let written: Written = serde_json::from_slice(bytes)
        .map_err(|error| format!("delivered a manifest that can't be read ({error}): push the image again"))?;
    match written {
        Written { config: _, layers: _, manifests: Some(manifests) } => {
            let entry = |Part { digest, size: _, platform }| Some(Entry { digest, platform: platform? });
            Ok(Manifest::Index(manifests.into_iter().filter_map(entry).collect()))
        }
        Written { config: Some(config), layers: Some(layers), manifests: None } => {
            let bytes = layers.iter().map(|layer| layer.size).fold(config.size, u64::saturating_add);
            let layers = layers.into_iter().map(|layer| (layer.digest, layer.size)).collect();
            Ok(Manifest::Image(ImageManifest { configuration: config.digest, layers, download_bytes: bytes }))
        }
        Written { config: _, layers: _, manifests: None } => {
            Err("has a manifest of an old kind for it, which says no image ID: push the image again".to_owned())
        }
    }
}

impl Platform {
    /// Reads `linux/arm64`. What some add to it, as in `linux/arm/v7`, tells none of an index from another here.
    ///
    /// # Errors
    /// It is not written so.
    pub fn parse(text: &str) -> Result<Self, String> {
        let is_word = |word: &str| !word.is_empty() && word.chars().all(|letter| letter.is_ascii_alphanumeric());
        let named = text.split_once('/').filter(|(os, architecture)| is_word(os) && is_word(architecture));
        let named = named.map(|(os, architecture)| Self { os: os.to_owned(), architecture: architecture.to_owned() });
        named.ok_or_else(|| "write it as in `linux/amd64` or `linux/arm64`".to_owned())
    }

    /// This machine's.
    pub(super) fn here() -> io::Result<Self> {
        Ok(Self { os: "linux".to_owned(), architecture: system::architecture()? })
    }

    /// The image of an index for this platform.
    pub(super) fn choose<'a>(&self, entries: &'a [Entry]) -> Option<&'a Entry> {
        entries.iter().find(|entry| entry.platform == *self)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.os, self.architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::{Entry, ImageManifest, Manifest, Platform, read};
    use crate::plan::values::Digest;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    #[test]
    fn a_manifest_is_an_image_or_an_index_of_several() {
        let digest = |digit: &str| Digest::parse(&format!("sha256:{}", digit.repeat(64))).unwrap();
        let part = |digit: &str, size: u64| json!({ "digest": digest(digit), "size": size });
        let image = json!({ "schemaVersion": 2, "config": part("1", 5), "layers": [part("2", 70), part("3", 600)] });
        let expected = Manifest::Image(ImageManifest {
            configuration: digest("1"),
            layers: vec![(digest("2"), 70), (digest("3"), 600)],
            download_bytes: 675,
        });
        assert_eq!(read(image.to_string().as_bytes()), Ok(expected));

        let platform = |architecture: &str| Platform { os: "linux".to_owned(), architecture: architecture.to_owned() };
        let entry = |digit: &str, architecture: &str| {
            let mut entry = part(digit, 1);
            entry["platform"] = json!({ "os": "linux", "architecture": architecture, "variant": "v8" });
            entry
        };
        let index = json!({ "manifests": [entry("1", "amd64"), part("2", 1), entry("3", "arm64")] });
        let Ok(Manifest::Index(entries)) = read(index.to_string().as_bytes()) else { panic!("no index") };
        let expected = [("1", "amd64"), ("3", "arm64")]
            .map(|(digit, architecture)| Entry { digest: digest(digit), platform: platform(architecture) });
        assert_eq!(entries, expected);
        assert_eq!(platform("arm64").choose(&entries), Some(&expected[1]));
        assert_eq!(platform("s390x").choose(&entries), None);

        let old = json!({ "schemaVersion": 1, "fsLayers": [] });
        let told = "has a manifest of an old kind for it, which says no image ID: push the image again";
        assert_eq!(read(old.to_string().as_bytes()), Err(told.to_owned()));
    }
}
