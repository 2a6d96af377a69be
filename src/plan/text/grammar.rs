//! A mistake against JSON's grammar, told as a person would. Reads nothing, changes nothing.

use super::decode::refusal;
use crate::diagnostics::{Code, Finding, Place};
use jsonc_parser::{
    ParseStringErrorKind,
    errors::{ParseError, ParseErrorKind},
};
use std::ops::Range;

const QUOTES: &str = "keys and texts are written in double quotes";
const SINGLE_QUOTES: &str = "a text in single quotes";
const NUMBERS: &str = "write a number like 80, -1 or 0.5, or a text in double quotes";

const COMMENT: Words =
    ("JSON has no comments", "a comment", "a key that begins with `x-` can hold one: \"x-note\": \"…\"");

/// What is wrong, what stands beside it, and the cure.
type Words = (&'static str, &'static str, &'static str);

/// The finding for the parser's first error in `text`.
pub(super) fn told(error: &ParseError, text: &str) -> Finding {
    let range = error.range().start..error.range().end;
    match error.kind() {
        ParseErrorKind::UnterminatedObject => unclosed(range.start, text, "object", '}'),
        ParseErrorKind::UnterminatedArray => unclosed(range.start, text, "array", ']'),
        ParseErrorKind::ExpectedComma => comma(range.start, text),
        _ if ends_here(&range, text) => {
            let at = last_character(text, text.len());
            refusal(Code::NotJson, Place::Bytes(at), "the file ends too early").label(expected_at_end(error.kind()))
        }
        ParseErrorKind::String(kind) => string(kind, range, text),
        kind if is_number(kind) => {
            let at = number_around(range.start, text);
            refusal(Code::NotJson, Place::Bytes(at), "not a number as JSON writes it")
                .label("not a number")
                .help(NUMBERS)
        }
        kind => {
            let (message, label, help) = words(kind, &range, text);
            let place = Place::Bytes(range.clone());
            let quoted = in_single_quotes(range.start, text).filter(|_| message == SINGLE_QUOTES);
            let finding = refusal(Code::NotJson, place.clone(), message).label(label).help(help);
            match (instead(kind, &range, text), quoted) {
                (Some((title, written)), _) => finding.fix(title, place, written),
                (None, Some((whole, written))) => finding.fix("use double quotes", Place::Bytes(whole), written),
                (None, None) => finding,
            }
        }
    }
}

fn comma(after: usize, text: &str) -> Finding {
    let digits_follow = text.get(after..).is_some_and(|rest| rest.starts_with(|next: char| next.is_ascii_digit()));
    let at = number_around(after, text);
    if digits_follow && at.start < after {
        let digits = text.get(at.clone()).unwrap_or_default().trim_start_matches('0');
        let whole = digits.parse::<u64>().is_ok();
        let finding = refusal(Code::NotJson, Place::Bytes(at.clone()), "a number that begins with 0")
            .label("not a number")
            .help("leave out the 0 in front, or write a text in double quotes, as for file modes: \"0640\"");
        return if whole { finding.fix(format!("write {digits}"), Place::Bytes(at), digits) } else { finding };
    }
    let at = last_character(text, after);
    refusal(Code::NotJson, Place::Bytes(at.clone()), "a comma is missing").label("`,` is expected after this").fix(
        "add `,`",
        Place::Bytes(at.end..at.end),
        ",",
    )
}

/// What to write instead of what stands there, with a title, where that is one thing.
fn instead(kind: &ParseErrorKind, range: &Range<usize>, text: &str) -> Option<(String, String)> {
    let found = text.get(range.clone())?;
    match kind {
        ParseErrorKind::TrailingCommasNotAllowed => Some(("remove the comma".to_owned(), String::new())),
        ParseErrorKind::CommentsNotAllowed => Some(("remove the comment".to_owned(), String::new())),
        ParseErrorKind::ExpectedColonAfterObjectKey => Some(("add `:`".to_owned(), format!(": {found}"))),
        ParseErrorKind::ExpectedStringObjectProperty
            if found.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && stands_alone(range.end, text) =>
        {
            Some(("put it in double quotes".to_owned(), format!("\"{found}\"")))
        }
        ParseErrorKind::UnexpectedWord | ParseErrorKind::UnexpectedToken => {
            let written = match found.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => "true",
                "false" | "no" | "off" => "false",
                "null" => "null",
                word if word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    && stands_alone(range.end, text) =>
                {
                    return Some(("put it in double quotes".to_owned(), format!("\"{found}\"")));
                }
                _ => return None,
            };
            Some((format!("write {written}"), written.to_owned()))
        }
        _ => None,
    }
}

