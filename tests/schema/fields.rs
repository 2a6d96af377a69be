//! Every field is described, with an example that is right, and what holds without it.

use super::walk::{Place, all_schemas, compiled, each_schema, places};
use landfall::diagnostics::Document;
use pretty_assertions::assert_eq;
use serde_json::Value;

const NONE: [String; 0] = [];

/// The pointers of the places of all schemas for which `lacks` says what is missing.
fn lacking(lacks: impl Fn(&Place) -> Option<String>) -> Vec<String> {
    let told = |place: Place| Some(format!("{}: {}", place.pointer, lacks(&place)?));
    all_schemas().iter().flat_map(places).filter_map(told).collect()
}

#[test]
fn every_field_value_and_element_has_a_description_and_an_example() {
    let told = lacking(|Place { schema, .. }| {
        let description = schema["description"].as_str().unwrap_or_default();
        let sentence = description.starts_with(|first: char| first.is_uppercase() || first == '`')
            && description.ends_with(['.', ':', ')']);
        match (sentence, schema["examples"].as_array().is_some_and(|examples| !examples.is_empty())) {
            (true, true) => None,
            (false, _) => Some(format!("no sentences: {description:?}")),
            (true, false) => Some("no example".to_owned()),
        }
    });
    assert_eq!(told, NONE);
}

#[test]
fn every_field_that_may_be_left_out_says_what_holds_without_it() {
    let told = lacking(|Place { pointer, schema, required }| {
        let words = ["Without", "Instead of it", "for your editor"];
        let said = words.iter().any(|words| schema["description"].as_str().unwrap_or_default().contains(words));
        let left_out_alone = pointer.contains("/properties/");
        (!required && left_out_alone && schema.get("default").is_none() && !said).then(|| "no default".to_owned())
    });
    assert_eq!(told, NONE);
}

#[test]
fn every_example_and_every_default_is_right() {
    for whole in all_schemas() {
        let mut parts = vec![("".to_owned(), whole.clone())];
        parts.extend(places(&whole).into_iter().map(|place| (place.pointer, place.schema)));
        for (pointer, schema) in parts {
            let judge = compiled(&whole, &schema);
            for value in schema["examples"].as_array().into_iter().flatten().chain(schema.get("default")) {
                let found = judge.findings(value, Document::Plan);
                assert_eq!(found, Ok(vec![]), "{pointer}: {value}");
            }
        }
    }
}

#[test]
fn every_word_of_a_choice_is_explained() {
    let mut choices = 0;
    for whole in all_schemas() {
        each_schema(&whole, "", &mut |pointer, schema| {
            let Some(words) = schema["enum"].as_array() else { return };
            choices += 1;
            for keyword in ["enumDescriptions", "markdownEnumDescriptions"] {
                let said: Vec<_> = schema[keyword].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                let full = said.iter().filter(|said| said.ends_with('.')).count();
                assert_eq!((pointer, keyword, full), (pointer, keyword, words.len()));
            }
        });
    }
    assert_eq!(choices, 14);
}

#[test]
fn every_kind_of_object_and_every_form_of_a_value_has_a_title() {
    let mut untitled = Vec::new();
    for whole in all_schemas() {
        each_schema(&whole, "", &mut |pointer, schema| {
            let defined = pointer.starts_with("/$defs/") && pointer.matches('/').count() == 2;
            let form = pointer.rsplit('/').nth(1) == Some("oneOf") && schema.get("type").is_some();
            if (form || defined && schema["type"] == "object") && !schema["title"].is_string() {
                untitled.push(pointer.to_owned());
            }
        });
    }
    assert_eq!(untitled, NONE);
}

#[test]
fn what_an_editor_shows_of_a_field_has_its_default_and_an_example() {
    let told = lacking(|Place { pointer, schema, .. }| {
        let shown = schema["markdownDescription"].as_str().unwrap_or_default();
        let default = schema.get("default").filter(|value| !["{}", "[]"].contains(&value.to_string().as_str()));
        let right = shown.contains("\n\nExample: `") && shown.contains("\n\nDefault: `") == default.is_some();
        (pointer.contains("/properties/")
            && !pointer.ends_with("items")
            && !pointer.ends_with("additionalProperties")
            && !right)
            .then(|| shown.to_owned())
    });
    assert_eq!(told, NONE);
}
