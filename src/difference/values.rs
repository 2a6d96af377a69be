//! Compares two plans field by field. Reads nothing, changes nothing.

use super::meaning::{Meaning, meaning, same};
use crate::diagnostics::Pointer;
use crate::few::Few;
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Display;

/// What a field holds, and another holds in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where it is in the new plan with its defaults filled; in the old one, where the new one does not have it.
    pub pointer: Pointer,
    /// The same for people: `healthcheck.interval`, `volumes[/data].owner`.
    pub field: String,
    /// Whether it is about the content of the file or folder that the field names.
    pub content: bool,
    /// What it was; none where it was not there. Of a content, its SHA-256.
    pub old: Option<Value>,
    /// What it is now; none where it is not there.
    pub new: Option<Value>,
}

/// Two plans as JSON, with what is compared beside their own fields.
pub(super) struct Compared<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    /// As the plans are written, but for their defaults.
    pub(super) written: (&'a Value, &'a Value),
}

/// What ends the name of a member that holds the content of what the member of that name leads to.
const CONTENT: char = '\0';

/// The name of the member beside this one that holds its content.
pub(super) fn content_of(member: &str) -> String {
    format!("{member}{CONTENT}")
}

/// Where two values stand, each in its plan, and what people call the place.
#[derive(Clone, Default)]
struct Place {
    old: Pointer,
    new: Pointer,
    words: Vec<String>,
}

impl Place {
    fn at(pointer: &Pointer) -> Self {
        Self { old: pointer.clone(), new: pointer.clone(), words: pointer.segments().map(word).collect() }
    }

    fn member(&self, name: &str) -> Self {
        self.element(name, name, word(name))
    }

    fn element(&self, old: impl Display, new: impl Display, word: String) -> Self {
        let words = self.words.iter().cloned().chain([word]).collect();
        Self { old: self.old.then(old), new: self.new.then(new), words }
    }

    fn meaning(&self) -> Meaning {
        meaning(&self.new.segments().collect::<Vec<_>>())
    }
}

/// A segment as people read it after others.
fn word(name: &str) -> String {
    let plain = name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if plain { format!(".{name}") } else { format!("[{name}]") }
}

/// Every difference at and below a place that both plans have, or one of them.
pub(super) fn changes(compared: &Compared<'_>, at: &Pointer) -> Vec<Change> {
    // Below a service, people know which one.
    let skip = if at.segments().next() == Some("services") { at.segments().count() } else { 0 };
    let mut walk = Walk { compared, found: Vec::new(), skip };
    let pointer = at.to_string();
    walk.compare(&Place::at(at), compared.old.pointer(&pointer), compared.new.pointer(&pointer));
    walk.found
}

struct Walk<'a> {
    compared: &'a Compared<'a>,
    found: Vec<Change>,
    /// How many segments people need not be told.
    skip: usize,
}

