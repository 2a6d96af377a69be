//! Holds a value against a JSON schema, and tells every mistake as a person would. Reads nothing, changes nothing.
//!
//! The `jsonschema` crate decides what is wrong; this module decides what is said about it. Where a value may be one of
//! several things, the one that the author meant is picked by the value's type and keys, and only its mistakes are told.
//! Nothing that is said mentions the schema.

mod alternatives;
mod bounds;
mod keys;
mod nearest;
mod shape;
mod told;
mod types;

use crate::diagnostics::{Document, Finding};
use jsonschema::Validator;
use serde_json::Value;

/// Tells what is wrong with a text of a format that the schema names, or `None` if nothing is or the format is unknown.
///
/// The finding's place and document are replaced.
pub type FormatCheck = fn(format: &str, text: &str) -> Option<Finding>;

/// A compiled schema.
#[derive(Debug)]
pub struct Schema {
    text: Value,
    validator: Validator,
    check: FormatCheck,
}

/// Why a schema can't be used: a defect of the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the schema itself is wrong: {0}")]
pub struct WrongSchema(String);

impl Schema {
    /// Compiles a schema (draft 2020-12). `formats` are the names of the formats that `check` knows.
    ///
    /// # Errors
    /// If it is not a schema.
    pub fn compile(text: Value, formats: &[&'static str], check: FormatCheck) -> Result<Self, WrongSchema> {
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let options = formats.iter().copied().fold(options, |options, format| {
            options.with_format(format, move |text: &str| check(format, text).is_none())
        });
        let validator = options.build(&text).map_err(|error| WrongSchema(error.to_string()))?;
        Ok(Self { text, validator, check })
    }

    /// All mistakes of a value, one finding each. For [`Document::Secrets`] no finding quotes a value.
    pub fn findings(&self, value: &Value, document: Document) -> Vec<Finding> {
        let Self { text, validator, check } = self;
        let errors: Vec<_> = validator.iter_errors(value).collect();
        let subject = shape::Subject { schema: text, value, document, check: *check };
        let mut findings = told::all(&subject, &errors.iter().collect::<Vec<_>>());
        findings.iter_mut().for_each(|finding| finding.document = document);
        findings
    }
}

/// Allows the author's own keys, which begin with `x-`, in every object of fixed fields of a schema.
pub fn allow_own_keys(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            let fixed =
                object.get("additionalProperties") == Some(&Value::Bool(false)) && object.contains_key("properties");
            object.values_mut().for_each(allow_own_keys);
            if fixed {
                let patterns =
                    object.entry("patternProperties").or_insert_with(|| Value::Object(serde_json::Map::new()));
                if let Some(patterns) = patterns.as_object_mut() {
                    patterns.insert("^x-".to_owned(), Value::Bool(true));
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(allow_own_keys),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
