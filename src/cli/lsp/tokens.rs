//! The words and signs of a JSON text, also of a broken one, with nothing lost but white space. Reads nothing, changes nothing.

use std::ops::Range;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `{` or `[`.
    Opening,
    /// `}` or `]`.
    Closing,
    /// `,`.
    Comma,
    /// `:`.
    Colon,
    /// In double quotes. One that is not closed ends with its line.
    Text,
    /// Everything else up to white space or one of the signs: a number, `true`, `null`, or what JSON doesn't have.
    Word,
}

/// A token and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: Kind,
    /// Its bytes.
    pub bytes: Range<usize>,
}

/// All tokens of a text, in order.
pub fn tokens(text: &str) -> Vec<Token> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let trimmed = rest.trim_start();
        let start = at + rest.len() - trimmed.len();
        let Some(first) = trimmed.chars().next() else { break };
        let (kind, length) = match first {
            '{' | '[' => (Kind::Opening, 1),
            '}' | ']' => (Kind::Closing, 1),
            ',' => (Kind::Comma, 1),
            ':' => (Kind::Colon, 1),
            '"' => (Kind::Text, length_of_text(trimmed)),
            _ => {
                let ends = |next: char| next.is_whitespace() || "{}[],:\"".contains(next);
                (Kind::Word, trimmed.find(ends).unwrap_or(trimmed.len()))
            }
        };
        at = start + length;
        found.push(Token { kind, bytes: start..at });
    }
    found
}

fn length_of_text(text: &str) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            '\n' | '\r' => return at,
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The keys of the outermost object with the tokens that their values begin with, as far as they can be told.
pub fn members_of_the_root(text: &str) -> Vec<(&str, Option<&str>)> {
    let (mut depth, mut members) = (0_usize, Vec::new());
    let tokens = tokens(text);
    let word = |token: &Token| text.get(token.bytes.clone());
    for (index, token) in tokens.iter().enumerate() {
        match token.kind {
            Kind::Opening => depth += 1,
            Kind::Closing => depth = depth.saturating_sub(1),
            Kind::Text if depth == 1 && tokens.get(index + 1).is_some_and(|next| next.kind == Kind::Colon) => {
                let key = word(token).unwrap_or_default().trim_matches('"');
                members.push((key, tokens.get(index + 2).and_then(word)));
            }
            Kind::Text | Kind::Word | Kind::Comma | Kind::Colon => {}
        }
    }
    members
}

#[cfg(test)]
mod tests {
    use super::{members_of_the_root, tokens};
    use pretty_assertions::assert_eq;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text).into_iter().map(|token| &text[token.bytes]).collect()
    }

    #[test]
    fn a_text_falls_into_its_words_and_signs() {
        let text = "{ \"a\\\"b\" :[1.50e1 ,true]}\n";
        assert_eq!(words(text), ["{", "\"a\\\"b\"", ":", "[", "1.50e1", ",", "true", "]", "}"]);
        assert_eq!(words("{\"open: 1,\n\"b\" x€:"), ["{", "\"open: 1,", "\"b\"", "x€", ":"]);
        assert_eq!(words("\"\\"), ["\"\\"]);
    }

    #[test]
    fn the_outermost_keys_are_known_while_the_text_is_broken() {
        let text = r#"{"version": 1, "services": {"web": {"name": 2}, "x" "y": [, "last":"#;
        assert_eq!(members_of_the_root(text), [("version", Some("1")), ("services", Some("{"))]);
        assert_eq!(members_of_the_root(r#"{"last":"#), [("last", None)]);
        assert_eq!(members_of_the_root(r#"["a": 1]"#), [("a", Some("1"))]);
    }

    proptest! {
        #[test]
        fn nothing_is_lost_but_white_space(text in "[a\"\\\\{}\\[\\],:0-9ä😀 \n\r]{0,40}") {
            let white = |text: &str| text.chars().filter(|character| !character.is_whitespace()).collect::<String>();
            prop_assert_eq!(white(&words(&text).concat()), white(&text));
        }
    }
}
