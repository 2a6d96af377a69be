//! Recognises and undoes compression, by content and never by name. Reads the streams it is given, changes nothing.

use std::fmt;
use std::io::{self, BufReader, Read};

use super::problem::ArchiveProblem;

/// The most memory in bytes that a decompression may use: what `zstd --ultra -22` needs, and twice what `xz -9` needs.
pub(super) const MEMORY: u64 = 128 << 20;

/// The binary logarithm of `MEMORY`, as zstd wants it.
const WINDOW: u32 = MEMORY.trailing_zeros();

/// How many bytes at the start of a file tell what it is.
pub(super) const START: usize = 512;

/// How a file, or a layer in it, is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    Plain,
    /// With gzip, in one stream or several.
    Gzip,
    /// With Zstandard, in one frame or several.
    Zstd,
    /// With xz, in one stream or several.
    Xz,
}

impl fmt::Display for Compression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Plain => "no compression",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
            Self::Xz => "xz",
        })
    }
}

/// What files begin with that are taken for image archives by mistake.
const FOREIGN: &[(&[u8], &str)] = &[
    (b"BZh", "compressed with bzip2"),
    (b"\x04\x22\x4d\x18", "compressed with lz4"),
    (b"LZIP", "compressed with lzip"),
    (b"PK\x03\x04", "a zip file"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip file"),
    (b"Rar!", "a rar file"),
    (b"hsqs", "a squashfs file system"),
    (b"\x7fELF", "a program"),
    (b"age-encryption.org/", "encrypted with age"),
    (b"-----BEGIN AGE ENCRYPTED FILE-----", "encrypted with age"),
    (b"-----BEGIN PGP MESSAGE-----", "encrypted with OpenPGP"),
    (b"\x8c\x0d\x04", "encrypted with OpenPGP"),
    (b"\x85\x01\x0c", "encrypted with OpenPGP"),
    (b"\x85\x02\x0c", "encrypted with OpenPGP"),
    (b"Salted__", "encrypted with OpenSSL"),
];

impl Compression {
    /// What content with this start is compressed with. Content of any other kind counts as not compressed.
    pub(super) fn of(start: &[u8]) -> Self {
        match start {
            [0x1f, 0x8b, ..] => Self::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Self::Zstd,
            [0xfd, b'7', b'z', b'X', b'Z', 0x00, ..] => Self::Xz,
            _ => Self::Plain,
        }
    }

    /// A stream of what `packed` holds, uncompressed. Its memory is bounded, its length is not.
    pub(super) fn unpack<'a>(self, packed: impl Read + 'a) -> io::Result<Box<dyn Read + 'a>> {
        let packed = BufReader::with_capacity(64 << 10, packed);
        Ok(match self {
            Self::Plain => Box::new(packed),
            Self::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
            Self::Zstd => {
                let mut unpacked = zstd::stream::read::Decoder::with_buffer(packed)?;
                unpacked.window_log_max(WINDOW)?;
                Box::new(unpacked)
            }
            Self::Xz => {
                let decoder = liblzma::stream::Stream::new_stream_decoder(MEMORY, liblzma::stream::CONCATENATED)?;
                Box::new(liblzma::bufread::XzDecoder::new_stream(packed, decoder))
            }
        })
    }

    /// Whether the decompression gave up with this error because of its memory limit.
    pub(super) fn wants_more_memory(self, error: &io::Error) -> bool {
        match self {
            Self::Plain | Self::Gzip => false,
            Self::Zstd => error.to_string().contains("too much memory"),
            Self::Xz => error
                .get_ref()
                .and_then(|inner| inner.downcast_ref::<liblzma::stream::Error>())
                .is_some_and(|inner| *inner == liblzma::stream::Error::MemLimit),
        }
    }
}

/// Names what a file with this start is, where it is something that people take for an image archive.
///
/// # Errors
/// The file is of such a kind.
pub(super) fn refuse_foreign(start: &[u8]) -> Result<(), ArchiveProblem> {
    match FOREIGN.iter().find(|(magic, _)| start.starts_with(magic)) {
        Some((_, found)) => Err(ArchiveProblem::UnknownFormat { found }),
        None => Ok(()),
    }
}

/// Reads until `buffer` is full or the content ends; the number of bytes read.
pub(super) fn read_start(from: &mut dyn Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match from.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
