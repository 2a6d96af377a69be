//! Holds a value against a JSON schema, and tells every mistake as a person would. Reads nothing, changes nothing.
//!
//! `held` decides what is wrong; the rest decides what is said about it. Where a value may be one of several things, the one
//! that the author meant is picked by the value's type and keys, and only its mistakes are told. Nothing that is said mentions the
//! schema.

mod alternatives;
mod bounds;
mod complete;
mod held;
mod instead;
mod keys;
mod nearest;
mod replacement;
mod shape;
mod told;
mod types;

use crate::diagnostics::{Document, Finding};
use serde_json::Value;
use std::sync::LazyLock;

pub use complete::complete;
pub(crate) use nearest::nearest;
pub(crate) use types::spaced;

/// How many mistakes of one value are told: who has that many has the wrong file, and each takes memory.
const MOST: usize = 5000;

/// A schema.
#[derive(Debug)]
pub struct Schema {
    /// What of it says which values fit, where that was told from the rest.
    plain: Option<Value>,
    text: LazyLock<Value, Text>,
}

/// What makes the text of a schema.
type Text = Box<dyn FnOnce() -> Value + Send>;

/// Why a schema can't be used: a defect of the schema.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the schema itself is wrong: {0}")]
pub struct WrongSchema(String);

impl Schema {
    /// A schema (draft 2020-12), in which no reference leads back to itself for the same value. The formats of [`values`](crate::plan::values) are held against it.
    pub fn of(text: Value) -> Self {
        Self { plain: None, text: LazyLock::new(Box::new(|| text)) }
    }

    /// The same where the text is read only once there is a value that does not fit it; `plain` is the schema without what a value is not
    /// held against.
    pub fn read_late(plain: Value, text: fn() -> Value) -> Self {
        Self { plain: Some(plain), text: LazyLock::new(Box::new(text)) }
    }

    /// All mistakes of a value, one finding each, in no particular order. For [`Document::Secrets`] no finding quotes a value.
    ///
    /// # Errors
    /// If it is no schema, or has a keyword, a format or a pattern that is not known, as far as it was looked at.
    pub fn findings(&self, value: &Value, document: Document) -> Result<Vec<Finding>, WrongSchema> {
        if held::fits(self.plain.as_ref().unwrap_or_else(|| &self.text), value)? {
            return Ok(Vec::new());
        }
        let mistakes = held::mistakes(&self.text, value)?;
        let subject = shape::Subject { schema: &self.text, value, document };
        let mut findings = told::all(&subject, &mistakes);
        // Better no plan than one that something speaks against.
        if findings.is_empty() {
            return Err(WrongSchema("it refuses what it has nothing against".to_owned()));
        }
        findings.iter_mut().for_each(|finding| finding.document = document);
        Ok(findings)
    }
}

#[cfg(test)]
mod tests;
