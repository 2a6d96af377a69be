//! What an image says of itself. Changes nothing.

use super::driver::{Podman, texts};
use super::{ImageLayers, deadline, podman, said};
use crate::host::command::Output;
use crate::plan::values::ImageId;
use crate::run::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// What is known of an image that the engine has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageDetails {
    /// Its ID.
    pub id: ImageId,
    /// The processor it is built for, as images say it: `amd64`.
    pub architecture: String,
    /// The directories that it declares as volumes, sorted.
    pub volumes: Vec<String>,
    /// Its working directory; empty if it says none.
    pub working_dir: String,
    /// Its tags.
    pub tags: Vec<String>,
    /// What it is made of.
    pub layers: ImageLayers,
}

/// What the engine tells people of an image.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct ImageTold {
    /// When it was made, as the image says it.
    #[serde(default)]
    pub created: String,
    /// The operating system that it is built for.
    #[serde(default)]
    pub os: String,
    /// The processor that it is built for, as images say it: `amd64`.
    #[serde(default)]
    pub architecture: String,
    /// How many bytes its layers are.
    #[serde(default, rename = "Size")]
    pub size_bytes: u64,
}

/// An image as `podman image inspect` describes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Described {
    id: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    config: Option<Configuration>,
    #[serde(default)]
    repo_tags: Option<Vec<String>>,
    #[serde(default, rename = "RootFS")]
    root: Option<Root>,
}

/// An image as its own configuration describes it, which Podman repeats above in words of its own.
#[derive(Debug, Deserialize)]
pub(super) struct Configured {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    config: Option<Configuration>,
    rootfs: Layered,
}

#[derive(Debug, Deserialize)]
struct Layered {
    diff_ids: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Root {
    #[serde(default)]
    layers: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Configuration {
    #[serde(default)]
    volumes: Option<BTreeMap<String, serde_json::Value>>,
    #[serde(default)]
    working_dir: String,
}

impl Podman {
    /// What it knows of an image, by ID or name; `None` if it has none of that name.
    ///
    /// # Errors
    /// Podman can't tell, or not in time.
    pub fn image_details(&self, image: &str) -> Result<Option<ImageDetails>, Failure> {
        match self.stored_details(image) {
            Some(details) => Ok(Some(details)),
            None => self.inspected(image, Described::details),
        }
    }

    /// What it tells people of an image; `None` if it has none of that name.
    ///
    /// # Errors
    /// Podman can't tell, or not in time.
    pub fn image_told(&self, image: &str) -> Result<Option<ImageTold>, Failure> {
        self.inspected(image, Some)
    }

    /// What it knows of those of these images, by name, that it has.
    ///
    /// # Errors
    /// Podman can't tell, or not in time.
    pub fn details_of_images(&self, names: &[String]) -> Result<Vec<ImageDetails>, Failure> {
        if let Some(stored) = self.stored_details_of(names) {
            return Ok(stored);
        }
        let call = self.call(&texts(&podman::inspect_images(names.iter().map(String::as_str))), deadline::LOOK);
        let Output { stdout, stderr, code } = call.run_to_any_code().map_err(said::failure)?;
        // It describes those that exist, and fails nevertheless where one does not.
        let images = serde_json::from_slice::<Vec<Described>>(&stdout).ok();
        match images.filter(|_| code == 0 || said::is_gone(&stderr)) {
            Some(images) => Ok(images.into_iter().filter_map(Described::details).collect()),
            None => Err(Failure::new("`podman image inspect` failed")),
        }
    }

    fn inspected<D: DeserializeOwned, T>(
        &self,
        image: &str,
        read: impl FnOnce(D) -> Option<T>,
    ) -> Result<Option<T>, Failure> {
        let call = self.call(&texts(&podman::inspect_images([image])), deadline::LOOK);
        let Output { stdout, stderr, code } = call.run_to_any_code().map_err(said::failure)?;
        if code != 0 && said::is_gone(&stderr) {
            return Ok(None);
        }
        let images = serde_json::from_slice::<Vec<D>>(&stdout);
        let described = images.ok().and_then(|images| images.into_iter().next());
        let described = described.and_then(read).ok_or_else(|| {
            let gist = said::gist(&stderr).unwrap_or_else(|| "what it printed can't be read".to_owned());
            Failure::new(format!("`podman image inspect` failed: {gist}"))
        })?;
        Ok(Some(described))
    }
}

impl Configured {
    /// The details of the image with this ID; `None` if the ID is none.
    pub(super) fn details(self, id: &str, tags: Vec<String>) -> Option<ImageDetails> {
        let Self { architecture, config, rootfs: Layered { diff_ids } } = self;
        let root = Some(Root { layers: Some(diff_ids) });
        Described { id: id.to_owned(), architecture, config, repo_tags: Some(tags), root }.details()
    }
}

impl Described {
    /// The details; `None` if the ID is none.
    pub(super) fn details(self) -> Option<ImageDetails> {
        let Self { id, architecture, config, repo_tags, root } = self;
        let Configuration { volumes, working_dir } = config.unwrap_or_default();
        let layers = root.and_then(|Root { layers }| layers).unwrap_or_default();
        let id = ImageId::parse(&id).ok()?;
        Some(ImageDetails {
            layers: ImageLayers { image: Some(id.hex().to_owned()), layers },
            id,
            architecture,
            volumes: volumes.into_iter().flat_map(BTreeMap::into_keys).collect(),
            working_dir,
            tags: repo_tags.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
#[path = "details_tests.rs"]
mod tests;
