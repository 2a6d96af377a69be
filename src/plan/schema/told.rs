//! Each error as a finding, and none that another one causes. Reads nothing, changes nothing.

use super::{
    alternatives, bounds, keys,
    nearest::nearest,
    shape::{Subject, is_union, options, text, types},
    types::{name, named, shown, wrong},
};
use crate::{
    diagnostics::{Code, Document, Finding, Place, Pointer},
    plan::values::{Problem, problem_of},
};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::Value;
use std::collections::BTreeMap;

/// The findings for the errors of one value, one a mistake.
pub(super) fn all(subject: &Subject<'_>, errors: &[&ValidationError<'_>]) -> Vec<Finding> {
    let mut by_place: BTreeMap<&str, Vec<&ValidationError<'_>>> = BTreeMap::new();
    for error in errors {
        by_place.entry(error.instance_path().as_str()).or_default().push(error);
    }
    by_place.values().flat_map(|errors| at_one_place(subject, errors)).collect()
}

/// A value of the wrong type is not held against anything else; a scalar is told its worst mistake only.
fn at_one_place(subject: &Subject<'_>, errors: &[&ValidationError<'_>]) -> Vec<Finding> {
    if let Some(error) = errors.iter().find(|error| matches!(error.kind(), ValidationErrorKind::Type { .. })) {
        let holder = subject.holder(error);
        return vec![wrong(subject, subject.pointer(error), subject.instance(error), &types(holder), holder)];
    }
    let instance = errors.first().map(|error| subject.instance(error));
    if matches!(instance, Some(Value::Object(_))) {
        return keys::of_object(subject, errors);
    }
    let worst = errors.iter().min_by_key(|error| rank(error));
    worst.map(|error| one(subject, error)).unwrap_or_default()
}

fn rank(error: &ValidationError<'_>) -> u8 {
    match error.kind() {
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. } => 0,
        ValidationErrorKind::Format { .. } => 1,
        _ if is_union(error) => 2,
        ValidationErrorKind::Pattern { .. } => 4,
        _ => 3,
    }
}

/// The findings for an error that stands for itself.
pub(super) fn one(subject: &Subject<'_>, error: &ValidationError<'_>) -> Vec<Finding> {
    let (pointer, instance) = (subject.pointer(error), subject.instance(error));
    match error.kind() {
        _ if is_union(error) => alternatives::told(subject, error),
        ValidationErrorKind::Constant { .. } | ValidationErrorKind::Enum { .. } => {
            let allowed = options(subject.holder(error)).unwrap_or_default();
            vec![not_allowed(subject, pointer, instance, &allowed)]
        }
        ValidationErrorKind::Format { format } => {
            vec![wrong_form(subject, pointer, instance, Some(format), subject.holder(error))]
        }
        ValidationErrorKind::Pattern { .. } => {
            vec![wrong_form(subject, pointer, instance, None, subject.holder(error))]
        }
        _ => vec![bounds::told(subject, error)],
    }
}

/// The finding for a value that is none of those listed.
pub(super) fn not_allowed(subject: &Subject<'_>, pointer: Pointer, value: &Value, allowed: &[&Value]) -> Finding {
    let name = name(&pointer, subject.document);
    let message = match shown(value, subject.document) {
        Some(text) => format!("{name} can't be {text}"),
        None => format!("{name} has a value that is not allowed"),
    };
    let place = Place::Value(pointer.clone());
    let finding = Finding::error(Code::NotAllowed, pointer, message);
    let texts: Vec<String> = allowed.iter().map(|value| value.to_string()).collect();
    if let [only] = texts.as_slice() {
        return finding.label(format!("write {only}")).fix(format!("write {only}"), place, only);
    }
    let help = format!("it is one of {}", texts.join(", "));
    let words: Vec<&str> = allowed.iter().filter_map(|value| value.as_str()).collect();
    let quotable = value.as_str().filter(|_| subject.document != Document::Secrets);
    let known = |word: &str| words.iter().copied().find(|option| elsewhere(word) == Some(*option));
    match quotable.and_then(|word| nearest(word, &words).or_else(|| known(word))) {
        Some(meant) => {
            let finding = finding.label(format!("did you mean \"{meant}\"?")).help(help);
            finding.fix(format!("write \"{meant}\""), place, Value::from(meant))
        }
        None => finding.label("not one of those allowed").help(help),
    }
}

/// What other formats' words are called here.
fn elsewhere(word: &str) -> Option<&'static str> {
    Some(match word {
        "unless-stopped" => "always",
        "service_started" => "service_healthy",
        "json-file" | "local" | "k8s-file" => "file",
        "starttls" => "required",
        "ssl" | "smtps" => "implicit",
        _ => return None,
    })
}

/// The finding for a text that is not of its form; what the format's own check says goes before all else.
pub(super) fn wrong_form(
    subject: &Subject<'_>,
    pointer: Pointer,
    value: &Value,
    format: Option<&str>,
    schema: &Value,
) -> Finding {
    let format = format.or_else(|| text(schema, "format"));
    let problem = format.zip(value.as_str()).and_then(|(format, text)| problem_of(format, text));
    if let Some(problem) = problem.filter(|_| subject.document != Document::Secrets) {
        return without_wrong_ones(problem, format).at(pointer);
    }
    let name = name(&pointer, subject.document);
    let message = match shown(value, subject.document) {
        Some(text) => format!("{name} can't be {text}"),
        None => format!("{name} is not of the required form"),
    };
    let label = text(schema, "patternErrorMessage").unwrap_or("not of the required form");
    Finding::error(Code::WrongForm, pointer, message).label(label).help(examples(schema))
}

/// The problem with only those proposals that are right themselves.
fn without_wrong_ones(mut problem: Problem, format: Option<&str>) -> Problem {
    problem.meant.retain(|text| format.is_none_or(|format| problem_of(format, text).is_none()));
    problem
}

fn examples(schema: &Value) -> String {
    let examples = schema.get("examples").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let texts: Vec<_> = examples.iter().filter_map(Value::as_str).take(3).collect();
    if texts.is_empty() { String::new() } else { format!("for example {}", named(&texts, "or")) }
}
