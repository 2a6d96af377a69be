//! Why an image archive is refused: what was found, where in it, and what to do. Reads nothing, changes nothing.

use std::io;

use super::compression::Compression;

/// Why an archive can't be used. Member names in it are shown escaped.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ArchiveProblem {
    /// The file itself can't be read.
    #[error("the archive can't be read: {reason}")]
    Unreadable {
        /// What the system said.
        reason: String,
    },
    /// What takes the stream, an engine for example, stopped taking it.
    #[error("the image is not taken to its end: {reason}")]
    NotTaken {
        /// What the system said.
        reason: String,
    },
    /// The system refused to pass a part of the image on.
    #[error("the image can't be passed on: {reason}")]
    NotPassedOn {
        /// What the system said.
        reason: String,
    },
    /// The caller asked to stop.
    #[error("reading the archive was interrupted")]
    Interrupted,
    /// Neither a tar file nor a compressed tar file.
    #[error("this is not an image archive: it is not a tar file")]
    NotAnArchive,
    /// Recognised, and not a format that is read.
    #[error("this is not an image archive that can be read: it is {found}")]
    UnknownFormat {
        /// What it is, with its article, as in `a zip file`.
        found: &'static str,
    },
    /// A tar file that holds no image.
    #[error("the archive holds no container image: neither `manifest.json` nor `index.json` names one")]
    NoImage,
    /// The file ends too early.
    #[error("the archive is cut short: it ends inside {part}")]
    CutShort {
        /// The part that is incomplete.
        part: String,
    },
    /// The bytes of one part contradict its format.
    #[error("the archive is damaged in {part}: {reason}")]
    Damaged {
        /// The part that is damaged.
        part: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The compression was done with a window that needs too much memory.
    #[error("{part} needs more than {} MiB of memory to decompress with {compression}", super::compression::MEMORY >> 20)]
    TooMuchMemory {
        /// The part that is compressed so.
        part: String,
        /// How it is compressed.
        compression: Compression,
    },
    /// More data than allowed came out of the decompression.
    #[error("the archive unpacks to more than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: u64,
    },
    /// More members than any image archive has.
    #[error("the archive has more than {limit} members")]
    TooManyMembers {
        /// The limit.
        limit: usize,
    },
    /// A JSON document in it is larger than any that belongs to an image.
    #[error("`{member}` is a JSON document of more than {limit} bytes")]
    JsonTooLarge {
        /// The member's name.
        member: String,
        /// The limit in bytes.
        limit: usize,
    },
    /// All JSON documents together are larger than what belongs to images.
    #[error("the archive holds more than {limit} bytes of JSON documents")]
    TooMuchJson {
        /// The limit in bytes.
        limit: usize,
    },
    /// A member's name, or a link's target, is absolute, climbs out with `..`, or isn't printable text.
    #[error("the archive has a member with an unsafe name: `{name}`")]
    UnsafeName {
        /// The name, escaped.
        name: String,
    },
    /// One name twice, with different content: two readers may see two different images.
    #[error("the archive has two different members named `{member}`")]
    TwoMembers {
        /// The member's name.
        member: String,
    },
    /// A member that another one names is not there.
    #[error("`{member}`, which `{named_by}` names, is missing in the archive")]
    Missing {
        /// The missing member's name.
        member: String,
        /// The member that names it.
        named_by: String,
    },
    /// A JSON document isn't one, or not of the expected shape.
    #[error("`{member}` in the archive is not what it should be: {reason}")]
    BadJson {
        /// The member's name.
        member: String,
        /// What is wrong with it, and where.
        reason: String,
    },
    /// A part is not the one that its digest promises.
    #[error("`{member}` in the archive was altered: its digest should be {expected} and is {found}")]
    Altered {
        /// The member's name.
        member: String,
        /// The SHA-256 that was promised, in hexadecimal digits.
        expected: String,
        /// The SHA-256 that was found, in hexadecimal digits.
        found: String,
    },
    /// The manifest lists another number of layers than the image's configuration.
    #[error("`{config}` names {configured} layers, but the archive lists {listed} for it")]
    LayerCount {
        /// The configuration's member name.
        config: String,
        /// The number of layers in the configuration.
        configured: usize,
        /// The number of layers in the manifest.
        listed: usize,
    },
    /// A layer that only its key's owner can read.
    #[error("the layer `{member}` in the archive is encrypted")]
    Encrypted {
        /// The layer's member name.
        member: String,
    },
    /// The archive holds the image for other processors only.
    #[error("the archive holds no image for {wanted}, only for {}", found.join(", "))]
    NoPlatform {
        /// This server's platform, as in `linux/amd64`.
        wanted: String,
        /// The platforms in the archive, sorted.
        found: Vec<String>,
    },
    /// Several images, and nothing says which one is meant.
    #[error("the archive holds several images: {}", found.join(", "))]
    SeveralImages {
        /// The images' references, or IDs where there are none.
        found: Vec<String>,
    },
    /// No image in the archive has this reference.
    #[error("the archive holds no image `{reference}`, only {}", found.join(", "))]
    NoSuchImage {
        /// The reference asked for.
        reference: String,
        /// The images' references, or IDs where there are none.
        found: Vec<String>,
    },
    /// The file is not the one that was looked at before.
    #[error("the archive was changed while it was in use")]
    Changed,
}

