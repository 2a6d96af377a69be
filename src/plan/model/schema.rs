//! The JSON Schemas of the plan and of the secrets file, generated from the model. Reads nothing, changes nothing.

use super::Plan;
use crate::plan::schema::complete;
use crate::plan::values::SecretName;
use schemars::generate::SchemaSettings;
use schemars::transform::{Transform, transform_subschemas};
use schemars::{JsonSchema, Schema, SchemaGenerator, schema_for};
use serde_json::{Map, Value, json};

/// The JSON Schema (draft 2020-12) of a plan file.
pub fn plan() -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.transforms.push(Box::new(ForAuthors));
    let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<Plan>();
    schema.insert("$id".to_owned(), json!("urn:landfall:schema:plan:v1"));
    let mut schema = schema.to_value();
    complete(&mut schema);
    schema
}

/// The JSON Schema (draft 2020-12) of a secrets file: one flat object of strings.
pub fn secrets() -> Value {
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:landfall:schema:secrets:v1",
        "title": "Secrets",
        "description": "The values of the secrets that a plan names. A file of root's, mode 0600, and never under version control.",
        "type": "object",
        "properties": { "$schema": { "description": "Where the schema lies, for the editor's help.", "type": "string" } },
        "additionalProperties": {
            "description": "The value: 1 to 511,999 bytes.",
            "type": "string",
            "minLength": 1,
            "maxLength": 511_999
        },
        "propertyNames": { "anyOf": [{ "const": "$schema" }, schema_of::<SecretName>()] },
        "examples": [{ "db_password": "correct horse battery staple" }]
    })
}

fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = schema_for!(T).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
    }
    schema
}

/// Turns what the generator writes into what editors and people understand.
#[derive(Clone)]
struct ForAuthors;

impl Transform for ForAuthors {
    fn transform(&mut self, schema: &mut Schema) {
        if let Some(object) = schema.as_object_mut() {
            one_of_several_forms(object);
            alternatives_as_enum(object);
            no_null(object);
        }
        transform_subschemas(self, schema);
    }
}

/// Forms are distinct, so exactly one fits.
fn one_of_several_forms(object: &mut Map<String, Value>) {
    if let Some(forms) = object.remove("anyOf") {
        object.insert("oneOf".to_owned(), forms);
    }
}

/// A choice of constants is an enumeration, each with its description.
fn alternatives_as_enum(object: &mut Map<String, Value>) {
    let Some(Value::Array(forms)) = object.get("oneOf") else { return };
    let constants: Option<Vec<_>> = forms.iter().map(|form| form.get("const").cloned()).collect();
    let descriptions: Vec<_> = forms.iter().map(|form| form.get("description").cloned().unwrap_or_default()).collect();
    if let Some(constants) = constants {
        object.remove("oneOf");
        object.insert("type".to_owned(), json!("string"));
        object.insert("enum".to_owned(), Value::Array(constants));
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

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "the committed schema is compared, and written when asked to")]
    use pretty_assertions::assert_eq;
    use std::path::Path;

    #[test]
    fn the_committed_schemas_are_those_of_the_model() {
        for (name, schema) in [("plan", super::plan()), ("secrets", super::secrets())] {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(format!("{name}.v1.json"));
            let text = format!("{schema:#}\n");
            if std::env::var_os("LANDFALL_BLESS").is_some() {
                std::fs::write(&path, &text).unwrap();
            }
            assert_eq!(
                std::fs::read_to_string(&path).unwrap(),
                text,
                "run the tests with LANDFALL_BLESS=1 after a change of the model"
            );
        }
    }
}
