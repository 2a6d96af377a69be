//! Says of most values at once whether they fit a schema, without compiling it. Reads nothing, changes nothing.
//!
//! Compiling takes a validator many times as long as everything else that is done to a plan, and most plans have no mistake. So what
//! plainly fits is not shown to the validator at all. Where this module meets a keyword or a value that it does not know for certain, it
//! can't tell, and the validator decides: it is the only one that says what is wrong.

use crate::plan::values;
use regex::Regex;
use serde_json::{Map, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// Keywords that a value is not held against.
const SAYS_NOTHING: [&str; 13] = [
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

/// Keywords below which each member is a schema. A value is held against those by other keywords: a reference, `additionalProperties`.
const HOLDS_SCHEMAS: [&str; 3] = ["$defs", "patternProperties", "properties"];

/// Whether a pattern beside this format says the same, with a regular expression.
fn says_all(format: &str) -> bool {
    values::FORMATS.contains(&format)
}

/// Whether `value` fits `schema` (draft 2020-12, with the formats of [`values`]); `None` where that is not plain.
pub(super) fn fits(schema: &Value, value: &Value) -> Option<bool> {
    Judge { root: schema, patterns: RefCell::default() }.fits(schema, value)
}

struct Judge<'a> {
    root: &'a Value,
    /// Those that were needed so far; nothing for one that another dialect could read otherwise.
    patterns: RefCell<BTreeMap<&'a str, Option<Regex>>>,
}

impl<'a> Judge<'a> {
    fn fits(&self, schema: &'a Value, value: &Value) -> Option<bool> {
        match schema {
            Value::Bool(all_or_nothing) => Some(*all_or_nothing),
            Value::Object(keywords) => {
                let members = || value.as_object().map_or(Some(true), |object| self.members_fit(keywords, object));
                let each = keywords.iter().map(|(keyword, wanted)| self.keyword_fits(keywords, keyword, wanted, value));
                all(each.chain(std::iter::once_with(members)))
            }
            Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => None,
        }
    }

    fn keyword_fits(
        &self,
        beside: &'a Map<String, Value>,
        keyword: &str,
        wanted: &'a Value,
        value: &Value,
    ) -> Option<bool> {
        match keyword {
            _ if SAYS_NOTHING.contains(&keyword) || HOLDS_SCHEMAS.contains(&keyword) => Some(true),
            "additionalProperties" => Some(true),
            "type" => is_of_type(wanted, value),
            "const" => same(wanted, value),
            "enum" => any(wanted.as_array()?.iter().map(|one| same(one, value))),
            "$ref" => self.fits(self.root.pointer(wanted.as_str()?.strip_prefix('#')?)?, value),
            "not" => self.fits(wanted, value).map(|fits| !fits),
            "oneOf" => {
                let fit: Option<Vec<bool>> = wanted.as_array()?.iter().map(|one| self.fits(one, value)).collect();
                Some(fit?.into_iter().filter(|fits| *fits).count() == 1)
            }
            "anyOf" => any(wanted.as_array()?.iter().map(|one| self.fits(one, value))),
            "format" => of_texts(value, |text| of_format(wanted.as_str()?, text)),
            "pattern" => of_texts(value, |text| match beside.get("format").and_then(Value::as_str) {
                Some(format) if says_all(format) => Some(true),
                Some(_) | None => self.matches(wanted.as_str()?, text),
            }),
            "minLength" => of_texts(value, |text| Some(text.chars().count() as u64 >= wanted.as_u64()?)),
            "maxLength" => of_texts(value, |text| Some(text.chars().count() as u64 <= wanted.as_u64()?)),
            "minimum" => of_numbers(wanted, value, |least, number| number >= least),
            "maximum" => of_numbers(wanted, value, |most, number| number <= most),
            "items" => of_arrays(value, |array| all(array.iter().map(|item| self.fits(wanted, item)))),
            "minItems" => of_arrays(value, |array| Some(array.len() as u64 >= wanted.as_u64()?)),
            "maxItems" => of_arrays(value, |array| Some(array.len() as u64 <= wanted.as_u64()?)),
            "uniqueItems" => of_arrays(value, |array| are_unique(wanted, array)),
            "required" => of_objects(value, |object| {
                all(wanted.as_array()?.iter().map(|name| Some(object.contains_key(name.as_str()?))))
            }),
            "minProperties" => of_objects(value, |object| Some(object.len() as u64 >= wanted.as_u64()?)),
            "propertyNames" => of_objects(value, |object| {
                all(object.keys().map(|name| self.fits(wanted, &Value::String(name.clone()))))
            }),
            _ => None,
        }
    }

    /// Holds each member against what the schema says of its name.
    fn members_fit(&self, keywords: &'a Map<String, Value>, object: &Map<String, Value>) -> Option<bool> {
        let keyword = |name: &str| keywords.get(name);
        let named = keyword("properties").map(Value::as_object);
        let patterns = keyword("patternProperties").map(Value::as_object);
        // What is there is an object, or can't be told.
        let (named, patterns) = (
            named.map_or(Some(None), |named| named.map(Some))?,
            patterns.map_or(Some(None), |patterns| patterns.map(Some))?,
        );
        all(object.iter().map(|(name, value)| {
            let own = named.and_then(|named| named.get(name));
            let mut is_known = own.is_some();
            let mut fits = own.map_or(Some(true), |schema| self.fits(schema, value))?;
            for (pattern, schema) in patterns.into_iter().flatten() {
                if self.matches(pattern, name)? {
                    is_known = true;
                    fits &= self.fits(schema, value)?;
                }
            }
            match keyword("additionalProperties") {
                Some(schema) if !is_known => self.fits(schema, value),
                Some(_) | None => Some(fits),
            }
        }))
    }

    fn matches(&self, pattern: &'a str, text: &str) -> Option<bool> {
        // Most patterns are a beginning, or some whole words: a regular expression would take longer to make than all else.
        if let Some(rest) = pattern.strip_prefix('^') {
            if is_literal(rest) {
                return Some(text.starts_with(rest));
            }
            let words = rest.strip_prefix('(').and_then(|rest| rest.strip_suffix(")$"));
            if let Some(words) = words.filter(|words| words.split('|').all(is_literal)) {
                return Some(words.split('|').any(|word| word == text));
            }
        }
        let mut patterns = self.patterns.borrow_mut();
        let plain = || if is_plain(pattern) { Regex::new(pattern).ok() } else { None };
        patterns.entry(pattern).or_insert_with(plain).as_ref().map(|regex| regex.is_match(text))
    }
}

/// Whether every dialect of regular expressions reads it as nothing but these letters.
fn is_literal(pattern: &str) -> bool {
    pattern.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_')
}

/// Whether every dialect of regular expressions reads it alike: of what begins with a backslash, only the literal dot does.
fn is_plain(pattern: &str) -> bool {
    pattern.is_ascii()
        && !pattern.replace("\\.", "").contains('\\')
        && !pattern.contains("(?")
        && !pattern.contains("[[")
}

/// Nothing where one can't be told and no other fails.
fn all(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut told = Some(true);
    for one in each {
        match one {
            Some(true) => {}
            Some(false) => return Some(false),
            None => told = None,
        }
    }
    told
}

fn any(each: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(each.map(|one| one.map(|fits| !fits))).map(|none| !none)
}

fn of_texts(value: &Value, fits: impl FnOnce(&str) -> Option<bool>) -> Option<bool> {
    value.as_str().map_or(Some(true), fits)
}

fn of_arrays(value: &Value, fits: impl FnOnce(&[Value]) -> Option<bool>) -> Option<bool> {
    value.as_array().map_or(Some(true), |array| fits(array))
}

fn of_objects(value: &Value, fits: impl FnOnce(&Map<String, Value>) -> Option<bool>) -> Option<bool> {
    value.as_object().map_or(Some(true), fits)
}

fn of_numbers(bound: &Value, value: &Value, fits: impl FnOnce(f64, f64) -> bool) -> Option<bool> {
    match value {
        Value::Number(_) => Some(fits(exactly(bound)?, exactly(value)?)),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => Some(true),
    }
}

/// A number that is compared without being rounded.
fn exactly(value: &Value) -> Option<f64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    value.as_f64().filter(|number| number.abs() < EXACT)
}

