//! The readers around an archive's bytes: one that hashes them, one that bounds what a decompression gives.
//! Reads the streams it is given, changes nothing.

use std::io::{self, Cursor, Read};

use sha2::{Digest as _, Sha256};

use super::compression::{Compression, START, read_start};
use super::problem::ArchiveProblem;

const PIECE: usize = 64 << 10;

/// Asked before every piece of work: `true` means stop.
pub(super) type Cancel<'a> = &'a dyn Fn() -> bool;

/// The file as delivered: hashed while it is read.
pub(super) struct Source<'a, R> {
    file: R,
    hash: Sha256,
    cancel: Cancel<'a>,
}

impl<'a, R: Read> Source<'a, R> {
    pub(super) fn of(file: R, cancel: Cancel<'a>) -> Self {
        Self { file, hash: Sha256::new(), cancel }
    }

    /// Reads what is left; the SHA-256 of the whole file in hexadecimal digits.
    ///
    /// # Errors
    /// The file can't be read.
    pub(super) fn finish(mut self) -> Result<String, ArchiveProblem> {
        let read = io::copy(&mut self, &mut io::sink());
        read.map_err(|error| ArchiveProblem::in_reading("its end", Compression::Plain, error))?;
        Ok(hex(self.hash))
    }
}

impl<R: Read> Read for Source<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.cancel)() {
            return Err(ArchiveProblem::Interrupted.into());
        }
        let read = match self.file.read(buffer) {
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(ArchiveProblem::Unreadable { reason: error.to_string() }.into()),
        };
        self.hash.update(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// How much may come out of a decompression.
pub(super) struct Bounds<'a> {
    /// The number of bytes that may still come; it goes down while they do.
    pub(super) left: &'a mut u64,
    /// What it means if there are more.
    pub(super) beyond: ArchiveProblem,
    /// Whether to stop.
    pub(super) cancel: Cancel<'a>,
}

/// A reader that fails once more bytes than allowed have come out of it.
pub(super) struct Bounded<'a, R> {
    unpacked: R,
    bounds: Bounds<'a>,
}

impl<'a, R: Read> Bounded<'a, R> {
    pub(super) fn of(unpacked: R, bounds: Bounds<'a>) -> Self {
        Self { unpacked, bounds }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Bounds { left, beyond, cancel } = &mut self.bounds;
        // Asked here as well: a few bytes of the file may unpack to gigabytes.
        if cancel() {
            return Err(ArchiveProblem::Interrupted.into());
        }
        let read = self.unpacked.read(buffer)?;
        **left = left.checked_sub(read as u64).ok_or_else(|| beyond.clone())?;
        Ok(read)
    }
}

/// Hands `take` the content of the member `name`, uncompressed, piece by piece.
///
/// # Errors
/// The content is damaged, cut short or beyond its bounds, or `take` fails.
pub(super) fn each_piece(
    content: &mut dyn Read,
    name: &str,
    bounds: Bounds<'_>,
    mut take: impl FnMut(&[u8]) -> Result<(), ArchiveProblem>,
) -> Result<(), ArchiveProblem> {
    let problem = |compression| move |error| ArchiveProblem::in_reading(&format!("`{name}`"), compression, error);
    let mut start = [0; START];
    let filled = read_start(content, &mut start).map_err(problem(Compression::Plain))?;
    let start = start.get(..filled).unwrap_or_default();
    let compression = Compression::of(start);
    let unpacked = compression.unpack(Cursor::new(start).chain(content)).map_err(problem(compression))?;
    let mut bounded = Bounded::of(unpacked, bounds);
    let mut buffer = vec![0; PIECE];
    loop {
        let read = read_start(&mut bounded, &mut buffer).map_err(problem(compression))?;
        match buffer.get(..read).unwrap_or_default() {
            [] => return Ok(()),
            piece => take(piece)?,
        }
    }
}

/// A finished SHA-256 in hexadecimal digits.
pub(super) fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The SHA-256 of these bytes in hexadecimal digits.
pub(super) fn sha256(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}
