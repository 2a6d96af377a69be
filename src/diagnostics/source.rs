//! A text that findings point into: its name, its words, and where each value stands. Reads nothing, changes nothing.

use super::{Place, Pointer};
use std::{fmt, ops::Range};

/// A text with a name and the byte ranges of its values.
///
/// The text of a secrets file is in here too, for the sake of line numbers: `Debug` never shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    name: String,
    text: String,
    line_starts: Vec<usize>,
    /// How many characters begin before each multiple of [`STRIDE`] bytes.
    characters: Vec<usize>,
    spans: Option<Span>,
    concealed: bool,
}

/// A text may be one line of a mebibyte with thousands of mistakes; none may cost a walk through all of it.
const STRIDE: usize = 512;

/// Where a value stands, in bytes, and what is inside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// The key in front of the value with its quotes, if it is a member of an object.
    pub key: Option<Range<usize>>,
    /// The value itself.
    pub value: Range<usize>,
    /// The values inside it.
    pub inside: Inside,
}

/// The values inside a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inside {
    /// Not an object or array.
    Nothing,
    /// The members of an object.
    Members(Members),
    /// The elements of an array.
    Elements(Vec<Span>),
}

/// The members of an object by their keys; of those with the same one, the last.
///
/// Most objects have few, of which a map would keep room for eleven.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Members(Vec<(String, Span)>);

impl Members {
    /// Where the one with this key stands.
    pub fn get(&self, key: &str) -> Option<&Span> {
        let at = self.0.binary_search_by(|(other, _)| other.as_str().cmp(key)).ok()?;
        self.0.get(at).map(|(_, span)| span)
    }

    /// Their keys, sorted, and where each stands.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Span)> {
        self.0.iter().map(|(key, span)| (key.as_str(), span))
    }

    /// Where each stands.
    pub fn values(&self) -> impl Iterator<Item = &Span> {
        self.0.iter().map(|(_, span)| span)
    }
}

impl FromIterator<(String, Span)> for Members {
    fn from_iter<I: IntoIterator<Item = (String, Span)>>(members: I) -> Self {
        let mut members: Vec<_> = members.into_iter().collect();
        members.sort_by(|(one, _), (other, _)| one.cmp(other));
        members.dedup_by(|later, earlier| {
            let again = later.0 == earlier.0;
            if again {
                std::mem::swap(later, earlier);
            }
            again
        });
        members.shrink_to_fit();
        Self(members)
    }
}

/// A place for people: line and column, both from 1. Columns count Unicode characters (scalar values), whatever their width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Source {
    /// A text whose values are not known, as when it is not JSON.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let text = text.into();
        let line_starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        let characters = text.as_bytes().chunks(STRIDE).scan(0, |before, chunk| {
            let here = *before;
            *before += beginning(chunk);
            Some(here)
        });
        let characters = characters.collect();
        Self { name: name.into(), text, line_starts, characters, spans: None, concealed: false }
    }

    /// The same text, with the places of its values.
    #[must_use]
    pub fn with_spans(mut self, spans: Span) -> Self {
        self.spans = Some(spans);
        self
    }

    /// The same text, of which nothing is ever shown: it may be secret.
    #[must_use]
    pub fn concealed(mut self) -> Self {
        self.concealed = true;
        self
    }

    /// Whether nothing of it is ever shown.
    pub fn is_concealed(&self) -> bool {
        self.concealed
    }

    /// The file's name as the user gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes that `place` means: within the text, on character boundaries, and not empty unless the text is.
    ///
    /// A pointer to what does not exist gives its nearest existing ancestor.
    pub fn span_of(&self, place: &Place) -> Range<usize> {
        let range = match place {
            Place::Value(pointer) => self.nearest(pointer).map(|(span, _)| span.value.clone()),
            Place::Key(pointer) => self.nearest(pointer).map(|(span, _)| key_or_start(span)),
            Place::Bytes(range) => Some(range.clone()),
            Place::Whole => Some(0..self.text.len()),
        };
        self.clamp(range.unwrap_or(0..self.text.len()))
    }

    /// Line and column of a byte offset; one past the end gives the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.boundary_before(offset);
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = self.characters_before(offset) - self.characters_before(start) + 1;
        Position { line, column }
    }

    /// How many characters (scalar values) stand before a byte offset.
    pub fn characters_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        let stride = (offset / STRIDE).min(self.characters.len().saturating_sub(1));
        let rest = self.text.as_bytes().get(stride * STRIDE..offset).unwrap_or_default();
        self.characters.get(stride).copied().unwrap_or(0) + beginning(rest)
    }

    /// Line `number` (from 1) without its line break.
    pub fn line(&self, number: usize) -> Option<&str> {
        let start = *self.line_starts.get(number.checked_sub(1)?)?;
        let end = self.line_starts.get(number).copied().unwrap_or(self.text.len());
        Some(self.text.get(start..end)?.trim_end_matches(['\n', '\r']))
    }

    /// Whether a value stands at `pointer`.
    pub fn has(&self, pointer: &Pointer) -> bool {
        self.span_at(pointer).is_some()
    }

    /// Where the value at `pointer` stands, if there is one.
    pub fn span_at(&self, pointer: &Pointer) -> Option<&Span> {
        self.nearest(pointer).filter(|(_, complete)| *complete).map(|(span, _)| span)
    }

    fn nearest(&self, pointer: &Pointer) -> Option<(&Span, bool)> {
        let mut span = self.spans.as_ref()?;
        for segment in pointer.segments() {
            match span.inside(segment) {
                Some(below) => span = below,
                None => return Some((span, false)),
            }
        }
        Some((span, true))
    }

    fn clamp(&self, range: Range<usize>) -> Range<usize> {
        let start = self.boundary_before(range.start);
        let end = self.boundary_before(range.end).max(start);
        if start < end {
            return start..end;
        }
        match self.text.get(start..).and_then(|rest| rest.chars().next()) {
            Some(next) => start..start + next.len_utf8(),
            None => start - self.text.chars().next_back().map_or(0, char::len_utf8)..start,
        }
    }

    fn boundary_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

