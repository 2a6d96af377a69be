//! The schemas as their fields, and the example plans as values.

use landfall::{
    diagnostics::Document,
    plan::{model, schema::Schema},
    policy,
};
use serde_json::{Map, Value};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Something that an author can write: a field, a value of a map, an element of a list.
pub struct Place {
    /// Where it stands in the schema.
    pub pointer: String,
    /// Its schema, references followed.
    pub schema: Value,
    /// Whether it has to be written.
    pub required: bool,
}

/// The schema of plans, and that of secrets files.
pub fn schemas() -> [Value; 2] {
    [model::schema::plan(), model::schema::secrets()]
}

/// These, and that of policies.
pub fn all_schemas() -> [Value; 3] {
    let [plan, secrets] = schemas();
    [plan, secrets, policy::schema::policy()]
}

/// Every place of a schema, in order.
pub fn places(whole: &Value) -> Vec<Place> {
    let mut found = Vec::new();
    each_schema(whole, "", &mut |pointer, schema| {
        let required: BTreeSet<&str> =
            schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let pointer = format!("{pointer}/properties/{name}");
            let required = required.contains(name.as_str());
            found.push(Place { pointer, schema: resolved(whole, field), required });
        }
        for keyword in ["additionalProperties", "items"] {
            if let Some(value) = schema.get(keyword).filter(|value| value.is_object()) {
                let pointer = format!("{pointer}/{keyword}");
                found.push(Place { pointer, schema: resolved(whole, value), required: true });
            }
        }
    });
    found
}

/// Calls `see` with every schema inside a schema, itself included, and its pointer.
pub fn each_schema<'a>(schema: &'a Value, pointer: &str, see: &mut impl FnMut(&str, &'a Value)) {
    see(pointer, schema);
    for keyword in ["properties", "$defs"] {
        for (name, below) in schema[keyword].as_object().into_iter().flatten() {
            each_schema(below, &format!("{pointer}/{keyword}/{name}"), see);
        }
    }
    for keyword in ["additionalProperties", "items", "propertyNames", "not"] {
        if let Some(below) = schema.get(keyword).filter(|below| below.is_object()) {
            each_schema(below, &format!("{pointer}/{keyword}"), see);
        }
    }
    for keyword in ["oneOf", "anyOf"] {
        for (index, below) in schema[keyword].as_array().into_iter().flatten().enumerate() {
            each_schema(below, &format!("{pointer}/{keyword}/{index}"), see);
        }
    }
}

/// A schema with what it refers to; what stands beside the reference goes first.
pub fn resolved(whole: &Value, schema: &Value) -> Value {
    let Some(target) = schema["$ref"].as_str() else { return schema.clone() };
    let mut merged = resolved(whole, whole.pointer(target.strip_prefix('#').unwrap()).unwrap());
    let beside = schema.as_object().unwrap().iter().filter(|(keyword, _)| *keyword != "$ref");
    merged.as_object_mut().unwrap().extend(beside.map(|(keyword, value)| (keyword.clone(), value.clone())));
    merged
}

/// A part of a schema as a schema of its own, which asks Landfall's parsers too.
pub fn compiled(whole: &Value, part: &Value) -> Schema {
    let mut alone: Map<String, Value> = part.as_object().unwrap().clone();
    alone.insert("$schema".to_owned(), whole["$schema"].clone());
    alone.extend(whole.get("$defs").map(|definitions| ("$defs".to_owned(), definitions.clone())));
    alone.remove("$id");
    Schema::of(Value::Object(alone))
}

/// Calls `see` with every value below a value, itself included, its pointer, its schema, and where in the whole that stands.
///
/// Of several forms, the one that the value has is told as well, after the field's own schema.
pub fn each_value(
    whole: &Value,
    (at, schema): (&str, &Value),
    (pointer, value): (&str, &Value),
    see: &mut impl FnMut((&str, &Value), (&str, &Value)),
) {
    let at = schema["$ref"].as_str().map_or(at, |target| &target[1..]);
    let schema = resolved(whole, schema);
    see((at, &schema), (pointer, value));
    for (index, form) in schema["oneOf"].as_array().into_iter().flatten().enumerate() {
        let alone = form.as_object().unwrap().keys().all(|keyword| keyword == "required");
        if !alone && compiled(whole, form).findings(value, Document::Plan).unwrap().is_empty() {
            each_value(whole, (&format!("{at}/oneOf/{index}"), form), (pointer, value), see);
        }
    }
    for (name, below) in value.as_object().into_iter().flatten() {
        let pointer = format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        let fixed = schema["properties"].get(name).map(|field| (format!("properties/{name}"), field));
        let of_map = schema.get("additionalProperties").filter(|of_map| of_map.is_object());
        if let Some((place, of)) = fixed.or_else(|| of_map.map(|of_map| ("additionalProperties".to_owned(), of_map))) {
            each_value(whole, (&format!("{at}/{place}"), of), (&pointer, below), see);
        }
    }
    for (index, below) in value.as_array().into_iter().flatten().enumerate().filter(|_| schema["items"].is_object()) {
        each_value(whole, (&format!("{at}/items"), &schema["items"]), (&format!("{pointer}/{index}"), below), see);
    }
}

/// A file of the repository.
pub fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The plans of a folder: their paths in the repository and what they hold. Secrets files and what is no text are left out.
pub fn plans(folder: &str) -> Vec<(String, String)> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).unwrap();
    let paths: BTreeSet<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    let read = |path: PathBuf| {
        let name =
            path.file_name()?.to_str().filter(|name| name.ends_with(".json") && !name.ends_with(".secrets.json"))?;
        Some((format!("{folder}/{name}"), String::from_utf8(fs::read(&path).unwrap()).ok()?))
    };
    paths.into_iter().filter_map(read).collect()
}
