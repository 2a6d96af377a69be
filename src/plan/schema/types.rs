//! The words for types and values. Reads nothing, changes nothing.

use super::{
    replacement::replacement,
    shape::{Subject, options, required, text},
};
use crate::{
    diagnostics::{Code, Document, Finding, Pointer},
    few::InOrder,
    plan::values::problem_of,
};
use serde_json::Value;

/// The longest value that a message shows, in characters.
const LONGEST: usize = 60;

/// The schema's name for a value's type; a number without a fraction is an integer.
pub(super) fn of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_i64() || number.is_u64() => "integer",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a value is of a type that the schema names.
pub(super) fn fits(value: &Value, name: &str) -> bool {
    of(value) == name || (name == "number" && value.is_number())
}

/// `a string or an object`.
pub(super) fn words(names: &[&str]) -> String {
    let mut words: Vec<_> = names.iter().map(|name| word(name).to_owned()).collect();
    words.dedup();
    listed(&words, "or")
}

fn word(name: &str) -> &str {
    match name {
        "string" => "a string",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list",
        "object" => "an object",
        other => other,
    }
}

/// `a, b or c`.
pub(super) fn listed(words: &[String], last: &str) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

/// Names in backticks: `` `a`, `b` or `c` ``.
pub(super) fn named(names: &[&str], last: &str) -> String {
    listed(&names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>(), last)
}

/// What a message calls the value at a pointer.
pub(super) fn name(pointer: &Pointer, document: Document) -> String {
    match (pointer.last(), pointer.parent().as_ref().and_then(Pointer::last)) {
        (None, _) if document == Document::Secrets => "the secrets file".to_owned(),
        (None, _) if document == Document::Policy => "the policy".to_owned(),
        (None, _) => "the plan".to_owned(),
        (Some(index), Some(list)) if index.parse::<usize>().is_ok() => format!("an element of `{list}`"),
        (Some(key), _) => format!("`{key}`"),
    }
}

/// A value as JSON, cropped where it is long. `None` for what stands in the secrets file.
pub(super) fn shown(value: &Value, document: Document) -> Option<String> {
    if document == Document::Secrets {
        return None;
    }
    let text = value.to_string();
    Some(if text.chars().count() > LONGEST {
        text.chars().take(LONGEST).chain(std::iter::once('…')).collect()
    } else {
        text
    })
}

/// The finding for a value whose type is none of `expected`; `schema` is what it should have been, null where that is not one
/// thing.
pub(super) fn wrong(
    subject: &Subject<'_>,
    pointer: Pointer,
    value: &Value,
    expected: &[&str],
    schema: &Value,
) -> Finding {
    let name = name(&pointer, subject.document);
    if value.is_string() && expected == ["object"] && required(schema) == ["secret"] {
        return Finding::error(Code::WrongType, pointer, format!("{name} does not belong in the plan"))
            .label("write { \"secret\": \"…\" }")
            .help("a name of your choice; the value goes into the secrets file, under that name");
    }
    let what = match (value, shown(value, subject.document)) {
        (Value::Null, _) => "null".to_owned(),
        (Value::Bool(_), Some(text)) => text,
        (Value::Number(_), Some(text)) => format!("the number {text}"),
        (Value::String(_), Some(text)) => format!("the string {text}"),
        (Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) | Value::Object(_), _) => {
            word(of(value)).to_owned()
        }
    };
    let finding = Finding::error(Code::WrongType, pointer, format!("{name} is {what}, not {}", words(expected)));
    let place = finding.place.clone();
    if value.is_null() {
        let finding = finding.label("no value").help("leave the field out where it is not needed");
        let needed = subject.needs(&place);
        return if needed { finding } else { finding.fix_by_removing(format!("remove {name}"), place) };
    }
    let replacement = match expected {
        _ if schema.is_null() => None,
        [one] => replacement(value, one, schema),
        _ => expected.iter().find(|name| **name == "string").and_then(|name| replacement(value, name, schema)),
    };
    match replacement.filter(|_| subject.document != Document::Secrets) {
        None => finding.label(format!("{} is expected", words(expected))),
        Some(written) => match mistake_in(schema, &written) {
            None => {
                let text = spaced_from(&written, &required(schema));
                finding.label(format!("write {text}")).fix(format!("write {text}"), place, text)
            }
            Some((cure, meant)) => {
                let finding = finding.label(format!("{} is expected", words(expected))).help(cure);
                meant.iter().fold(finding, |finding, text| {
                    finding.fix(format!("write `{text}`"), place.clone(), Value::from(text.as_str()))
                })
            }
        },
    }
}

/// The cure, and what is meant, where a replacement would be refused as well, so that none is proposed that is.
fn mistake_in(schema: &Value, written: &Value) -> Option<(String, Vec<String>)> {
    if let Some(options) = options(schema).filter(|options| !options.contains(&written)) {
        let texts: Vec<String> = options.iter().map(|option| option.to_string()).collect();
        let meant = [("false", "no"), ("true", "required")]
            .into_iter()
            .find(|(switch, word)| written == switch && options.contains(&&Value::from(*word)))
            .map(|(_, word)| word.to_owned());
        return Some((format!("it is one of {}", texts.join(", ")), meant.into_iter().collect()));
    }
    problem_of(text(schema, "format")?, written.as_str()?).map(|problem| (problem.help, problem.meant))
}

/// JSON as people write it, with spaces.
pub(crate) fn spaced(value: &Value) -> String {
    spaced_from(value, &[])
}

/// JSON as people write it, with spaces. Members whose keys are in `first` stand first, in its order.
pub(crate) fn spaced_from(value: &Value, first: &[&str]) -> String {
    match value {
        Value::Array(elements) => {
            format!("[{}]", elements.iter().map(|element| spaced_from(element, first)).collect::<Vec<_>>().join(", "))
        }
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.put_in_order_by_key(|(key, _)| first.iter().position(|name| name == key).unwrap_or(first.len()));
            let member = |(key, value): (&String, &Value)| {
                format!("{}: {}", Value::from(key.as_str()), spaced_from(value, first))
            };
            format!("{{ {} }}", fields.into_iter().map(member).collect::<Vec<_>>().join(", "))
        }
        other => other.to_string(),
    }
}
