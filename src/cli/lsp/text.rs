//! A document's text: byte offsets to positions and back, and edits. The only place where positions are counted.

use lsp_types::{Position, PositionEncodingKind, Range as LspRange};
use std::ops::Range;

/// In what the client counts the columns of a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// In bytes.
    Utf8,
    /// In UTF-16 code units, what every client knows.
    Utf16,
    /// In characters (scalar values).
    Utf32,
}

impl Encoding {
    /// Bytes if the client knows them, since that is what everything here counts in; else what the protocol prescribes.
    pub fn negotiated(offered: Option<&[PositionEncodingKind]>) -> Self {
        let offers = |kind: PositionEncodingKind| offered.is_some_and(|offered| offered.contains(&kind));
        if offers(PositionEncodingKind::UTF8) {
            Self::Utf8
        } else if offers(PositionEncodingKind::UTF32) && !offers(PositionEncodingKind::UTF16) {
            Self::Utf32
        } else {
            Self::Utf16
        }
    }

    /// Its name in the protocol.
    pub fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, character: char) -> usize {
        match self {
            Self::Utf8 => character.len_utf8(),
            Self::Utf16 => character.len_utf16(),
            Self::Utf32 => 1,
        }
    }
}

/// A text and where its lines begin. A line ends with `\n`, `\r\n` or `\r`, as the protocol says.
///
/// `Debug` shows no text: it may be a secrets file's.
#[derive(Clone, PartialEq, Eq)]
pub struct Text {
    text: String,
    marks: Vec<Mark>,
    encoding: Encoding,
}

/// A place that is counted from: the beginning of each line, and others on long lines, so that no counting takes long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Mark {
    offset: usize,
    line: usize,
    column: usize,
}

/// How many bytes are counted at most.
const FAR: usize = 1 << 10;

impl Text {
    /// A text whose positions are counted in this encoding.
    pub fn new(text: impl Into<String>, encoding: Encoding) -> Self {
        let text = text.into();
        let marks = marks(&text, encoding);
        Self { text, marks, encoding }
    }

    /// All of it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The position of a byte offset; of one inside a character, where the character begins; past the end, the end.
    pub fn position(&self, offset: usize) -> Position {
        let offset = self.boundary_before(offset);
        let mark = self.mark_before(|mark| mark.offset <= offset);
        let before = self.text.get(mark.offset..offset).unwrap_or_default();
        let column: usize = before.chars().map(|character| self.encoding.width(character)).sum();
        Position { line: number(mark.line), character: number(mark.column + column) }
    }

    /// The positions of a range of bytes.
    pub fn range(&self, bytes: Range<usize>) -> LspRange {
        LspRange { start: self.position(bytes.start), end: self.position(bytes.end) }
    }

    /// The byte offset of a position. A column past the end of its line is the line's end, a line past the last one the end of
    /// the text, and a column inside a character where that begins.
    pub fn offset(&self, position: Position) -> usize {
        let Position { line, character } = position;
        let wanted = (usize::try_from(line).unwrap_or(usize::MAX), usize::try_from(character).unwrap_or(usize::MAX));
        let mark = self.mark_before(|mark| (mark.line, mark.column) <= wanted);
        if mark.line < wanted.0 {
            return self.text.len();
        }
        let rest = self.text.get(mark.offset..).unwrap_or_default();
        let mut left = wanted.1 - mark.column;
        for (at, character) in rest.char_indices() {
            let width = self.encoding.width(character);
            if width > left || matches!(character, '\n' | '\r') {
                return mark.offset + at;
            }
            left -= width;
        }
        self.text.len()
    }

    /// The bytes of a range of positions; of one whose ends are exchanged, those between them.
    pub fn bytes(&self, range: LspRange) -> Range<usize> {
        let (start, end) = (self.offset(range.start), self.offset(range.end));
        start.min(end)..start.max(end)
    }

    /// Replaces a range, or the whole text if there is none.
    pub fn edit(&mut self, range: Option<LspRange>, new: &str) {
        match range {
            Some(range) => self.text.replace_range(self.bytes(range), new),
            None => new.clone_into(&mut self.text),
        }
        self.marks = marks(&self.text, self.encoding);
    }

    /// The last mark of those that come first; there is one at the beginning of the text.
    fn mark_before(&self, comes_first: impl Fn(&Mark) -> bool) -> Mark {
        let count = self.marks.partition_point(comes_first);
        self.marks.get(count.saturating_sub(1)).copied().unwrap_or(Mark { offset: 0, line: 0, column: 0 })
    }

    fn boundary_before(&self, offset: usize) -> usize {
        let offset = offset.min(self.text.len());
        (0..=offset).rev().find(|at| self.text.is_char_boundary(*at)).unwrap_or(0)
    }
}

impl std::fmt::Debug for Text {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { text, marks, encoding } = self;
        let lines = marks.last().map_or(0, |mark| mark.line + 1);
        write!(out, "Text({} bytes, {lines} lines, {encoding:?})", text.len())
    }
}

fn marks(text: &str, encoding: Encoding) -> Vec<Mark> {
    let mut marks = vec![Mark { offset: 0, line: 0, column: 0 }];
    let mut here = Mark { offset: 0, line: 0, column: 0 };
    let mut marked = 0;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        here.offset += character.len_utf8();
        here.column += encoding.width(character);
        let ends_line = character == '\n' || (character == '\r' && characters.peek() != Some(&'\n'));
        if ends_line {
            here = Mark { offset: here.offset, line: here.line + 1, column: 0 };
        }
        // Never between `\r` and `\n`, where no position is.
        if ends_line || (here.offset - marked >= FAR && character != '\r') {
            marks.push(here);
            marked = here.offset;
        }
    }
    marks
}

