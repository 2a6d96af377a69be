//! What an offset of a text is in the middle of. Reads nothing, changes nothing.

use super::document::{Content, Document, Member, Node};
use crate::diagnostics::Pointer;
use std::ops::Range;

/// Where the author is.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Cursor<'d> {
    pub(super) spot: Spot<'d>,
    /// The bytes that an answer is about or that a choice replaces: the whole key or value, or nothing at the offset.
    pub(super) range: Range<usize>,
}

/// What can be written there.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Spot<'d> {
    /// A key of the object at `pointer`: this member's, or a new one.
    Key { pointer: Pointer, object: &'d Node, member: Option<&'d Member> },
    /// The value at `pointer`: this one, or one that is missing.
    Value { pointer: Pointer, node: Option<&'d Node> },
    /// Nothing: beside the colon, or outside the document's value.
    Nowhere,
}

impl<'d> Cursor<'d> {
    /// Where `offset` is in the document.
    pub(super) fn at(document: &'d Document, offset: usize) -> Self {
        value_or_inside(document.root(), Pointer::root(), offset)
            .unwrap_or(Self { spot: Spot::Nowhere, range: offset..offset })
    }

    fn of(spot: Spot<'d>, range: Range<usize>) -> Self {
        Self { spot, range }
    }
}

/// The cursor if the offset is in this value or at its edge.
fn value_or_inside(node: &Node, pointer: Pointer, offset: usize) -> Option<Cursor<'_>> {
    let Node { range, content, closed } = node;
    let touches = range.start <= offset && offset <= range.end;
    match content {
        Content::Missing => touches.then(|| Cursor::of(Spot::Value { pointer, node: Some(node) }, offset..offset)),
        Content::Text(_) | Content::Word => {
            touches.then(|| Cursor::of(Spot::Value { pointer, node: Some(node) }, range.clone()))
        }
        Content::Object(_) | Content::Array(_) if range.start == offset => {
            Some(Cursor::of(Spot::Value { pointer, node: Some(node) }, range.clone()))
        }
        Content::Object(_) | Content::Array(_) if !touches || (*closed && offset == range.end) => None,
        Content::Object(members) => Some(in_object(node, members, pointer, offset)),
        Content::Array(elements) => Some(in_array(elements, pointer, offset)),
    }
}

fn in_object<'d>(object: &'d Node, members: &'d [Member], pointer: Pointer, offset: usize) -> Cursor<'d> {
    for member in members {
        let Member { key, colon, value } = member;
        if let Some(key) = key {
            if key.range.start <= offset && offset <= key.range.end {
                return Cursor::of(Spot::Key { pointer, object, member: Some(member) }, key.range.clone());
            }
            let before_value = key.range.end < offset && offset < value.range.start;
            if before_value || colon.is_some_and(|colon| key.range.end < offset && offset <= colon) {
                return Cursor::of(Spot::Nowhere, offset..offset);
            }
        }
        let is_there = colon.is_some() || value.content != Content::Missing;
        let name = member.name().unwrap_or_default();
        if let Some(found) = value_or_inside(value, pointer.then(name), offset).filter(|_| is_there) {
            return found;
        }
    }
    Cursor::of(Spot::Key { pointer, object, member: None }, offset..offset)
}

fn in_array(elements: &[Node], pointer: Pointer, offset: usize) -> Cursor<'_> {
    for (index, element) in elements.iter().enumerate() {
        if let Some(found) = value_or_inside(element, pointer.then(index), offset) {
            return found;
        }
    }
    let before = elements.iter().filter(|element| element.range.end <= offset).count();
    Cursor::of(Spot::Value { pointer: pointer.then(before), node: None }, offset..offset)
}
