//! Where an image comes from. Reads nothing, changes nothing.

use crate::plan::values::{Digest, HttpsLocation, ImageId, ImageReference, KeyFileName, PlanPath, Sha256, SshLocation};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An image: a reference to pull, or an object with exactly one source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
pub enum Image {
    /// Pulled from its registry.
    Reference(ImageReference),
    /// From one of the sources.
    Source(ImageSource),
}

/// Exactly one source of an image.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
pub enum ImageSource {
    /// Pulled from a registry.
    Registry {
        /// The image's reference with its registry.
        registry: ImageReference,
        /// The digest that the registry must deliver.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digest: Option<Digest>,
        /// Whether the registry's certificate is verified.
        #[serde(default = "super::on")]
        tls_verify: bool,
        /// A certificate authority to trust for this registry alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca: Option<PlanPath>,
        /// The image ID (the digest of its configuration) that must be delivered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ImageId>,
    },
    /// Loaded from a file.
    Archive {
        /// A docker-archive or OCI archive; plain or compressed with gzip, zstd or xz. Relative to the plan file.
        archive: PlanPath,
        /// The SHA-256 of the file as it lies there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256>,
        /// Which image, where the archive holds several.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reference: Option<ImageReference>,
        /// The image ID (the digest of its configuration) that must be delivered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ImageId>,
    },
    /// Fetched from another server by ssh, then loaded.
    Ssh {
        /// `user@host:/path/image.tar`
        ssh: SshLocation,
        /// The name of one of the plan's `ssh_keys`.
        key: KeyFileName,
        /// The SHA-256 of the file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        sha256: Option<Sha256>,
        /// The image ID (the digest of its configuration) that must be delivered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ImageId>,
    },
    /// Downloaded, then loaded.
    Url {
        /// Where the archive is.
        url: HttpsLocation,
        /// The SHA-256 of the file.
        sha256: Sha256,
        /// The image ID (the digest of its configuration) that must be delivered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ImageId>,
    },
    /// Built on the server.
    Build {
        /// The folder that is the build's context. Relative to the plan file.
        build: PlanPath,
        /// The Containerfile, relative to the context.
        #[serde(default = "containerfile")]
        file: PlanPath,
        /// Build arguments.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        args: BTreeMap<String, String>,
        /// The stage to build.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        target: Option<String>,
        /// The image ID (the digest of its configuration) that must be delivered.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        id: Option<ImageId>,
    },
}

fn containerfile() -> PlanPath {
    PlanPath::containerfile()
}
