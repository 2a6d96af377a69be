//! Takes values out of bytes. Reads nothing, changes nothing.

use super::matcher::Matcher;
use super::views::{View, is_quote, without_plus};
use super::{SHORTEST, Value, core, encodings, forms};
use crate::few::{Few, InOrder};
use serde_json::Value as Json;
use std::ops::Range;

/// What may stand in a value's place; the first that is no part of any.
const MARKS: [&str; 6] = ["[redacted]", "[left out]", "********", "--------", "~~~~~~~~", "........"];

/// Bytes without values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redacted<T> {
    /// What is left.
    pub content: T,
    /// In how many places something was taken out.
    pub places: usize,
}

/// Takes the values of secrets out of bytes.
pub struct Redactor {
    /// For bytes as they are, or as escapes mean them.
    plain: Matcher,
    /// For bytes as percent-encoding means them.
    spaced: Matcher,
    /// For bytes without quotes.
    bare: Matcher,
    mark: &'static str,
}

impl Redactor {
    /// One for these values; those that can't be hidden are not looked for.
    pub fn new(values: &[Value]) -> Self {
        let mut redactor = Self::that_undoes(values);
        for (owner, value) in values.iter().enumerate().filter(|(_, value)| super::can_be_hidden(&value.bytes)) {
            encodings::of(core(&value.bytes)).iter().for_each(|text| redactor.plain.add(text, owner, false));
        }
        redactor
    }

    /// One that knows no encoders, and only undoes what they did.
    pub(super) fn that_undoes(values: &[Value]) -> Self {
        let (mut plain, mut spaced, mut bare) = (Matcher::default(), Matcher::default(), Matcher::default());
        for (owner, value) in values.iter().enumerate().filter(|(_, value)| super::can_be_hidden(&value.bytes)) {
            for part in forms::parts(&value.bytes) {
                for form in forms::of(part) {
                    plain.add(&form, owner, true);
                    spaced.add(&form.iter().copied().map(without_plus).collect::<Vec<_>>(), owner, true);
                }
                let unquoted: Vec<u8> = part.iter().copied().filter(|byte| !is_quote(*byte)).collect();
                if unquoted.len() >= SHORTEST {
                    bare.add(&unquoted, owner, true);
                }
            }
        }
        let free = |mark: &&&str| values.iter().all(|value| !shares(mark.as_bytes(), &value.bytes));
        let mark = MARKS.iter().find(free).copied().unwrap_or("");
        Self { plain, spaced, bare, mark }
    }

    /// The bytes without the values.
    pub fn redact(&self, bytes: &[u8]) -> Redacted<Vec<u8>> {
        let ranges = self.found(bytes);
        let mut content = Vec::with_capacity(bytes.len());
        let mut done = 0;
        for range in &ranges {
            content.extend_from_slice(bytes.get(done..range.start).unwrap_or_default());
            content.extend_from_slice(self.mark.as_bytes());
            done = range.end;
        }
        content.extend_from_slice(bytes.get(done..).unwrap_or_default());
        Redacted { content, places: ranges.len() }
    }

    /// The text without the values.
    pub fn text(&self, text: &str) -> Redacted<String> {
        let Redacted { content, places } = self.redact(text.as_bytes());
        Redacted { content: String::from_utf8_lossy(&content).into_owned(), places }
    }

    /// The document without the values: it stays one, whatever stands in it.
    pub fn json(&self, document: &Json) -> Redacted<Json> {
        match document {
            // `true` may be somebody's password.
            Json::Null | Json::Bool(_) | Json::Number(_) => {
                let Redacted { content, places } = self.text(&document.to_string());
                Redacted { content: if places == 0 { document.clone() } else { Json::from(content) }, places }
            }
            Json::String(text) => {
                let Redacted { content, places } = self.text(text);
                Redacted { content: Json::from(content), places }
            }
            Json::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.json(item)).collect();
                let places = items.iter().map(|item| item.places).sum();
                Redacted { content: items.into_iter().map(|item| item.content).collect(), places }
            }
            Json::Object(fields) => {
                let fields: Vec<_> = fields.iter().map(|(key, value)| (self.text(key), self.json(value))).collect();
                let places = fields.iter().map(|(key, value)| key.places + value.places).sum();
                let content = fields.into_iter().map(|(key, value)| (key.content, value.content)).gathered();
                Redacted { content: Json::Object(content), places }
            }
        }
    }

    /// Where values stand, in order, none touching another.
    fn found(&self, bytes: &[u8]) -> Vec<Range<usize>> {
        let mut ranges = Vec::new();
        let mut look = |matcher: &Matcher, view: &View| {
            matcher.find(&view.bytes, |range, _| {
                ranges.push(view.original(&range));
                true
            });
        };
        let plain = View::plain(bytes);
        look(&self.plain, &plain);
        if bytes.contains(&b'\\') {
            let once = plain.without_escapes();
            look(&self.plain, &once);
            // A document in a document.
            look(&self.plain, &once.without_escapes());
        }
        if bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
            let once = plain.without_percent();
            look(&self.spaced, &once);
            look(&self.spaced, &once.without_percent());
        }
        if bytes.iter().copied().any(is_quote) {
            look(&self.bare, &plain.without_quotes());
        }
        merged(ranges)
    }
}

/// Ranges in order, those that touch as one.
fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| !range.is_empty());
    ranges.put_in_order_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::new();
    for range in ranges {
        match merged.last_mut().filter(|last| range.start <= last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => merged.push(range),
        }
    }
    merged
}

/// Whether a mark and a value have as many bytes in a row in common as a value must have.
fn shares(mark: &[u8], value: &[u8]) -> bool {
    mark.windows(SHORTEST).any(|piece| value.windows(SHORTEST).any(|other| piece == other))
}
