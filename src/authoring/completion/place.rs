//! What a completion replaces, and the commas around it. Reads nothing, changes nothing.

use super::{Completion, CompletionKind, skeleton::Skeleton};
use crate::authoring::{Document, Edit, File, Location};
use std::ops::Range;

/// Bytes that are replaced by a key or a value, and what their neighbours need.
#[derive(Debug, Clone)]
pub(super) struct Place {
    file: File,
    pub(super) range: Range<usize>,
    /// What stands there is in quotes, or nothing does.
    quoted: bool,
    /// Where a comma is missing before it.
    comma_before: Option<usize>,
    comma_after: bool,
    /// Whether a colon follows: a key is replaced, its value stays.
    pub(super) colon_after: bool,
    /// The white space at the beginning of the line.
    pub(super) indent: String,
}

/// What a completion says about itself.
#[derive(Debug, Clone)]
pub(super) struct About {
    pub(super) label: String,
    pub(super) detail: String,
    pub(super) documentation: String,
    pub(super) kind: CompletionKind,
}

impl Place {
    /// The place of a key in the bytes `range`, at `offset`; what is not closed is replaced as far as a word goes.
    pub(super) fn of_key(
        (document, file): (&Document, File),
        range: Range<usize>,
        (offset, closed): (usize, bool),
    ) -> Self {
        Self::before((document.text(), file), range, (offset, closed), |after| after)
    }

    /// The place of a value in the bytes `range`, at `offset`. What is not closed is all of the value up to the end of its line, as far
    /// as it can be; a colon behind it belongs to nothing, and what follows that is its neighbour.
    pub(super) fn of_value((document, file): (&Document, File), range: Range<usize>, offset: usize) -> Self {
        let is_stray = |next: char| next == ':' || next.is_whitespace();
        Self::before((document.text(), file), range, (offset, true), |after| after.trim_start_matches(is_stray))
    }

    fn before(
        (text, file): (&str, File),
        range: Range<usize>,
        (offset, closed): (usize, bool),
        neighbour: impl Fn(&str) -> &str,
    ) -> Self {
        // A quote that ends in the middle of a word is not the one that was meant to close this one.
        let is_end = |next: char| next.is_whitespace() || matches!(next, ',' | ':' | '}' | ']');
        let closed = closed && text.get(range.end..).and_then(|after| after.chars().next()).is_none_or(is_end);
        let range = if closed { range } else { range.start..word_end(text, offset).min(range.end).max(offset) };
        let before = text.get(..range.start).unwrap_or_default().trim_end();
        let after = text.get(range.end..).unwrap_or_default().trim_start();
        let begins = before.is_empty() || before.ends_with(['{', '[', ',', ':']);
        let next = neighbour(after);
        let ends = next.is_empty() || next.starts_with(['}', ']', ',', ':']);
        let line = before_on_line(text, range.start);
        Self {
            file,
            quoted: range.is_empty() || text.get(range.start..).is_some_and(|text| text.starts_with('"')),
            comma_before: (!begins).then_some(before.len()),
            comma_after: !ends,
            colon_after: after.starts_with(':'),
            indent: line.chars().take_while(|next| matches!(next, ' ' | '\t')).collect(),
            range,
        }
    }

    /// The completion that writes `skeleton` there.
    pub(super) fn completion(&self, about: About, filter: &str, mut skeleton: Skeleton) -> Completion {
        let About { label, detail, documentation, kind } = about;
        if self.comma_after {
            skeleton.write(",");
        }
        // Two changes at one place have no order.
        let is_adjacent = self.comma_before == Some(self.range.start);
        if is_adjacent {
            skeleton.after_comma();
        }
        let comma = |at: usize| Edit { location: Location { file: self.file, range: at..at }, text: ",".to_owned() };
        Completion {
            label,
            detail,
            documentation,
            kind,
            range: self.range.clone(),
            snippet: skeleton.snippet(),
            plain: skeleton.plain,
            filter: if self.quoted { serde_json::Value::from(filter).to_string() } else { filter.to_owned() },
            also: self.comma_before.filter(|_| !is_adjacent).map(comma).into_iter().collect(),
        }
    }
}

fn before_on_line(text: &str, offset: usize) -> &str {
    text.get(..offset).and_then(|before| before.rsplit('\n').next()).unwrap_or_default()
}

fn word_end(text: &str, offset: usize) -> usize {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/' | b'@');
    offset + text.as_bytes().get(offset..).unwrap_or_default().iter().take_while(|byte| part(byte)).count()
}
