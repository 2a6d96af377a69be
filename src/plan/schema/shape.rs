//! Reading the schema: references, fields, types, alternatives. Reads nothing, changes nothing.

use super::held::{Kind, Mistake};
use crate::diagnostics::{Document, Place};
use serde_json::Value;

/// What is looked at: the whole schema and the whole value.
#[derive(Clone, Copy)]
pub(super) struct Subject<'a> {
    pub(super) schema: &'a Value,
    pub(super) value: &'a Value,
    pub(super) document: Document,
}

/// One of several things that a value may be, and what speaks against it.
pub(super) struct Alternative<'a> {
    pub(super) schema: &'a Value,
    pub(super) mistakes: &'a [Mistake<'a>],
}

impl<'a> Subject<'a> {
    /// The value that `mistake` is about.
    pub(super) fn instance(&self, mistake: &Mistake<'_>) -> &'a Value {
        self.value.pointer(&mistake.pointer.to_string()).unwrap_or(&Value::Null)
    }

    /// Whether the value at a place is a field that the object around it must have.
    pub(super) fn needs(&self, place: &Place) -> bool {
        let Place::Value(pointer) = place else { return true };
        let mut schema = self.schema;
        let mut segments = pointer.segments().peekable();
        while let Some(segment) = segments.next() {
            schema = self.resolved(schema);
            if segments.peek().is_none() {
                return required(schema).contains(&segment);
            }
            let below = match schema.get("properties").and_then(|fields| fields.get(segment)) {
                Some(field) => Some(field),
                None => schema.get("items").or_else(|| schema.get("additionalProperties")),
            };
            // What may be one of several things is not looked into.
            let Some(below) = below else { return true };
            schema = below;
        }
        true
    }

    /// The schema that a chain of references ends at.
    pub(super) fn resolved(&self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        // A chain longer than this is a cycle.
        for _ in 0..16 {
            let target = text(schema, "$ref").and_then(|reference| self.schema.pointer(reference.strip_prefix('#')?));
            match target {
                Some(target) => schema = target,
                None => break,
            }
        }
        schema
    }

    /// The alternatives of a value that is none or several of them, those inside alternatives included; never `null`.
    pub(super) fn alternatives(&self, mistake: &'a Mistake<'a>) -> Vec<Alternative<'a>> {
        let Kind::Alternatives { of } = &mistake.kind else { return Vec::new() };
        let mut alternatives = Vec::new();
        for (schema, mistakes) in of {
            let schema = self.resolved(schema);
            match mistakes.iter().find(|inner| is_union(inner) && inner.pointer == mistake.pointer) {
                Some(inner) if schema.get("properties").is_none() => alternatives.extend(self.alternatives(inner)),
                _ if text(schema, "type") == Some("null") => {}
                _ => alternatives.push(Alternative { schema, mistakes }),
            }
        }
        alternatives
    }
}

/// Whether a mistake is about alternatives.
pub(super) fn is_union(mistake: &Mistake<'_>) -> bool {
    matches!(mistake.kind, Kind::Alternatives { .. })
}

/// A keyword whose value is a text.
pub(super) fn text<'a>(schema: &'a Value, keyword: &str) -> Option<&'a str> {
    schema.get(keyword)?.as_str()
}

/// The names of the fields that an object of this schema can have.
pub(super) fn fields(schema: &Value) -> Vec<&str> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.map(|fields| fields.keys().map(String::as_str).collect()).unwrap_or_default()
}

/// The names of the fields that an object of this schema must have.
pub(super) fn required(schema: &Value) -> Vec<&str> {
    let names = schema.get("required").and_then(Value::as_array);
    names.map(|names| names.iter().filter_map(Value::as_str).collect()).unwrap_or_default()
}

/// The values that a schema allows by name, if it lists them.
pub(super) fn options(schema: &Value) -> Option<Vec<&Value>> {
    match (schema.get("const"), schema.get("enum").and_then(Value::as_array)) {
        (Some(value), _) => Some(vec![value]),
        (None, Some(values)) => Some(values.iter().collect()),
        (None, None) => None,
    }
}

/// The JSON types that a schema allows, without `null`; empty if it allows any.
pub(super) fn types(schema: &Value) -> Vec<&str> {
    let named = match schema.get("type") {
        Some(Value::String(one)) => vec![one.as_str()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => options(schema).unwrap_or_default().into_iter().map(super::types::of).collect(),
    };
    named.into_iter().filter(|name| *name != "null").collect()
}
