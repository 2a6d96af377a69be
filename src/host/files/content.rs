//! One hash for everything in a folder: the same wherever it lies, whoever owns it and whenever it was written. Touches
//! nothing.

use crate::few::InOrder;
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// What was found in a folder, one record for each entry.
///
/// A record is one letter (`f` a file, `x` a file that its owner may execute, `l` a symbolic link, `d` a folder), a space,
/// 64 hexadecimal digits (the SHA-256 of the file's content or of the text that the link holds; of nothing for a folder), a
/// space, the path inside the folder, and a zero byte. The records are sorted by path, and the SHA-256 of all of them is the
/// folder's. Permissions but for that one bit are left out, because the umask decides on them where a tree is checked out.
#[derive(Debug, Default)]
pub(super) struct Content {
    records: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Content {
    pub(super) fn file(&mut self, inside: &Path, executable: bool, sha256: &str) {
        self.add(if executable { b'x' } else { b'f' }, sha256, inside);
    }

    pub(super) fn link(&mut self, inside: &Path, target: &OsStr) {
        self.add(b'l', &hex(Sha256::digest(target.as_bytes()).as_slice()), inside);
    }

    pub(super) fn folder(&mut self, inside: &Path) {
        self.add(b'd', &hex(Sha256::digest([]).as_slice()), inside);
    }

    fn add(&mut self, letter: u8, sha256: &str, inside: &Path) {
        let path = inside.as_os_str().as_bytes().to_vec();
        let record = [&[letter, b' '], sha256.as_bytes(), b" ", &path, b"\0"].concat();
        self.records.push((path, record));
    }

    /// The SHA-256 of it all, in 64 lower-case hexadecimal digits.
    pub(super) fn sha256(mut self) -> String {
        self.records.put_in_order();
        let whole = self.records.iter().fold(Sha256::new(), |whole, (_, record)| whole.chain_update(record));
        hex(&whole.finalize())
    }
}

/// Reads to the end, passes on what it reads if somebody wants it, and tells how many bytes that were and their SHA-256.
pub(super) fn pass(from: &mut impl Read, to: Option<&mut dyn Write>) -> io::Result<(u64, String)> {
    let mut hashed = Hashed { sum: Sha256::new(), to };
    let bytes = io::copy(from, &mut hashed)?;
    Ok((bytes, hex(&hashed.sum.finalize())))
}

struct Hashed<'a> {
    sum: Sha256,
    to: Option<&'a mut dyn Write>,
}

impl Write for Hashed<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(to) = &mut self.to {
            to.write_all(bytes)?;
        }
        self.sum.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.as_mut().map_or(Ok(()), |to| to.flush())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
