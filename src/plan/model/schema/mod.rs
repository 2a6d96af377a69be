//! The JSON Schemas of the plan and of the secrets file, generated from the model. Reads nothing, changes nothing.

mod authors;
mod generated;

use super::Plan;
use crate::plan::schema::complete;
use crate::plan::values::SecretName;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator, schema_for};
use serde_json::{Value, json};

/// The JSON Schema (draft 2020-12) of a plan file.
pub fn plan() -> Value {
    of_model::<Plan>("urn:landfall:schema:plan:v1")
}

/// The JSON Schema (draft 2020-12) of a file with this model, under this name.
pub fn of_model<T: JsonSchema>(id: &str) -> Value {
    let mut settings = SchemaSettings::draft2020_12();
    settings.transforms.push(Box::new(generated::Generated));
    let mut schema = SchemaGenerator::new(settings).into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), json!(id));
    let mut schema = schema.to_value();
    complete(&mut schema);
    authors::complete(&mut schema);
    schema
}

/// The JSON Schema (draft 2020-12) of a secrets file: one flat object of strings.
pub fn secrets() -> Value {
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:landfall:schema:secrets:v1",
        "title": "Secrets",
        "description": "The values of the secrets that a plan names. A file of root's, mode 0600, and never under version control.",
        "type": "object",
        "properties": { "$schema": {
            "description": "Where this schema lies, as a URL or a path relative to this file. It is for your editor.",
            "type": "string",
            "examples": ["secrets.v1.json"]
        } },
        "additionalProperties": {
            "description": "The value of the secret: 1 to 511,999 bytes.",
            "type": "string",
            "minLength": 1,
            "maxLength": 511_999,
            "examples": ["correct horse battery staple"]
        },
        "propertyNames": { "anyOf": [{ "const": "$schema" }, schema_of::<SecretName>()] },
        "examples": [{ "db_password": "correct horse battery staple" }]
    });
    authors::complete(&mut schema);
    schema
}

/// The names of the resource limits, as a schema.
pub fn ulimit_names() -> Value {
    super::limits::names()
}

fn schema_of<T: JsonSchema>() -> Value {
    let mut schema = schema_for!(T).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.remove("$schema");
        object.remove("title");
    }
    schema
}

#[cfg(test)]
mod tests {
    use crate::committed::assert_committed;

    #[test]
    fn the_committed_schemas_are_those_of_the_model() {
        assert_committed("schema/plan.v1.json", &format!("{:#}\n", super::plan()));
        assert_committed("schema/secrets.v1.json", &format!("{:#}\n", super::secrets()));
    }
}
