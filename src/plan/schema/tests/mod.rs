//! Values held against a schema, each with its whole report.

pub mod oracle;

use super::Schema;
use crate::{
    committed::assert_committed,
    diagnostics::{
        Code, Document, Place, Pointer,
        report::{Report, Style, human},
    },
    plan::{
        model::{Plan, schema::plan},
        text::read,
    },
};
use oracle::{by_held, of_validator, validator};
use pretty_assertions::assert_eq;
use serde_json::{Value, json};

/// A schema with every shape that the plan's has.
fn schema() -> Value {
    serde_json::from_str(include_str!("schema.json")).unwrap()
}

/// The whole report on a text in which `service` is the service `web`, on a line of its own.
fn said_of_service(service: &str) -> String {
    said(&format!("{{\"version\": 1, \"services\": {{\"web\":\n{service}\n}}}}"), Document::Plan)
}

fn said(text: &str, document: Document) -> String {
    let reading = read("plan.json", text.as_bytes(), document);
    let schema = Schema::of(schema());
    let mut findings = reading.findings.clone();
    findings.extend(reading.value.iter().flat_map(|value| schema.findings(value, document).unwrap()));
    let source = Some(&reading.source);
    let report = match document {
        Document::Plan => Report { plan: source, secrets: None, policy: None, findings: &findings },
        Document::Secrets | Document::Policy | Document::Host => {
            Report { plan: None, secrets: source, policy: None, findings: &findings }
        }
    };
    human(&report, &Style { width: 100, drawn: false, colour: false })
}

/// The report is the one that lies in `expected/`.
fn as_expected(name: &str, report: &str) {
    assert_committed(format!("src/plan/schema/tests/expected/{name}.txt"), report);
}

