//! The characters of a JSON text and the bytes that each is written with. Reads nothing, changes nothing.

use std::ops::Range;

/// What stands between the quotes of a text, read character by character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Characters {
    /// The text that is meant; what can't be read stands in it as `U+FFFD`.
    pub(crate) text: String,
    /// Whether JSON lets it be written so.
    pub(crate) right: bool,
    /// For each byte of `text`, and for its end, the offset in the raw text.
    offsets: Vec<usize>,
}

impl Characters {
    /// Reads what stands between the quotes.
    pub(crate) fn of(raw: &str) -> Self {
        let mut read = Self { text: String::with_capacity(raw.len()), right: true, offsets: Vec::new() };
        let mut at = 0;
        while let Some(next) = raw.get(at..).and_then(|rest| rest.chars().next()) {
            let (character, length) = match next {
                '\\' => escape(raw.get(at..).unwrap_or_default()),
                next => ((next >= ' ').then_some(next), next.len_utf8()),
            };
            read.right &= character.is_some();
            read.text.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
            read.offsets.resize(read.text.len(), at);
            at += length;
        }
        read.offsets.push(at);
        read
    }

    /// Where bytes of `text` stand in the raw text.
    pub(crate) fn raw(&self, range: &Range<usize>) -> Range<usize> {
        let raw = |at: usize| self.offsets.get(at).or(self.offsets.last()).copied().unwrap_or(0);
        raw(range.start)..raw(range.end)
    }
}

/// The character that an escape means, and the number of its bytes.
fn escape(raw: &str) -> (Option<char>, usize) {
    let Some(second) = raw.chars().nth(1) else { return (None, raw.len()) };
    let simple = match second {
        '"' | '\\' | '/' => Some(second),
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        'u' => return unicode(raw),
        _ => None,
    };
    (simple, 1 + second.len_utf8())
}

fn unicode(raw: &str) -> (Option<char>, usize) {
    let unit = |at: usize| {
        let digits = raw.get(at..at + 4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(2) else { return (None, 2) };
    let second = raw.get(6..8).filter(|escape| *escape == "\\u").and_then(|_| unit(8));
    let pair = second.and_then(|second| char::decode_utf16([first, second]).next()?.ok());
    match (char::from_u32(u32::from(first)), pair) {
        (Some(character), _) => (Some(character), 6),
        (None, Some(character)) => (Some(character), 12),
        (None, None) => (None, 6),
    }
}
