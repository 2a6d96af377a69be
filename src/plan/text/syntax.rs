//! Text to a value and spans, or the first mistake against JSON's grammar. Reads nothing, changes nothing.
//!
//! No message here quotes the text: it may be a secrets file.

use super::{decode::refusal, duplicates, grammar};
use crate::diagnostics::{Code, Finding, Place, Span};
use jsonc_parser::{CollectOptions, ParseOptions, ast};
use serde_json::Value;
use std::ops::Range;

/// A text that is JSON.
pub(super) struct Parsed {
    /// Its value; of duplicate keys the last counts.
    pub(super) value: Value,
    /// Where everything stands.
    pub(super) spans: Span,
    /// One finding for each key that stands twice.
    pub(super) duplicates: Vec<Finding>,
}

/// Every leniency off: what is left is JSON, except for raw control characters and numbers too large.
const STRICT: ParseOptions = ParseOptions {
    allow_comments: false,
    allow_loose_object_property_names: false,
    allow_trailing_commas: false,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

pub(super) fn parse(text: &str) -> Result<Parsed, Box<Finding>> {
    let control = forbidden_character(text);
    let tree = match jsonc_parser::parse_to_ast(text, &CollectOptions::default(), &STRICT) {
        Err(error) => {
            let earlier = control.filter(|found| found.opening <= error.range().start);
            let finding = earlier.map_or_else(|| grammar::told(&error, text), |found| found.told(text));
            return Err(Box::new(finding));
        }
        Ok(parsed) => parsed.value.ok_or_else(|| Box::new(unexplained(text, text.len())))?,
    };
    if let Some(found) = control {
        return Err(Box::new(found.told(text)));
    }
    let mut value = serde_json::from_str(text).map_err(|error| Box::new(refused_by_serde(&error, &tree, text)))?;
    let mut duplicates = Vec::new();
    let spans = duplicates::spans(&tree, &mut duplicates);
    write_whole_numbers_whole(&mut value);
    Ok(Parsed { value, spans, duplicates })
}

/// A raw control character inside a text, or white space outside that JSON does not have.
struct ForbiddenCharacter {
    opening: usize,
    at: usize,
    character: char,
}

impl ForbiddenCharacter {
    fn told(&self, text: &str) -> Finding {
        let Self { opening, at, character } = *self;
        if matches!(character, '\n' | '\r') {
            let line = text.get(opening..at).map_or(at, |line| opening + line.trim_end().len());
            return refusal(Code::NotJson, Place::Bytes(opening..line), "a text is not closed on its line")
                .label("`\"` is missing")
                .help("close it with `\"`; a line break inside a text is written `\\n`");
        }
        if !character.is_control() {
            let place = Place::Bytes(at..at + character.len_utf8());
            return refusal(Code::NotJson, place, "white space that JSON does not have")
                .label(format!("U+{:04X}", u32::from(character)))
                .help("write an ordinary space")
                .fix("write an ordinary space", Place::Bytes(at..at + character.len_utf8()), " ");
        }
        let written = if character == '\t' { "\\t".to_owned() } else { format!("\\u{:04x}", u32::from(character)) };
        refusal(Code::NotJson, Place::Bytes(at..at + 1), "a raw control character in a text")
            .label(format!("U+{:04X}", u32::from(character)))
            .help(format!("write it as `{written}`"))
            .fix(format!("write `{written}`"), Place::Bytes(at..at + 1), &written)
    }
}

/// The first raw control character inside quotes, or foreign white space outside them.
fn forbidden_character(text: &str) -> Option<ForbiddenCharacter> {
    let (mut opening, mut escaped) = (None, false);
    for (at, character) in text.char_indices() {
        match (opening, character) {
            (None, '"') => opening = Some(at),
            (None, ' ' | '\t' | '\r' | '\n') => {}
            (None, other) if other.is_whitespace() => return Some(ForbiddenCharacter { opening: at, at, character }),
            (None, _) => {}
            (Some(opening), '\0'..='\x1f') => return Some(ForbiddenCharacter { opening, at, character }),
            (Some(_), _) if escaped => escaped = false,
            (Some(_), '\\') => escaped = true,
            (Some(_), '"') => opening = None,
            (Some(_), _) => {}
        }
    }
    None
}

fn refused_by_serde(error: &serde_json::Error, tree: &ast::Value<'_>, text: &str) -> Finding {
    if let Some(number) = infinite_number(tree) {
        return refusal(Code::NotJson, Place::Bytes(number), "a number too large to be represented")
            .label("larger than any number here needs to be");
    }
    let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
    unexplained(text, line_start + error.column().saturating_sub(1))
}

/// `3.0` and `3e0` are the number 3 to JSON, but a fraction to whoever reads a whole number from them.
fn write_whole_numbers_whole(value: &mut Value) {
    match value {
        Value::Number(number) if number.is_f64() => {
            // Beyond this a fraction doesn't hold every whole number.
            let exact = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() < 9e15);
            if let Some(whole) = exact.and_then(|number| format!("{number:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(write_whole_numbers_whole),
        Value::Object(members) => members.values_mut().for_each(write_whole_numbers_whole),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn infinite_number(value: &ast::Value<'_>) -> Option<Range<usize>> {
    match value {
        ast::Value::NumberLit(node) => {
            node.value.parse::<f64>().is_ok_and(f64::is_infinite).then(|| duplicates::range_of(value))
        }
        ast::Value::Object(node) => node.properties.iter().find_map(|member| infinite_number(&member.value)),
        ast::Value::Array(node) => node.elements.iter().find_map(infinite_number),
        ast::Value::StringLit(_) | ast::Value::BooleanLit(_) | ast::Value::NullKeyword(_) => None,
    }
}

fn unexplained(text: &str, at: usize) -> Finding {
    let at = at.min(text.len());
    refusal(Code::NotJson, Place::Bytes(at..at + 1), "this is not JSON").label("the mistake is here or just before")
}
