//! The readers around an archive's bytes: one that hashes them, one that bounds what comes out of a decompression.
//! Reads the streams it is given, changes nothing.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::problem::ArchiveProblem;

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
        let part = "its end";
        let plain = super::compression::Compression::Plain;
        io::copy(&mut self, &mut io::sink()).map_err(|error| ArchiveProblem::in_reading(part, plain, error))?;
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

/// A reader that fails once more bytes than allowed have come out of it.
pub(super) struct Bounded<'a, R> {
    unpacked: R,
    limit: u64,
    left: &'a mut u64,
    cancel: Cancel<'a>,
}

impl<'a, R: Read> Bounded<'a, R> {
    /// Takes what it reads off `left`; `limit`, in bytes, is what the error says.
    pub(super) fn of(unpacked: R, limit: u64, left: &'a mut u64, cancel: Cancel<'a>) -> Self {
        Self { unpacked, limit, left, cancel }
    }
}

impl<R: Read> Read for Bounded<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if (self.cancel)() {
            return Err(ArchiveProblem::Interrupted.into());
        }
        let read = self.unpacked.read(buffer)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => *self.left = left,
            None => return Err(ArchiveProblem::TooLarge { limit: self.limit }.into()),
        }
        Ok(read)
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
