//! Independent validators: for them the schemas are right, and they take and refuse the same plans as Landfall does.

use super::tools::{answer, editor, folder, script};
use super::walk::{plans, schemas};
use landfall::diagnostics::{Document, Finding, Place};
use landfall::plan::{
    schema::Schema,
    text,
    values::{FORMATS, FORMS, problem_of},
};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::{collections::BTreeSet, fs, process::Command};

/// A plan that is JSON without duplicate keys, and what Landfall's schema stage finds in it.
struct Judged {
    path: String,
    text: String,
    value: Value,
    findings: Vec<Finding>,
}

/// Every plan of the repository that can be judged by its form. Of what is no JSON, or says something twice, validators of
/// schemas can't speak: they are handed one value.
fn judged() -> Vec<Judged> {
    let [schema, _] = schemas();
    let schema = Schema::of(schema);
    let folders = ["plans", "tests/plans/rejected", "tests/plans/warned"];
    let all = folders.iter().flat_map(|folder| plans(folder));
    let one = |(path, text): (String, String)| {
        let read = text::read(&path, text.as_bytes(), Document::Plan);
        let value = read.value.filter(|_| read.findings.is_empty())?;
        let findings = schema.findings(&value, Document::Plan).unwrap();
        Some(Judged { path, text, value, findings })
    };
    all.filter_map(one).collect()
}

/// Whether no keyword of a schema can say what this finding says: the value's kind tells so itself.
pub fn beyond_a_schema(value: &Value, finding: &Finding) -> bool {
    let text = match &finding.place {
        Place::Value(pointer) => {
            value.pointer(&pointer.to_string()).and_then(Value::as_str).unwrap_or_default().to_owned()
        }
        Place::Key(pointer) => pointer.last().unwrap_or_default().to_owned(),
        _ => String::new(),
    };
    FORMS.iter().filter(|form| !form.beyond.is_empty()).any(|form| {
        let told = problem_of(form.format, &text).is_some_and(|problem| problem.message == finding.message);
        told && jsonschema::is_valid(&Value::Object(form.schema()), &json!(text))
    })
}

/// The paths of the plans that Landfall's schema stage refuses for what a schema can say.
fn refused_by_landfall(judged: &[Judged]) -> BTreeSet<&str> {
    let refused =
        judged.iter().filter(|plan| !plan.findings.iter().all(|finding| beyond_a_schema(&plan.value, finding)));
    refused.map(|plan| plan.path.as_str()).collect()
}

#[test]
fn ajv_and_the_editor_refuse_the_same_plans_as_landfall() {
    let judged = judged();
    let expected = refused_by_landfall(&judged);
    assert!(expected.len() > 80 && judged.len() - expected.len() > 80, "{} of {}", expected.len(), judged.len());

    let texts: Vec<&str> = judged.iter().map(|plan| plan.text.as_str()).collect();
    let input = json!({ "schemas": schemas(), "formats": FORMATS, "texts": texts });
    let told = answer(Command::new("node").arg(script("validators.mjs")).arg(folder()), &input);
    assert_eq!(told["metaschema"], json!([true, true]));
    let refused = judged.iter().zip(told["refused"].as_array().unwrap()).filter(|(_, why)| !why.is_null());
    assert_eq!(refused.map(|(plan, _)| plan.path.as_str()).collect::<BTreeSet<_>>(), expected);

    let question = |plan: &Judged| json!({ "kind": "problems", "path": plan.path, "text": plan.text });
    let told = editor(&judged.iter().map(question).collect::<Vec<_>>());
    let underlined = judged.iter().zip(&told).filter(|(_, problems)| **problems != json!([]));
    assert_eq!(underlined.map(|(plan, _)| plan.path.as_str()).collect::<BTreeSet<_>>(), expected);
}

#[test]
fn check_jsonschema_refuses_the_same_plans_as_landfall() {
    let judged = judged();
    let expected = refused_by_landfall(&judged);
    let home = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (name, schema) in ["plan.v1.json", "secrets.v1.json"].iter().zip(schemas()) {
        fs::write(home.path().join(name), schema.to_string()).unwrap();
    }
    for plan in &judged {
        files.push(plan.path.replace('/', "__"));
        fs::write(home.path().join(files.last().unwrap()), &plan.text).unwrap();
    }
    let run = |arguments: &[&str], files: &[String]| {
        let mut command = Command::new(folder().join("python/bin/check-jsonschema"));
        command.args(["--output-format", "json"]).args(arguments).args(files).current_dir(home.path());
        let output = command.output().unwrap();
        serde_json::from_slice::<Value>(&output.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
    };
    let schemas = ["plan.v1.json", "secrets.v1.json"].map(str::to_owned);
    assert_eq!(run(&["--check-metaschema"], &schemas)["status"], "ok");

    let told = run(&["--schemafile", "plan.v1.json"], &files);
    assert_eq!(told["parse_errors"], json!([]), "{told}");
    let errors = told["errors"].as_array().unwrap().iter();
    let refused: BTreeSet<String> =
        errors.map(|error| error["filename"].as_str().unwrap().replace("__", "/")).collect();
    assert_eq!(refused, expected.iter().map(|path| (*path).to_owned()).collect());
}
