//! What fits, and what does not, is what a general validator says.

use super::super::tests::oracle::{by_held, by_validator};
use super::keyword::{HOLDS_SCHEMAS, SAYS_NOTHING, says_all, twice};
use super::{Judge, each_member, fits, keywords, mistakes};
use crate::committed::assert_committed;
use crate::plan::schema::WrongSchema;
use crate::schemas;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// Each value fits, or does not and has the mistakes that the validator finds.
fn all_fit(schema: &Value, values: &[Value], expected: bool) {
    for value in values {
        assert_eq!(fits(schema, value), Ok(expected), "{value}");
        assert_eq!(by_held(schema, value), by_validator(schema, value), "{value}");
        assert_eq!(by_validator(schema, value).is_empty(), expected, "{value}");
    }
}

/// With every keyword that decides something.
fn a_thing() -> Value {
    json!({
        "type": "object", "title": "A thing", "required": ["name"], "minProperties": 1,
        "properties": {
            "name": { "type": "string", "minLength": 1, "maxLength": 3, "not": { "pattern": "^(none|all)$|\\.pub$" } },
            "size": { "type": ["integer", "null"], "minimum": 1, "maximum": 9 },
            "share": { "maximum": 1.5 },
            "many": { "minimum": 9_007_199_254_740_993_u64 },
            "kind": { "oneOf": [{ "const": "a" }, { "enum": ["a", "b"] }, { "$ref": "#/$defs/list" }] },
            "word": { "pattern": "^(ab|c-d|)$" },
            "any": { "anyOf": [{ "type": "boolean" }, { "type": "array" }] },
            "is": { "enum": [1, [1, { "a": 2 }]] },
            "set": { "uniqueItems": true },
            "bag": { "uniqueItems": false, "examples": [[1, 1]] },
            "room": { "format": "landfall-size", "pattern": "^[1-9][0-9]*[A-Za-z]+$" },
            "shut": { "properties": { "a": true }, "additionalProperties": false },
            "never": false
        },
        "patternProperties": { "^x-": true, "^n-": { "type": "number" } },
        "additionalProperties": { "type": "string" },
        "propertyNames": { "maxLength": 5 },
        "$defs": { "list": { "type": "array", "items": { "type": "string" }, "minItems": 1, "maxItems": 2, "uniqueItems": true } }
    })
}

#[test]
fn what_fits_is_what_the_validator_says() {
    let right = [
        json!({ "name": "é.p", "size": 9, "kind": "b", "x-a": { "b": 1 }, "n-a": 1.5, "other": "text" }),
        json!({ "name": "a", "kind": ["a", "b"], "any": true }),
        json!({ "name": "a", "any": [1, 2], "share": 1.5 }),
        json!({ "name": "a", "word": "c-d" }),
        json!({ "name": "a", "word": "" }),
        json!({ "name": "a", "size": null }),
        json!({ "name": "a", "size": 2.0, "many": 1e300 }),
        json!({ "name": "a", "is": 1.0 }),
        json!({ "name": "a", "is": [1.0, { "a": 2.0 }], "set": [1, "1", [1], null, 2.5] }),
        json!({ "name": "a", "set": {}, "bag": [1, 1], "room": "1GiB", "shut": { "a": 1 } }),
        json!({ "name": "a", "set": [9_007_199_254_740_992_u64, 9_007_199_254_740_993_u64, 1e300, 0.5], "room": 1 }),
    ];
    all_fit(&a_thing(), &right, true);
}

