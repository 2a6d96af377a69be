//! Text to tokens, whatever the text is. Reads nothing, changes nothing.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open(Bracket),
    Close(Bracket),
    Colon,
    Comma,
    Text {
        closed: bool,
    },
    /// A number, `true`, `false`, `null`, or anything that has no place in JSON.
    Word,
}

/// Which brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Bracket {
    /// Of an object.
    Curly,
    /// Of an array.
    Square,
}

/// A part of the text that is not white space.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) range: Range<usize>,
    /// Whether nothing but white space stands before it on its line.
    pub(super) first_on_line: bool,
}

/// All tokens; what is between them is white space.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let (mut tokens, mut at, mut first_on_line) = (Vec::new(), 0, true);
    while let Some(byte) = bytes.get(at) {
        let (kind, end) = match byte {
            b'\n' | b'\r' => {
                first_on_line = true;
                at += 1;
                continue;
            }
            b' ' | b'\t' => {
                at += 1;
                continue;
            }
            b'{' => (Kind::Open(Bracket::Curly), at + 1),
            b'[' => (Kind::Open(Bracket::Square), at + 1),
            b'}' => (Kind::Close(Bracket::Curly), at + 1),
            b']' => (Kind::Close(Bracket::Square), at + 1),
            b':' => (Kind::Colon, at + 1),
            b',' => (Kind::Comma, at + 1),
            b'"' => text_from(text, at),
            _ => (Kind::Word, at + run(bytes.get(at..).unwrap_or_default(), |byte| !ends_word(byte))),
        };
        tokens.push(Token { kind, range: at..end, first_on_line });
        first_on_line = false;
        at = end;
    }
    tokens
}

fn run(bytes: &[u8], part: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| part(**byte)).count()
}

fn ends_word(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'{' | b'}' | b'[' | b']' | b':' | b',' | b'"')
}

/// A text in quotes ends on its line. One that is not closed ends before the brackets and commas at the end of the line,
/// which its author hardly meant to be in it.
fn text_from(text: &str, start: usize) -> (Kind, usize) {
    let rest = text.get(start + 1..).unwrap_or_default();
    let mut escaped = false;
    let length = rest.bytes().position(|byte| match byte {
        b'\n' | b'\r' => true,
        _ if escaped => {
            escaped = false;
            false
        }
        b'\\' => {
            escaped = true;
            false
        }
        byte => byte == b'"',
    });
    let line = rest.get(..length.unwrap_or(rest.len())).unwrap_or_default();
    if length.is_some_and(|length| rest.as_bytes().get(length) == Some(&b'"')) {
        return (Kind::Text { closed: true }, start + 1 + line.len() + 1);
    }
    (Kind::Text { closed: false }, start + 1 + meant(line).len())
}

fn meant(line: &str) -> &str {
    let structure = |next: char| matches!(next, '{' | '}' | '[' | ']' | ':' | ',');
    // The braces of a template are a part of the text.
    let template = match line.rfind("{{") {
        Some(open) => line.get(open..).and_then(|rest| rest.find("}}")).map_or(line.len(), |close| open + close + 2),
        None => 0,
    };
    if !line.trim_end().ends_with(structure) {
        return line;
    }
    let trimmed = line.trim_end_matches(|next: char| structure(next) || matches!(next, ' ' | '\t'));
    line.get(..trimmed.len().max(template)).unwrap_or(line)
}
