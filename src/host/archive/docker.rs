//! Finds the images of a docker-archive: `manifest.json` lists them. Reads nothing, changes nothing.

use serde::Deserialize;

use super::ArchivedImage;
use super::contents::Contents;
use super::image::{Listed, MOST_IMAGES, digest, image};
use super::name::member_name;
use super::problem::ArchiveProblem;

/// The member that makes an archive a docker-archive.
pub(super) const MANIFEST: &str = "manifest.json";

/// One image in `manifest.json`.
#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Config")]
    config: String,
    #[serde(rename = "RepoTags", default)]
    repo_tags: Option<Vec<String>>,
    #[serde(rename = "Layers", default)]
    layers: Option<Vec<String>>,
}

/// All images, in the order of the manifest.
///
/// # Errors
/// The manifest, or a part that it names, is missing, damaged or altered.
pub(super) fn images(contents: &Contents) -> Result<Vec<ArchivedImage>, ArchiveProblem> {
    let (_, entries): (_, Vec<Entry>) = contents.json(MANIFEST, "the format")?;
    if entries.len() > MOST_IMAGES {
        let reason = format!("it lists more than {MOST_IMAGES} images");
        return Err(ArchiveProblem::BadJson { member: MANIFEST.to_owned(), reason });
    }
    entries
        .into_iter()
        .map(|Entry { config, repo_tags, layers }| {
            let layers = layers.unwrap_or_default();
            let layers = layers.iter().map(|name| member_name(name.as_bytes())).collect::<Result<_, _>>()?;
            let config = member_name(config.as_bytes())?;
            let references = repo_tags.unwrap_or_default();
            as_named(image(contents, Listed { manifest: MANIFEST, config, layers, references })?)
        })
        .collect()
}

/// The engines name a configuration by its digest; other tools needn't.
fn as_named(image: ArchivedImage) -> Result<ArchivedImage, ArchiveProblem> {
    let file = image.config_member.rsplit('/').next().unwrap_or_default();
    match digest(&format!("sha256:{}", file.trim_end_matches(".json")), &image.config_member) {
        Ok(expected) if expected != image.id => {
            Err(ArchiveProblem::Altered { member: image.config_member, expected, found: image.id })
        }
        Ok(_) | Err(_) => Ok(image),
    }
}
