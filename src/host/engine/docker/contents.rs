//! What an image is known by where Docker keeps images in containerd's store. Reads that store; changes nothing.
//!
//! There an image's ID is the digest of its manifest, or of a list of manifests: another one for each way that the image may come. An
//! archive, the `id` of a plan and Podman know the image by the digest of its configuration, which the manifest names.
#![allow(
    clippy::disallowed_methods,
    reason = "containerd has no command that every server with Docker is sure to have"
)]

use super::super::ImageDetails;
use crate::plan::values::ImageId;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Where containerd keeps everything, by its digest, within its own folder.
const CONTENT: &str = "io.containerd.content.v1.content";

/// containerd's folder where it runs beside Docker.
const BESIDE_DOCKER: &str = "/var/lib/containerd";

/// containerd's folder within Docker's, where Docker's daemon starts it.
const OF_DOCKER: &str = "containerd/daemon";

/// How large a manifest may be, in bytes: what registries take.
const MOST: u64 = 4 * 1024 * 1024;

/// What says of a manifest that it is about an image, and none.
const REFERENCE: &str = "vnd.docker.reference.type";

/// The content that containerd keeps for Docker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Contents {
    /// Those of containerd's folders that exist: content is known by what it is, wherever it lies.
    folders: Vec<PathBuf>,
}

/// A manifest, or a list of them.
#[derive(Debug, Deserialize)]
struct Manifest {
    #[serde(default)]
    config: Option<Described>,
    #[serde(default)]
    manifests: Vec<Described>,
}

/// What a manifest says of something else.
#[derive(Debug, Deserialize)]
struct Described {
    digest: String,
    #[serde(default)]
    platform: Option<Platform>,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
struct Platform {
    #[serde(default)]
    architecture: String,
}

/// What an image says of itself, in its configuration.
#[derive(Debug, Deserialize)]
struct Configuration {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    config: Option<Settings>,
}

/// What the containers of an image get.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Settings {
    #[serde(default)]
    volumes: Option<BTreeMap<String, serde_json::Value>>,
    #[serde(default)]
    working_dir: String,
}

impl Contents {
    /// Those of the Docker that keeps the rest in this folder; `None` if they are nowhere.
    pub(super) fn of_docker_in(docker: &Path) -> Option<Self> {
        Self::within([docker.join(OF_DOCKER), PathBuf::from(BESIDE_DOCKER)])
    }

    fn within(containerd: impl IntoIterator<Item = PathBuf>) -> Option<Self> {
        // The rest comes to be with the first image.
        let folders = containerd.into_iter().filter(|folder| folder.is_dir()).map(|folder| folder.join(CONTENT));
        Some(Self { folders: folders.collect() }).filter(|contents| !contents.folders.is_empty())
    }

    /// The folder on whose disk they lie.
    pub(super) fn folder(&self) -> Option<&Path> {
        self.folders.first().and_then(|folder| folder.parent())
    }

    /// What the image is known by that Docker calls so; `None` if what says so is not there, as of an image that is gone.
    pub(super) fn known_by(&self, image: &ImageId) -> Option<ImageId> {
        let Manifest { config, manifests } = self.manifest(image)?;
        let config = config.or_else(|| self.config_of_one(manifests));
        config.and_then(|config| ImageId::parse(&config.digest).ok())
    }

    /// The details of an image, with what it says of itself where Docker says nothing of it: of an image some of whose layers were there
    /// in another form, and so did not come again.
    pub(super) fn completed(&self, details: ImageDetails) -> ImageDetails {
        if !details.architecture.is_empty() {
            return details;
        }
        let configuration = self.known_by(&details.id).and_then(|known| self.content(&known));
        let Some(Configuration { architecture, config }) = configuration else { return details };
        let Settings { volumes, working_dir } = config.unwrap_or_default();
        let volumes = volumes.into_iter().flat_map(BTreeMap::into_keys).collect();
        ImageDetails { architecture, volumes, working_dir, ..details }
    }

    /// Whether the content of this digest, as a registry writes it, is there.
    pub(super) fn has(&self, digest: &str) -> bool {
        let Ok(digest) = ImageId::parse(digest) else { return false };
        self.folders.iter().any(|folder| folder.join("blobs/sha256").join(digest.hex()).is_file())
    }

    /// The configuration of the one image of a list that is there: of the list's images, a pull takes this machine's.
    fn config_of_one(&self, manifests: Vec<Described>) -> Option<Described> {
        let (own, others): (Vec<_>, Vec<_>) = manifests
            .into_iter()
            .filter(|manifest| !manifest.annotations.contains_key(REFERENCE))
            .partition(Described::is_for_this_machine);
        let config = |manifest: Described| self.manifest(&ImageId::parse(&manifest.digest).ok()?)?.config;
        own.into_iter().chain(others).find_map(config)
    }

    fn manifest(&self, digest: &ImageId) -> Option<Manifest> {
        self.content(digest)
    }

    fn content<D: DeserializeOwned>(&self, digest: &ImageId) -> Option<D> {
        self.folders.iter().find_map(|folder| {
            let mut text = Vec::new();
            let file = File::open(folder.join("blobs/sha256").join(digest.hex())).ok()?;
            file.take(MOST).read_to_end(&mut text).ok()?;
            let is_it = format!("{:x}", Sha256::digest(&text)) == digest.hex();
            serde_json::from_slice(&text).ok().filter(|_| is_it)
        })
    }
}