/// Whether a word that ends here is all that is meant: a quote that is forgotten in front of more cuts a value in pieces.
fn stands_alone(end: usize, text: &str) -> bool {
    let next = text.get(end..).unwrap_or_default().trim_start().chars().next();
    next.is_none_or(|next| matches!(next, ',' | ':' | '}' | ']'))
}

/// The text in single quotes that begins at `start`, and the same in double quotes, if no character in it would need more.
fn in_single_quotes(start: usize, text: &str) -> Option<(Range<usize>, String)> {
    let (inside, _) = text.get(start..)?.strip_prefix('\'')?.split_once('\'')?;
    let plain = !inside.chars().any(|c| c.is_control() || matches!(c, '"' | '\\'));
    plain.then(|| (start..start + inside.len() + 2, format!("\"{inside}\"")))
}

fn is_number(kind: &ParseErrorKind) -> bool {
    matches!(
        kind,
        ParseErrorKind::HexadecimalNumbersNotAllowed
            | ParseErrorKind::UnaryPlusNumbersNotAllowed
            | ParseErrorKind::BareDecimalPointNumbersNotAllowed
            | ParseErrorKind::ExpectedDigit
            | ParseErrorKind::ExpectedDigitFollowingNegativeSign
            | ParseErrorKind::ExpectedPlusMinusOrDigitInNumberLiteral
    )
}

/// All characters around `at` that someone may have meant as one number.
fn number_around(at: usize, text: &str) -> Range<usize> {
    let part = |next: char| next.is_ascii_alphanumeric() || matches!(next, '+' | '-' | '.' | '_');
    let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at..).unwrap_or_default());
    let start = before.trim_end_matches(part).len();
    start..at + after.len() - after.trim_start_matches(part).len()
}

fn unclosed(opening: usize, text: &str, what: &str, bracket: char) -> Finding {
    let end = last_character(text, text.len());
    let message = format!("the file ends inside an {what}");
    let mut finding =
        refusal(Code::NotJson, Place::Bytes(end), message).label(format!("`{bracket}` is expected after this"));
    finding.also.push((Place::Bytes(opening..opening + 1), format!("this {what} is not closed")));
    finding
}

fn ends_here(range: &Range<usize>, text: &str) -> bool {
    text.get(range.start..).is_some_and(|rest| rest.trim().is_empty())
}

fn expected_at_end(kind: &ParseErrorKind) -> &'static str {
    match kind {
        ParseErrorKind::ExpectedColonAfterObjectKey => "`:` and a value are expected after this",
        _ => "a value is expected after this",
    }
}

/// The last character before `end` that is not white space.
fn last_character(text: &str, end: usize) -> Range<usize> {
    let before = text.get(..end).unwrap_or(text).trim_end();
    before.char_indices().next_back().map_or(0..0, |(at, _)| at..before.len())
}

fn string(kind: &ParseStringErrorKind, range: Range<usize>, text: &str) -> Finding {
    let start = range.start;
    match kind {
        ParseStringErrorKind::UnterminatedStringLiteral => {
            let line = text.get(start..).and_then(|rest| rest.lines().next()).map_or(1, str::len);
            refusal(Code::NotJson, Place::Bytes(start..start + line), "a text is not closed")
                .label("`\"` is missing")
                .help("close it with `\"`")
        }
        ParseStringErrorKind::ExpectedFourHexDigits => {
            refusal(Code::NotJson, Place::Bytes(start..start + 2), "an escape that is not complete")
                .label("four hexadecimal digits are expected after `\\u`")
        }
        ParseStringErrorKind::InvalidUnicodeEscapeSequence(_) => {
            refusal(Code::NotJson, Place::Bytes(start..start + 6), "half a character")
                .label("a surrogate without its other half")
                .help("write the character itself; the file is UTF-8")
        }
        ParseStringErrorKind::InvalidEscapeInSingleQuoteString
        | ParseStringErrorKind::InvalidEscapeInDoubleQuoteString
        | ParseStringErrorKind::ExpectedTwoHexDigits
        | ParseStringErrorKind::InvalidEscape => {
            refusal(Code::NotJson, Place::Bytes(start..start + 2), "an escape that JSON does not have")
                .label("not an escape")
                .fix("write two backslashes", Place::Bytes(start..start + 1), "\\\\")
                .help("a backslash is written `\\\\`; the others are \\\" \\/ \\b \\f \\n \\r \\t and \\u0000")
        }
    }
}

