//! What an editor offers to write is a right piece of a plan.

use super::walk::{compiled, each_schema, resolved, schemas};
use landfall::diagnostics::Document;
use pretty_assertions::assert_eq;
use serde_json::Value;

/// The text of a snippet with what stands in its places, as an editor inserts it when nothing is filled in.
fn inserted(body: &str) -> String {
    let mut text = String::new();
    let mut rest = body;
    while let Some(at) = rest.find(['$', '\\']) {
        text.push_str(&rest[..at]);
        if let Some(escaped) = rest[at..].strip_prefix('\\') {
            let length = escaped.chars().next().unwrap().len_utf8();
            text.push_str(&escaped[..length]);
            rest = &escaped[length..];
        } else {
            let (place, after) = rest[at..].strip_prefix("${").unwrap().split_once('}').unwrap();
            text.push_str(place.split_once(':').unwrap().1);
            rest = after;
        }
    }
    text + rest
}

#[test]
fn every_snippet_is_a_right_value_where_it_is_offered() {
    for whole in schemas() {
        each_schema(&whole, "", &mut |pointer, schema| {
            let judge = compiled(&whole, &resolved(&whole, schema));
            for snippet in schema["defaultSnippets"].as_array().into_iter().flatten() {
                let text = inserted(snippet["bodyText"].as_str().unwrap());
                let value: Value =
                    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{pointer}: {error}: {text}"));
                assert_eq!(judge.findings(&value, Document::Plan), Ok(vec![]), "{pointer}: {text}");
                assert!(!snippet["label"].as_str().unwrap().is_empty(), "{pointer}");
                assert!(snippet["description"].as_str().unwrap().ends_with('.'), "{pointer}");
            }
        });
    }
}

#[test]
fn a_whole_plan_from_a_snippet_is_valid() {
    let [plan, _] = schemas();
    let text = inserted(plan["defaultSnippets"][0]["bodyText"].as_str().unwrap());
    let checked = landfall::check(("plan.json", text.as_bytes()), None);
    assert!(checked.report().is_valid(), "{text}");
}

#[test]
fn there_are_snippets_for_what_is_written_most() {
    let [plan, _] = schemas();
    let places = [
        "",
        "/properties/services",
        "/$defs/Service",
        "/$defs/Healthcheck",
        "/$defs/Volume",
        "/$defs/Image",
        "/$defs/SecretFile",
        "/$defs/Config",
        "/$defs/Service/properties/ports/items",
        "/$defs/Job",
        "/$defs/Mail",
        "/$defs/Maintenance",
    ];
    let missing = places.iter().filter(|place| plan.pointer(&format!("{place}/defaultSnippets/0")).is_none());
    assert_eq!(missing.collect::<Vec<_>>(), Vec::<&&str>::new());
}