impl ArchiveProblem {
    /// What to do about it, as one lower-case sentence.
    pub fn cure(&self) -> &'static str {
        match self {
            Self::Unreadable { reason: _ } => "check the disk that the file is on",
            Self::NotTaken { reason: _ } => "see what the engine said; often its disk is full",
            Self::NotPassedOn { reason: _ } | Self::Interrupted => "run the command again",
            Self::NotAnArchive | Self::UnknownFormat { found: _ } => {
                "make one with `podman save` or `docker save`; gzip, zstd or xz may compress it"
            }
            Self::NoImage => "make it with `podman save` or `docker save`, not with `export` or from a file system",
            Self::CutShort { part: _ } | Self::Damaged { part: _, reason: _ } => {
                "copy the archive again, and compare its sha256 with the original's"
            }
            Self::TooMuchMemory { part: _, compression: _ } => "compress it again without `--long` or `--ultra`",
            Self::TooLarge { limit: _ } => "free disk space, or check where the archive comes from",
            Self::TooManyMembers { limit: _ }
            | Self::JsonTooLarge { member: _, limit: _ }
            | Self::TooMuchJson { limit: _ }
            | Self::UnsafeName { name: _ }
            | Self::TwoMembers { member: _ } => {
                "no engine saves images like this: check where the archive comes from, and save the image again"
            }
            Self::Missing { member: _, named_by: _ }
            | Self::BadJson { member: _, reason: _ }
            | Self::Altered { member: _, expected: _, found: _ }
            | Self::LayerCount { config: _, configured: _, listed: _ } => {
                "save the image again with `podman save` or `docker save`"
            }
            Self::Encrypted { member: _ } => "decrypt the image where its key is, and save it again",
            Self::NoPlatform { wanted: _, found: _ } => "save the image that was built for this server's platform",
            Self::SeveralImages { found: _ } => "say which one with `reference`",
            Self::NoSuchImage { reference: _, found: _ } => {
                "name one of these as `reference`; leave `reference` out if there is only one image"
            }
            Self::Changed => "let nothing write to the archive during a deployment, and run it again",
        }
    }

    /// The problem behind an error that came up while `part` was read or decompressed.
    pub(super) fn in_reading(part: &str, compression: Compression, error: io::Error) -> Self {
        let part = part.to_owned();
        match error.downcast::<Self>() {
            Ok(problem) => problem,
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Self::CutShort { part },
            Err(error) if compression.wants_more_memory(&error) => Self::TooMuchMemory { part, compression },
            Err(error) => Self::Damaged { part, reason: error.to_string() },
        }
    }
}

impl From<ArchiveProblem> for io::Error {
    /// Lets a problem pass through readers that only know input and output errors.
    fn from(problem: ArchiveProblem) -> Self {
        Self::other(problem)
    }
}

#[cfg(test)]
mod tests {
    use pretty_assertions::assert_eq;

    use super::*;

    /// A problem as a user reads it.
    fn told(problem: &ArchiveProblem) -> String {
        format!("{problem}: {}", problem.cure())
    }

    #[test]
    fn a_problem_says_what_where_and_the_cure() {
        let (member, part) = ("a.tar".to_owned(), "`a.tar`".to_owned());
        let found = vec!["web:1".to_owned(), "web:2".to_owned()];
        for (problem, text) in [
            (
                ArchiveProblem::Altered { member: member.clone(), expected: "aa".to_owned(), found: "bb".to_owned() },
                "`a.tar` in the archive was altered: its digest should be aa and is bb: \
                 save the image again with `podman save` or `docker save`",
            ),
            (
                ArchiveProblem::CutShort { part: part.clone() },
                "the archive is cut short: it ends inside `a.tar`: \
                 copy the archive again, and compare its sha256 with the original's",
            ),
            (
                ArchiveProblem::TooMuchMemory { part, compression: Compression::Zstd },
                "`a.tar` needs more than 128 MiB of memory to decompress with zstd: \
                 compress it again without `--long` or `--ultra`",
            ),
            (
                ArchiveProblem::SeveralImages { found: found.clone() },
                "the archive holds several images: web:1, web:2: say which one with `reference`",
            ),
            (
                ArchiveProblem::NoSuchImage { reference: "web:3".to_owned(), found },
                "the archive holds no image `web:3`, only web:1, web:2: \
                 name one of these as `reference`; leave `reference` out if there is only one image",
            ),
        ] {
            assert_eq!(told(&problem), text);
        }
    }
}
