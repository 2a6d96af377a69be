//! Each mistake as a finding, and none that another one causes. Reads nothing, changes nothing.

use super::{
    alternatives, bounds,
    held::{Kind, Mistake},
    keys,
    nearest::nearest,
    shape::{Subject, options, text, types},
    types::{name, named, shown, wrong},
};
use crate::{
    diagnostics::{Code, Document, Finding, Place, Pointer},
    plan::values::{Problem, problem_of},
};
use serde_json::Value;
use std::collections::BTreeMap;

/// The findings for the mistakes of one value, those that others cause left out.
pub(super) fn all(subject: &Subject<'_>, mistakes: &[Mistake<'_>]) -> Vec<Finding> {
    let mut by_place: BTreeMap<&Pointer, Vec<&Mistake<'_>>> = BTreeMap::new();
    for mistake in mistakes {
        by_place.entry(&mistake.pointer).or_default().push(mistake);
    }
    by_place.values().flat_map(|mistakes| at_one_place(subject, mistakes)).collect()
}

/// A value of the wrong type is not held against anything else; a scalar is told its worst mistake only.
fn at_one_place(subject: &Subject<'_>, mistakes: &[&Mistake<'_>]) -> Vec<Finding> {
    if let Some(mistake) = mistakes.iter().find(|mistake| matches!(mistake.kind, Kind::Value { keyword: "type", .. })) {
        let instance = subject.instance(mistake);
        return vec![wrong(subject, mistake.pointer.clone(), instance, &types(mistake.schema), mistake.schema)];
    }
    let instance = mistakes.first().map(|mistake| subject.instance(mistake));
    if matches!(instance, Some(Value::Object(_))) {
        return keys::of_object(subject, mistakes);
    }
    let worst = mistakes.iter().min_by_key(|mistake| rank(mistake));
    worst.map(|mistake| one(subject, mistake)).unwrap_or_default()
}

fn rank(mistake: &Mistake<'_>) -> u8 {
    match mistake.kind {
        Kind::Value { keyword: "const" | "enum", .. } => 0,
        Kind::Value { keyword: "format", .. } => 1,
        Kind::Alternatives { .. } => 2,
        Kind::Value { keyword: "pattern", .. } => 4,
        _ => 3,
    }
}

/// The findings for a mistake that stands for itself.
pub(super) fn one(subject: &Subject<'_>, mistake: &Mistake<'_>) -> Vec<Finding> {
    let (pointer, instance) = (mistake.pointer.clone(), subject.instance(mistake));
    match &mistake.kind {
        Kind::Alternatives { .. } => alternatives::told(subject, mistake),
        Kind::Value { keyword: "const" | "enum", .. } => {
            let allowed = options(mistake.schema).unwrap_or_default();
            vec![not_allowed(subject, pointer, instance, &allowed)]
        }
        Kind::Value { keyword: "format" | "pattern", .. } => {
            vec![wrong_form(subject, pointer, instance, mistake.schema)]
        }
        Kind::Value { keyword, wanted } => vec![bounds::told(subject, mistake, (keyword, wanted))],
        Kind::Missing { .. } | Kind::Unexpected { .. } | Kind::Name { .. } => keys::of_object(subject, &[mistake]),
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
pub(super) fn wrong_form(subject: &Subject<'_>, pointer: Pointer, value: &Value, schema: &Value) -> Finding {
    let format = text(schema, "format");
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
