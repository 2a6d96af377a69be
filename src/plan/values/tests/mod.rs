//! Tables of right and wrong values of every kind, and what holds for all kinds alike.

mod allowed;
mod cures;
mod images;
mod names;
mod network;
mod paths;
mod patterns;
mod ports;
mod processes;
mod quantities;
mod web;

use std::fmt::Debug;

use pretty_assertions::assert_eq;
use proptest::prelude::*;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{FORMATS, FORMS, Problem, ServiceName, Value, problem_of};

/// What any kind of value can do.
pub(in crate::plan::values) trait Kind:
    Value + Debug + PartialEq + serde::Serialize + DeserializeOwned + JsonSchema
{
}
impl<T: Value + Debug + PartialEq + serde::Serialize + DeserializeOwned + JsonSchema> Kind for T {}

/// These texts are right, and their own canonical form.
pub(in crate::plan::values) fn accepts<K: Kind>(texts: &[&str]) {
    for text in texts {
        reads_as::<K>(&[(text, text)]);
    }
}

/// The first text of each pair is right, the second is its canonical form; the schema agrees, and so does serde.
pub(in crate::plan::values) fn reads_as<K: Kind>(pairs: &[(&str, &str)]) {
    let validator = jsonschema::validator_for(schemars::schema_for!(K).as_value()).unwrap();
    for (text, canonical) in pairs {
        let value = K::parse(text).unwrap();
        assert_eq!(value.to_string(), *canonical);
        assert_eq!(K::parse(canonical).unwrap().to_string(), *canonical);
        assert!(validator.is_valid(&json!(text)), "the schema's pattern refuses `{text}`");
        assert!(validator.is_valid(&json!(canonical)), "the schema's pattern refuses `{canonical}`");
        assert_eq!(serde_json::to_value(&value).unwrap(), json!(canonical));
        assert_eq!(serde_json::from_value::<K>(json!(text)).unwrap(), value);
        assert_eq!(problem_of(K::FORM.format, text), None);
    }
}

/// Each text is wrong, for the reason beside it: code, message, label and help.
pub(in crate::plan::values) fn refuses<K: Kind>(pairs: &[(&str, &str)]) {
    for (text, reason) in pairs {
        let problem = K::parse(text).unwrap_err();
        assert_eq!(told(&problem), *reason);
        assert_eq!(problem_of(K::FORM.format, text), Some(problem.clone()));
        assert_eq!(serde_json::from_value::<K>(json!(text)).unwrap_err().to_string(), problem.message);
    }
}

fn told(problem: &Problem) -> String {
    let Problem { message, label, help, meant: _, code } = problem;
    let parts = [format!("{code} {message}"), label.clone(), help.clone()];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" | ")
}

#[test]
fn every_format_has_its_own_name_and_right_examples() {
    let mut names = FORMATS.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), FORMATS.len());
    for form in FORMS {
        assert!(form.format.starts_with("landfall-"), "{}", form.format);
        let pattern = json!({ "type": "string", "pattern": form.pattern });
        let validator = jsonschema::validator_for(&pattern).unwrap();
        for example in form.examples {
            assert_eq!((*example, problem_of(form.format, example)), (*example, None));
            assert!(validator.is_valid(&json!(example)), "`{example}` doesn't match the pattern of {}", form.format);
        }
    }
}

#[test]
fn a_kind_describes_itself_to_editors() {
    let wrong = "a letter a-z, then up to 30 of a-z, 0-9 and -, the last of them not -; podman, docker, host, bridge, \
                 none, container, private, ns and localhost are taken";
    assert_eq!(
        schemars::schema_for!(ServiceName).to_value(),
        json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "ServiceName",
            "type": "string",
            "pattern": "^[a-z]([a-z0-9-]{0,29}[a-z0-9])?$",
            "format": "landfall-service-name",
            "not": { "pattern": "^(podman|docker|host|bridge|none|container|private|ns|localhost)$" },
            "patternErrorMessage": wrong,
            "errorMessage": wrong,
            "description": "The name of a service: other services reach it by this name.",
            "examples": ["web", "db"],
        })
    );
}

#[test]
fn what_is_one_character_too_long_is_refused() {
    let labels = format!("{}.", "a".repeat(63)).repeat(3);
    let folders = format!("{}/", "/a".repeat(2046));
    let table = [
        ("landfall-host", "", 63, ""),
        ("landfall-host", &labels, 61, ""),
        ("landfall-host-name", &format!("{}.", "a".repeat(61)), 2, ""),
        ("landfall-host-path", "/", 255, ""),
        ("landfall-host-path", &folders, 2, ""),
        ("landfall-plan-path", &folders, 2, ""),
        ("landfall-archive-path", &folders, 2, ""),
        ("landfall-image", "docker.io/", 200, ""),
        ("landfall-image", "docker.io/a:", 128, ""),
        ("landfall-email", "", 64, "@x"),
        ("landfall-email", &format!("a@{labels}"), 60, ""),
        ("landfall-secret-name", "", 63, ""),
        ("landfall-label", "", 128, ""),
        ("landfall-environment-name", "", 255, ""),
        ("landfall-user", "", 32, ""),
    ];
    for (format, before, longest, after) in table {
        let refused = [longest, longest + 1].map(|length| {
            let text = format!("{before}{}{after}", "a".repeat(length));
            problem_of(format, &text).is_some()
        });
        assert_eq!((format, before, refused), (format, before, [false, true]));
    }
}

#[test]
fn a_format_that_is_not_ours_has_no_problems() {
    assert_eq!(problem_of("date-time", "anything"), None);
}

#[test]
fn a_message_escapes_control_characters_and_crops_what_is_long() {
    let long = format!("\u{1b}[31m{}", "x".repeat(200));
    let expected = format!("service name `\\u{{1b}}[31m{}…` is not a name", "x".repeat(75));
    assert_eq!(ServiceName::parse(&long).unwrap_err().message, expected);
}

proptest! {
    #[test]
    fn no_text_makes_a_parser_panic(text in any::<String>()) {
        for format in FORMATS {
            problem_of(format, &text);
        }
    }
}
