//! Image archives: which images a file holds, and one of them as an engine takes it. Reads the opened file that it is
//! given, writes the given stream; member names never become paths.
//!
//! A docker-archive or an OCI archive, plain or compressed, is read twice: [`look`] finds out everything about it,
//! before anything is changed; [`stream()`] hands one image to an engine. In between the caller holds the archive's
//! SHA-256 against the plan's, so that no engine sees a byte of an unverified file.

mod compression;
mod contents;
mod docker;
mod image;
mod member;
mod name;
mod oci;
mod problem;
mod reference;
mod source;
mod stream;
#[cfg(test)]
mod tests;

use std::io::{Cursor, Read, Seek};
use std::sync::Arc;

use compression::{START, read_start};
use contents::Contents;
use member::Members;
use source::{Bounded, Bounds, Source};

pub use compression::Compression;
pub use problem::ArchiveProblem;
pub use reference::choose;
pub use stream::{Wanted, stream};

/// What is known of an archive after one look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archive {
    /// The SHA-256 of the file as delivered, in 64 lower-case hexadecimal digits.
    pub sha256: String,
    /// How the images are laid out in it.
    pub format: Format,
    /// How the file as a whole is compressed.
    pub compression: Compression,
    /// The images, in the archive's order; at least one.
    pub images: Vec<ArchivedImage>,
}

/// How images are laid out in a tar file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// With a `manifest.json`, as `docker save` and `podman save` write it.
    Docker,
    /// As an OCI image layout with an `index.json`, as `podman save --format oci-archive` writes it.
    Oci,
}

/// One image in an archive. Its layers and its configuration were found to belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedImage {
    /// The image ID: the SHA-256 of the configuration, in 64 lower-case hexadecimal digits.
    pub id: String,
    /// The names that the archive gives to it, word for word; may be empty.
    pub references: Vec<String>,
    /// The name of the configuration's member.
    pub config_member: String,
    /// The configuration, word for word; shared with other entries of the same image.
    pub configuration: Arc<str>,
    /// The layers, lowest first; the same one may be there more than once.
    pub layers: Vec<ArchivedLayer>,
    /// The size of all different layers together in bytes, uncompressed.
    pub size_bytes: u64,
    /// The processor it is built for, as images say it: `amd64`; empty if the image doesn't say.
    pub architecture: String,
    /// The operating system it is built for; empty if the image doesn't say.
    pub os: String,
}

/// A layer of an archived image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchivedLayer {
    /// The name of its member, links followed.
    pub member: String,
    /// The SHA-256 of the uncompressed layer, in 64 lower-case hexadecimal digits.
    pub diff_id: String,
    /// Its size in bytes, uncompressed.
    pub size_bytes: u64,
}

/// How much an archive may ask of this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes that may come out of decompressing it; a good value is the free space of the engine's disk.
    pub unpacked_bytes: u64,
}

impl Default for Limits {
    /// 64 GiB, which is more than images have.
    fn default() -> Self {
        Self { unpacked_bytes: 64 << 30 }
    }
}

/// Reads the whole file once, from its start: what it is, which images it holds, and whether they are complete and
/// unaltered. `cancel` is asked again and again, and stops the work by saying `true`.
///
/// # Errors
/// The file can't be read, is no image archive, or one of its images can't be used.
pub fn look<F: Read + Seek>(
    file: &mut F,
    limits: &Limits,
    cancel: &dyn Fn() -> bool,
) -> Result<Archive, ArchiveProblem> {
    file.rewind().map_err(|error| ArchiveProblem::Unreadable { reason: error.to_string() })?;
    let mut source = Source::of(file, cancel);
    let mut start = [0; START];
    let plain = Compression::Plain;
    let filled = read_start(&mut source, &mut start);
    let filled = filled.map_err(|error| ArchiveProblem::in_reading("its start", plain, error))?;
    let start = start.get(..filled).unwrap_or_default();
    compression::refuse_foreign(start)?;
    let compression = Compression::of(start);
    let mut left = limits.unpacked_bytes;
    let unpacked = compression.unpack(Cursor::new(start).chain(&mut source));
    let unpacked = unpacked.map_err(|error| ArchiveProblem::in_reading("its start", compression, error))?;
    let beyond = ArchiveProblem::TooLarge { limit: limits.unpacked_bytes };
    let bounds = Bounds { left: &mut left, beyond, cancel };
    let mut members = Members::of(Bounded::of(unpacked, bounds), compression);
    let contents = Contents::of(&mut members, limits, cancel)?;
    members.finish()?;
    let (format, images) = images(&contents)?;
    Ok(Archive { sha256: source.finish()?, format, compression, images })
}

/// The images of either format. Where both are there, as in what recent Docker saves, the docker-archive counts.
fn images(contents: &Contents) -> Result<(Format, Vec<ArchivedImage>), ArchiveProblem> {
    let (format, mut images) = match (contents.has(docker::MANIFEST), contents.has(oci::INDEX)) {
        (true, _) => (Format::Docker, docker::images(contents)?),
        (false, true) => (Format::Oci, oci::images(contents, &platform())?),
        (false, false) => return Err(ArchiveProblem::NoImage),
    };
    // One image with several names may be listed once for each of them.
    let mut merged: Vec<ArchivedImage> = Vec::new();
    for image in images.drain(..) {
        match merged.iter_mut().find(|known| known.id == image.id) {
            Some(known) => known.references.extend(image.references),
            None => merged.push(image),
        }
    }
    for image in &mut merged {
        let mut seen = std::collections::BTreeSet::new();
        image.references.retain(|reference| seen.insert(reference.clone()));
    }
    if merged.is_empty() { Err(ArchiveProblem::NoImage) } else { Ok((format, merged)) }
}

/// This server's platform as images say it.
fn platform() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "x86" => "386",
        "aarch64" => "arm64",
        "powerpc64" => "ppc64le",
        "loongarch64" => "loong64",
        same => same,
    };
    format!("linux/{architecture}")
}
