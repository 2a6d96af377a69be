//! Archives of every format and compression, and everything that is refused.

mod fixtures;
mod formats;
mod limits;
mod refusals;
mod streams;

use std::io::{Cursor, Read as _};

use super::{Archive, ArchiveProblem, ArchivedImage, Limits, Wanted, look, stream};

const ALL: [super::Compression; 4] =
    [super::Compression::Plain, super::Compression::Gzip, super::Compression::Zstd, super::Compression::Xz];

fn looked_at(bytes: &[u8]) -> Result<Archive, ArchiveProblem> {
    look(&mut Cursor::new(bytes), &Limits::default(), &|| false)
}

fn untagged<'a>(archive: &'a Archive, image: &'a ArchivedImage) -> Wanted<'a> {
    Wanted { archive, image, tags: &[] }
}

/// What comes out, and what was written until then.
fn streamed(bytes: &[u8], archive: &Archive, image: &ArchivedImage) -> (Result<(), ArchiveProblem>, Vec<u8>) {
    let mut out = Vec::new();
    let result = stream(&mut Cursor::new(bytes), &untagged(archive, image), &mut out, &|| false);
    (result, out)
}

/// The members of a tar file, read by another reader than the one that is tested.
fn members(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = tar::Archive::new(bytes);
    let read = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let mut entry = entry.unwrap();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        (entry.path().unwrap().to_str().unwrap().to_owned(), content)
    };
    archive.entries().unwrap().map(read).collect()
}
