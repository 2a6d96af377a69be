//! Turns what the schema's generator writes into what validators, editors and people understand. Reads nothing, changes
//! nothing.

use schemars::Schema;
use schemars::transform::{Transform, transform_subschemas};
use serde_json::{Map, Value, json};

/// The changes, for every schema inside the schema.
#[derive(Clone)]
pub(super) struct Generated;

impl Transform for Generated {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(object) = schema.as_object_mut() {
            one_of_several_forms(object);
            alternatives_as_enum(object);
            no_null(object);
            no_format_of_rust(object);
            paragraphs(object);
        }
        transform_subschemas(self, schema);
    }
}

/// Forms are distinct, so exactly one fits. What is said of a form is its title: an editor shows the first description that
/// it finds, and that is to be the field's.
fn one_of_several_forms(object: &mut Map<String, Value>) {
    if let Some(forms) = object.remove("anyOf") {
        object.insert("oneOf".to_owned(), forms);
    }
    let forms = object.get_mut("oneOf").and_then(Value::as_array_mut).into_iter().flatten();
    for form in forms.filter_map(Value::as_object_mut).filter(|form| !form.contains_key("const")) {
        if let Some(Value::String(said)) = form.remove("description") {
            form.insert("title".to_owned(), json!(said.trim_end_matches('.')));
        }
    }
}

/// A choice of constants is an enumeration, each with its description.
///
/// As `oneOf` with a `const` and a description each, an editor would show the value's description in place of the field's, and
/// could say less about a value that is none of them.
fn alternatives_as_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(forms)) = object.get("oneOf") else { return };
    let constants: Option<Vec<_>> = forms.iter().map(|form| form.get("const").cloned()).collect();
    let descriptions: Vec<_> = forms.iter().map(|form| form.get("description").cloned().unwrap_or_default()).collect();
    if let Some(constants) = constants {
        object.remove("oneOf");
        object.insert("type".to_owned(), json!("string"));
        object.insert("enum".to_owned(), Value::Array(constants));
        object.insert("enumDescriptions".to_owned(), json!(descriptions));
        object.insert("markdownEnumDescriptions".to_owned(), Value::Array(descriptions));
    }
}

/// A field is left out or has a value; `null` is neither.
fn no_null(object: &mut Map<String, Value>) {
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|kind| kind != "null");
        if let [only] = &types[..] {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(forms)) = object.get_mut("oneOf") {
        forms.retain(|form| form.get("type") != Some(&json!("null")));
        if let [Value::Object(only)] = &forms[..] {
            let only = only.clone();
            object.remove("oneOf");
            for (keyword, value) in only {
                object.entry(keyword).or_insert(value);
            }
        }
    }
}

/// Formats of numbers are Rust's, and strict validators refuse what they don't know; bounds say the same.
fn no_format_of_rust(object: &mut Map<String, Value>) {
    if object.get("type").is_some_and(|kind| kind != "string") {
        object.remove("format");
    }
}

/// The lines of a comment in the source are not those that an author is to read.
fn paragraphs(object: &mut Map<String, Value>) {
    if let Some(Value::String(text)) = object.get_mut("description") {
        let paragraphs: Vec<String> = text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect();
        *text = paragraphs.join("\n\n");
    }
}