#[test]
fn what_does_not_fit_has_the_mistakes_that_the_validator_finds() {
    let wrong = [
        json!({ "name": "all" }),
        json!({ "name": "a", "size": 2.5 }),
        json!({ "name": "a", "many": 9_007_199_254_740_992_u64 }),
        json!({ "name": "a", "many": 9_007_199_254_740_992.0 }),
        json!({ "name": "a", "many": -1e300 }),
        json!({ "name": "a", "is": [1, { "a": 2, "b": 2 }] }),
        json!({ "name": "a", "is": [1] }),
        json!({ "name": "a", "set": [1, "1", 1.0] }),
        json!({ "name": "a", "set": [{ "a": 1 }, { "a": 1.0 }] }),
        json!({ "name": "a", "set": [0, -0.0] }),
        json!({ "name": "a", "room": "1 GiB" }),
        json!({ "name": "a", "shut": { "b": 1, "c": 1 } }),
        json!({ "name": "a", "never": 1 }),
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
    all_fit(&a_thing(), &wrong, false);
}

#[test]
fn a_reference_leads_to_what_it_names() {
    let below = json!({ "properties": { "c": { "const": 2 } } });
    let defined = json!({ "a": { "const": 1 }, "b": below, "b/properties/c": { "const": 3 }, "d~": { "const": 4 } });
    for (name, there) in [("a", 1), ("b/properties/c", 2), ("b~1properties~1c", 3), ("d~0", 4)] {
        let schema = json!({ "$ref": format!("#/$defs/{name}"), "$defs": defined });
        all_fit(&schema, &[json!(there)], true);
        all_fit(&schema, &[json!(0)], false);
    }
}

#[test]
fn a_schema_with_what_is_not_known_is_wrong() {
    let cases = [
        (json!({ "multipleOf": 2 }), "a keyword that is not known: \"multipleOf\""),
        (json!({ "not": { "multipleOf": 2 } }), "a keyword that is not known: \"multipleOf\""),
        (json!({ "pattern": "^\\d$" }), "a pattern that can be read otherwise: \"^\\\\d$\""),
        (json!({ "pattern": "(" }), "a pattern that can be read otherwise: \"(\""),
        (json!({ "format": "uri" }), "a format that is not known: \"uri\""),
        (json!({ "$ref": "#/$defs/other" }), "a reference to nothing: \"#/$defs/other\""),
        (json!({ "maxLength": "1" }), "no count: \"1\""),
        (json!({ "type": 1 }), "no text: 1"),
        (json!({ "type": ["text", "string"] }), "a type that is not known: \"text\""),
        (json!({ "enum": 1 }), "no list: 1"),
        (json!({ "anyOf": [1] }), "no schema: 1"),
    ];
    for (schema, wrong) in cases {
        let wrong = WrongSchema(wrong.to_owned());
        assert_eq!(
            (fits(&schema, &json!("1")), mistakes(&schema, &json!("1")).err()),
            (Err(wrong.clone()), Some(wrong))
        );
    }
    let wrong = WrongSchema("no number: \"1\"".to_owned());
    assert_eq!(fits(&json!({ "minimum": "1" }), &json!(1)), Err(wrong));
}

#[test]
fn a_format_of_ours_stands_for_its_pattern() {
    let size = json!({ "type": "string", "format": "landfall-size", "pattern": "^never$" });
    assert_eq!([fits(&size, &json!("1GiB")), fits(&size, &json!("1 GiB"))], [Ok(true), Ok(false)]);
    assert_eq!(by_held(&size, &json!("1 GiB")).len(), 1);
}

#[test]
fn of_a_list_the_first_element_that_stands_there_again_is_told() {
    let list = |list: Value| twice(list.as_array().unwrap());
    assert_eq!(list(json!(["a", "b", "c", "b", "a"])), Some((1, 3)));
    assert_eq!(list(json!(["1", 1, [1.0], 2, [1]])), Some((2, 4)));
    assert_eq!(list(json!(["1", 1, [1], null, "null"])), None);
}

/// Everything below a schema that is one, itself included.
fn schemas_in<'a>(schema: &'a Value, found: &mut Vec<&'a Value>) {
    found.push(schema);
    for (keyword, below) in schema.as_object().into_iter().flatten() {
        match (keyword.as_str(), below) {
            ("$defs" | "patternProperties" | "properties", Value::Object(below)) => {
                below.values().for_each(|below| schemas_in(below, found));
            }
            ("oneOf" | "anyOf", Value::Array(below)) => below.iter().for_each(|below| schemas_in(below, found)),
            ("additionalProperties" | "items" | "not" | "propertyNames", below) => schemas_in(below, found),
            (_, _) => {}
        }
    }
}

#[test]
fn all_of_the_schemas_of_files_is_known() {
    let values = [json!(null), json!(true), json!(1), json!(1.5), json!("a"), json!(["a", "b"]), json!({ "a": 1 })];
    for schema in [schemas::plan(), schemas::policy(), schemas::secrets()] {
        let mut all = Vec::new();
        schemas_in(&schema, &mut all);
        let judge = Judge::of(&schema);
        for (part, value) in all.iter().flat_map(|part| values.iter().map(move |value| (*part, value))) {
            let Some(keywords) = keywords(part).unwrap() else { continue };
            for (keyword, wanted) in keywords {
                let told = judge.keyword_fits(keywords, keyword, wanted, value).map(drop);
                assert_eq!(told, Ok(()), "{keyword} of {part}");
            }
            let told = each_member(keywords, value, &judge.patterns, &mut |_| Ok(true));
            assert_eq!(told, Ok(true), "{part}");
        }
    }
}

/// What is left of a schema without the keywords that a value is not held against.
fn left_of(schema: &Value) -> Value {
    match schema {
        Value::Object(keywords) => {
            let by_format = says_all(keywords);
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
    assert_committed("src/plan/schema/held/plan.v1.json", &format!("{left}\n"));
}
