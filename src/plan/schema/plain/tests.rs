//! What is plain is what the validator says, and the rest is left to it.

use super::{HOLDS_SCHEMAS, SAYS_NOTHING, fits, says_all};
use crate::committed::assert_committed;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// What is said of each value, beside what the validator says.
fn told(schema: &Value, values: &[Value]) -> Vec<(Option<bool>, bool)> {
    let validator = jsonschema::draft202012::new(schema).unwrap();
    values.iter().map(|value| (fits(schema, value), validator.is_valid(value))).collect()
}

#[test]
fn what_is_plain_is_what_the_validator_says() {
    let schema = json!({
        "type": "object", "title": "A thing", "required": ["name"], "minProperties": 1,
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 3, "not": { "pattern": "^(none|all)$|\\.pub$" } },
            "size": { "type": ["integer", "null"], "minimum": 1, "maximum": 9 },
            "share": { "maximum": 1.5 },
            "kind": { "oneOf": [{ "const": "a" }, { "enum": ["a", "b"] }, { "$ref": "#/$defs/list" }] },
            "word": { "pattern": "^(ab|c-d|)$" },
            "any": { "anyOf": [{ "type": "boolean" }, { "type": "array" }] }
        },
        "patternProperties": { "^x-": true, "^n-": { "type": "number" } },
        "additionalProperties": { "type": "string" },
        "propertyNames": { "maxLength": 5 },
        "$defs": { "list": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 2, "uniqueItems": true } }
    });
    let right = [
        json!({ "name": "é.p", "size": 9, "kind": "b", "x-a": { "b": 1 }, "n-a": 1.5, "other": "text" }),
        json!({ "name": "all", "size": null }),
        json!({ "name": "a", "kind": ["a", "b"], "any": true }),
        json!({ "name": "a", "any": [1, 2], "share": 1.5 }),
        json!({ "name": "a", "word": "c-d" }),
        json!({ "name": "a", "word": "" }),
    ];
    assert_eq!(told(&schema, &right[..1]), [(Some(true), true)]);
    // The name is one of those that it must not be.
    assert_eq!(told(&schema, &right[1..2]), [(Some(false), false)]);
    assert_eq!(told(&schema, &right[2..]), [(Some(true), true); 4]);
    let wrong = [
        json!([]),
        json!({}),
        json!({ "size": 1 }),
        json!({ "name": "" }),
        json!({ "name": "abcd" }),
        json!({ "name": ".pub" }),
        json!({ "name": "a", "size": 0 }),
        json!({ "name": "a", "size": 10 }),
        json!({ "name": "a", "size": "1" }),
        json!({ "name": "a", "share": 1.51 }),
        json!({ "name": "a", "kind": "a" }),
        json!({ "name": "a", "kind": "c" }),
        json!({ "name": "a", "kind": [] }),
        json!({ "name": "a", "kind": ["a", "b", "c"] }),
        json!({ "name": "a", "kind": ["a", "a"] }),
        json!({ "name": "a", "kind": [1] }),
        json!({ "name": "a", "any": 1 }),
        json!({ "name": "a", "word": "abc-d" }),
        json!({ "name": "a", "word": "ab\n" }),
        json!({ "name": "a", "word": "ab|c-d" }),
        json!({ "name": "a", "n-a": "1" }),
        json!({ "name": "a", "other": 1 }),
        json!({ "name": "a", "longer": "" }),
    ];
    assert_eq!(told(&schema, &wrong), vec![(Some(false), false); wrong.len()]);
}

