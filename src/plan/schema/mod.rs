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
mod plain;
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
use std::sync::{LazyLock, OnceLock};

pub use complete::complete;
pub(crate) use nearest::nearest;
pub(crate) use types::spaced;

/// How many mistakes of one value are told: who has that many has the wrong file, and each takes memory.
const MOST: usize = 5000;

/// A schema, which is compiled once there is a value that does not plainly fit it.
#[derive(Debug)]
pub struct Schema {
    /// What of it says which values fit, where that was told from the rest.
    plain: Option<Value>,
    text: LazyLock<Value, Text>,
    validator: OnceLock<Result<Validator, WrongSchema>>,
}

/// What makes the text of a schema.
type Text = Box<dyn FnOnce() -> Value + Send>;

/// Why a schema can't be used: a defect of the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the schema itself is wrong: {0}")]
pub struct WrongSchema(String);

impl Schema {
    /// A schema (draft 2020-12). The formats of [`values`] are held against it.
    pub fn of(text: Value) -> Self {
        Self { plain: None, text: LazyLock::new(Box::new(|| text)), validator: OnceLock::new() }
    }

    /// The same where the text is read only once there is a value that does not plainly fit it; `plain` is the schema without what a value
    /// is not held against.
    pub fn read_late(plain: Value, text: fn() -> Value) -> Self {
        Self { plain: Some(plain), text: LazyLock::new(Box::new(text)), validator: OnceLock::new() }
    }

    /// All mistakes of a value, one finding each, in no particular order. For [`Document::Secrets`] no finding quotes a value.
    ///
    /// # Errors
    /// If it is no schema, where the value does not plainly fit it.
    pub fn findings(&self, value: &Value, document: Document) -> Result<Vec<Finding>, WrongSchema> {
        if plain::fits(self.plain.as_ref().unwrap_or_else(|| &self.text), value) == Some(true) {
            return Ok(Vec::new());
        }
        let validator = self.validator.get_or_init(|| compiled(&self.text)).as_ref().map_err(WrongSchema::clone)?;
        let errors: Vec<_> = validator.iter_errors(value).take(MOST).collect();
        let subject = shape::Subject { schema: &self.text, value, document };
        let mut findings = told::all(&subject, &errors.iter().collect::<Vec<_>>());
        findings.iter_mut().for_each(|finding| finding.document = document);
        Ok(findings)
    }
}

fn compiled(text: &Value) -> Result<Validator, WrongSchema> {
    let options = jsonschema::draft202012::options().should_validate_formats(true);
    let options = values::FORMATS.iter().copied().fold(options, |options, format| {
        options.with_format(format, move |text: &str| values::problem_of(format, text).is_none())
    });
    options.build(text).map_err(|error| WrongSchema(error.to_string()))
}

#[cfg(test)]
mod tests;