fn number(value: usize) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Encoding, Text};
    use lsp_types::{Position, PositionEncodingKind, Range};
    use pretty_assertions::assert_eq;
    use proptest::prelude::*;

    const ALL: [Encoding; 3] = [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32];

    fn at(line: u32, character: u32) -> Position {
        Position { line, character }
    }

    #[test]
    fn a_column_counts_in_the_negotiated_units() {
        // One byte, two, three, and four: a character beyond the basic plane is two units of UTF-16.
        let text = "x\n\"aä€😀z\"";
        let z = text.find('z').unwrap();
        let columns = ALL.map(|encoding| Text::new(text, encoding).position(z));
        assert_eq!(columns, [at(1, 11), at(1, 6), at(1, 5)]);
        assert_eq!(ALL.map(|encoding| Text::new(text, encoding).position(z)).map(|p| p.line), [1, 1, 1]);
        for (encoding, column) in ALL.into_iter().zip(columns) {
            assert_eq!(Text::new(text, encoding).offset(column), z);
        }
    }

    #[test]
    fn a_position_that_is_nowhere_is_moved_to_where_the_text_is() {
        let text = Text::new("ab\r\n😀\rc\n", Encoding::Utf16);
        let moved = [at(0, 99), at(1, 1), at(1, 99), at(2, 1), at(3, 0), at(3, 5), at(9, 9)];
        assert_eq!(moved.map(|position| text.offset(position)), [2, 4, 8, 10, 11, 11, 11]);
        assert_eq!(text.position(99), at(3, 0));
        assert_eq!(text.position(6), at(1, 0));
    }

    #[test]
    fn bytes_are_chosen_where_offered_and_utf16_where_nothing_is() {
        let negotiated = |offered: &[&'static str]| {
            let kinds: Vec<_> = offered.iter().map(|kind| PositionEncodingKind::new(kind)).collect();
            Encoding::negotiated(Some(&kinds))
        };
        assert_eq!(Encoding::negotiated(None), Encoding::Utf16);
        assert_eq!(negotiated(&["utf-16", "utf-8"]), Encoding::Utf8);
        assert_eq!(negotiated(&["utf-32", "utf-16"]), Encoding::Utf16);
        assert_eq!(negotiated(&["utf-32"]), Encoding::Utf32);
        assert_eq!(negotiated(&["utf-7"]), Encoding::Utf16);
    }

    #[test]
    fn long_lines_are_counted_as_short_ones_are() {
        let text = format!("x\n{}\r\n{}z\n", "aä€😀".repeat(700), "b".repeat(1023));
        let z = text.find('z').unwrap();
        for (encoding, line) in ALL.into_iter().zip([10, 5, 4].map(|width| width * 700)) {
            let counted = Text::new(text.as_str(), encoding);
            assert_eq!(counted.position(z), at(2, 1023));
            assert_eq!(counted.offset(at(2, 1023)), z);
            let end = text.find('\r').unwrap();
            assert_eq!([counted.position(end), counted.position(end + 1)], [at(1, line), at(1, line + 1)]);
            // The last character of the line has four bytes, and is one.
            let moved = [line - 1, line, line + 1, 99_999].map(|column| counted.offset(at(1, column)));
            assert_eq!(moved, [end - 4, end, end, end]);
            for (offset, _) in text.char_indices().filter(|(offset, _)| *offset != end + 1) {
                assert_eq!(counted.offset(counted.position(offset)), offset);
            }
        }
    }

    #[test]
    fn debug_shows_no_text() {
        assert_eq!(format!("{:?}", Text::new("hunter2\n", Encoding::Utf8)), "Text(8 bytes, 2 lines, Utf8)");
    }

    proptest! {
        #[test]
        fn every_offset_survives_the_way_to_a_position_and_back(text in "[a\"äß€😀\r\n]{0,40}") {
            for encoding in ALL {
                let counted = Text::new(text.as_str(), encoding);
                for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
                    // Between `\r` and `\n` there is no position.
                    let inside_a_break = text[..offset].ends_with('\r') && text[offset..].starts_with('\n');
                    let expected = if inside_a_break { offset - 1 } else { offset };
                    prop_assert_eq!(counted.offset(counted.position(offset)), expected);
                }
            }
        }

        #[test]
        fn edits_one_by_one_equal_the_text_that_they_make(
            text in "[a\"ä😀\r\n]{0,20}",
            edits in prop::collection::vec((any::<(u8, u8)>(), "[b€😀\r\n]{0,5}"), 0..8),
        ) {
            for encoding in ALL {
                let mut edited = Text::new(text.as_str(), encoding);
                let mut expected = text.clone();
                for ((start, length), new) in &edits {
                    // Between `\r` and `\n` there is no position.
                    let between = |at: &usize| expected[..*at].ends_with('\r') && expected[*at..].starts_with('\n');
                    let offsets = expected.char_indices().map(|(at, _)| at).chain([expected.len()]);
                    let offsets: Vec<_> = offsets.filter(|at| !between(at)).collect();
                    let start = usize::from(*start) % offsets.len();
                    let end = (start + usize::from(*length) % 4).min(offsets.len() - 1);
                    let positions = Range { start: edited.position(offsets[start]), end: edited.position(offsets[end]) };
                    expected.replace_range(offsets[start]..offsets[end], new);
                    edited.edit(Some(positions), new);
                    prop_assert_eq!(edited.as_str(), expected.as_str());
                    prop_assert_eq!(&edited, &Text::new(expected.as_str(), encoding));
                }
            }
        }
    }
}
