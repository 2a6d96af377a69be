//! The syntax tree of JSON that is complete, incomplete or broken. Reads nothing, changes nothing.
//!
//! Every text has a tree, in linear time: what is missing is a hole, what has no place is left out. A text in quotes ends with
//! its line; an array that was left open ends before a key at the beginning of a line or before the bracket that closes an
//! object around it.

pub(super) mod characters;
mod token;
mod tree;

#[cfg(test)]
mod tests;

use crate::diagnostics::Pointer;
use std::{fmt, ops::Range};
use tree::Parser;

/// A text and its tree. `Debug` never shows the text: it may be a secrets file.
#[derive(Clone, PartialEq, Eq)]
pub struct Document {
    text: String,
    root: Node,
    holes: Vec<Hole>,
}

/// A value, or the place of one.
#[derive(Clone, PartialEq, Eq)]
pub struct Node {
    /// Its bytes, with quotes or brackets. Of what is not closed: up to what can't be inside. Of a missing one: the white space.
    pub range: Range<usize>,
    /// What it is.
    pub content: Content,
    /// Whether its quote or bracket is closed.
    pub closed: bool,
}

/// What a value is.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// An object's members in their order, those of the same key as well.
    Object(Vec<Member>),
    /// An array's elements.
    Array(Vec<Node>),
    /// A text, without quotes and escapes.
    Text(String),
    /// A number, `true`, `false`, `null`, or something that is no JSON.
    Word,
    /// Nothing, where a value is expected.
    Missing,
}

/// A member of an object.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// The key; a value can stand there without one.
    pub key: Option<Key>,
    /// Where the colon is.
    pub colon: Option<usize>,
    /// The value.
    pub value: Node,
}

/// A key of an object.
#[derive(Clone, PartialEq, Eq)]
pub struct Key {
    /// Its bytes with the quotes.
    pub range: Range<usize>,
    /// The key without quotes and escapes.
    pub text: String,
    /// Whether it begins with a quote.
    pub quoted: bool,
    /// Whether its quote is closed, or it has none.
    pub closed: bool,
}

/// What keeps a text from being JSON, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hole {
    /// Bytes that have no place there, or no meaning.
    Stray(Range<usize>),
    /// A value or a member is missing.
    Value(usize),
    /// A colon is missing.
    Colon(usize),
    /// A comma is missing.
    Comma(usize),
    /// A quote is missing.
    Quote(usize),
    /// A closing bracket is missing.
    Bracket(usize),
}

impl Document {
    /// Reads any text.
    pub fn parse(text: impl Into<String>) -> Self {
        let text = text.into();
        let mut parser = Parser::of(&text);
        let root = parser.root();
        let holes = parser.holes;
        Self { text, root, holes }
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The value that the text is about.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// What keeps the text from being JSON; nothing where it is JSON that is not too deep.
    pub fn holes(&self) -> &[Hole] {
        &self.holes
    }

    /// These bytes of the text.
    pub fn slice(&self, range: &Range<usize>) -> &str {
        self.text.get(range.clone()).unwrap_or_default()
    }

    /// The value at this pointer; of a key that stands twice, the first.
    pub fn node(&self, pointer: &Pointer) -> Option<&Node> {
        pointer.segments().try_fold(&self.root, |node, segment| node.inside(segment))
    }
}

impl Node {
    /// The members, if it is an object.
    pub fn members(&self) -> &[Member] {
        match &self.content {
            Content::Object(members) => members,
            Content::Array(_) | Content::Text(_) | Content::Word | Content::Missing => &[],
        }
    }

    /// The elements, if it is an array.
    pub fn elements(&self) -> &[Self] {
        match &self.content {
            Content::Array(elements) => elements,
            Content::Object(_) | Content::Text(_) | Content::Word | Content::Missing => &[],
        }
    }

    /// The text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.content {
            Content::Text(text) => Some(text),
            Content::Object(_) | Content::Array(_) | Content::Word | Content::Missing => None,
        }
    }

    /// The member of this key.
    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.name() == Some(key))
    }

    /// The value that one segment of a pointer names.
    pub fn inside(&self, segment: &str) -> Option<&Self> {
        match &self.content {
            Content::Object(_) => self.member(segment).map(|member| &member.value),
            Content::Array(elements) => elements.get(segment.parse::<usize>().ok()?),
            Content::Text(_) | Content::Word | Content::Missing => None,
        }
    }

    /// The bytes between its quotes, if it is a text.
    pub fn between_quotes(&self) -> Range<usize> {
        self.range.start + 1..self.range.end - usize::from(self.closed)
    }
}

impl Member {
    /// The key without quotes and escapes.
    pub fn name(&self) -> Option<&str> {
        self.key.as_ref().map(|key| key.text.as_str())
    }

    /// From the key to the end of the value.
    pub fn range(&self) -> Range<usize> {
        let start = self.key.as_ref().map_or(self.value.range.start, |key| key.range.start);
        match (&self.value.content, self.colon) {
            (Content::Missing, Some(colon)) => start..colon + 1,
            (Content::Missing | Content::Object(_) | Content::Array(_) | Content::Text(_) | Content::Word, _) => {
                start..self.value.range.end
            }
        }
    }
}

impl Key {
    /// The bytes between its quotes.
    pub fn between_quotes(&self) -> Range<usize> {
        let quote = usize::from(self.quoted);
        self.range.start + quote..self.range.end - usize::from(self.quoted && self.closed)
    }
}

impl fmt::Debug for Document {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, root: _, holes } = self;
        write!(out, "Document({} bytes, {} holes)", text.len(), holes.len())
    }
}
