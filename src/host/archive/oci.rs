//! Finds the images of an OCI archive: `index.json` leads to manifests, directly or through further indexes, and those
//! to configurations and layers. Reads nothing, changes nothing.

use crate::few::InOrder;
use std::collections::BTreeMap;

use serde::Deserialize;

use super::ArchivedImage;
use super::contents::Contents;
use super::image::{Listed, MOST_IMAGES, digest, image};
use super::problem::ArchiveProblem;

/// The member that makes an archive an OCI archive.
pub(super) const INDEX: &str = "index.json";

const MOST_INDEXES_IN_A_ROW: usize = 4;

/// Where an image's names may stand, the full one first.
const NAMES: [&str; 2] = ["io.containerd.image.name", "org.opencontainers.image.ref.name"];

/// What a builder adds to an index beside images, such as provenance, is marked with this.
const ATTESTATION: &str = "vnd.docker.reference.type";

const CONFIGURATIONS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// An index, or an image's manifest: the media type that tells them apart is optional, the fields are not.
#[derive(Deserialize)]
struct Document {
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
}

/// What points at a blob.
#[derive(Deserialize)]
struct Descriptor {
    #[serde(rename = "mediaType", default)]
    media_type: String,
    digest: String,
    platform: Option<Platform>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize, PartialEq, Eq)]
struct Platform {
    os: String,
    architecture: String,
}

/// The images for this platform, such as `linux/amd64`. An index with a single entry is taken whatever its platform.
///
/// # Errors
/// A part is missing, damaged, altered or encrypted; or there are images, but for other platforms only.
pub(super) fn images(contents: &Contents, platform: &str) -> Result<Vec<ArchivedImage>, ArchiveProblem> {
    let (_, document) = contents.json(INDEX, "the format")?;
    let mut search = Search { contents, platform, visited: 0, images: Vec::new() };
    search.document(INDEX, document, &[], MOST_INDEXES_IN_A_ROW)?;
    Ok(search.images)
}

struct Search<'a> {
    contents: &'a Contents,
    platform: &'a str,
    visited: usize,
    images: Vec<ArchivedImage>,
}

impl Search<'_> {
    fn document(
        &mut self,
        member: &str,
        document: Document,
        names: &[String],
        depth: usize,
    ) -> Result<(), ArchiveProblem> {
        match document {
            Document { manifests: Some(descriptors), config: None, layers: None } => {
                self.index(member, descriptors, names, depth)
            }
            Document { manifests: None, config: Some(config), layers } => {
                self.manifest(member, &config, &layers.unwrap_or_default(), names)
            }
            Document { manifests: _, config: _, layers: _ } => {
                Err(bad(member, "it is neither an index nor an image's manifest"))
            }
        }
    }

    fn index(
        &mut self,
        member: &str,
        all: Vec<Descriptor>,
        names: &[String],
        depth: usize,
    ) -> Result<(), ArchiveProblem> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(bad(member, "it is an index within too many indexes"));
        };
        for descriptor in for_platform(all, self.platform)? {
            self.visited += 1;
            if self.visited > MOST_IMAGES {
                return Err(bad(member, "it leads to too many documents"));
            }
            let names = [names, &descriptor.names()].concat();
            let name = blob(&descriptor, member)?;
            let document = self.verified(&name, &descriptor.digest, member)?;
            self.document(&name, document, &names, depth)?;
        }
        Ok(())
    }

    fn verified(&self, name: &str, promised: &str, named_by: &str) -> Result<Document, ArchiveProblem> {
        let (_, content) = self.contents.file(name, named_by)?;
        let expected = digest(promised, named_by)?;
        if content.digest != expected {
            return Err(ArchiveProblem::Altered { member: name.to_owned(), expected, found: content.digest.clone() });
        }
        self.contents.json(name, named_by).map(|(_, document)| document)
    }

    fn manifest(
        &mut self,
        member: &str,
        config: &Descriptor,
        layers: &[Descriptor],
        names: &[String],
    ) -> Result<(), ArchiveProblem> {
        // Charts and other artefacts share the format with images.
        if !CONFIGURATIONS.contains(&config.media_type.as_str()) {
            return Ok(());
        }
        if let Some(layer) = layers.iter().find(|layer| layer.media_type.ends_with("+encrypted")) {
            return Err(ArchiveProblem::Encrypted { member: blob(layer, member)? });
        }
        let layers = layers.iter().map(|layer| blob(layer, member)).collect::<Result<_, _>>()?;
        let listed = Listed { manifest: member, config: blob(config, member)?, layers, references: names.to_vec() };
        let found = image(self.contents, listed)?;
        let expected = digest(&config.digest, member)?;
        if found.id != expected {
            return Err(ArchiveProblem::Altered { member: found.config_member, expected, found: found.id });
        }
        self.images.push(found);
        Ok(())
    }
}

impl Descriptor {
    fn names(&self) -> Vec<String> {
        let annotations = self.annotations.iter();
        annotations.flat_map(|all| NAMES.iter().filter_map(|name| all.get(*name)).cloned()).collect()
    }

    fn is_attestation(&self) -> bool {
        self.annotations.as_ref().is_some_and(|all| all.contains_key(ATTESTATION))
    }
}

impl Platform {
    fn text(&self) -> String {
        let Self { os, architecture } = self;
        format!("{os}/{architecture}").escape_debug().to_string()
    }
}

fn for_platform(all: Vec<Descriptor>, wanted: &str) -> Result<Vec<Descriptor>, ArchiveProblem> {
    let images: Vec<Descriptor> = all.into_iter().filter(|descriptor| !descriptor.is_attestation()).collect();
    if images.len() < 2 {
        return Ok(images);
    }
    let mut found: Vec<String> =
        images.iter().filter_map(|image| image.platform.as_ref()).map(Platform::text).collect();
    let fits = |image: &Descriptor| image.platform.as_ref().is_none_or(|platform| platform.text() == wanted);
    let fitting: Vec<Descriptor> = images.into_iter().filter(fits).collect();
    if fitting.is_empty() {
        found.put_in_order();
        found.dedup();
        return Err(ArchiveProblem::NoPlatform { wanted: wanted.to_owned(), found });
    }
    Ok(fitting)
}

fn blob(descriptor: &Descriptor, named_by: &str) -> Result<String, ArchiveProblem> {
    Ok(format!("blobs/sha256/{}", digest(&descriptor.digest, named_by)?))
}

fn bad(member: &str, reason: &str) -> ArchiveProblem {
    ArchiveProblem::BadJson { member: member.to_owned(), reason: reason.to_owned() }
}