impl Walk<'_> {
    fn compare(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        let nothing = (Map::new(), Vec::new());
        match (old, new, place.meaning()) {
            (None, None, _) => {}
            (Some(old), Some(new), meaning) if same(meaning, old, new) => {}
            (Some(old), Some(new), _) if is_another_source(place, old, new) => self.note(place, Some(old), Some(new)),
            (Some(Value::Object(old)), Some(Value::Object(new)), _) => self.members(place, old, new),
            (Some(Value::Object(old)), None, Meaning::Members) => self.members(place, old, &nothing.0),
            (None, Some(Value::Object(new)), Meaning::Members) => self.members(place, &nothing.0, new),
            (old, new, Meaning::Set) => {
                let (old, new) = (elements(old, &nothing.1), elements(new, &nothing.1));
                self.set(place, old, new);
            }
            (old, new, Meaning::By(key)) => {
                let (old, new) = (elements(old, &nothing.1), elements(new, &nothing.1));
                self.by(place, key, old, new);
            }
            // A switch that is off is left out.
            (None, Some(Value::Bool(true)), _) => self.note(place, Some(&Value::Bool(false)), new),
            (Some(Value::Bool(true)), None, _) => self.note(place, old, Some(&Value::Bool(false))),
            (old, new, Meaning::Literal | Meaning::Members | Meaning::Time | Meaning::Bytes) => {
                self.note(place, old, new)
            }
        }
    }

    fn members(&mut self, place: &Place, old: &Map<String, Value>, new: &Map<String, Value>) {
        let names: BTreeSet<_> = old.keys().chain(new.keys()).gathered();
        for name in names {
            let (one, other) = (old.get(name), new.get(name));
            match name.strip_suffix(CONTENT) {
                None => self.compare(&place.member(name), one, other),
                // The content of what only one of them names is not compared with anything.
                Some(field) if one.is_some() && other.is_some() && one != other => {
                    self.note_content(&place.member(field), one, other);
                }
                Some(_) => {}
            }
        }
    }

    fn set(&mut self, place: &Place, old: &[Value], new: &[Value]) {
        for (index, gone) in old.iter().enumerate().filter(|(_, value)| !new.contains(value)) {
            self.note(&place.element(index, index, String::new()), Some(gone), None);
        }
        for (index, come) in new.iter().enumerate().filter(|(_, value)| !old.contains(value)) {
            self.note(&place.element(index, index, String::new()), None, Some(come));
        }
    }

    fn by(&mut self, place: &Place, key: &str, old: &[Value], new: &[Value]) {
        let name = |value: &Value| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        for (index, gone) in old.iter().enumerate() {
            if !new.iter().any(|value| name(value) == name(gone)) {
                self.note(&place.element(index, index, format!("[{}]", name(gone))), Some(gone), None);
            }
        }
        for (index, come) in new.iter().enumerate() {
            let before = old.iter().position(|value| name(value) == name(come));
            let place = place.element(before.unwrap_or(index), index, format!("[{}]", name(come)));
            self.compare(&place, before.and_then(|before| old.get(before)), Some(come));
        }
    }

    fn note(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        self.add(place, false, (old, new));
    }

    fn note_content(&mut self, place: &Place, old: Option<&Value>, new: Option<&Value>) {
        self.add(place, true, (old, new));
    }

    fn add(&mut self, place: &Place, content: bool, (old, new): (Option<&Value>, Option<&Value>)) {
        let (written, mut pointer) = match new {
            Some(_) => (self.compared.written.1, place.new.clone()),
            None => (self.compared.written.0, place.old.clone()),
        };
        let mut words = place.words.clone();
        // A short way of writing something has no members.
        while written.pointer(&pointer.to_string()).is_none() {
            let Some(shorter) = pointer.parent() else { break };
            pointer = shorter;
            words.pop();
        }
        let field = words.get(self.skip..).unwrap_or_default().concat();
        let field = field.strip_prefix('.').unwrap_or(&field).to_owned();
        // What has a short form is shown in the one that was written.
        let as_written = |written: &Value, place: &Pointer, value: &Value| {
            written.pointer(&place.to_string()).cloned().unwrap_or_else(|| without_contents(value))
        };
        let old =
            old.map(|old| if content { old.clone() } else { as_written(self.compared.written.0, &place.old, old) });
        let new =
            new.map(|new| if content { new.clone() } else { as_written(self.compared.written.1, &place.new, new) });
        self.found.push(Change { pointer, field, content, old, new });
    }
}

fn elements<'a>(list: Option<&'a Value>, nothing: &'a [Value]) -> &'a [Value] {
    list.and_then(Value::as_array).map_or(nothing, Vec::as_slice)
}

/// Whether an image comes from another kind of source: then it is told as a whole.
fn is_another_source(place: &Place, old: &Value, new: &Value) -> bool {
    let source = |image: &Value| ["registry", "archive", "ssh", "url", "build"].map(|kind| image.get(kind).is_some());
    let is_image = matches!(*place.new.segments().collect::<Vec<_>>(), ["services", _, "image"]);
    is_image && source(old) != source(new)
}

fn without_contents(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(name, _)| !name.ends_with(CONTENT));
            Value::Object(members.map(|(name, value)| (name.clone(), without_contents(value))).gathered())
        }
        Value::Array(elements) => Value::Array(elements.iter().map(without_contents).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}
