//! Removes the layers that no image has, and images without a name: Podman writes them before the image, removes them after it, and was
//! killed in between, or had no room.
//!
//! None of its commands shows or removes such a layer. So it is given an image that has just these, which it has itself by then, and is
//! told to remove that.

use super::super::deadline;
use super::super::driver::Podman;
use super::super::look::Storage;
use super::super::said;
use super::records::{self, Entry};
use super::unowned::{self, Whose};
use crate::host::archive::ArchivedImage;
use crate::host::files::{create_private_directory, remove_tree, write_atomically};
use crate::host::system;
use crate::operation::Layout;
use crate::plan::values::PlanName;
use crate::run::Failure;
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::path::Path;

/// An image that is being retrieved or removed: on record until that is over.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
pub struct ImageLayers {
    /// Its ID, 64 hexadecimal digits; none where it was there before the run began to retrieve it.
    pub image: Option<String>,
    /// The SHA-256 of each, uncompressed, as images say it (`sha256:…`); the lowest first.
    pub layers: Vec<String>,
}

impl ImageLayers {
    /// Those of an image in an archive; `is_new` says whether the engine does not have it.
    pub fn of(image: &ArchivedImage, is_new: bool) -> Self {
        let layers = image.layers.iter().map(|layer| format!("sha256:{}", layer.diff_id)).collect();
        Self { image: is_new.then(|| image.id.clone()), layers }
    }

    /// Puts it on record.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn write(&self, record: &Path) -> Result<(), Failure> {
        let text = serde_json::to_vec(self).map_err(|error| Failure::new(error.to_string()))?;
        write_atomically(record, &text, 0o600).map_err(|problem| Failure::new(problem.to_string()))
    }
}

/// With less room than this in bytes, a failure is one of the disk's.
const ROOM: u64 = 4 << 20;

impl Podman {
    /// Whether something of an image may be left after its removal; what can't be read may be.
    ///
    /// # Errors
    /// The engine can't be asked where its storage is.
    pub fn may_be_left(&self, layers: &ImageLayers, plan: &PlanName) -> Result<bool, Failure> {
        let storage = self.storage()?;
        let lost = lost_in(&storage, layers).map(|lost| lost.is_some());
        let whose = Whose { plan: plan.as_str(), image: &layers.layers };
        Ok(lost.unwrap_or(true) || unowned::is_any(&storage, whose).unwrap_or(true))
    }

    /// Removes an image that has no name, and those of its layers that no image has. What the engine needs meanwhile goes to the folder
    /// `temporary`, which is gone afterwards.
    ///
    /// # Errors
    /// The storage can't be read, or there is no room in it.
    pub fn remove_lost_layers(&self, layers: &ImageLayers, plan: &PlanName, temporary: &Path) -> Result<(), Failure> {
        let storage = self.storage()?;
        // As long as the layer of a container that is gone lies above them, they are in use.
        self.remove_unfinished_layers(&storage, plan, &layers.layers, temporary)?;
        // Also one without its manifest, which the engine had not written yet when it was killed: for the sake of it, it lists no image at all.
        let images: Vec<Entry> = records::list(&storage, "images")?.unwrap_or_default();
        let is_nameless =
            |there: &&Entry| Some(&there.id) == layers.image.as_ref() && there.names.iter().flatten().next().is_none();
        if let Some(nameless) = images.iter().find(is_nameless) {
            match self.drop_unused(&nameless.id) {
                // Somebody has made a container of it.
                Err(failure) if failure.message.contains("in use") => return Ok(()),
                ended => ended?,
            }
        }
        let Some(lost) = lost_in(&storage, layers)? else { return Ok(()) };
        tracing::info!(layers = lost.len(), "removes layers that no image has");
        let digest = Sha256::digest(lost.concat());
        let tag = format!("{}lost:{:.12}", Layout::repositories_of(plan.as_str()), format!("{digest:x}"));
        if let Err(failure) = self.give_image(&image_of(&lost, &tag)?, temporary) {
            let room = system::free_space(&storage.graph).map_err(|error| Failure::new(error.to_string()))?.bytes;
            if room < ROOM || failure.lingering {
                return Err(failure);
            }
            // Another version of the engine may ask for more than this one; nothing but room on the disk is lost.
            tracing::warn!(cause = failure.message, "layers that no image has stay until their image is removed again");
            return Ok(());
        }
        self.drop_tag(&tag, &["rmi".to_owned(), tag.clone()])?;
        match lost_in(&storage, layers)? {
            Some(_) => Err(Failure::new("layers that no image has are still there")),
            None => Ok(()),
        }
    }