impl Span {
    /// The member or element that one segment of a pointer names.
    pub fn inside(&self, segment: &str) -> Option<&Self> {
        match &self.inside {
            Inside::Nothing => None,
            Inside::Members(members) => members.get(segment),
            Inside::Elements(elements) => elements.get(segment.parse::<usize>().ok()?),
        }
    }
}

/// How many characters begin in these bytes of a UTF-8 text.
fn beginning(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| (**byte & 0b1100_0000) != 0b1000_0000).count()
}

/// The key; for the root and elements, the first byte of the value (an opening bracket).
fn key_or_start(span: &Span) -> Range<usize> {
    match (&span.key, &span.inside) {
        (Some(key), _) => key.clone(),
        (None, Inside::Nothing) => span.value.clone(),
        (None, Inside::Members(_) | Inside::Elements(_)) => span.value.start..span.value.start + 1,
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, text, line_starts, characters: _, spans: _, concealed: _ } = self;
        write!(out, "Source({name:?}, {} bytes, {} lines)", text.len(), line_starts.len())
    }
}

#[cfg(test)]
mod tests {
    use super::{Inside, Members, Position, Source, Span};
    use crate::diagnostics::Place;
    use pretty_assertions::assert_eq;

    #[test]
    fn of_members_with_the_same_key_the_last_one_counts_and_all_are_sorted() {
        let span = |at: usize| Span { key: None, value: at..at + 1, inside: Inside::Nothing };
        let named = [("b", 1), ("a", 2), ("b", 3), ("", 4), ("b", 5)];
        let members: Members = named.into_iter().map(|(name, at)| (name.to_owned(), span(at))).collect();
        let told: Vec<_> = members.iter().map(|(name, span)| (name, span.value.start)).collect();
        assert_eq!(told, [("", 4), ("a", 2), ("b", 5)]);
        assert_eq!(["b", "c"].map(|name| members.get(name).cloned()), [Some(span(5)), None]);
        assert_eq!(members.values().map(|span| span.value.start).collect::<Vec<_>>(), [4, 2, 5]);
    }

    #[test]
    fn columns_count_characters_not_bytes() {
        let source = Source::new("plan.json", "{\n \"ä\": x");
        let x = source.text().len() - 1;
        assert_eq!(source.position(x), Position { line: 2, column: 7 });
        assert_eq!(source.position(9999), Position { line: 2, column: 8 });
    }

    #[test]
    fn characters_are_counted_the_same_wherever_a_long_text_is_asked() {
        let text = "aä\u{20ac}\u{1f980}\n".repeat(300);
        let source = Source::new("plan.json", text.clone());
        let boundaries = (0..=text.len()).filter(|at| text.is_char_boundary(*at));
        for at in boundaries {
            let before = &text[..at];
            let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
            let line = before.matches('\n').count() + 1;
            assert_eq!(
                (source.characters_before(at), source.position(at)),
                (before.chars().count(), Position { line, column })
            );
        }
    }

    #[test]
    fn a_range_outside_the_text_or_inside_a_character_is_moved_into_it() {
        let source = Source::new("plan.json", "aä");
        let span = |range| source.span_of(&Place::Bytes(range));
        assert_eq!([span(0..1), span(2..2), span(3..3), span(77..99)], [0..1, 1..3, 1..3, 1..3]);
        assert_eq!(Source::new("empty", "").span_of(&Place::Whole), 0..0);
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(format!("{:?}", Source::new("s.json", "hunter2\n")), "Source(\"s.json\", 8 bytes, 2 lines)");
    }
}
