//! What the first pass over an archive remembers of it: a digest of every member, the text of the JSON documents, the
//! links. Reads the stream it is given, changes nothing.

use std::collections::BTreeMap;
use std::io::Read;
use std::sync::Arc;

use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::Limits;
use super::member::{MemberKind, Members};
use super::problem::ArchiveProblem;
use super::source::{Bounds, Cancel, each_piece, hex};

const LONGEST_JSON: usize = 8 << 20;
const MOST_JSON: usize = 64 << 20;
const MOST_LINKS_IN_A_ROW: usize = 16;

/// A regular file in the archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Content {
    /// The SHA-256 of the content, uncompressed, in hexadecimal digits.
    pub(super) digest: String,
    /// Its size in bytes, uncompressed.
    pub(super) bytes: u64,
    json: Json,
}

/// The text of a member that begins as JSON documents do.
#[derive(Debug, PartialEq, Eq)]
enum Json {
    Kept(Arc<str>),
    TooLarge,
    None,
}

/// Everything that is known of an archive after one pass.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Contents {
    files: BTreeMap<String, Content>,
    links: BTreeMap<String, String>,
    json_bytes: usize,
}

impl Contents {
    /// Reads all members.
    ///
    /// # Errors
    /// The archive is damaged, beyond the limits, or has ambiguous or unsafe names.
    pub(super) fn of<S: Read>(
        members: &mut Members<S>,
        limits: &Limits,
        cancel: Cancel<'_>,
    ) -> Result<Self, ArchiveProblem> {
        let mut contents = Self::default();
        let Limits { unpacked_bytes } = limits;
        let mut left = *unpacked_bytes;
        while let Some(member) = members.next()? {
            match member.kind {
                MemberKind::File => {
                    let beyond = ArchiveProblem::TooLarge { limit: *unpacked_bytes };
                    let bounds = Bounds { left: &mut left, beyond, cancel };
                    let mut summary = Summary::default();
                    each_piece(members, &member.name, bounds, |piece| {
                        summary.add(piece);
                        Ok(())
                    })?;
                    contents.add_file(member.name, summary.finish())?;
                }
                MemberKind::Link(target) => contents.add_link(member.name, target)?,
                MemberKind::Other => {}
            }
        }
        Ok(contents)
    }

    fn add_file(&mut self, name: String, content: Content) -> Result<(), ArchiveProblem> {
        if let Json::Kept(text) = &content.json {
            self.json_bytes += text.len();
        }
        if self.json_bytes > MOST_JSON {
            return Err(ArchiveProblem::TooMuchJson { limit: MOST_JSON });
        }
        if self.links.contains_key(&name) || self.files.get(&name).is_some_and(|before| *before != content) {
            return Err(ArchiveProblem::TwoMembers { member: name });
        }
        self.files.insert(name, content);
        Ok(())
    }

    fn add_link(&mut self, name: String, target: String) -> Result<(), ArchiveProblem> {
        if self.files.contains_key(&name) || self.links.get(&name).is_some_and(|before| *before != target) {
            return Err(ArchiveProblem::TwoMembers { member: name });
        }
        self.links.insert(name, target);
        Ok(())
    }

    /// Whether there is a file, or a link to one, of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.resolve(name).is_some()
    }

    /// The file of this name, through links, with the name that it has without them.
    ///
    /// # Errors
    /// There is none; `named_by` is who wanted it.
    pub(super) fn file(&self, name: &str, named_by: &str) -> Result<(&str, &Content), ArchiveProblem> {
        let missing = || ArchiveProblem::Missing { member: name.to_owned(), named_by: named_by.to_owned() };
        self.resolve(name).ok_or_else(missing)
    }

    fn resolve(&self, name: &str) -> Option<(&str, &Content)> {
        let mut name = name;
        for _ in 0..MOST_LINKS_IN_A_ROW {
            match self.links.get(name) {
                Some(target) => name = target,
                None => break,
            }
        }
        self.files.get_key_value(name).map(|(name, content)| (name.as_str(), content))
    }

    /// The text of a JSON document, and the document read as a `T`.
    ///
    /// # Errors
    /// It is missing, too large, or not what a `T` is read from.
    pub(super) fn json<T: DeserializeOwned>(
        &self,
        name: &str,
        named_by: &str,
    ) -> Result<(Arc<str>, T), ArchiveProblem> {
        let (member, content) = self.file(name, named_by)?;
        let member = member.to_owned();
        match &content.json {
            Json::Kept(text) => serde_json::from_str(text)
                .map(|document| (Arc::clone(text), document))
                .map_err(|error| ArchiveProblem::BadJson { member, reason: error.to_string() }),
            Json::TooLarge => Err(ArchiveProblem::JsonTooLarge { member, limit: LONGEST_JSON }),
            Json::None => Err(ArchiveProblem::BadJson { member, reason: "it is not a JSON document".to_owned() }),
        }
    }
}

/// A file's content while it is read.
#[derive(Default)]
struct Summary {
    hash: Sha256,
    bytes: u64,
    is_json: Option<bool>,
    json: Vec<u8>,
}

impl Summary {
    fn add(&mut self, piece: &[u8]) {
        let Self { hash, bytes, is_json, json } = self;
        hash.update(piece);
        *bytes += piece.len() as u64;
        let is_json = *is_json.get_or_insert_with(|| matches!(piece.trim_ascii_start(), [b'{' | b'[', ..]));
        if is_json && *bytes <= LONGEST_JSON as u64 {
            json.extend_from_slice(piece);
        }
    }

    fn finish(self) -> Content {
        let Self { hash, bytes, is_json, json } = self;
        let json = match is_json {
            Some(true) if bytes > LONGEST_JSON as u64 => Json::TooLarge,
            Some(true) => String::from_utf8(json).map_or(Json::None, |text| Json::Kept(text.into())),
            Some(false) | None => Json::None,
        };
        Content { digest: hex(hash), bytes, json }
    }
}
