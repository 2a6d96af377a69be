//! Where an image comes from. Reads nothing, changes nothing.

use super::{examples, snippets};
use crate::plan::values::{
    ArchivePath, Digest, Duration, ImageId, ImageReference, KeyFileName, PlanPath, Sha256, SshLocation, WebLocation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An image: a reference to pull, or an object with exactly one of `registry`, `archive`, `build`, `ssh` and `url`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields, extend("examples" = examples::images(), "defaultSnippets" = snippets::images()))]
pub enum Image {
    /// A reference: pulled from its registry.
    Reference(ImageReference),
    /// From one of the sources.
    Source(ImageSource),
}

/// Exactly one source of an image.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
pub enum ImageSource {
    /// Pulled from a registry, with more to say about it.
    Registry {
        /// The image's reference, the registry included: `registry/repository[:tag][@digest]`.
        #[schemars(example = &"docker.io/library/postgres:16", example = &"registry.example:5000/shop/app:3.43.1")]
        registry: ImageReference,
        /// The digest of the manifest that the registry must deliver: what a tag means today, it may not mean tomorrow.
        ///
        /// Without it (and without one in the reference), whatever the tag points to is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
        digest: Option<Digest>,
        /// Whether the registry's certificate is verified; `false` also allows a registry without TLS.
        #[serde(default = "super::on")]
        #[schemars(example = false)]
        tls_verify: bool,
        /// A PEM file beside the plan with the certificate authority to trust for this registry. Without it, the server's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"certificates/authority.pem")]
        ca: Option<PlanPath>,
        /// The image ID that must come of it: the digest of the image's configuration. Without it, any is taken.
        ///
        /// `podman image inspect --format '{{.Id}}'` prints it. It survives saving and loading, which a registry's digest doesn't.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")]
        id: Option<ImageId>,
        /// How long pulling it may take before it is given up. Without it, an hour.
        ///
        /// A registry that answers but never finishes would hold up the deployment so long, while the old services run on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"10m", example = &"2h")]
        timeout: Option<Duration>,
    },
    /// Loaded from a file.
    Archive {
        /// A docker-archive or OCI archive, plain or compressed with gzip, zstd or xz; relative to the plan file. With `/` at its
        /// end, a folder of them: the one in it is taken that has the image `reference`.
        #[schemars(example = &"images/postgres.oci.tar.zst", example = &"images/app.tar.gz", example = &"/mnt/stick/")]
        archive: ArchivePath,
        /// The SHA-256 of the archive as it lies there, still compressed; what `sha256sum` prints. Without it, any is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
        sha256: Option<Sha256>,
        /// Which image of the archive, where it holds several, or of the folder. Without it, the only one of the archive.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"registry.example:5000/shop/app:3.43.1")]
        reference: Option<ImageReference>,
        /// The image ID that must come of it: the digest of the image's configuration. Without it, any is taken.
        ///
        /// `podman image inspect --format '{{.Id}}'` prints it. It survives saving and loading, which a registry's digest doesn't.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")]
        id: Option<ImageId>,
    },
    /// Fetched from another server by ssh, then loaded.
    Ssh {
        /// The archive on another server, as `user@host:/path`; what was interrupted is resumed.
        #[schemars(example = &"images@images.example:/srv/images/shop.tar.zst")]
        ssh: SshLocation,
        /// Which of the plan's `ssh_keys` opens that server; its `known_hosts` say which server it is.
        #[schemars(example = &"id_ed25519")]
        key: KeyFileName,
        /// The SHA-256 of the archive as it lies there; what `sha256sum` prints. Without it, any is taken.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
        sha256: Option<Sha256>,
        /// The image ID that must come of it: the digest of the image's configuration. Without it, any is taken.
        ///
        /// `podman image inspect --format '{{.Id}}'` prints it. It survives saving and loading, which a registry's digest doesn't.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")]
        id: Option<ImageId>,
        /// How long fetching it may take before it is given up. Without it, an hour.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"10m", example = &"2h")]
        timeout: Option<Duration>,
    },
    /// Downloaded, then loaded.
    Url {
        /// Where the archive is downloaded from; what was interrupted is resumed.
        #[schemars(example = &"https://images.example/shop/app-3.43.1.tar.zst")]
        url: WebLocation,
        /// The SHA-256 that the downloaded archive must have; what `sha256sum` prints.
        #[schemars(example = &"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
        sha256: Sha256,
        /// The image ID that must come of it: the digest of the image's configuration. Without it, any is taken.
        ///
        /// `podman image inspect --format '{{.Id}}'` prints it. It survives saving and loading, which a registry's digest doesn't.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")]
        id: Option<ImageId>,
        /// A PEM file beside the plan with the certificate authority to trust for this server. Without it, those of the VSN.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"certificates/authority.pem")]
        ca: Option<PlanPath>,
        /// How long fetching it may take before it is given up. Without it, an hour.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"10m", example = &"2h")]
        timeout: Option<Duration>,
    },
    /// Built on the server.
    Build {
        /// The folder that the image is built from, its context; relative to the plan file.
        #[schemars(example = &"app", example = &".")]
        build: PlanPath,
        /// The Containerfile or Dockerfile, relative to the context and inside it.
        #[serde(default = "containerfile")]
        #[schemars(example = &"Dockerfile", example = &"docker/app.Containerfile")]
        file: PlanPath,
        /// Build arguments by name, for the `ARG` lines of the Containerfile. They stay visible in the image: no passwords.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(extend("default" = {}, "examples" = [{"VERSION": "3.43.1"}]))]
        #[schemars(extend("eachValue" = {"description": "The value of the build argument.", "examples": ["3.43.1"]}))]
        args: BTreeMap<String, String>,
        /// The stage of the Containerfile to build (`FROM … AS stage`). Without it, the last one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"runtime")]
        target: Option<String>,
        /// The image ID that must come of it: the digest of the image's configuration. Without it, any is taken.
        ///
        /// `podman image inspect --format '{{.Id}}'` prints it. It survives saving and loading, which a registry's digest doesn't.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03")]
        id: Option<ImageId>,
        /// How long building it may take before it is given up. Without it, an hour.
        ///
        /// A build that never ends would hold up the deployment so long, while the old services run on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"10m", example = &"2h")]
        timeout: Option<Duration>,
    },
}

