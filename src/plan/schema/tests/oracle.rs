//! The mistakes of a value as a general validator finds them, and as they are found here, both in the same words.

use super::super::held::{Kind, Mistake, mistakes};
use crate::plan::values::{FORMATS, problem_of};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;
use std::collections::BTreeSet;

/// A general validator of this schema, which knows the formats of the values.
pub fn validator(schema: &Value) -> Validator {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    let options = FORMATS.iter().copied().fold(options, |options, format| {
        options.with_format(format, move |text: &str| problem_of(format, text).is_none())
    });
    options.build(schema).unwrap()
}

pub fn by_validator(schema: &Value, value: &Value) -> BTreeSet<String> {
    of_validator(schema, &validator(schema).iter_errors(value).collect::<Vec<_>>())
}

pub fn by_held(schema: &Value, value: &Value) -> BTreeSet<String> {
    of_held(&mistakes(schema, value).unwrap())
}

/// Each error with where the value stands, which part of the schema has the keyword, and what it says.
pub fn of_validator(schema: &Value, errors: &[ValidationError<'_>]) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    for error in errors {
        let place = error.instance_path().as_str();
        let (holder, keyword) = error.schema_path().as_str().rsplit_once('/').unwrap();
        let holder = schema.pointer(holder).unwrap();
        let mut add = |what: String| {
            all.insert(format!("{place} {holder:p} {what}"));
        };
        match error.kind() {
            ValidationErrorKind::AdditionalProperties { unexpected } => {
                unexpected.iter().for_each(|name| add(format!("unexpected {name}")));
            }
            ValidationErrorKind::Required { property } => add(format!("missing {}", property.as_str().unwrap())),
            ValidationErrorKind::PropertyNames { error } => {
                // Which part of the schema it is about is that of the error inside.
                add(format!("{keyword} of the name {}", error.instance().as_str().unwrap()));
            }
            ValidationErrorKind::AnyOf { context }
            | ValidationErrorKind::OneOfNotValid { context }
            | ValidationErrorKind::OneOfMultipleValid { context } => {
                let against: Vec<_> = context.iter().map(|errors| of_validator(schema, errors)).collect();
                add(format!("alternatives {against:?}"));
            }
            // The format beside it says the same.
            ValidationErrorKind::Pattern { .. } if holder.get("format").is_some() => {}
            ValidationErrorKind::FalseSchema => {
                all.insert(format!("{place} {:p} not", holder.get(keyword).unwrap()));
            }
            _ => add(keyword.to_owned()),
        }
    }
    all
}

fn of_held(mistakes: &[Mistake<'_>]) -> BTreeSet<String> {
    mistakes.iter().flat_map(said).collect()
}

fn said(&Mistake { ref pointer, schema, ref kind }: &Mistake<'_>) -> Vec<String> {
    let what = match kind {
        Kind::Value { keyword, wanted: _ } => (*keyword).to_owned(),
        Kind::Missing { name } => format!("missing {name}"),
        Kind::Unexpected { name } => format!("unexpected {name}"),
        Kind::Name { name, mistakes } => {
            let why = |mistake: &Mistake<'_>| match mistake.kind {
                Kind::Value { keyword, wanted: _ } => {
                    format!("{pointer} {:p} {keyword} of the name {name}", mistake.schema)
                }
                _ => format!("{pointer} {:p} anyOf of the name {name}", mistake.schema),
            };
            return mistakes.iter().map(why).collect();
        }
        Kind::Alternatives { of } => {
            let against: Vec<_> = of.iter().map(|(_, mistakes)| of_held(mistakes)).collect();
            format!("alternatives {against:?}")
        }
    };
    vec![format!("{pointer} {schema:p} {what}")]
}
