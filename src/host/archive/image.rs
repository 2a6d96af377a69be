//! Puts an image together from its configuration and layers, and holds them against one another. Reads nothing, changes
//! nothing.

use crate::few::Few;
use std::collections::BTreeSet;

use serde::Deserialize;

use super::contents::Contents;
use super::problem::ArchiveProblem;
use super::source::sha256;
use super::{ArchivedImage, ArchivedLayer};

/// The most images in an archive: a small manifest can name the same large configuration again and again.
pub(super) const MOST_IMAGES: usize = 1000;

/// The most layers of an image; engines stop at 128.
const MOST_LAYERS: usize = 512;

/// The part of an image's configuration that is needed here.
#[derive(Deserialize)]
struct Configuration {
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    os: String,
    rootfs: Rootfs,
}

#[derive(Deserialize)]
struct Rootfs {
    #[serde(default)]
    diff_ids: Option<Vec<String>>,
}

/// What a manifest says of one image: the names of members, and the references.
pub(super) struct Listed<'a> {
    /// The manifest's own member name.
    pub(super) manifest: &'a str,
    /// The configuration's member name.
    pub(super) config: String,
    /// The layers' member names, lowest first.
    pub(super) layers: Vec<String>,
    /// The image's names.
    pub(super) references: Vec<String>,
}

/// The image that a manifest lists.
///
/// # Errors
/// A part is missing, or isn't the one that the configuration promises.
pub(super) fn image(contents: &Contents, listed: Listed<'_>) -> Result<ArchivedImage, ArchiveProblem> {
    let Listed { manifest, config, layers, references } = listed;
    let (text, Configuration { architecture, os, rootfs: Rootfs { diff_ids } }) = contents.json(&config, manifest)?;
    let diff_ids = diff_ids.unwrap_or_default();
    if diff_ids.len() > MOST_LAYERS {
        let reason = format!("it names more than {MOST_LAYERS} layers");
        return Err(ArchiveProblem::BadJson { member: config, reason });
    }
    if diff_ids.len() != layers.len() {
        return Err(ArchiveProblem::LayerCount { config, configured: diff_ids.len(), listed: layers.len() });
    }
    let layers = diff_ids
        .iter()
        .zip(&layers)
        .map(|(diff_id, name)| layer(contents, manifest, &digest(diff_id, &config)?, name))
        .collect::<Result<Vec<_>, _>>()?;
    let distinct: BTreeSet<(&str, u64)> =
        layers.iter().map(|layer| (layer.diff_id.as_str(), layer.size_bytes)).gathered();
    Ok(ArchivedImage {
        id: sha256(text.as_bytes()),
        references,
        size_bytes: distinct.into_iter().map(|(_, bytes)| bytes).sum(),
        architecture,
        os,
        configuration: text,
        config_member: config,
        layers,
    })
}

fn layer(contents: &Contents, manifest: &str, diff_id: &str, name: &str) -> Result<ArchivedLayer, ArchiveProblem> {
    let (member, content) = contents.file(name, manifest)?;
    let member = member.to_owned();
    if content.digest != diff_id {
        return Err(ArchiveProblem::Altered { member, expected: diff_id.to_owned(), found: content.digest.clone() });
    }
    Ok(ArchivedLayer { member, diff_id: diff_id.to_owned(), size_bytes: content.bytes })
}

/// The hexadecimal digits of `sha256:…`.
///
/// # Errors
/// The text, found in `member`, is no SHA-256 digest.
pub(super) fn digest(text: &str, member: &str) -> Result<String, ArchiveProblem> {
    let is_digit = |character: char| matches!(character, '0'..='9' | 'a'..='f');
    text.strip_prefix("sha256:")
        .filter(|digits| digits.len() == 64 && digits.chars().all(is_digit))
        .map(str::to_owned)
        .ok_or_else(|| ArchiveProblem::BadJson {
            member: member.to_owned(),
            reason: format!("`{}` is not a sha256 digest", text.escape_debug()),
        })
}
