//! Numbers, lists, texts and objects outside their limits. Reads nothing, changes nothing.

use super::{
    shape::Subject,
    types::{name, shown},
};
use crate::diagnostics::{Code, Document, Finding, Place, Pointer};
use jsonschema::{ValidationError, error::ValidationErrorKind};
use serde_json::Value;

/// The finding for a limit; for anything that no other module tells, what can be said of it.
pub(super) fn told(subject: &Subject<'_>, error: &ValidationError<'_>) -> Finding {
    let (pointer, instance) = (subject.pointer(error), subject.instance(error));
    let limit = match error.kind() {
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        ValidationErrorKind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        ValidationErrorKind::MinLength { limit } => counted("at least", *limit, "character"),
        ValidationErrorKind::MaxLength { limit } => counted("at most", *limit, "character"),
        ValidationErrorKind::MinItems { limit } => counted("at least", *limit, "element"),
        ValidationErrorKind::MaxItems { limit } => counted("at most", *limit, "element"),
        ValidationErrorKind::MinProperties { limit } => counted("at least", *limit, "entry"),
        ValidationErrorKind::MaxProperties { limit } => counted("at most", *limit, "entry"),
        ValidationErrorKind::UniqueItems => return twice(subject, &pointer, instance),
        _ => "not allowed here".to_owned(),
    };
    let message = format!("{} {}", name(&pointer, subject.document), has(instance, subject));
    Finding::error(Code::OutOfBounds, pointer, message).label(limit)
}

fn has(value: &Value, subject: &Subject<'_>) -> String {
    match value {
        Value::String(text) if text.is_empty() => "is empty".to_owned(),
        Value::Array(elements) if elements.is_empty() => "is empty".to_owned(),
        Value::Object(entries) if entries.is_empty() => "is empty".to_owned(),
        Value::String(text) => counted("has", u64::try_from(text.chars().count()).unwrap_or(u64::MAX), "character"),
        Value::Array(elements) => counted("has", u64::try_from(elements.len()).unwrap_or(u64::MAX), "element"),
        Value::Object(entries) => counted("has", u64::try_from(entries.len()).unwrap_or(u64::MAX), "entry"),
        Value::Null | Value::Bool(_) | Value::Number(_) => match shown(value, subject.document) {
            Some(text) => format!("is {text}"),
            None => "is outside its limits".to_owned(),
        },
    }
}

fn counted(lead: &str, number: u64, what: &str) -> String {
    match (number, what) {
        (1, _) => format!("{lead} 1 {what}"),
        (_, "entry") => format!("{lead} {number} entries"),
        (_, _) => format!("{lead} {number} {what}s"),
    }
}

/// An element that a list has twice: the second is underlined, the first named.
fn twice(subject: &Subject<'_>, pointer: &Pointer, list: &Value) -> Finding {
    let elements = list.as_array().map(Vec::as_slice).unwrap_or_default();
    for (index, element) in elements.iter().enumerate() {
        if let Some(first) = elements.iter().take(index).position(|earlier| earlier == element) {
            let what = match element.as_str().filter(|_| subject.document != Document::Secrets) {
                Some(text) => format!("`{text}`"),
                None => "an element".to_owned(),
            };
            return Finding::error(Code::ListedTwice, pointer.then(index), format!("{what} is listed twice"))
                .label("here again")
                .help("remove one of them")
                .fix_by_removing("remove it", Place::Value(pointer.then(index)))
                .also(pointer.then(first), "first here");
        }
    }
    Finding::error(Code::ListedTwice, pointer.clone(), "an element is listed twice")
}
