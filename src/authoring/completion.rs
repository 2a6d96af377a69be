//! What can be written at the cursor. Reads nothing, changes nothing.

use super::{Document, Edit, File, Texts};
use std::ops::Range;

/// Something that can be written at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    /// What the list shows.
    pub label: String,
    /// A few words beside it: type and default. May be empty.
    pub detail: String,
    /// What it is, in Markdown. May be empty.
    pub documentation: String,
    /// What it is.
    pub kind: CompletionKind,
    /// The bytes that it replaces: on one line, and the cursor is in them or at their edge.
    pub range: Range<usize>,
    /// What the bytes are replaced by, for a client without snippets.
    pub plain: String,
    /// The same for a client with snippets (`$1`, `${1:…}`, `${1|a,b|}`); none if nothing is left to fill in.
    pub snippet: Option<String>,
    /// What the client holds the typed bytes against: begins with a quote if `range` does.
    pub filter: String,
    /// Other changes that belong to it, outside `range`: a missing comma.
    pub also: Vec<Edit>,
}

/// What a completion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompletionKind {
    /// A field.
    Field,
    /// One of the values of a list, or of a type.
    Value,
    /// A piece of a plan to fill in.
    Snippet,
    /// A service.
    Service,
    /// A secret.
    Secret,
    /// An SSH key.
    Key,
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A helper of templates.
    Helper,
}

/// An entry of a folder.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Its name, without the folder.
    pub name: String,
    /// Whether it is a folder itself.
    pub is_folder: bool,
}

pub(super) fn wanted_folder(plan: &Document, offset: usize) -> Option<String> {
    let _ = (plan, offset);
    None
}

pub(super) fn completions(texts: &Texts<'_>, file: File, offset: usize, entries: &[Entry]) -> Vec<Completion> {
    let _ = (texts, file, offset, entries);
    Vec::new()
}
