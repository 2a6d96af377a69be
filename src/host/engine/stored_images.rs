//! What Podman's storage has on record of images, which takes no call. Reads only.
//!
//! An image's configuration lies beside its record, under a name that says its digest, which is the image's ID: what it says of itself can't
//! change.

use super::Podman;
use super::details::{Configured, ImageDetails};
use super::look::Storage;
use super::lost::records;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

/// An image on record.
#[derive(Debug, Deserialize)]
struct Recorded {
    id: String,
    #[serde(default)]
    names: Option<Vec<String>>,
}

impl Recorded {
    fn is(&self, name: &str) -> bool {
        self.id == name || self.tags().any(|tag| tag == name)
    }

    /// Names with a digest are none of its tags.
    fn tags(&self) -> impl Iterator<Item = &String> {
        self.names.iter().flatten().filter(|name| !name.contains('@'))
    }

    fn details(&self, storage: &Storage) -> Option<ImageDetails> {
        let name = format!("={}", STANDARD.encode(format!("sha256:{}", self.id)));
        let file = records::folder(&storage.graph, "images")?.join(&self.id).join(name);
        let configured: Configured = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
        configured.details(&self.id, self.tags().cloned().collect())
    }
}

impl Podman {
    /// What is known of an image, by ID or tag; `None` where it is not on record, or not all of it: then the engine must be asked.
    pub(super) fn stored_details(&self, image: &str) -> Option<ImageDetails> {
        self.stored_details_of(std::slice::from_ref(&image.to_owned()))?.pop()
    }

    /// The same of several; `None` where one of them is not on record.
    pub(super) fn stored_details_of(&self, images: &[String]) -> Option<Vec<ImageDetails>> {
        let storage = self.storage().ok()?;
        let recorded = records::list::<Recorded>(&storage, "images").ok()??;
        images.iter().map(|name| recorded.iter().find(|image| image.is(name))?.details(&storage)).collect()
    }

    /// Whether an image of this ID or tag is on record; `None` where the lists can't be read.
    pub fn stores_image(&self, image: &str) -> Option<bool> {
        let recorded = records::list::<Recorded>(&self.storage().ok()?, "images").ok()??;
        Some(recorded.iter().any(|recorded| recorded.is(image)))
    }
}