impl Image {
    /// What it is called in a registry, if it comes from one.
    pub fn reference(&self) -> Option<&ImageReference> {
        match self {
            Self::Reference(reference)
            | Self::Source(ImageSource::Registry {
                registry: reference,
                digest: _,
                tls_verify: _,
                ca: _,
                id: _,
                timeout: _,
            }) => Some(reference),
            Self::Source(
                ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }
                | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
                | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
            ) => None,
        }
    }

    /// What the plan calls it: in a registry, or in an archive of several.
    pub fn called(&self) -> Option<&ImageReference> {
        match self {
            Self::Source(ImageSource::Archive { archive: _, sha256: _, reference, id: _ }) => reference.as_ref(),
            other => other.reference(),
        }
    }

    /// The ID that it must have, where the plan says so.
    pub fn pinned_id(&self) -> Option<&ImageId> {
        match self {
            Self::Reference(_) => None,
            Self::Source(
                ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id, timeout: _ }
                | ImageSource::Archive { archive: _, sha256: _, reference: _, id }
                | ImageSource::Ssh { ssh: _, key: _, sha256: _, id, timeout: _ }
                | ImageSource::Url { url: _, sha256: _, id, ca: _, timeout: _ }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id, timeout: _ },
            ) => id.as_ref(),
        }
    }

    /// How long retrieving it may take, where the plan says so.
    pub fn timeout(&self) -> Option<Duration> {
        match self {
            Self::Source(
                ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout }
                | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout }
                | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout }
                | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout },
            ) => *timeout,
            Self::Reference(_) | Self::Source(ImageSource::Archive { archive: _, sha256: _, reference: _, id: _ }) => {
                None
            }
        }
    }
}

fn containerfile() -> PlanPath {
    PlanPath::containerfile()
}
