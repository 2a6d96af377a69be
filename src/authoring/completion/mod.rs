//! What can be written at the cursor. Reads nothing, changes nothing.

mod fields;
mod known;
mod paths;
mod place;
mod skeleton;
mod template;
#[cfg(test)]
mod tests;
mod values;

use super::{
    Document, Edit, File, Hole, Texts,
    cursor::{Cursor, Spot},
    meaning::Meaning,
};
use fields::KeyPlace;
use place::Place;
use std::ops::Range;
use values::ValuePlace;

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
    paths::wanted_folder(plan, offset)
}

pub(super) fn completions(texts: &Texts<'_>, file: File, offset: usize, entries: &[Entry]) -> Vec<Completion> {
    let Some(document) = texts.document(file).filter(|document| document.text().is_char_boundary(offset)) else {
        return Vec::new();
    };
    let Cursor { spot, range } = Cursor::at(document, offset);
    if is_behind_an_open_quote(document, range.start) {
        return Vec::new();
    }
    match spot {
        Spot::Nowhere => Vec::new(),
        Spot::Key { pointer, object, member } => {
            let closed = member.and_then(|member| member.key.as_ref()).is_none_or(|key| key.closed);
            let place = Place::of_key((document, file), range, (offset, closed));
            fields::completions(texts, &KeyPlace { file, pointer, object, member }, &place)
        }
        Spot::Value { node, .. } if values::is_container(node) => Vec::new(),
        Spot::Value { pointer, node } => {
            let text = node.filter(|node| node.text().is_some());
            if let Some(text) = text.filter(|_| file == File::Plan && Meaning::is_template(document, &pointer)) {
                return template::completions(texts, document, (&pointer, text), offset);
            }
            let place = Place::of_value((document, file), range, offset);
            let at = ValuePlace { file, pointer, node, offset };
            values::completions(texts, document, &at, (&place, entries))
        }
    }
}

/// Whether a quote is missing on the same line before `offset`: what is written there would close it.
fn is_behind_an_open_quote(document: &Document, offset: usize) -> bool {
    let quotes = document.holes().iter().filter_map(|hole| match hole {
        Hole::Quote(at) if *at <= offset => Some(*at),
        Hole::Quote(_) | Hole::Stray(_) | Hole::Value(_) | Hole::Colon(_) | Hole::Comma(_) | Hole::Bracket(_) => None,
    });
    quotes.max().is_some_and(|at| !document.slice(&(at..offset)).contains(['\n', '\r']))
}
