//! Which of several things a value is, as far as it is written. Reads nothing, changes nothing.

use super::{Meaning, only_requires};
use crate::authoring::document::{Content, Node};
use serde_json::Value;

/// The alternatives that go with the value's type and keys; of objects those that know the most of its keys.
pub(super) fn fitting(meanings: &[Meaning], node: Option<&Node>, aside: Option<&str>) -> Vec<Meaning> {
    let mut all = Vec::new();
    meanings.iter().for_each(|meaning| alternatives(meaning, 0, &mut all));
    let Some(node) = node else { return all };
    let typed: Vec<Meaning> = all.into_iter().filter(|meaning| has_type(meaning, &node.content)).collect();
    let known = |meaning: &Meaning| {
        let keys = node.members().iter().filter_map(|member| member.name());
        keys.filter(|key| Some(*key) != aside && meaning.has_field(key)).count()
    };
    let most = typed.iter().map(known).max().unwrap_or(0);
    typed.into_iter().filter(|meaning| known(meaning) == most).collect()
}

/// Everything that a value may be, none of it a choice any more.
fn alternatives(meaning: &Meaning, depth: usize, all: &mut Vec<Meaning>) {
    let branches: Vec<&'static Value> = meaning.listed("oneOf").chain(meaning.listed("anyOf")).collect();
    let choices = branches.iter().filter(|branch| only_requires(branch).is_none());
    let mut found = false;
    for branch in choices.filter(|_| depth < super::LONGEST_CHAIN) {
        if let Some(below) = meaning.below(branch) {
            found = true;
            alternatives(&below, depth + 1, all);
        }
    }
    let own = meaning.keyword("properties").is_some() || !found;
    if own && !all.contains(meaning) {
        all.push(meaning.clone());
    }
}

fn has_type(meaning: &Meaning, content: &Content) -> bool {
    let types = meaning.types();
    let wanted: &[&str] = match content {
        Content::Object(_) => &["object"],
        Content::Array(_) => &["array"],
        Content::Text(_) => &["string"],
        Content::Word => &["integer", "number", "boolean", "string"],
        Content::Missing => return true,
    };
    types.is_empty() || types.iter().any(|name| wanted.contains(name))
}

/// The JSON type of a value.
pub(super) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
