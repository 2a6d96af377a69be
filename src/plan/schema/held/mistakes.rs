//! Everything that does not fit a schema, each with its place and with what is wanted there. Reads nothing, changes nothing.

use super::{Judge, Keywords, all, each_member, keywords, list, word};
use crate::diagnostics::Pointer;
use crate::plan::schema::{MOST, WrongSchema};
use serde_json::Value;

/// What of a value does not fit.
#[derive(Debug)]
pub(in super::super) struct Mistake<'a> {
    /// Where the value stands.
    pub(in super::super) pointer: Pointer,
    /// The part of the schema that has the keyword.
    pub(in super::super) schema: &'a Value,
    pub(in super::super) kind: Kind<'a>,
}

#[derive(Debug)]
pub(in super::super) enum Kind<'a> {
    /// The value is not as a keyword wants it.
    Value { keyword: &'a str, wanted: &'a Value },
    /// An object lacks a member.
    Missing { name: &'a str },
    /// An object has a member of which nothing is known.
    Unexpected { name: String },
    /// The name of a member is wrong, and why.
    Name { name: String, mistakes: Vec<Mistake<'a>> },
    /// The value is none of several things, or more than one of them. Beside each, what speaks against it.
    Alternatives { of: Vec<(&'a Value, Vec<Mistake<'a>>)> },
}

/// The mistakes of `value`, in no particular order; not more than [`MOST`] of one value.
///
/// # Errors
/// As [`super::fits`].
pub(in super::super) fn mistakes<'a>(schema: &'a Value, value: &Value) -> Result<Vec<Mistake<'a>>, WrongSchema> {
    let mut mistakes = Judge::of(schema).mistakes(schema, value, &Place::Root)?;
    mistakes.truncate(MOST);
    Ok(mistakes)
}

/// Where a value stands. Most have no mistake, so it is not written down before there is one.
#[derive(Clone, Copy)]
enum Place<'p> {
    Root,
    Member(&'p Place<'p>, &'p str),
    Element(&'p Place<'p>, usize),
}

impl Place<'_> {
    fn pointer(&self) -> Pointer {
        match self {
            Self::Root => Pointer::root(),
            Self::Member(above, name) => above.pointer().then(name),
            Self::Element(above, index) => above.pointer().then(index),
        }
    }
}

impl<'a> Judge<'a> {
    fn mistakes(&self, schema: &'a Value, value: &Value, place: &Place<'_>) -> Result<Vec<Mistake<'a>>, WrongSchema> {
        let mut found = Found { place, schema, mistakes: Vec::new() };
        match keywords(schema)? {
            Some(keywords) => {
                for keyword in keywords {
                    self.held_against(keyword, keywords, value, &mut found)?;
                }
                each_member(keywords, value, &self.patterns, &mut |member| {
                    if member.is_additional && member.schema == &Value::Bool(false) {
                        found.add(Kind::Unexpected { name: member.name.to_owned() });
                    } else {
                        let place = Place::Member(place, member.name);
                        found.add_all(self.mistakes(member.schema, member.value, &place)?);
                    }
                    Ok(found.mistakes.len() < MOST)
                })?;
            }
            None if schema == &Value::Bool(true) => {}
            None => found.add(Kind::Value { keyword: "not", wanted: schema }),
        }
        Ok(found.mistakes)
    }

    /// Adds the mistakes that a value has by one keyword.
    fn held_against(
        &self,
        (keyword, wanted): (&'a String, &'a Value),
        beside: &'a Keywords,
        value: &Value,
        found: &mut Found<'a, '_>,
    ) -> Result<(), WrongSchema> {
        let place = found.place;
        match (keyword.as_str(), value) {
            ("$ref", _) => found.add_all(self.mistakes(self.referred(wanted)?, value, place)?),
            ("items", Value::Array(items)) => {
                all(items.iter().enumerate(), |(index, item)| {
                    found.add_all(self.mistakes(wanted, item, &Place::Element(place, index))?);
                    Ok(found.mistakes.len() < MOST)
                })?;
            }
            ("propertyNames", Value::Object(members)) => {
                all(members.keys(), |name| {
                    let mistakes = self.mistakes(wanted, &Value::String(name.clone()), place)?;
                    if !mistakes.is_empty() {
                        found.add(Kind::Name { name: name.clone(), mistakes });
                    }
                    Ok(found.mistakes.len() < MOST)
                })?;
            }
            ("required", Value::Object(members)) => {
                for name in list(wanted)? {
                    let name = word(name)?;
                    if !members.contains_key(name) {
                        found.add(Kind::Missing { name });
                    }
                }
            }
            (_, _) if self.keyword_fits(beside, keyword, wanted, value)? => {}
            ("oneOf" | "anyOf", _) => {
                let against = |alternative| Ok((alternative, self.mistakes(alternative, value, place)?));
                let of = list(wanted)?.iter().map(against).collect::<Result<_, _>>()?;
                found.add(Kind::Alternatives { of });
            }
            (_, _) => found.add(Kind::Value { keyword, wanted }),
        }
        Ok(())
    }
}

/// The mistakes of one value.
struct Found<'a, 'p> {
    place: &'p Place<'p>,
    schema: &'a Value,
    mistakes: Vec<Mistake<'a>>,
}

impl<'a> Found<'a, '_> {
    fn add(&mut self, kind: Kind<'a>) {
        self.mistakes.push(Mistake { pointer: self.place.pointer(), schema: self.schema, kind });
    }

    fn add_all(&mut self, mistakes: Vec<Mistake<'a>>) {
        self.mistakes.extend(mistakes);
    }
}
