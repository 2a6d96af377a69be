//! What Podman's storage has on record of images, which takes no call. Reads only.
//!
//! An image's configuration lies beside its record, under a name that says its digest, which is the image's ID: what it says of itself can't
//! change.

use super::Podman;
use super::details::{Configured, ImageDetails};
use super::look::Storage;
use super::lost::records::{self, Entry};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

fn is(image: &Entry, name: &str) -> bool {
    image.id == name || tags(image).any(|tag| tag == name)
}

/// Names with a digest are none of its tags.
fn tags(image: &Entry) -> impl Iterator<Item = &String> {
    image.names.iter().flatten().filter(|name| !name.contains('@'))
}

fn details(image: &Entry, storage: &Storage) -> Option<ImageDetails> {
    let name = format!("={}", STANDARD.encode(format!("sha256:{}", image.id)));
    let file = storage.records("images")?.join(&image.id).join(name);
    let configured: Configured = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    configured.details(&image.id, tags(image).cloned().collect())
}

impl Podman {
    /// What is known of an image, by ID or tag; `None` where it is not on record, or not all of it: then the engine must be asked.
    pub(super) fn stored_details(&self, image: &str) -> Option<ImageDetails> {
        self.stored_details_of(std::slice::from_ref(&image.to_owned()))?.pop()
    }

    /// The same of several; `None` where one of them is not on record.
    pub(super) fn stored_details_of(&self, images: &[String]) -> Option<Vec<ImageDetails>> {
        let storage = self.storage().ok()?;
        let recorded = records::list::<Entry>(&storage, "images").ok()??;
        images.iter().map(|name| details(recorded.iter().find(|image| is(image, name))?, &storage)).collect()
    }

    /// Whether an image of this ID or tag is on record; `None` where the lists can't be read.
    pub fn stores_image(&self, image: &str) -> Option<bool> {
        let recorded = records::list::<Entry>(&self.storage().ok()?, "images").ok()??;
        Some(recorded.iter().any(|recorded| is(recorded, image)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::ImageLayers;
    use super::{ImageDetails, Podman, STANDARD, Storage};
    use base64::Engine as _;
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};
    use std::path::Path;

    const ID: &str = "83a25c16b489aef0cd010cb39ee7a000106ef796aacee63920228eb36c1b12fd";

    /// Podman with one image on record, and this configuration of it if there is one.
    fn podman(folder: &Path, configuration: Option<&Value>) -> Podman {
        let images = folder.join("overlay-images");
        std::fs::create_dir_all(images.join(ID)).unwrap();
        let names = ["localhost/landfall/shop/web:83a25c16b489", "docker.io/library/tiny@sha256:ab"];
        std::fs::write(images.join("images.json"), json!([{ "id": ID, "names": names }]).to_string()).unwrap();
        if let Some(configuration) = configuration {
            let name = format!("={}", STANDARD.encode(format!("sha256:{ID}")));
            std::fs::write(images.join(ID).join(name), configuration.to_string()).unwrap();
        }
        let podman = Podman::at(Path::new("/nonexistent/podman"));
        podman.storage.get_or_init(|| Storage::at(folder, &folder.join("run")));
        podman
    }

    #[test]
    fn an_image_is_known_by_its_id_and_its_tags_from_its_own_configuration() {
        let folder = tempfile::tempdir().unwrap();
        let configuration = json!({
            "architecture": "amd64", "os": "linux", "rootfs": { "type": "layers", "diff_ids": ["sha256:1", "sha256:2"] },
            "config": { "Cmd": ["serve"], "Volumes": { "/data": {} }, "WorkingDir": "/srv" },
        });
        let podman = podman(folder.path(), Some(&configuration));
        let tag = "localhost/landfall/shop/web:83a25c16b489";
        let layers = ["sha256:1", "sha256:2"].map(str::to_owned).to_vec();
        let details = ImageDetails {
            id: format!("sha256:{ID}").parse().unwrap(),
            architecture: "amd64".to_owned(),
            volumes: vec!["/data".to_owned()],
            working_dir: "/srv".to_owned(),
            tags: vec![tag.to_owned()],
            layers: ImageLayers { image: Some(ID.to_owned()), layers },
        };
        assert_eq!([ID, tag].map(|name| podman.stored_details(name)), [Some(details.clone()), Some(details.clone())]);
        assert_eq!(podman.stored_details_of(&[ID, tag].map(str::to_owned)), Some(vec![details.clone(), details]));
        let others = ["docker.io/library/tiny@sha256:ab", "83a25c16b489", "localhost/landfall/shop/web"];
        assert_eq!(others.map(|name| podman.stored_details(name)), [None, None, None]);
        assert_eq!(podman.stored_details_of(&[ID, "other"].map(str::to_owned)), None);
        assert_eq!([ID, tag, "other"].map(|name| podman.stores_image(name)), [Some(true), Some(true), Some(false)]);
    }

    #[test]
    fn an_image_whose_configuration_is_gone_or_damaged_is_not_known_and_neither_is_one_of_another_storage() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(podman(folder.path(), None).stored_details(ID), None);
        assert_eq!(podman(folder.path(), Some(&json!({ "architecture": "amd64" }))).stored_details(ID), None);
        let elsewhere = tempfile::tempdir().unwrap();
        let podman = Podman::at(Path::new("/nonexistent/podman"));
        podman.storage.get_or_init(|| Storage::at(elsewhere.path(), elsewhere.path()));
        assert_eq!((podman.stored_details(ID), podman.stores_image(ID)), (None, None));
    }
}
