//! Numbers, lists, texts and objects outside their limits. Reads nothing, changes nothing.

use super::{
    held::{self, Mistake},
    shape::Subject,
    types::{name, shown},
};
use crate::diagnostics::{Code, Document, Finding, Place, Pointer};
use serde_json::Value;

/// The finding for a value that is not as a keyword wants it: its limit, or what can be said where no other module tells.
pub(super) fn told(subject: &Subject<'_>, mistake: &Mistake<'_>, (keyword, wanted): (&str, &Value)) -> Finding {
    let (pointer, instance) = (mistake.pointer.clone(), subject.instance(mistake));
    let number = wanted.as_u64().unwrap_or_default();
    let limit = match keyword {
        "minimum" => format!("at least {wanted}"),
        "maximum" => format!("at most {wanted}"),
        "minLength" => counted("at least", number, "character"),
        "maxLength" => counted("at most", number, "character"),
        "minItems" => counted("at least", number, "element"),
        "maxItems" => counted("at most", number, "element"),
        "minProperties" => counted("at least", number, "entry"),
        "uniqueItems" => return twice(subject, &pointer, instance),
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
    let Some((first, again)) = held::twice(elements) else {
        return Finding::error(Code::ListedTwice, pointer.clone(), "an element is listed twice");
    };
    let text = elements.get(again).and_then(Value::as_str).filter(|_| subject.document != Document::Secrets);
    let what = text.map_or_else(|| "an element".to_owned(), |text| format!("`{text}`"));
    Finding::error(Code::ListedTwice, pointer.then(again), format!("{what} is listed twice"))
        .label("here again")
        .help("remove one of them")
        .fix_by_removing("remove it", Place::Value(pointer.then(again)))
        .also(pointer.then(first), "first here")
}