    /// Removes the layers of the plan's containers that are gone, also of those without a name that were made of an image with these
    /// layers, and those that were never finished or removed half-way.
    pub(super) fn remove_unfinished_layers(
        &self,
        storage: &Storage,
        plan: &PlanName,
        image: &[String],
        temporary: &Path,
    ) -> Result<(), Failure> {
        let count = unowned::mark(storage, Whose { plan: plan.as_str(), image })?;
        if count == 0 {
            return Ok(());
        }
        tracing::info!(count, "has layers removed that are unfinished, or of containers that are gone");
        // Whatever it writes next, it removes them on the way.
        let tag = format!("{}lost:nothing", Layout::repositories_of(plan.as_str()));
        self.give_image(&image_of(&[], &tag)?, temporary)?;
        self.drop_tag(&tag, &["rmi".to_owned(), tag.clone()])
    }

    fn give_image(&self, archive: &[u8], temporary: &Path) -> Result<(), Failure> {
        create_private_directory(temporary).map_err(|problem| Failure::new(problem.to_string()))?;
        let load = self.call(&["load", "--quiet"].map(str::to_owned), deadline::MEND).env("TMPDIR", temporary);
        let loaded = load.stdin_bytes(archive).run();
        let removed = remove_tree(temporary).map_err(|problem| Failure::new(problem.to_string()));
        loaded.map_err(said::failure).and(removed.map(drop))
    }
}

/// Those of an image's layers, from the lowest on, that are there and that no image and no container has; `None` if all that are there
/// are in use.
fn lost_in(storage: &Storage, layers: &ImageLayers) -> Result<Option<Vec<String>>, Failure> {
    let Some(there) = records::list::<Entry>(storage, "layers")? else { return Ok(None) };
    let images: Vec<Entry> = records::list(storage, "images")?.unwrap_or_default();
    Ok(lost(&there, &images, layers))
}

fn lost(there: &[Entry], images: &[Entry], ImageLayers { image: _, layers }: &ImageLayers) -> Option<Vec<String>> {
    // Those that are not, the engine removes by itself.
    let whole: Vec<_> = there.iter().filter(|layer| !layer.flags.is_some_and(|flags| flags.incomplete)).collect();
    let mut top = "";
    let mut lost = Vec::new();
    for digest in layers {
        let Some(next) = whole.iter().find(|layer| layer.parent == top && layer.diff_digest == *digest) else { break };
        top = &next.id;
        lost.push(digest.clone());
    }
    let is_used = whole.iter().any(|layer| layer.parent == top)
        || images
            .iter()
            .any(|image| image.layer == top || image.mapped_layers.iter().flatten().any(|mapped| mapped == top));
    (!lost.is_empty() && !is_used).then_some(lost)
}

