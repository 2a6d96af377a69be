use super::{Schema, complete};
use crate::{
    diagnostics::{
        Document,
        report::{Report, Style, human},
    },
    plan::text::read,
};
use pretty_assertions::assert_eq;
use serde_json::Value;

/// A schema with every shape that the plan's has.
fn schema() -> Value {
    let mut schema = serde_json::from_str(include_str!("schema.json")).unwrap();
    complete(&mut schema);
    schema
}

/// The whole report on a text in which `service` is the service `web`, on a line of its own.
fn said_of_service(service: &str) -> String {
    said(&format!("{{\"version\": 1, \"services\": {{\"web\":\n{service}\n}}}}"), Document::Plan)
}

fn said(text: &str, document: Document) -> String {
    let reading = read("plan.json", text.as_bytes(), document);
    let schema = Schema::compile(schema()).unwrap();
    let mut findings = reading.findings.clone();
    findings.extend(reading.value.iter().flat_map(|value| schema.findings(value, document)));
    let source = Some(&reading.source);
    let report = match document {
        Document::Plan => Report { plan: source, secrets: None, findings: &findings },
        Document::Secrets | Document::Host => Report { plan: None, secrets: source, findings: &findings },
    };
    human(&report, &Style { width: 100, drawn: false, colour: false })
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
    assert_eq!(report, include_str!("expected/an_unknown_field_is_one_finding_and_says_what_was_meant.txt"));
}

#[test]
fn a_scalar_of_the_wrong_type_is_told_with_its_replacement() {
    let report = said_of_service(
        r#"{"image": 5, "init": "yes", "command": "nginx -g x", "healthcheck": {"tcp": "b:1", "retries": "3"}}"#,
    );
    assert_eq!(report, include_str!("expected/a_scalar_of_the_wrong_type_is_told_with_its_replacement.txt"));
}

#[test]
fn no_replacement_is_proposed_that_would_be_refused_as_well() {
    let report = said_of_service(r#"{"image": "x", "memory": 512, "restart": true, "command": ["a", 1, true, null]}"#);
    assert_eq!(report, include_str!("expected/no_replacement_is_proposed_that_would_be_refused_as_well.txt"));
}

#[test]
fn a_value_that_is_not_listed_says_which_was_meant() {
    let report = said_of_service(r#"{"image": "x", "restart": "alway"}"#);
    assert_eq!(report, include_str!("expected/a_value_that_is_not_listed_says_which_was_meant.txt"));
}

#[test]
fn a_text_of_the_wrong_form_is_told_by_its_format() {
    let report = said_of_service(r#"{"image": "x", "memory": "512m", "aliases": ["A"]}"#);
    assert_eq!(report, include_str!("expected/a_text_of_the_wrong_form_is_told_by_its_format.txt"));
}

#[test]
fn what_is_outside_its_limits_is_told_with_the_limit() {
    let report = said_of_service(
        r#"{"image": "", "command": [], "aliases": ["a", "b", "a"], "healthcheck": {"tcp": "b:1", "retries": 1001}}"#,
    );
    assert_eq!(report, include_str!("expected/what_is_outside_its_limits_is_told_with_the_limit.txt"));
}

#[test]
fn two_sources_are_one_too_many() {
    let report = said_of_service(r#"{"image": {"archive": "a", "url": "b", "sha256": "c"}}"#);
    assert_eq!(report, include_str!("expected/two_sources_are_one_too_many.txt"));
}

#[test]
fn no_source_is_told_with_all_of_them_or_with_the_one_that_was_meant() {
    let report = said_of_service(r#"{"image": {"sha256": "c"}}"#);
    assert_eq!(report, include_str!("expected/no_source_is_told_with_all_of_them_or_with_the_one_that_was_meant.txt"));
    let report = said_of_service(r#"{"image": {"archve": "a", "sha256": "c"}}"#);
    assert_eq!(
        report,
        include_str!("expected/no_source_is_told_with_all_of_them_or_with_the_one_that_was_meant_2.txt")
    );
}

#[test]
fn only_the_mistakes_of_the_alternative_that_was_meant_are_told() {
    let report = said_of_service(r#"{"image": {"archive": "a", "id": 5}}"#);
    assert_eq!(report, include_str!("expected/only_the_mistakes_of_the_alternative_that_was_meant_are_told.txt"));
    let report = said_of_service(r#"{"image": {"ssh": "a"}}"#);
    assert_eq!(report, include_str!("expected/only_the_mistakes_of_the_alternative_that_was_meant_are_told_2.txt"));
    let report = said_of_service(r#"{"image": {"archive": "a", "key": "c"}}"#);
    assert_eq!(report, include_str!("expected/only_the_mistakes_of_the_alternative_that_was_meant_are_told_3.txt"));
}

#[test]
fn exactly_one_of_several_fields_is_needed() {
    let report = said_of_service(r#"{"image": "x", "healthcheck": {}}"#);
    assert_eq!(report, include_str!("expected/exactly_one_of_several_fields_is_needed.txt"));
    let report = said_of_service(r#"{"image": "x", "healthcheck": {"exce": ["a"]}}"#);
    assert_eq!(report, include_str!("expected/exactly_one_of_several_fields_is_needed_2.txt"));
    let report = said_of_service(r#"{"image": "x", "healthcheck": {"exec": ["a"], "tcp": "b:1"}}"#);
    assert_eq!(report, include_str!("expected/exactly_one_of_several_fields_is_needed_3.txt"));
}

#[test]
fn each_entry_of_a_map_is_told_by_its_own_type_and_keys() {
    let report = said_of_service(
        r#"{"image": "x", "environment": {"A": 8080, "B": null, "C": {"secret": 5}, "D": {"secrte": "x"}, "E": []}}"#,
    );
    assert_eq!(report, include_str!("expected/each_entry_of_a_map_is_told_by_its_own_type_and_keys.txt"));
}

#[test]
fn a_wrong_name_is_underlined_where_it_stands() {
    let report = said(
        "{\"version\": 2, \"engine\": \"dockr\", \"services\": {\"Web\": {\"image\": \"x\"}},\n\"cleanup\": {}}",
        Document::Plan,
    );
    assert_eq!(report, include_str!("expected/a_wrong_name_is_underlined_where_it_stands.txt"));
}

#[test]
fn what_should_be_a_listed_word_is_told_with_the_list() {
    let report = said(r#"{"version": "1", "engine": 1, "services": {}, "cleanup": {"keep": "5"}}"#, Document::Plan);
    assert_eq!(report, include_str!("expected/what_should_be_a_listed_word_is_told_with_the_list.txt"));
}

#[test]
fn a_plan_that_is_not_an_object_is_one_finding() {
    let report = said(r#"[]"#, Document::Plan);
    assert_eq!(report, include_str!("expected/a_plan_that_is_not_an_object_is_one_finding.txt"));
}

#[test]
fn an_empty_plan_lacks_its_required_fields() {
    let report = said(r#"{}"#, Document::Plan);
    assert_eq!(report, include_str!("expected/an_empty_plan_lacks_its_required_fields.txt"));
}

#[test]
fn findings_about_secrets_quote_no_value() {
    let report = said(
        r#"{"version": "hunter2", "engine": "hunter2", "services": {"hunter": 2}, "cleanup": {"keep": "hunter2"}}"#,
        Document::Secrets,
    );
    assert_eq!(report, include_str!("expected/findings_about_secrets_quote_no_value.txt"));
}