fn of_format(format: &str, text: &str) -> Option<bool> {
    says_all(format).then(|| values::problem_of(format, text).is_none())
}

fn is_of_type(wanted: &Value, value: &Value) -> Option<bool> {
    match wanted {
        Value::String(name) => is_of_type_named(name, value),
        Value::Array(names) => any(names.iter().map(|name| is_of_type_named(name.as_str()?, value))),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}

fn is_of_type_named(name: &str, value: &Value) -> Option<bool> {
    let is = match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "number" => value.is_number(),
        // 1.0 is one as well.
        "integer" if value.is_f64() => return None,
        "integer" => value.is_number(),
        _ => return None,
    };
    Some(is)
}

/// Numbers can be the same though they are written otherwise.
fn same(one: &Value, other: &Value) -> Option<bool> {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => Some(one.as_i64()? == other.as_i64()?),
        (Value::Array(_) | Value::Object(_), Value::Array(_) | Value::Object(_)) => None,
        (one, other) => Some(one == other),
    }
}

fn are_unique(wanted: &Value, array: &[Value]) -> Option<bool> {
    if !wanted.as_bool()? {
        return Some(true);
    }
    let texts: Option<std::collections::BTreeSet<&str>> = array.iter().map(Value::as_str).collect();
    Some(texts?.len() == array.len())
}

#[cfg(test)]
mod tests;
