//! A field in words: what it is for, its type, default, values and examples. Reads nothing, changes nothing.

use crate::{
    authoring::{document::Node, meaning::Meaning},
    diagnostics::Pointer,
};
use serde_json::Value;

/// How many examples are shown.
const EXAMPLES: usize = 3;

/// What a field is called: its key; for an element of a list, that of the list.
pub(in crate::authoring) fn name(pointer: &Pointer) -> String {
    let segments: Vec<&str> = pointer.segments().collect();
    let is_index = |segment: &&&str| !segment.bytes().all(|byte| byte.is_ascii_digit());
    segments.iter().rev().find(is_index).copied().unwrap_or("plan").to_owned()
}

/// The documentation of a field whose value may be any of `meanings`; `node` is the value, if one is there.
pub(in crate::authoring) fn documentation(
    name: &str,
    meanings: &[Meaning],
    node: Option<&Node>,
    is_required: bool,
) -> Option<String> {
    let fitting = Meaning::fitting(meanings, node, None);
    let all = Meaning::fitting(meanings, None, None);
    // What the place of use says is the nearest; what is used there says it for all places.
    let described = meanings.iter().chain(&fitting).find_map(|meaning| meaning.descriptions().first().copied());
    let described = described.unwrap_or_default();
    let says = |mark: &str| described.contains(&format!("\n{mark}: "));
    let default = if says("Default") { None } else { default(meanings) };
    let mut parts = vec![format!("**`{name}`** · {}", typed(meanings, is_required, default))];
    parts.extend((!described.is_empty()).then(|| described.to_owned()));
    if fitting.len() != 1 || node.is_none() {
        parts.extend(alternatives(&all));
    }
    parts.extend(listed(&fitting));
    parts.extend(examples(&fitting).filter(|_| !says("Example")));
    meanings.first().map(|_| parts.join("\n\n"))
}

/// Type, default, and whether it must be there, in a few words: `string, default "always"`.
pub(in crate::authoring) fn detail(meanings: &[Meaning], is_required: bool) -> String {
    typed(meanings, is_required, default(meanings))
}

/// The default, where it says more than that nothing is there.
fn default(meanings: &[Meaning]) -> Option<&'static Value> {
    let is_something = |value: &&Value| match value {
        Value::Object(members) => !members.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    };
    meanings.iter().find_map(|meaning| meaning.keyword("default")).filter(is_something)
}

fn typed(meanings: &[Meaning], is_required: bool, default: Option<&Value>) -> String {
    let all = Meaning::fitting(meanings, None, None);
    let types = once_each(all.iter().flat_map(Meaning::types).collect());
    let types = if types.is_empty() { "any value".to_owned() } else { types.join(" or ") };
    match (is_required, default) {
        (true, _) => format!("{types}, required"),
        (false, Some(default)) => format!("{types}, default `{default}`"),
        (false, None) => types,
    }
}

/// What each of several forms is for.
fn alternatives(all: &[Meaning]) -> Option<String> {
    let told = |meaning: &Meaning| {
        let words = meaning.descriptions().first().copied()?;
        let required: Vec<&str> = meaning.listed("required").filter_map(Value::as_str).collect();
        let form = match required.first() {
            Some(field) => format!("`{{ \"{field}\": … }}`"),
            None => meaning.types().join(" or "),
        };
        Some(format!("- {form}: {words}"))
    };
    (all.len() > 1).then(|| all.iter().filter_map(told).collect::<Vec<_>>().join("\n"))
}

/// The values that are allowed, with their words.
fn listed(fitting: &[Meaning]) -> Option<String> {
    let values = fitting.iter().flat_map(Meaning::values);
    let told = values.map(|(value, words)| match words {
        "" => format!("- `{value}`"),
        words => format!("- `{value}`: {words}"),
    });
    Some(told.collect::<Vec<_>>().join("\n")).filter(|told| !told.is_empty())
}

fn examples(fitting: &[Meaning]) -> Option<String> {
    let examples = fitting.iter().flat_map(|meaning| meaning.listed("examples"));
    let shown: Vec<String> = examples.take(EXAMPLES).map(|example| format!("`{example}`")).collect();
    (!shown.is_empty()).then(|| format!("For example {}", shown.join(", ")))
}

fn once_each(words: Vec<&str>) -> Vec<&str> {
    let mut once: Vec<&str> = Vec::new();
    for word in words {
        if !once.contains(&word) {
            once.push(word);
        }
    }
    once
}
