//! Holds a value against a JSON schema, and tells every mistake as a person would. Reads nothing, changes nothing.
//!
//! The `jsonschema` crate decides what is wrong; this module decides what is said about it. Where a value may be one of
//! several things, the one that the author meant is picked by the value's type and keys, and only its mistakes are told.
//! Nothing that is said mentions the schema.

mod alternatives;
mod bounds;
mod complete;
mod instead;
mod keys;
mod nearest;
mod replacement;
mod shape;
mod told;
mod types;

use crate::{
    diagnostics::{Document, Finding},
    plan::values,
};
use jsonschema::Validator;
use serde_json::Value;

pub use complete::complete;
pub(crate) use nearest::nearest;
pub(crate) use types::spaced;

/// How many mistakes of one value are told: who has that many has the wrong file, and each takes memory.
const MOST: usize = 5000;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    text: Value,
    validator: Validator,
}

/// Why a schema can't be used: a defect of the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the schema itself is wrong: {0}")]
pub struct WrongSchema(String);

impl Schema {
    /// Compiles a schema (draft 2020-12). The formats of [`values`] are held against it.
    ///
    /// # Errors
    /// If it is not a schema.
    pub fn compile(text: Value) -> Result<Self, WrongSchema> {
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let options = values::FORMATS.iter().copied().fold(options, |options, format| {
            options.with_format(format, move |text: &str| values::problem_of(format, text).is_none())
        });
        let validator = options.build(&text).map_err(|error| WrongSchema(error.to_string()))?;
        Ok(Self { text, validator })
    }

    /// All mistakes of a value, one finding each, in no particular order. For [`Document::Secrets`] no finding quotes a value.
    pub fn findings(&self, value: &Value, document: Document) -> Vec<Finding> {
        let Self { text, validator } = self;
        let errors: Vec<_> = validator.iter_errors(value).take(MOST).collect();
        let subject = shape::Subject { schema: text, value, document };
        let mut findings = told::all(&subject, &errors.iter().collect::<Vec<_>>());
        findings.iter_mut().for_each(|finding| finding.document = document);
        findings
    }
}

#[cfg(test)]
mod tests;
