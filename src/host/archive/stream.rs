//! The second pass over an archive: writes one image of it as both engines take it. Reads the opened file, writes the
//! given stream.

use crate::few::Few;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, Write};

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::member::{MemberKind, Members};
use super::problem::ArchiveProblem;
use super::source::{Bounds, Cancel, Source, each_piece, hex};
use super::{Archive, ArchivedImage, ArchivedLayer};

/// The one entry of the written `manifest.json`.
#[derive(Serialize)]
struct Entry<'a> {
    #[serde(rename = "Config")]
    config: String,
    /// Null where there are none: not every engine takes an empty list.
    #[serde(rename = "RepoTags")]
    repo_tags: Option<&'a [String]>,
    #[serde(rename = "Layers")]
    layers: Vec<String>,
}

/// One image of an archive, and what an engine is to call it.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The archive.
    pub archive: &'a Archive,
    /// One of its images.
    pub image: &'a ArchivedImage,
    /// The tags that the engine gives to it, instead of those in the archive. Whatever image has one of them loses it.
    pub tags: &'a [String],
}

/// Writes this image to `out` as a plain docker-archive, which `podman load` and `docker load` take from
/// standard input. Every layer is uncompressed and there once. The manifest comes last, after every layer and the whole
/// file were found to be what they were when [`look`](super::look) saw them: up to then an engine refuses what it got.
///
/// # Errors
/// The file can't be read or isn't the one that was looked at, `out` takes no more, or `cancel` said stop. What was
/// written until then is not a complete archive.
pub fn stream<F: Read + Seek>(
    file: &mut F,
    wanted: &Wanted<'_>,
    out: &mut dyn Write,
    cancel: &dyn Fn() -> bool,
) -> Result<(), ArchiveProblem> {
    let Wanted { archive, image, tags } = *wanted;
    file.rewind().map_err(|error| ArchiveProblem::Unreadable { reason: error.to_string() })?;
    let mut source = Source::of(file, cancel);
    let unpacked = archive.compression.unpack(&mut source);
    let unpacked = unpacked.map_err(|error| ArchiveProblem::in_reading("its start", archive.compression, error))?;
    let mut loaded = Loaded { out, cancel };
    loaded.layers(Members::of(unpacked, archive.compression), image)?;
    if source.finish()? != archive.sha256 {
        return Err(ArchiveProblem::Changed);
    }
    loaded.end(image, tags)
}

/// The archive as an engine loads it.
struct Loaded<'a> {
    out: &'a mut dyn Write,
    cancel: Cancel<'a>,
}

impl Loaded<'_> {
    fn layers<S: Read>(&mut self, mut members: Members<S>, image: &ArchivedImage) -> Result<(), ArchiveProblem> {
        let wanted: BTreeMap<&str, &ArchivedLayer> =
            image.layers.iter().map(|layer| (layer.member.as_str(), layer)).gathered();
        let mut missing: BTreeSet<&str> = image.layers.iter().map(|layer| layer.diff_id.as_str()).gathered();
        while let Some(member) = members.next()? {
            match (member.kind, wanted.get(member.name.as_str())) {
                (MemberKind::File, Some(layer)) if missing.remove(layer.diff_id.as_str()) => {
                    self.layer(&mut members, layer)?;
                }
                (MemberKind::File | MemberKind::Link(_) | MemberKind::Other, _) => {}
            }
        }
        if missing.is_empty() { Ok(()) } else { Err(ArchiveProblem::Changed) }
    }

    fn layer(&mut self, members: &mut dyn Read, layer: &ArchivedLayer) -> Result<(), ArchiveProblem> {
        let ArchivedLayer { member, diff_id, size_bytes } = layer;
        self.header(&layer_file(diff_id), *size_bytes)?;
        let mut left = *size_bytes;
        let bounds = Bounds { left: &mut left, beyond: ArchiveProblem::Changed, cancel: self.cancel };
        let mut hash = Sha256::new();
        each_piece(members, member, bounds, |piece| {
            hash.update(piece);
            write(self.out, piece)
        })?;
        let found = hex(hash);
        if found != *diff_id {
            return Err(ArchiveProblem::Altered { member: member.clone(), expected: diff_id.clone(), found });
        }
        self.padding(*size_bytes)
    }

    /// The configuration, the manifest and the end mark.
    fn end(&mut self, image: &ArchivedImage, tags: &[String]) -> Result<(), ArchiveProblem> {
        let config = format!("{}.json", image.id);
        self.file(&config, image.configuration.as_bytes())?;
        let layers = image.layers.iter().map(|layer| layer_file(&layer.diff_id)).collect();
        let manifest =
            serde_json::to_vec(&[Entry { config, repo_tags: Some(tags).filter(|tags| !tags.is_empty()), layers }]);
        let manifest = manifest.map_err(|error| ArchiveProblem::NotPassedOn { reason: error.to_string() })?;
        self.file(super::docker::MANIFEST, &manifest)?;
        write(self.out, &[0; 1024])?;
        self.out.flush().map_err(not_taken)
    }

    fn file(&mut self, name: &str, content: &[u8]) -> Result<(), ArchiveProblem> {
        let bytes = content.len() as u64;
        self.header(name, bytes)?;
        write(self.out, content)?;
        self.padding(bytes)
    }

    fn header(&mut self, name: &str, bytes: u64) -> Result<(), ArchiveProblem> {
        let mut header = tar::Header::new_gnu();
        header.set_path(name).map_err(not_taken)?;
        header.set_size(bytes);
        header.set_mode(0o444);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header.set_cksum();
        write(self.out, header.as_bytes())
    }

    fn padding(&mut self, bytes: u64) -> Result<(), ArchiveProblem> {
        let zeros = [0; 512];
        let needed = usize::try_from(bytes.wrapping_neg() % 512).unwrap_or_default();
        write(self.out, zeros.get(..needed).unwrap_or_default())
    }
}

fn layer_file(diff_id: &str) -> String {
    format!("{diff_id}.tar")
}

fn write(out: &mut dyn Write, bytes: &[u8]) -> Result<(), ArchiveProblem> {
    out.write_all(bytes).map_err(not_taken)
}

fn not_taken(error: std::io::Error) -> ArchiveProblem {
    let reason = error.to_string();
    match error.kind() {
        // Who reads has closed its end, for a reason of its own.
        std::io::ErrorKind::BrokenPipe => ArchiveProblem::NotTaken { reason },
        _ => ArchiveProblem::NotPassedOn { reason },
    }
}
