//! What is under the cursor, for people, in Markdown. Reads nothing, changes nothing.

pub(super) mod field;
pub(super) mod things;

#[cfg(test)]
mod tests;

use super::{
    File, Texts,
    cursor::{Cursor, Spot},
    document::{Document, Node},
    meaning::Meaning,
    names,
};
use crate::{diagnostics::Pointer, plan::values::Schedule};
use jiff::civil::DateTime;
use std::ops::Range;

/// What is under the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub range: Range<usize>,
    /// The words.
    pub markdown: String,
}

pub(super) fn hover(texts: &Texts<'_>, file: File, offset: usize, now: Option<DateTime>) -> Option<Hover> {
    let document = texts.document(file)?;
    let Cursor { spot, range } = Cursor::at(document, offset);
    let named = names::all(texts);
    let thing = names::at(&named, file, offset);
    let mut words: Vec<String> = thing.map(|thing| things::told(texts, &named, thing)).into_iter().collect();
    match spot {
        // A name of the author's own is told by what it names.
        Spot::Key { member: Some(_), .. } if thing.is_some() => {}
        Spot::Key { pointer, object: _, member: Some(member) } => {
            let pointer = pointer.then(member.name().unwrap_or_default());
            words.extend(words_of_field(file, document, &pointer));
        }
        Spot::Value { pointer, node: Some(node) } => {
            let meanings = Meaning::at(file, document, &pointer);
            words.extend(words_of_value(&meanings, document, node, now));
            words.extend(words_of_field(file, document, &pointer));
        }
        Spot::Key { member: None, .. } | Spot::Value { node: None, .. } | Spot::Nowhere => return None,
    }
    let range = thing.map_or(range, |thing| thing.location.range.clone());
    (!words.is_empty()).then(|| Hover { range, markdown: words.join("\n\n") })
}

/// What the schema says about the field at `pointer`.
fn words_of_field(file: File, document: &Document, pointer: &Pointer) -> Option<String> {
    let meanings = Meaning::at(file, document, pointer);
    let name = field::name(pointer);
    let node = document.node(pointer);
    let is_required = pointer.parent().is_some_and(|parent| {
        let around = Meaning::at(file, document, &parent);
        let around = Meaning::fitting(&around, document.node(&parent), None);
        !around.is_empty() && around.iter().all(|meaning| meaning.requires(&name))
    });
    field::documentation(&name, &meanings, node, is_required)
}

/// What the written value itself means: a word of a list, or a schedule.
fn words_of_value(meanings: &[Meaning], document: &Document, node: &Node, now: Option<DateTime>) -> Option<String> {
    let fitting = Meaning::fitting(meanings, Some(node), None);
    let written = document.slice(&node.range);
    let value = serde_json::from_str::<serde_json::Value>(written).ok();
    let listed = fitting.iter().flat_map(Meaning::values).find(|(listed, _)| Some(*listed) == value.as_ref());
    if let Some((_, words)) = listed.filter(|(_, words)| !words.is_empty()) {
        return Some(format!("`{written}`: {words}"));
    }
    let is_schedule = fitting.iter().any(|meaning| meaning.format() == Some("landfall-schedule"));
    let schedule = Schedule::parse(node.text().filter(|_| is_schedule)?).ok()?;
    let time = |time: DateTime| time.strftime("%a %Y-%m-%d %H:%M").to_string();
    let firings: Vec<_> = schedule.firings_after(now?).take(3).map(time).collect();
    Some(format!("Next, by this clock: {}", firings.join(" · ")))
}