impl Described {
    fn is_for_this_machine(&self) -> bool {
        let architecture = match std::env::consts::ARCH {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            other => other,
        };
        self.platform.as_ref().is_none_or(|platform| platform.architecture == architecture)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::{ImageDetails, ImageLayers};
    use super::Contents;
    use crate::plan::values::ImageId;
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};
    use sha2::{Digest, Sha256};
    use std::fs;
    use tempfile::TempDir;

    struct Store {
        folder: TempDir,
    }

    impl Store {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::create_dir_all(folder.path().join("io.containerd.content.v1.content/blobs/sha256")).unwrap();
            Self { folder }
        }

        fn contents(&self) -> Contents {
            Contents::within([self.folder.path().join("none"), self.folder.path().to_owned()]).unwrap()
        }

        /// Its digest.
        fn add(&self, content: &Value) -> String {
            let text = serde_json::to_vec(content).unwrap();
            let digest = format!("{:x}", Sha256::digest(&text));
            fs::write(self.contents().folders[0].join("blobs/sha256").join(&digest), text).unwrap();
            format!("sha256:{digest}")
        }

        fn known_by(&self, digest: &str) -> Option<ImageId> {
            self.contents().known_by(&ImageId::parse(digest).unwrap())
        }
    }

    fn config(digit: &str) -> String {
        format!("sha256:{}", digit.repeat(64))
    }

    fn manifest(config: &str) -> Value {
        json!({ "schemaVersion": 2, "config": { "digest": config, "size": 392 }, "layers": [] })
    }

    #[test]
    fn an_image_is_known_by_its_configuration_however_it_came() {
        let store = Store::new();
        let known = ImageId::parse(&config("1")).unwrap();
        let loaded = store.add(&manifest(&config("1")));
        let pulled = store.add(&json!({ "config": { "digest": config("1") }, "layers": [{ "digest": config("9") }] }));
        assert_ne!(loaded, pulled);
        assert_eq!([store.known_by(&loaded), store.known_by(&pulled)], [Some(known.clone()), Some(known)]);
    }

    #[test]
    fn of_a_list_it_is_the_image_for_this_machine_that_is_there_and_nothing_about_it() {
        let store = Store::new();
        let architecture = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" };
        let entry = |digest: &str, architecture: &str, about: Value| json!({ "digest": digest, "platform": { "architecture": architecture, "os": "linux" }, "annotations": about });
        let own = store.add(&manifest(&config("1")));
        let other = store.add(&manifest(&config("2")));
        let attestation = store.add(&manifest(&config("3")));
        let list = store.add(&json!({ "manifests": [
            entry(&attestation, architecture, json!({ "vnd.docker.reference.type": "attestation-manifest" })),
            entry(&config("8"), architecture, json!({})),
            entry(&other, "s390x", json!({})),
            entry(&own, architecture, json!({})),
        ] }));
        assert_eq!(store.known_by(&list), ImageId::parse(&config("1")).ok());
        let foreign = store.add(&json!({ "manifests": [entry(&other, "s390x", json!({}))] }));
        assert_eq!(store.known_by(&foreign), ImageId::parse(&config("2")).ok());
    }

    #[test]
    fn regression_048_an_image_that_did_not_come_as_a_whole_says_what_it_is_itself() {
        let store = Store::new();
        let own = json!({ "architecture": "amd64", "os": "linux", "config": { "Volumes": { "/data": {} }, "WorkingDir": "/work" } });
        let image = store.add(&manifest(&store.add(&own)));
        let told = |architecture: &str| ImageDetails {
            id: ImageId::parse(&image).unwrap(),
            architecture: architecture.to_owned(),
            volumes: Vec::new(),
            working_dir: String::new(),
            tags: vec!["localhost/a:1".to_owned()],
            layers: ImageLayers { image: None, layers: Vec::new() },
        };
        let whole =
            ImageDetails { volumes: vec!["/data".to_owned()], working_dir: "/work".to_owned(), ..told("amd64") };
        assert_eq!(store.contents().completed(told("")), whole);
        assert_eq!(store.contents().completed(told("arm64")), told("arm64"), "Docker says what it is");
    }

    #[test]
    fn what_a_registry_calls_a_layer_is_there_or_not() {
        let store = Store::new();
        let layer = store.add(&json!("a layer"));
        let there = [layer.as_str(), &config("1"), "sha256:../1", ""].map(|digest| store.contents().has(digest));
        assert_eq!(there, [true, false, false, false]);
    }

    #[test]
    fn what_is_gone_or_is_not_what_its_name_says_is_not_believed() {
        let store = Store::new();
        assert_eq!(store.known_by(&config("1")), None);
        let changed = store.add(&manifest(&config("1")));
        let path = store.contents().folders[0].join("blobs/sha256").join(changed.trim_start_matches("sha256:"));
        fs::write(path, serde_json::to_vec(&manifest(&config("2"))).unwrap()).unwrap();
        assert_eq!(store.known_by(&changed), None);
        assert_eq!(Contents::within([store.folder.path().join("none")]), None);
    }
}
