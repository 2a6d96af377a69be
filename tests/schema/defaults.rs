//! A field that is left out means the same as its default written out.

use super::walk::{compiled, file, places, resolved, schemas};
use landfall::{
    diagnostics::Document,
    plan::model::{Dependency, Plan},
};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is not filled in when the plan is read, but where several services meet.
const FILLED_IN_LATER: &str = "/$defs/Dependency/properties/timeout";

/// A plan that has every object that there is.
fn full() -> Value {
    let [schema, _] = schemas();
    let mut plan: Value = serde_json::from_str(&file("plans/every-field.json")).unwrap();
    plan["registries"] = resolved(&schema, &schema["properties"]["registries"])["examples"][0].clone();
    plan
}

/// Every field with a default below a value: its place in the schema, its place in the plan, its name and the default.
fn with_default(
    whole: &Value,
    (at, schema): (&str, &Value),
    (pointer, value): (&str, &Value),
    found: &mut Vec<[String; 4]>,
) {
    let (at, schema) = match schema["$ref"].as_str() {
        Some(target) => (target[1..].to_owned(), resolved(whole, schema)),
        None => (at.to_owned(), schema.clone()),
    };
    for (index, form) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
        if compiled(whole, form).findings(value, Document::Plan).is_empty() {
            with_default(whole, (&format!("{at}/oneOf/{index}"), form), (pointer, value), found);
        }
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten().filter(|_| value.is_object()) {
        let place = format!("{at}/properties/{name}");
        if let Some(default) = resolved(whole, field).get("default") {
            found.push([place.clone(), pointer.to_owned(), name.clone(), default.to_string()]);
        }
        if let Some(below) = value.get(name) {
            with_default(whole, (&place, field), (&format!("{pointer}/{name}"), below), found);
        }
    }
    let fixed = |name: &String| schema["properties"].get(name).is_some();
    for (name, below) in value.as_object().into_iter().flatten().filter(|(name, _)| !fixed(name)) {
        let of_map = &schema["additionalProperties"];
        let escaped = name.replace('~', "~0").replace('/', "~1");
        with_default(
            whole,
            (&format!("{at}/additionalProperties"), of_map),
            (&format!("{pointer}/{escaped}"), below),
            found,
        );
    }
    for (index, below) in value.as_array().into_iter().flatten().enumerate() {
        with_default(whole, (&format!("{at}/items"), &schema["items"]), (&format!("{pointer}/{index}"), below), found);
    }
}

#[test]
fn a_field_that_is_left_out_means_its_default() {
    let ([schema, _], plan) = (schemas(), full());
    let mut found = Vec::new();
    with_default(&schema, ("", &schema), ("", &plan), &mut found);
    for [place, pointer, name, default] in found.iter().filter(|[place, ..]| place != FILLED_IN_LATER) {
        let (mut without, mut written) = (plan.clone(), plan.clone());
        without.pointer_mut(pointer).unwrap().as_object_mut().unwrap().remove(name);
        written.pointer_mut(pointer).unwrap()[name] = serde_json::from_str(default).unwrap();
        let read = |value| serde_json::from_value::<Plan>(value).map_err(|error| error.to_string());
        assert_eq!(read(without), read(written), "{place} at {pointer}");
    }
    let tried: BTreeSet<String> = found.into_iter().map(|[place, ..]| place).collect();
    let with_default = places(&schema).into_iter().filter(|place| place.schema.get("default").is_some());
    assert_eq!(tried, with_default.map(|place| place.pointer).collect());
}

#[test]
fn the_time_for_a_one_shot_is_the_one_that_deployments_use() {
    let [schema, _] = schemas();
    assert_eq!(schema.pointer(FILLED_IN_LATER).unwrap()["default"], json!(Dependency::longest()));
}
