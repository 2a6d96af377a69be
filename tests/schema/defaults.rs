//! A field that is left out means the same as its default written out.

use super::walk::{each_value, file, places, resolved, schemas};
use landfall::plan::model::{Dependency, Plan};
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

#[test]
fn a_field_that_is_left_out_means_its_default() {
    let ([schema, _], plan) = (schemas(), full());
    let mut found = Vec::new();
    each_value(&schema, ("", &schema), ("", &plan), &mut |(at, of), (pointer, value)| {
        for (name, field) in of["properties"].as_object().into_iter().flatten().filter(|_| value.is_object()) {
            if let Some(default) = resolved(&schema, field).get("default") {
                let place = format!("{at}/properties/{name}");
                found.push([place, pointer.to_owned(), name.clone(), default.to_string()]);
            }
        }
    });
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
