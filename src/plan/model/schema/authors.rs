//! What editors show: values of maps and lists that are described too, and descriptions with default and example. Reads
//! nothing, changes nothing.

use crate::plan::schema::spaced;
use serde_json::{Map, Value, json};

/// Completes a schema that is right, but doesn't say enough yet.
pub(super) fn complete(schema: &mut Value) {
    each_value(schema);
    forms_say_nothing_themselves(schema);
    let definitions = schema.get("$defs").cloned().unwrap_or_default();
    in_markdown(schema, &definitions);
}

/// `eachValue` is what the model says of each value of a map or list; it is no keyword of schemas.
fn each_value(schema: &mut Value) {
    if let Value::Object(object) = schema {
        let said = object.remove("eachValue");
        let holder = if object.contains_key("items") { "items" } else { "additionalProperties" };
        if let (Some(Value::Object(said)), Some(Value::Object(value))) = (said, object.get_mut(holder)) {
            value.extend(said);
        }
    }
    below(schema, &mut each_value);
}

/// What a field may be, of several forms, is said by the field; an editor would show the form's description in its place.
fn forms_say_nothing_themselves(schema: &mut Value) {
    let mut forms = Vec::new();
    referred_to_as_forms(schema, &mut forms);
    let definitions = schema.get_mut("$defs").and_then(Value::as_object_mut).into_iter().flatten();
    for (_, definition) in definitions.filter(|(name, _)| forms.contains(&format!("#/$defs/{name}"))) {
        definition.as_object_mut().map(|definition| definition.remove("description"));
    }
}

fn referred_to_as_forms(schema: &mut Value, found: &mut Vec<String>) {
    let forms = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    found.extend(forms.filter_map(|form| form.get("$ref")?.as_str()).map(str::to_owned));
    below(schema, &mut |schema| referred_to_as_forms(schema, found));
}

/// A description in Markdown shows names as such, and says the default and an example, which editors would not show.
fn in_markdown(schema: &mut Value, definitions: &Value) {
    if let Value::Object(object) = schema {
        let fields = object.get_mut("properties").and_then(Value::as_object_mut);
        fields.into_iter().flat_map(Map::values_mut).for_each(|field| shown(field, definitions));
        for keyword in ["additionalProperties", "items"] {
            object.get_mut(keyword).into_iter().for_each(|value| shown(value, definitions));
        }
    }
    below(schema, &mut |schema| in_markdown(schema, definitions));
}

fn shown(field: &mut Value, definitions: &Value) {
    let name = field.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"));
    let named = name.and_then(|name| definitions.get(name)).cloned().unwrap_or_default();
    let of = |keyword: &str| field.get(keyword).or_else(|| named.get(keyword));
    let Some(description) = of("description").and_then(Value::as_str) else { return };
    let example = of("examples").and_then(|examples| examples.get(0));
    let mut told = vec![description.to_owned()];
    told.extend(of("default").filter(|value| !is_empty(value)).map(|value| format!("Default: `{}`", spaced(value))));
    told.extend(example.map(|value| format!("Example: `{}`", spaced(value))));
    let told = told.join("\n\n");
    if let Value::Object(field) = field {
        field.insert("markdownDescription".to_owned(), json!(told));
    }
}

fn is_empty(value: &Value) -> bool {
    value.as_object().is_some_and(Map::is_empty) || value.as_array().is_some_and(Vec::is_empty)
}

fn below(schema: &mut Value, change: &mut impl FnMut(&mut Value)) {
    match schema {
        Value::Object(object) => object.values_mut().for_each(change),
        Value::Array(elements) => elements.iter_mut().for_each(change),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
