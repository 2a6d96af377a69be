//! A value held against a schema: whether it fits, and each of its mistakes. Reads nothing, changes nothing.
//!
//! It knows the keywords of JSON Schema (draft 2020-12) that the schemas of this program have, and refuses a schema with any other, as
//! far as it looks at it. Most plans have no mistake, so whether a value fits is told first, without a word about where and why.

mod keyword;
mod mistakes;
mod pattern;

use super::WrongSchema;
use pattern::Patterns;
use serde_json::{Map, Value};

pub(super) use keyword::twice;
pub(super) use mistakes::{Kind, Mistake, mistakes};

/// Whether `value` fits `schema`.
///
/// # Errors
/// If it is no schema, or has a keyword, a format or a pattern that is not known here.
pub(super) fn fits(schema: &Value, value: &Value) -> Result<bool, WrongSchema> {
    Judge::of(schema).fits(schema, value)
}

/// The keywords of schemas.
type Keywords = Map<String, Value>;

struct Judge<'a> {
    root: &'a Value,
    patterns: Patterns<'a>,
}

impl<'a> Judge<'a> {
    fn of(root: &'a Value) -> Self {
        Self { root, patterns: Patterns::default() }
    }

    fn fits(&self, schema: &'a Value, value: &Value) -> Result<bool, WrongSchema> {
        let Some(keywords) = keywords(schema)? else { return Ok(schema == &Value::Bool(true)) };
        for (keyword, wanted) in keywords {
            if !self.keyword_fits(keywords, keyword, wanted, value)? {
                return Ok(false);
            }
        }
        each_member(keywords, value, &self.patterns, &mut |member| self.fits(member.schema, member.value))
    }

    fn keyword_fits(
        &self,
        beside: &'a Keywords,
        keyword: &'a str,
        wanted: &'a Value,
        value: &Value,
    ) -> Result<bool, WrongSchema> {
        match (keyword, value) {
            ("$ref", _) => self.fits(self.referred(wanted)?, value),
            ("not", _) => self.fits(wanted, value).map(|fits| !fits),
            ("oneOf", _) => self.how_many_fit(wanted, value, 2).map(|fit| fit == 1),
            ("anyOf", _) => self.how_many_fit(wanted, value, 1).map(|fit| fit == 1),
            ("items", Value::Array(items)) => all(items, |item| self.fits(wanted, item)),
            ("propertyNames", Value::Object(members)) => {
                all(members.keys(), |name| self.fits(wanted, &Value::String(name.clone())))
            }
            ("pattern", Value::String(text)) if !keyword::says_all(beside) => self.patterns.matches(wanted, text),
            ("items" | "propertyNames" | "pattern", _) => Ok(true),
            (_, _) => keyword::fits(keyword, wanted, value),
        }
    }

    /// How many alternatives fit; counting ends at `enough`.
    fn how_many_fit(&self, alternatives: &'a Value, value: &Value, enough: usize) -> Result<usize, WrongSchema> {
        let mut fit = 0;
        for alternative in list(alternatives)? {
            if fit < enough && self.fits(alternative, value)? {
                fit += 1;
            }
        }
        Ok(fit)
    }

    fn referred(&self, reference: &Value) -> Result<&'a Value, WrongSchema> {
        let path = reference.as_str().and_then(|reference| reference.strip_prefix('#'));
        // As nearly all are. (`pointer` copies each segment twice to read what is escaped in it.)
        let name = path.and_then(|path| path.strip_prefix("/$defs/")).filter(|name| !name.contains(['/', '~']));
        let defined = name.and_then(|name| self.root.get("$defs")?.get(name));
        let found = defined.or_else(|| self.root.pointer(path?));
        found.ok_or_else(|| wrong("a reference to nothing", reference))
    }
}

/// A member of an object, with a schema that it is held against.
struct Member<'a, 'v> {
    name: &'v str,
    value: &'v Value,
    schema: &'a Value,
    /// Nothing else is said of its name.
    is_additional: bool,
}

/// Holds each member of an object against all that is said of its name, until one does not fit.
fn each_member<'a, 'v>(
    keywords: &'a Keywords,
    value: &'v Value,
    patterns: &Patterns<'a>,
    fits: &mut dyn FnMut(&Member<'a, 'v>) -> Result<bool, WrongSchema>,
) -> Result<bool, WrongSchema> {
    let Some(object) = value.as_object() else { return Ok(true) };
    let schemas = |keyword| keywords.get(keyword).map_or(Ok(None), self::keywords);
    let (named, by_pattern, others) =
        (schemas("properties")?, schemas("patternProperties")?, keywords.get("additionalProperties"));
    all(object, |(name, value)| {
        let mut member = Member { name, value, schema: &Value::Bool(true), is_additional: true };
        if let Some(schema) = named.and_then(|named| named.get(name)) {
            member = Member { schema, is_additional: false, ..member };
            if !fits(&member)? {
                return Ok(false);
            }
        }
        for (pattern, schema) in by_pattern.into_iter().flatten() {
            if patterns.match_name(pattern, name)? {
                member = Member { schema, is_additional: false, ..member };
                if !fits(&member)? {
                    return Ok(false);
                }
            }
        }
        match others.filter(|_| member.is_additional) {
            Some(schema) => fits(&Member { schema, ..member }),
            None => Ok(true),
        }
    })
}

/// The keywords of a schema; none if it is a truth value.
fn keywords(schema: &Value) -> Result<Option<&Keywords>, WrongSchema> {
    match schema {
        Value::Object(keywords) => Ok(Some(keywords)),
        Value::Bool(_) => Ok(None),
        Value::Null | Value::Number(_) | Value::String(_) | Value::Array(_) => Err(wrong("no schema", schema)),
    }
}

fn list(schemas: &Value) -> Result<&[Value], WrongSchema> {
    schemas.as_array().map(Vec::as_slice).ok_or_else(|| wrong("no list", schemas))
}

fn word(text: &Value) -> Result<&str, WrongSchema> {
    text.as_str().ok_or_else(|| wrong("no text", text))
}

fn wrong(what: &str, part: &Value) -> WrongSchema {
    WrongSchema(format!("{what}: {part}"))
}

/// Whether everything fits; what comes after the first that does not is not looked at.
fn all<T>(
    each: impl IntoIterator<Item = T>,
    mut fits: impl FnMut(T) -> Result<bool, WrongSchema>,
) -> Result<bool, WrongSchema> {
    for one in each {
        if !fits(one)? {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
