//! What the author most likely meant, in the right type. Reads nothing, changes nothing.

use super::shape::{required, types};
use serde_json::{Map, Value, json};

/// The value to write instead of one of the wrong type, where that is obvious. `schema` is what is expected.
pub(super) fn replacement(value: &Value, expected: &str, schema: &Value) -> Option<Value> {
    match (value, expected) {
        (Value::String(text), "integer") => text.trim().parse::<i64>().ok().map(|number| json!(number)),
        (Value::String(text), "number") => text.trim().parse::<f64>().ok().map(|number| json!(number)),
        (_, "boolean") => switch(value).map(|on| json!(on)),
        (Value::Number(number), "integer") => whole(number.as_f64()?),
        (Value::Array(elements), "string") => match elements.as_slice() {
            [only] if only.is_string() => Some(only.clone()),
            _ => None,
        },
        (Value::Bool(_) | Value::Number(_), "string") => Some(json!(value.to_string())),
        (Value::String(text), "array") => list(text, schema),
        (Value::String(text), "object") if required(schema).starts_with(&["source", "target"]) => mount(text),
        (Value::Array(assignments), "object") if schema.get("properties").is_none() => assigned(assignments),
        _ => None,
    }
}

fn switch(value: &Value) -> Option<bool> {
    match value {
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        },
        Value::Number(number) => match number.as_u64() {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A number that was written with a fraction of zero.
fn whole(number: f64) -> Option<Value> {
    let number = Some(number).filter(|number| number.fract() == 0.0 && number.abs() < 1e15)?;
    format!("{number:.0}").parse::<i64>().ok().map(|number| json!(number))
}

/// The words of a command; nothing where a shell would have done more than split it, or where no strings are listed.
fn list(text: &str, schema: &Value) -> Option<Value> {
    let strings = schema.get("items").is_some_and(|items| types(items) == ["string"]);
    let plain = !text.contains(['"', '\'', '\\', '$', '`', '|', '&', ';', '<', '>', '*']);
    (strings && plain && !text.trim().is_empty()).then(|| text.split_whitespace().map(|word| json!(word)).collect())
}

/// `SOURCE:TARGET` and `SOURCE:TARGET:ro`.
fn mount(text: &str) -> Option<Value> {
    match text.split(':').collect::<Vec<_>>().as_slice() {
        [source, target] | [source, target, "rw"] => Some(json!({ "source": source, "target": target })),
        [source, target, "ro"] => Some(json!({ "source": source, "target": target, "read_only": true })),
        _ => None,
    }
}

/// `["NAME=VALUE", …]`
fn assigned(assignments: &[Value]) -> Option<Value> {
    let mut fields = Map::new();
    for assignment in assignments {
        let (name, value) = assignment.as_str()?.split_once('=')?;
        fields.insert(name.to_owned(), json!(value));
    }
    (!fields.is_empty()).then_some(Value::Object(fields))
}