#[test]
fn a_right_value_has_no_findings_and_own_keys_are_allowed() {
    let report =
        said_of_service(r#"{"image": "x", "x-note": 1, "environment": {"A": "1", "B": {"secret": "s", "x-why": 2}}}"#);
    assert_eq!(report, "");
}

#[test]
fn an_unknown_field_is_one_finding_and_says_what_was_meant() {
    let report = said_of_service(r#"{"imgae": "x", "env": {}, "privileged": true}"#);
    as_expected("an_unknown_field_is_one_finding_and_says_what_was_meant", &report);
}

#[test]
fn a_scalar_of_the_wrong_type_is_told_with_its_replacement() {
    let report = said_of_service(
        r#"{"image": 5, "init": "yes", "command": "nginx -g x", "healthcheck": {"tcp": "b:1", "retries": "3"}}"#,
    );
    as_expected("a_scalar_of_the_wrong_type_is_told_with_its_replacement", &report);
}

#[test]
fn no_replacement_is_proposed_that_would_be_refused_as_well() {
    let report = said_of_service(r#"{"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}"#);
    as_expected("no_replacement_is_proposed_that_would_be_refused_as_well", &report);
}

#[test]
fn a_value_that_is_not_listed_says_which_was_meant() {
    let report = said_of_service(r#"{"image": "x", "restart": "alway"}"#);
    as_expected("a_value_that_is_not_listed_says_which_was_meant", &report);
}

#[test]
fn a_text_of_the_wrong_form_is_told_by_its_format() {
    let report = said_of_service(r#"{"image": "x", "memory": "512m", "aliases": ["A"]}"#);
    as_expected("a_text_of_the_wrong_form_is_told_by_its_format", &report);
}

#[test]
fn what_is_outside_its_limits_is_told_with_the_limit() {
    let report = said_of_service(
        r#"{"image": "", "command": [], "aliases": ["a", "b", "a"], "healthcheck": {"tcp": "b:1", "retries": 1001}}"#,
    );
    as_expected("what_is_outside_its_limits_is_told_with_the_limit", &report);
}

#[test]
fn two_sources_are_one_too_many() {
    let report = said_of_service(r#"{"image": {"archive": "a", "url": "b", "sha256": "c"}}"#);
    as_expected("two_sources_are_one_too_many", &report);
}

#[test]
fn no_source_is_told_with_all_of_them_or_with_the_one_that_was_meant() {
    let report = said_of_service(r#"{"image": {"sha256": "c"}}"#);
    as_expected("no_source_is_told_with_all_of_them_or_with_the_one_that_was_meant", &report);
    let report = said_of_service(r#"{"image": {"archve": "a", "sha256": "c"}}"#);
    as_expected("no_source_is_told_with_all_of_them_or_with_the_one_that_was_meant_2", &report);
}

#[test]
fn only_the_mistakes_of_the_alternative_that_was_meant_are_told() {
    let report = said_of_service(r#"{"image": {"archive": "a", "id": 5}}"#);
    as_expected("only_the_mistakes_of_the_alternative_that_was_meant_are_told", &report);
    let report = said_of_service(r#"{"image": {"ssh": "a"}}"#);
    as_expected("only_the_mistakes_of_the_alternative_that_was_meant_are_told_2", &report);
    let report = said_of_service(r#"{"image": {"archive": "a", "key": "c"}}"#);
    as_expected("only_the_mistakes_of_the_alternative_that_was_meant_are_told_3", &report);
}

#[test]
fn exactly_one_of_several_fields_is_needed() {
    let report = said_of_service(r#"{"image": "x", "healthcheck": {}}"#);
    as_expected("exactly_one_of_several_fields_is_needed", &report);
    let report = said_of_service(r#"{"image": "x", "healthcheck": {"exce": ["a"]}}"#);
    as_expected("exactly_one_of_several_fields_is_needed_2", &report);
    let report = said_of_service(r#"{"image": "x", "healthcheck": {"exec": ["a"], "tcp": "b:1"}}"#);
    as_expected("exactly_one_of_several_fields_is_needed_3", &report);
}

#[test]
fn each_entry_of_a_map_is_told_by_its_own_type_and_keys() {
    let report = said_of_service(
        r#"{"image": "x", "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "x"}, "E": []}}"#,
    );
    as_expected("each_entry_of_a_map_is_told_by_its_own_type_and_keys", &report);
}

#[test]
fn a_wrong_name_is_underlined_where_it_stands() {
    let report = said(
        "{\"version\": 2, \"engine\": \"dockr\", \"services\": {\"Web\": {\"image\": \"x\"}},\n\"cleanup\": {}}",
        Document::Plan,
    );
    as_expected("a_wrong_name_is_underlined_where_it_stands", &report);
}

#[test]
fn a_name_that_may_have_several_forms_is_told_by_its_own() {
    let report = said_of_service(r#"{"image": "x", "labels": {"-a": "b", "$schema": "c"}, "ulimits": {"nofiles": 1}}"#);
    as_expected("a_name_that_may_have_several_forms_is_told_by_its_own", &report);
}

#[test]
fn what_should_be_a_listed_word_is_told_with_the_list() {
    let report = said(r#"{"version": "1", "engine": 1, "services": {}, "cleanup": {"keep": "5"}}"#, Document::Plan);
    as_expected("what_should_be_a_listed_word_is_told_with_the_list", &report);
}

#[test]
fn a_plan_that_is_not_an_object_is_one_finding() {
    let report = said(r#"[]"#, Document::Plan);
    as_expected("a_plan_that_is_not_an_object_is_one_finding", &report);
}

#[test]
fn an_empty_plan_lacks_its_required_fields() {
    let report = said(r#"{}"#, Document::Plan);
    as_expected("an_empty_plan_lacks_its_required_fields", &report);
}

#[test]
fn findings_about_secrets_quote_no_value() {
    let report = said(
        r#"{"version": "hunter2", "engine": "hunter2", "services": {"hunter": 2}, "cleanup": {"keep": "hunter2"}}"#,
        Document::Secrets,
    );
    as_expected("findings_about_secrets_quote_no_value", &report);
}

/// A plan with something of everything.
fn full() -> Value {
    serde_json::from_str(include_str!("full.json")).unwrap()
}

fn pointers(value: &Value, at: &Pointer, all: &mut Vec<Pointer>) {
    all.push(at.clone());
    match value {
        Value::Object(object) => object.iter().for_each(|(key, below)| pointers(below, &at.then(key), all)),
        Value::Array(elements) => {
            elements.iter().enumerate().for_each(|(index, below)| pointers(below, &at.then(index), all));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn a_wrong_value_anywhere_in_a_plan_is_one_finding_at_its_place() {
    let schema = Schema::of(plan());
    let validator = validator(&schema.text);
    assert_eq!((schema.findings(&full(), Document::Plan), validator.is_valid(&full())), (Ok(vec![]), true));
    let mut all = Vec::new();
    pointers(&full(), &Pointer::root(), &mut all);
    let junk = [
        json!(null),
        json!(true),
        json!(-1.5),
        json!(-1),
        json!(7_000_000_000_u64),
        json!(u64::MAX),
        json!(1e300),
        json!(" \u{1}"),
        json!([[]]),
        json!([null]),
    ];
    for (pointer, junk) in all.iter().flat_map(|pointer| junk.iter().map(move |junk| (pointer, junk))) {
        let mut broken = full();
        *broken.pointer_mut(&pointer.to_string()).unwrap() = junk.clone();
        let findings = schema.findings(&broken, Document::Plan).unwrap();
        let errors: Vec<_> = validator.iter_errors(&broken).collect();
        assert_eq!(by_held(&schema.text, &broken), of_validator(&schema.text, &errors), "{pointer} = {junk}");
        assert_eq!(findings.is_empty(), errors.is_empty(), "{pointer} = {junk}");
        assert!(findings.len() <= 1, "{pointer} = {junk}: {findings:#?}");
        let understood = serde_json::from_value::<Plan>(broken).map(drop).map_err(|error| error.to_string());
        assert!(!findings.is_empty() || understood.is_ok(), "{pointer} = {junk} is accepted, and then: {understood:?}");
        for finding in findings {
            let Place::Value(place) = &finding.place else { panic!("{pointer} = {junk}: {finding:?}") };
            assert!(place.to_string().starts_with(&pointer.to_string()), "{pointer} = {junk}: {finding:?}");
        }
    }
}

#[test]
fn a_plan_with_every_field_is_accepted_without_reading_the_whole_schema() {
    let plain = serde_json::from_str(include_str!("../held/plan.v1.json")).unwrap();
    let schema = Schema::read_late(plain, || panic!("the schema was read"));
    assert_eq!(schema.findings(&full(), Document::Plan), Ok(vec![]));
}

#[test]
fn a_misspelt_key_anywhere_in_a_plan_is_one_finding_at_its_place() {
    let schema = Schema::of(plan());
    let validator = validator(&schema.text);
    let mut all = Vec::new();
    pointers(&full(), &Pointer::root(), &mut all);
    let word = |key: &str| key.len() > 2 && key.chars().all(|letter| matches!(letter, 'a'..='z' | '_' | '$'));
    for pointer in all.iter().filter(|pointer| pointer.last().is_some_and(word)) {
        let mut broken = full();
        let (parent, key) = (pointer.parent().unwrap(), pointer.last().unwrap());
        let Some(object) = broken.pointer_mut(&parent.to_string()).and_then(Value::as_object_mut) else { continue };
        let misspelt = format!("{key}e");
        let value = object.remove(key).unwrap();
        object.insert(misspelt.clone(), value);
        let findings = schema.findings(&broken, Document::Plan).unwrap();
        let errors: Vec<_> = validator.iter_errors(&broken).collect();
        assert_eq!(by_held(&schema.text, &broken), of_validator(&schema.text, &errors), "{pointer}");
        assert_eq!(findings.is_empty(), errors.is_empty(), "{pointer}");
        let told: Vec<_> =
            findings.iter().map(|finding| (finding.code, &finding.place, finding.label.as_str())).collect();
        // Keys of the author's choice may be spelt in any way.
        if let [(code, place, label)] = told.as_slice() {
            let expected = (Code::UnknownField, Place::Key(parent.then(&misspelt)), format!("did you mean `{key}`?"));
            assert_eq!((*code, (*place).clone(), (*label).to_owned()), expected);
        } else {
            assert_eq!(told, []);
        }
    }
}

#[test]
fn mistakes_in_secrets_and_in_policies_are_those_of_the_validator() {
    let policy = serde_json::from_str(crate::policy::schema::EXAMPLE).unwrap();
    let secrets = json!({ "$schema": "secrets.v1.json", "db_password": "correct horse" });
    for (schema, right) in [(crate::schemas::policy(), policy), (crate::schemas::secrets(), secrets)] {
        let validator = validator(&schema);
        let mut all = Vec::new();
        pointers(&right, &Pointer::root(), &mut all);
        let junk = [json!(null), json!(0.5), json!("\u{1}"), json!(["a", "a"]), json!({ "": "", "Ä b": 1, "a": "b" })];
        for (pointer, junk) in all.iter().flat_map(|pointer| junk.iter().map(move |junk| (pointer, junk))) {
            let mut broken = right.clone();
            *broken.pointer_mut(&pointer.to_string()).unwrap() = junk.clone();
            let errors: Vec<_> = validator.iter_errors(&broken).collect();
            assert_eq!(by_held(&schema, &broken), of_validator(&schema, &errors), "{pointer} = {junk}");
        }
    }
}