/// An OCI archive of an image with these layers and without their content, for an engine that has them.
fn image_of(layers: &[String], tag: &str) -> Result<Vec<u8>, Failure> {
    let architecture = system::architecture().map_err(|error| Failure::new(error.to_string()))?;
    let media = |kind: &str| format!("application/vnd.oci.image.{kind}");
    let configuration = json!({
        "architecture": architecture, "os": "linux", "config": {}, "rootfs": { "type": "layers", "diff_ids": layers }
    })
    .to_string();
    let layers: Vec<_> = layers
        .iter()
        .map(|digest| json!({ "mediaType": media("layer.v1.tar"), "digest": digest, "size": 1 }))
        .collect();
    let manifest = json!({
        "schemaVersion": 2, "mediaType": media("manifest.v1+json"),
        "config": { "mediaType": media("config.v1+json"), "digest": digest(&configuration), "size": configuration.len() },
        "layers": layers
    })
    .to_string();
    let index = json!({ "schemaVersion": 2, "manifests": [{
        "mediaType": media("manifest.v1+json"), "digest": digest(&manifest), "size": manifest.len(),
        "annotations": { "org.opencontainers.image.ref.name": tag }
    }] })
    .to_string();
    let mut archive = tar::Builder::new(Vec::new());
    let blob = |content: &str| format!("blobs/{}", digest(content).replace(':', "/"));
    let files = [
        ("oci-layout".to_owned(), r#"{"imageLayoutVersion":"1.0.0"}"#),
        ("index.json".to_owned(), &index),
        (blob(&configuration), &configuration),
        (blob(&manifest), &manifest),
    ];
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(u64::try_from(content.len()).unwrap_or_default());
        header.set_mode(0o444);
        archive.append_data(&mut header, name, content.as_bytes()).map_err(|error| Failure::new(error.to_string()))?;
    }
    archive.into_inner().map_err(|error| Failure::new(error.to_string()))
}

fn digest(content: &str) -> String {
    format!("sha256:{:x}", Sha256::digest(content))
}

#[cfg(test)]
mod tests {
    use super::{Entry, ImageLayers, lost};
    use pretty_assertions::assert_eq;
    use serde_json::json;

    /// The storage of Podman 4.3.1 with a base and two layers above it, as it writes it.
    fn layers(incomplete: bool) -> Vec<Entry> {
        serde_json::from_value(json!([
            { "id": "b", "diff-digest": "sha256:b", "created": "2026-11-21T10:52:56Z" },
            { "id": "1", "parent": "b", "diff-digest": "sha256:1" },
            { "id": "2", "parent": "b", "diff-digest": "sha256:2", "flags": { "incomplete": incomplete } }
        ]))
        .unwrap()
    }

    fn lost_of(layers: &[Entry], images: &[&str], wanted: &[&str]) -> Option<Vec<String>> {
        let images: Vec<Entry> =
            images.iter().map(|layer| Entry { layer: (*layer).to_owned(), ..Entry::default() }).collect();
        lost(
            layers,
            &images,
            &ImageLayers { image: None, layers: wanted.iter().map(|layer| (*layer).to_owned()).collect() },
        )
    }

    #[test]
    fn layers_that_an_image_or_another_layer_has_are_not_lost() {
        let texts = |texts: &[&str]| Some(texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        let second = ["sha256:b", "sha256:2"];
        assert_eq!(lost_of(&layers(false), &["1"], &second), texts(&second));
        assert_eq!(lost_of(&layers(false), &["1"], &["sha256:b", "sha256:2", "sha256:3"]), texts(&second));
        assert_eq!(lost_of(&layers(false), &["1", "2"], &second), None);
        assert_eq!(lost_of(&layers(false), &["1"], &["sha256:b"]), None);
        assert_eq!(lost_of(&layers(false), &["1"], &["sha256:3"]), None);
        // The engine removes it by itself, and not the one below it.
        assert_eq!(lost_of(&layers(true), &["1"], &second), None);
        let (below, above) = (layers(true).remove(0), layers(true).remove(2));
        assert_eq!(lost_of(&[below, above], &[], &second), texts(&["sha256:b"]));
        assert_eq!(lost_of(&layers(false)[..1], &[], &["sha256:b", "sha256:1"]), texts(&["sha256:b"]));
    }
}
