//! Spans of all values, and the keys that stand twice. Reads nothing, changes nothing.

use super::decode::refusal;
use crate::diagnostics::{Code, Finding, Inside, Members, Place, Span};
use jsonc_parser::ast;
use std::ops::Range;

/// The spans of `value`; every key that an object already has is told in `findings`, with its first occurrence.
pub(super) fn spans(value: &ast::Value<'_>, findings: &mut Vec<Finding>) -> Span {
    let inside = match value {
        ast::Value::Object(object) => Inside::Members(members(object, findings)),
        ast::Value::Array(array) => {
            Inside::Elements(array.elements.iter().map(|element| spans(element, findings)).collect())
        }
        ast::Value::StringLit(_)
        | ast::Value::NumberLit(_)
        | ast::Value::BooleanLit(_)
        | ast::Value::NullKeyword(_) => Inside::Nothing,
    };
    Span { key: None, value: range_of(value), inside }
}

fn members(object: &ast::Object<'_>, findings: &mut Vec<Finding>) -> Members {
    let mut members: Vec<(String, Span)> = Vec::with_capacity(object.properties.len());
    for member in &object.properties {
        let (name, key) = key_of(&member.name);
        let span = spans(&member.value, findings);
        members.push((name, Span { key: Some(key), ..span }));
    }
    // Of those with the same name, the first one comes first.
    let mut by_name: Vec<_> = members.iter().collect();
    by_name.sort_by_key(|(name, _)| name);
    for same in by_name.chunk_by(|(one, _), (other, _)| one == other) {
        let mut same = same.iter().filter_map(|(name, span)| Some((name, (span.key.clone()?, span.value.end))));
        if let Some((_, first)) = same.next() {
            findings.extend(same.map(|(name, again)| duplicate(name, again, first.clone())));
        }
    }
    members.into_iter().collect()
}

/// Both members as the key and the end of the value.
fn duplicate(name: &str, (again, end): (Range<usize>, usize), (first, first_end): (Range<usize>, usize)) -> Finding {
    let members = [("later", again.start..end), ("first", first.start..first_end)];
    let finding = refusal(Code::DuplicateKey, Place::Bytes(again), format!("`{name}` stands twice in one object"))
        .label("here again")
        .help("remove one of them; JSON leaves open which one would count");
    let mut finding = members.into_iter().fold(finding, |finding, (which, member)| {
        finding.fix_by_removing(format!("remove the {which} `{name}`"), Place::Bytes(member))
    });
    finding.also.push((Place::Bytes(first), "first here".to_owned()));
    finding
}

fn key_of(name: &ast::ObjectPropName<'_>) -> (String, Range<usize>) {
    match name {
        ast::ObjectPropName::String(text) => (text.value.clone().into_owned(), text.range.start..text.range.end),
        ast::ObjectPropName::Word(word) => (word.value.to_owned(), word.range.start..word.range.end),
    }
}

/// The bytes of a value.
pub(super) fn range_of(value: &ast::Value<'_>) -> Range<usize> {
    let range = match value {
        ast::Value::StringLit(node) => node.range,
        ast::Value::NumberLit(node) => node.range,
        ast::Value::BooleanLit(node) => node.range,
        ast::Value::Object(node) => node.range,
        ast::Value::Array(node) => node.range,
        ast::Value::NullKeyword(node) => node.range,
    };
    range.start..range.end
}
