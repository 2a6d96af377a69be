//! What the images of a plan take at least. Reads nothing, changes nothing.

use crate::facts::{ArchiveFact, EngineKind, Facts, FileFact, RemoteImage, RemoteSize};
use crate::few::InOrder;
use crate::plan::model::{Image, ImageSource, Plan, Staging};
use crate::plan::reading;
use crate::plan::values::Sha256;
use std::collections::BTreeMap;

/// How many images are retrieved side by side.
const SIDE_BY_SIDE: usize = 8;

/// What an engine makes of an image while it retrieves it.
#[derive(Debug, Clone, Copy)]
struct Copies {
    /// Of an archive that is loaded, in the state folder.
    in_the_state_folder: u64,
    /// Of an archive that is loaded, where it keeps images.
    beside_the_images: u64,
}

impl Copies {
    /// Podman copies an archive, and its layers, to the folder for temporary files that it is given; Docker unpacks the archive in its own.
    fn of(engine: EngineKind) -> Self {
        match engine {
            EngineKind::Podman => Self { in_the_state_folder: 2, beside_the_images: 0 },
            EngineKind::Docker => Self { in_the_state_folder: 0, beside_the_images: 1 },
        }
    }
}

/// What the images of a plan take, in bytes. What is unpacked is at least as large as what is packed, so it can be more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Needed {
    /// Where the engine keeps images.
    pub(super) kept: u64,
    /// There, too, while they are retrieved.
    pub(super) beside: u64,
    /// In the state folder, while they are retrieved.
    pub(super) passing: u64,
}

impl Needed {
    pub(super) fn by(plan: &Plan, facts: &Facts) -> Self {
        // How much the old ones leave is known once they are gone.
        if plan.staging == Staging::After && facts.saved.contains_key(&plan.name) {
            return Self { kept: 0, beside: 0, passing: 0 };
        }
        let engine = facts.engine.as_ref().map_or(EngineKind::Podman, |engine| engine.kind);
        let Copies { in_the_state_folder, beside_the_images } = Copies::of(engine);
        let here = archives(plan, facts);
        let mut kept: Vec<u64> = here.iter().map(|here| here.bytes).collect();
        let loaded = here.iter().filter(|here| !here.picked).map(|here| here.bytes);
        let mut passing: Vec<u64> = loaded.clone().map(|bytes| bytes.saturating_mul(in_the_state_folder)).collect();
        let mut beside: Vec<u64> = loaded.map(|bytes| bytes.saturating_mul(beside_the_images)).collect();
        let mut layers: BTreeMap<&str, u64> = BTreeMap::new();
        for RemoteImage { services, size } in &facts.remote {
            let image = services.first().and_then(|service| plan.services.get(service)).map(|service| &service.image);
            match size {
                RemoteSize::Archive(_) if image.is_some_and(|image| is_there(image, plan, facts)) => {}
                RemoteSize::Archive(bytes) => {
                    kept.push(*bytes);
                    passing.push(bytes.saturating_mul(in_the_state_folder + 1));
                    beside.push(bytes.saturating_mul(beside_the_images));
                }
                RemoteSize::Layers { id, missing: _ } if has(facts, id) => {}
                RemoteSize::Layers { id: _, missing } => {
                    layers.extend(missing.iter().map(|(digest, bytes)| (digest.as_str(), *bytes)));
                    match engine {
                        EngineKind::Podman => passing.push(size.bytes()),
                        // It unpacks layer by layer, and removes what it has unpacked.
                        EngineKind::Docker => beside.push(missing.values().copied().max().unwrap_or_default()),
                    }
                }
            }
        }
        Self {
            kept: kept.into_iter().chain(layers.into_values()).fold(0, u64::saturating_add),
            beside: at_once(beside),
            passing: at_once(passing),
        }
    }
}

/// What the largest of them take that are retrieved side by side.
fn at_once(mut each: Vec<u64>) -> u64 {
    each.put_in_order_by(|one, other| other.cmp(one));
    each.into_iter().take(SIDE_BY_SIDE).fold(0, u64::saturating_add)
}

/// An archive on this server.
struct Here {
    bytes: u64,
    /// Whether it may hold images that are not loaded.
    picked: bool,
}

/// The archives on this server, each once.
fn archives(plan: &Plan, facts: &Facts) -> Vec<Here> {
    let archive = |image: &Image| match image {
        Image::Source(ImageSource::Archive { archive, sha256: _, reference, id: _ }) => {
            Some((archive.path().clone(), reference.is_some()))
        }
        Image::Source(
            ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256: _, id: _, timeout: _ }
            | ImageSource::Url { url: _, sha256: _, id: _, ca: _, timeout: _ }
            | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
        )
        | Image::Reference(_) => None,
    };
    let mut here = BTreeMap::new();
    for (name, service) in &plan.services {
        let Some((path, picked)) = archive(&service.image).filter(|_| !is_there(&service.image, plan, facts)) else {
            continue;
        };
        match (facts.archives.get(name), facts.files.get(&path)) {
            (Some(ArchiveFact::Found { name, size }), _) => {
                here.insert((path, name.as_str()), Here { bytes: *size, picked });
            }
            (Some(ArchiveFact::NotFound { reason: _, cure: _ }) | None, Some(FileFact::File { sha256: _, size })) => {
                here.insert((path, ""), Here { bytes: *size, picked });
            }
            (
                Some(ArchiveFact::NotFound { reason: _, cure: _ }) | None,
                Some(FileFact::Missing | FileFact::Unusable { reason: _, cure: _ } | FileFact::Folder) | None,
            ) => {}
        }
    }
    here.into_values().collect()
}

fn has(facts: &Facts, id: &str) -> bool {
    facts.look.images.iter().any(|image| image.id == id)
}

/// Whether the engine has an image already: the plan pins its ID, or what is deployed came from the same archive.
fn is_there(image: &Image, plan: &Plan, facts: &Facts) -> bool {
    if let Some(id) = image.pinned_id() {
        return has(facts, id.hex());
    }
    let Some((saved, sha256)) = facts.saved.get(&plan.name).zip(sha256(image)) else { return false };
    let before = reading::plan(plan.name.as_str(), saved.plan.as_bytes()).content;
    let services = before.map(|before| before.services).unwrap_or_default();
    let same = services.iter().filter(|(_, service)| self::sha256(&service.image) == Some(sha256));
    let ids = same.filter_map(|(name, _)| saved.services.get(name)).map(|saved| saved.image_id.hex());
    ids.into_iter().any(|id| has(facts, id))
}

/// The content of an archive, where the plan says it and takes all of it.
fn sha256(image: &Image) -> Option<&Sha256> {
    match image {
        Image::Source(
            ImageSource::Archive { archive: _, sha256, reference: None, id: _ }
            | ImageSource::Ssh { ssh: _, key: _, sha256, id: _, timeout: _ },
        ) => sha256.as_ref(),
        Image::Source(ImageSource::Url { url: _, sha256, id: _, ca: _, timeout: _ }) => Some(sha256),
        Image::Source(
            ImageSource::Archive { archive: _, sha256: _, reference: Some(_), id: _ }
            | ImageSource::Registry { registry: _, digest: _, tls_verify: _, ca: _, id: _, timeout: _ }
            | ImageSource::Build { build: _, file: _, args: _, target: _, id: _, timeout: _ },
        )
        | Image::Reference(_) => None,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn as_many_pass_through_as_are_retrieved_side_by_side() {
        assert_eq!(super::SIDE_BY_SIDE, crate::run::WIDTH);
    }
}