#[test]
fn what_is_not_plain_is_left_to_the_validator() {
    let cases = [
        (json!({ "type": "integer" }), json!(1.0), true),
        (json!({ "minimum": 1 }), json!(u64::MAX), true),
        (json!({ "const": 1 }), json!(1.0), true),
        (json!({ "enum": [[1]] }), json!([1.0]), true),
        (json!({ "uniqueItems": true }), json!([1, 1.0]), false),
        (json!({ "pattern": "^\\d$" }), json!("1"), true),
        (json!({ "multipleOf": 2 }), json!(3), false),
        (json!({ "not": { "multipleOf": 2 } }), json!(3), true),
        (json!({ "oneOf": [true, { "multipleOf": 2 }] }), json!(3), true),
    ];
    for (schema, value, is_valid) in cases {
        assert_eq!(told(&schema, &[value]), [(None, is_valid)], "{schema}");
    }
}

#[test]
fn a_format_of_ours_stands_for_its_pattern_and_of_others_nothing_is_known() {
    let port = json!({ "type": "string", "format": "landfall-size", "pattern": "^never$" });
    assert_eq!([fits(&port, &json!("1GiB")), fits(&port, &json!("1 GiB"))], [Some(true), Some(false)]);
    assert_eq!(fits(&json!({ "format": "uri" }), &json!("1GiB")), None);
}

/// What is left of a schema without the keywords that a value is not held against.
fn left_of(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let by_format = keywords.get("format").and_then(Value::as_str).is_some_and(says_all);
            let says_nothing = |keyword: &str| SAYS_NOTHING.contains(&keyword) || (by_format && keyword == "pattern");
            let left =
                keywords.iter().filter(|(keyword, _)| !says_nothing(keyword)).map(|(keyword, said)| match said {
                    Value::Object(schemas) if HOLDS_SCHEMAS.contains(&keyword.as_str()) => {
                        let schemas = schemas.iter().map(|(name, schema)| (name.clone(), left_of(schema)));
                        (keyword.clone(), Value::Object(schemas.collect()))
                    }
                    // No value is a schema.
                    Value::Array(_) if ["const", "enum"].contains(&keyword.as_str()) => (keyword.clone(), said.clone()),
                    said => (keyword.clone(), left_of(said)),
                });
            Value::Object(left.collect())
        }
        Value::Array(schemas) => Value::Array(schemas.iter().map(left_of).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => schema.clone(),
    }
}

#[test]
fn what_a_value_is_held_against_is_left_of_a_schema_and_nothing_else() {
    let schema = json!({
        "$id": "a", "title": "A thing", "type": "object", "required": ["title"], "default": { "title": "a" },
        "properties": {
            "title": { "type": "string", "description": "Its title.", "examples": [{ "type": 1 }] },
            "default": { "enum": [{ "title": "one" }, "other"], "enumDescriptions": ["a", "b"] },
            "name": { "format": "landfall-sha256", "pattern": "^[a-z]+$", "patternErrorMessage": "no name" },
            "other": { "format": "unknown", "pattern": "^[a-z]+$" }
        },
        "patternProperties": { "title": { "oneOf": [{ "const": 1, "title": "One" }, { "$ref": "#/$defs/title" }] } },
        "additionalProperties": { "title": "Another", "type": "string" },
        "$defs": { "title": { "writeOnly": true, "items": { "$ref": "#", "title": "Below" } } }
    });
    let left = json!({
        "type": "object", "required": ["title"],
        "properties": {
            "title": { "type": "string" },
            "default": { "enum": [{ "title": "one" }, "other"] },
            "name": { "format": "landfall-sha256" },
            "other": { "format": "unknown", "pattern": "^[a-z]+$" }
        },
        "patternProperties": { "title": { "oneOf": [{ "const": 1 }, { "$ref": "#/$defs/title" }] } },
        "additionalProperties": { "type": "string" },
        "$defs": { "title": { "items": { "$ref": "#" } } }
    });
    assert_eq!(left_of(&schema), left);
}

#[test]
fn the_committed_one_is_what_is_left_of_the_schema() {
    let left = left_of(&crate::plan::model::schema::plan());
    assert_committed("src/plan/schema/plain/plan.v1.json", &format!("{left}\n"));
}
