//! Hashes that identify archives, manifests and images. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, shown};
use crate::diagnostics::Code;

const PREFIX: &str = "sha256:";

/// The SHA-256 of a file, as 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Sha256(String);

/// The digest of an image's manifest: `sha256:` and 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(Sha256);

/// The ID of an image, the digest of its configuration: 64 lower-case hex digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId(Sha256);

text!(Sha256);

impl Sha256 {
    /// Reads 64 lower-case hex digits.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let meant = text.strip_prefix(PREFIX).unwrap_or(text).to_ascii_lowercase();
        Self::find(text).ok_or_else(|| {
            Problem::new(Code::BadDigest, format!("SHA-256 {} is not a hash", shown(text)))
                .label(expected(text, "64 lower-case hex digits"))
                .help("`sha256sum FILE` prints it")
                .write(Self::find(&meant))
        })
    }

    fn find(text: &str) -> Option<Self> {
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(hex)).then(|| Self(text.to_owned()))
    }
}

impl Digest {
    /// Reads `sha256:` and 64 lower-case hex digits.
    ///
    /// # Errors
    /// Anything else, also digests by another function.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let meant = text.strip_prefix(PREFIX).unwrap_or(text).to_ascii_lowercase();
        text.strip_prefix(PREFIX).and_then(Sha256::find).map(Self).ok_or_else(|| {
            Problem::new(Code::BadDigest, format!("digest {} is not a digest", shown(text)))
                .label(expected(text, "`sha256:` and 64 lower-case hex digits"))
                .write(Sha256::find(&meant).map(Self))
        })
    }

    /// The 64 digits.
    pub fn hex(&self) -> &str {
        self.0.as_str()
    }
}

impl ImageId {
    /// Reads 64 lower-case hex digits, with or without `sha256:` in front.
    ///
    /// # Errors
    /// Anything else, also an ID that was cut short.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let digits = text.strip_prefix(PREFIX).unwrap_or(text);
        Sha256::find(digits).map(Self).ok_or_else(|| {
            Problem::new(Code::BadDigest, format!("image ID {} is not a whole image ID", shown(text)))
                .label(expected(digits, "64 lower-case hex digits"))
                .write(Sha256::find(&digits.to_ascii_lowercase()))
        })
    }

    /// The 64 digits.
    pub fn hex(&self) -> &str {
        self.0.as_str()
    }

    /// The first 12 digits.
    pub fn short(&self) -> &str {
        self.hex().get(..12).unwrap_or_default()
    }
}

fn expected(text: &str, what: &str) -> String {
    let digits = text.strip_prefix(PREFIX).unwrap_or(text);
    let hex = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && digits.len() != 64 { format!("{what}, not {}", digits.len()) } else { what.to_owned() }
}

impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{PREFIX}{}", self.0)
    }
}

impl fmt::Display for ImageId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

value!(Sha256 {
    format: "landfall-sha256",
    pattern: r"^[0-9a-f]{64}$",
    wrong: "64 lower-case hex digits",
    description: "The SHA-256 of a file, as sha256sum prints it.",
    examples: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
});

value!(Digest {
    format: "landfall-digest",
    pattern: r"^sha256:[0-9a-f]{64}$",
    wrong: "sha256: and 64 lower-case hex digits",
    description: "The digest of an image's manifest in its registry.",
    examples: ["sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
});

value!(ImageId {
    format: "landfall-image-id",
    pattern: r"^(sha256:)?[0-9a-f]{64}$",
    wrong: "64 lower-case hex digits, with or without sha256: in front",
    description: "The ID of an image: the digest of its configuration, whole.",
    examples: ["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
});