fn words(kind: &ParseErrorKind, range: &Range<usize>, text: &str) -> Words {
    let found = text.get(range.clone()).unwrap_or_default();
    let before = text.get(..range.start).and_then(|before| before.trim_end().chars().next_back());
    match kind {
        ParseErrorKind::TrailingCommasNotAllowed => ("a comma after the last element", "remove it", ""),
        ParseErrorKind::CommentsNotAllowed | ParseErrorKind::UnterminatedCommentBlock => COMMENT,
        ParseErrorKind::SingleQuotedStringsNotAllowed => (SINGLE_QUOTES, "use double quotes", QUOTES),
        ParseErrorKind::ExpectedStringObjectProperty => ("a key without quotes", "put it in double quotes", QUOTES),
        ParseErrorKind::ExpectedColonAfterObjectKey => ("a colon is missing", "`:` is expected before this", ""),
        ParseErrorKind::MultipleRootJsonValues => (
            "something stands after the end",
            "the value that began the file ended before this",
            "is a bracket closed too early?",
        ),
        ParseErrorKind::NonFiniteNumbersNotAllowed => ("JSON has no infinity", "not a number", NUMBERS),
        ParseErrorKind::UnexpectedCloseBrace
        | ParseErrorKind::UnexpectedCloseBracket
        | ParseErrorKind::UnexpectedComma
        | ParseErrorKind::UnexpectedColon => instead_of_value(found, before),
        ParseErrorKind::UnexpectedTokenInObject => in_object(found, before),
        ParseErrorKind::UnexpectedWord | ParseErrorKind::UnexpectedToken => word(found),
        _ => ("this is not JSON", "not expected here", QUOTES),
    }
}

/// A bracket, comma or colon in an array, or behind a colon.
fn instead_of_value(found: &str, before: Option<char>) -> Words {
    match (found, before) {
        ("}", Some(':')) => ("a value is missing before `}`", "a value is expected here", ""),
        ("}", Some(',')) => ("a comma after the last element", "a value or `]` is expected here", ""),
        ("}", _) => ("an array is closed with `}`", "`]` is expected here", ""),
        ("]", Some(':')) => ("a value is missing before `]`", "a value is expected here", ""),
        ("]", _) => ("`]` without `[`", "a value is expected here", ""),
        (",", _) => ("a value is missing before a comma", "a value is expected here", ""),
        (":", Some(':')) => ("two colons", "a value is expected here", ""),
        (":", _) => (
            "a colon outside an object",
            "a value, `,` or `]` is expected here",
            "keys stand in objects: `{ \"key\": … }`",
        ),
        (_, _) => ("this is not JSON", "a value is expected here", ""),
    }
}

/// Something in an object that is not a key.
fn in_object(found: &str, before: Option<char>) -> Words {
    match before {
        Some(last) if found == "]" && last != ',' => ("an object is closed with `]`", "`}` is expected here", ""),
        Some('{') => ("a key is missing", "a key in double quotes or `}` is expected here", ""),
        Some(',') => ("a key is missing after a comma", "a key in double quotes is expected here", ""),
        _ => ("an object goes on without a comma", "`,` or `}` is expected here", ""),
    }
}

fn word(found: &str) -> Words {
    if found.starts_with('#') {
        return COMMENT;
    }
    let help = match found.to_ascii_lowercase().as_str() {
        "true" | "false" | "null" => "JSON writes `true`, `false` and `null` in lower case",
        "yes" | "on" => "write `true`, or put the text in double quotes",
        "no" | "off" => "write `false`, or put the text in double quotes",
        "none" | "nil" | "undefined" => "leave the field out",
        _ => QUOTES,
    };
    ("a word or sign without quotes", "not a value", help)
}
