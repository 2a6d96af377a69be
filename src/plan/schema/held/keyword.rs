//! What a keyword says of a value by itself, without another schema. Reads nothing, changes nothing.

use super::{Keywords, list, word, wrong};
use crate::plan::schema::{WrongSchema, types};
use crate::plan::values;
use serde_json::{Number, Value};
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Keywords that a value is not held against.
pub(super) const SAYS_NOTHING: [&str; 13] = [
    "$id",
    "$schema",
    "default",
    "defaultSnippets",
    "description",
    "enumDescriptions",
    "errorMessage",
    "examples",
    "markdownDescription",
    "markdownEnumDescriptions",
    "patternErrorMessage",
    "title",
    "writeOnly",
];

/// Keywords below which each member is a schema. A value is held against those by a reference, or member by member.
pub(super) const HOLDS_SCHEMAS: [&str; 3] = ["$defs", "patternProperties", "properties"];

/// Whether there is a format among these keywords which says the same as a pattern beside it, with a parser.
pub(super) fn says_all(keywords: &Keywords) -> bool {
    keywords.get("format").and_then(Value::as_str).is_some_and(|format| values::FORMATS.contains(&format))
}

/// Whether a value is as a keyword wants it. What a keyword has to say of another kind of values is nothing.
pub(super) fn fits(keyword: &str, wanted: &Value, value: &Value) -> Result<bool, WrongSchema> {
    Ok(match (keyword, value) {
        // Each member is held against it.
        ("additionalProperties", _) => true,
        ("type", _) => is_of_type(wanted, value)?,
        ("const", _) => same(wanted, value),
        ("enum", _) => list(wanted)?.iter().any(|one| same(one, value)),
        ("format", Value::String(text)) => is_of_format(wanted, text)?,
        ("minimum", Value::Number(number)) => order(number, bound(wanted)?) != Ordering::Less,
        ("maximum", Value::Number(number)) => order(number, bound(wanted)?) != Ordering::Greater,
        ("minLength", Value::String(text)) => text.chars().count() >= count(wanted)?,
        ("maxLength", Value::String(text)) => text.chars().count() <= count(wanted)?,
        ("minItems", Value::Array(items)) => items.len() >= count(wanted)?,
        ("maxItems", Value::Array(items)) => items.len() <= count(wanted)?,
        ("uniqueItems", Value::Array(items)) => !switch(wanted)? || twice(items).is_none(),
        ("minProperties", Value::Object(members)) => members.len() >= count(wanted)?,
        ("required", Value::Object(members)) => {
            super::all(list(wanted)?, |name| Ok(members.contains_key(word(name)?)))?
        }
        (
            "format" | "minimum" | "maximum" | "minLength" | "maxLength" | "minItems" | "maxItems" | "uniqueItems"
            | "minProperties" | "required",
            _,
        ) => true,
        (_, _) if SAYS_NOTHING.contains(&keyword) || HOLDS_SCHEMAS.contains(&keyword) => true,
        (_, _) => return Err(wrong("a keyword that is not known", &Value::from(keyword))),
    })
}

fn is_of_type(wanted: &Value, value: &Value) -> Result<bool, WrongSchema> {
    match wanted {
        Value::Array(names) => Ok(!super::all(names, |name| Ok(!is_of_type_named(name, value)?))?),
        name => is_of_type_named(name, value),
    }
}

/// A number without a fraction is a whole one, however it is written.
fn is_of_type_named(name: &Value, value: &Value) -> Result<bool, WrongSchema> {
    match word(name)? {
        "integer" if value.as_f64().is_some_and(|number| number.fract() == 0.0) => Ok(true),
        known @ ("null" | "boolean" | "integer" | "number" | "string" | "array" | "object") => {
            Ok(types::fits(value, known))
        }
        _ => Err(wrong("a type that is not known", name)),
    }
}

fn is_of_format(wanted: &Value, text: &str) -> Result<bool, WrongSchema> {
    let format = word(wanted)?;
    if !values::FORMATS.contains(&format) {
        return Err(wrong("a format that is not known", wanted));
    }
    Ok(values::problem_of(format, text).is_none())
}

fn switch(wanted: &Value) -> Result<bool, WrongSchema> {
    wanted.as_bool().ok_or_else(|| wrong("neither true nor false", wanted))
}

fn bound(wanted: &Value) -> Result<&Number, WrongSchema> {
    wanted.as_number().ok_or_else(|| wrong("no number", wanted))
}

fn count(wanted: &Value) -> Result<usize, WrongSchema> {
    wanted.as_u64().and_then(|count| usize::try_from(count).ok()).ok_or_else(|| wrong("no count", wanted))
}

/// Numbers are the same where they are equal, however they are written.
fn same(one: &Value, other: &Value) -> bool {
    normal(one) == normal(other)
}

/// Compares without rounding.
fn order(one: &Number, other: &Number) -> Ordering {
    match (one.as_i128(), other.as_i128()) {
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(one), None) => against_float(one, other),
        (None, Some(other)) => against_float(other, one).reverse(),
        (None, None) => one.as_f64().partial_cmp(&other.as_f64()).unwrap_or(Ordering::Equal),
    }
}

/// What is beyond the whole numbers of JSON is so after it was cut off as well.
#[allow(clippy::cast_possible_truncation, reason = "a float beyond all whole numbers becomes the outermost one")]
fn against_float(whole: i128, float: &Number) -> Ordering {
    let float = float.as_f64().unwrap_or_default();
    whole.cmp(&(float.trunc() as i128)).then_with(|| 0.0_f64.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

/// The places of the first two elements of a list that are the same.
pub(in super::super) fn twice(list: &[Value]) -> Option<(usize, usize)> {
    let mut places = BTreeMap::new();
    let again = |(place, element)| places.insert(normal(element), place).map(|first| (first, place));
    list.iter().enumerate().find_map(again)
}

/// A text as it is, and all else as a text in which a number stands as a whole one if it is one.
fn normal(value: &Value) -> (Option<&str>, Option<String>) {
    match value {
        Value::String(text) => (Some(text), None),
        value => (None, Some(normal_text(value))),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "a float that is beyond them is written as it is")]
fn normal_text(value: &Value) -> String {
    const BEYOND: f64 = 1e30;
    match value {
        Value::Number(number) => match number.as_f64().filter(|float| number.is_f64() && float.abs() < BEYOND) {
            Some(float) if float.fract() == 0.0 => (float as i128).to_string(),
            Some(_) | None => number.to_string(),
        },
        Value::Array(items) => format!("[{}]", items.iter().map(normal_text).collect::<Vec<_>>().join(",")),
        Value::Object(members) => {
            let members = members.iter().map(|(name, value)| format!("{name:?}:{}", normal_text(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Null | Value::Bool(_) | Value::String(_) => value.to_string(),
    }
}
