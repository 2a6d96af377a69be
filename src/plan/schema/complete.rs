//! What the generated schema lacks: the author's own keys, and names that are checked as such. Reads nothing, changes
//! nothing.

use crate::plan::values::{FORMS, Form};
use serde_json::{Map, Value, json};

/// Completes a schema that was generated from the model.
///
/// Objects of fixed fields allow the author's own keys, which begin with `x-`. Maps whose keys are of one of the kinds of
/// [`values`](crate::plan::values) get `propertyNames` with the kind's format, instead of a pattern that turns every wrong
/// name into an unknown field. Where two kinds share a pattern, `propertyNames: {"format": …}` on the map says which one.
pub fn complete(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(complete);
            if object.get("additionalProperties") == Some(&Value::Bool(false)) {
                if object.contains_key("properties") {
                    allow_own_keys(object);
                } else {
                    name_keys(object);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(complete),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn allow_own_keys(object: &mut Map<String, Value>) {
    let patterns = object.entry("patternProperties").or_insert_with(|| json!({}));
    if let Some(patterns) = patterns.as_object_mut() {
        patterns.insert("^x-".to_owned(), Value::Bool(true));
    }
}

/// `{"patternProperties": {PATTERN: VALUE}, "additionalProperties": false}` to
/// `{"propertyNames": NAME, "additionalProperties": VALUE}`.
fn name_keys(object: &mut Map<String, Value>) {
    let Some(patterns) = object.get("patternProperties").and_then(Value::as_object) else { return };
    let Some((pattern, value)) = patterns.iter().next().filter(|_| patterns.len() == 1) else { return };
    let wanted = object.get("propertyNames").and_then(|names| names.get("format")).and_then(Value::as_str);
    let known = |form: &&&Form| form.pattern == pattern && wanted.is_none_or(|format| form.format == format);
    let forms: Vec<_> = FORMS.iter().filter(known).collect();
    // Of several kinds none is guessed.
    let [form] = forms.as_slice() else { return };
    let names = Value::Object(form.schema());
    let value = value.clone();
    object.remove("patternProperties");
    object.insert("propertyNames".to_owned(), names);
    object.insert("additionalProperties".to_owned(), value);
}

#[cfg(test)]
mod tests {
    use super::complete;
    use crate::plan::values::{JobName, ServiceName};
    use pretty_assertions::assert_eq;
    use schemars::{JsonSchema, generate::SchemaSettings};
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    #[test]
    fn every_map_of_the_plan_knows_the_kind_of_its_keys() {
        fn patterns<'a>(schema: &'a Value, found: &mut Vec<&'a String>) {
            if let Some(patterns) = schema.get("patternProperties").and_then(Value::as_object) {
                found.extend(patterns.keys().filter(|pattern| *pattern != "^x-"));
            }
            match schema {
                Value::Object(object) => object.values().for_each(|below| patterns(below, found)),
                Value::Array(elements) => elements.iter().for_each(|below| patterns(below, found)),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
            }
        }
        let (schema, mut found) = (crate::plan::model::schema::plan(), Vec::new());
        patterns(&schema, &mut found);
        assert_eq!(found, Vec::<&String>::new());
    }

    #[derive(JsonSchema)]
    #[schemars(deny_unknown_fields)]
    #[allow(dead_code, reason = "only its schema matters")]
    struct Both {
        #[schemars(extend("propertyNames" = {"format": "landfall-service-name"}))]
        services: BTreeMap<ServiceName, bool>,
        #[schemars(extend("propertyNames" = {"format": "landfall-job-name"}))]
        jobs: BTreeMap<JobName, bool>,
    }

    #[test]
    fn own_keys_are_allowed_and_maps_know_the_kind_of_their_keys() {
        let mut schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Both>().to_value();
        complete(&mut schema);
        let formats = ["services", "jobs"].map(|field| schema["properties"][field]["propertyNames"]["format"].clone());
        assert_eq!(formats, [json!("landfall-service-name"), json!("landfall-job-name")]);
        assert_eq!(schema["properties"]["jobs"]["additionalProperties"], json!({"type": "boolean"}));
        assert_eq!(schema["patternProperties"], json!({"^x-": true}));
        assert_eq!(schema["additionalProperties"], json!(false));
    }
}
