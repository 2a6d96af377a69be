//! Bytes to a JSON value and the places of its parts, or to findings. Reads nothing, changes nothing.
//!
//! Two parsers look at every text: `jsonc-parser`, with all its leniency off, knows where each value stands and sees duplicate
//! keys; `serde_json` has the last word on what the values are.

mod bounds;
mod decode;
mod duplicates;
mod grammar;
mod syntax;

use crate::diagnostics::{Document, Finding, Source};
use serde_json::Value;

/// The largest text that is read: 1 MiB.
pub const MAXIMUM_BYTES: usize = 1 << 20;

/// How many objects and arrays may stand inside one another.
pub const MAXIMUM_DEPTH: usize = 64;

/// How many members and elements a text may have in all its objects and arrays: every rule that compares each with each of them
/// ends soon.
pub const MAXIMUM_VALUES: usize = 20_000;

/// The longest key, in bytes: every finding names the keys on its way.
pub const MAXIMUM_KEY_BYTES: usize = 1024;

/// What a file's bytes turned out to be.
#[derive(Clone, PartialEq)]
pub struct Reading {
    /// The text and its spans, for reports. Bytes that are not UTF-8 show as `U+FFFD`.
    pub source: Source,
    /// The value. None where the text is not JSON; of duplicate keys the last counts; a number without a fraction is an
    /// integer, however it is written.
    pub value: Option<Value>,
    /// What is wrong with the text itself: either one finding and no value, or the duplicate keys.
    pub findings: Vec<Finding>,
}

/// Reads a plan or secrets file. `name` is the file's name as the user gave it, `document` says what its findings are about.
///
/// Findings about a secrets file never quote it.
pub fn read(name: impl Into<String>, bytes: &[u8], document: Document) -> Reading {
    let (source, outcome) = match decode::decode(bytes) {
        Err((text, finding)) => (Source::new(name, text), Err(finding)),
        Ok(text) => {
            let source = Source::new(name, text);
            let outcome = syntax::parse(source.text());
            (source, outcome)
        }
    };
    let (source, value, mut findings) = match outcome {
        Ok(parsed) => (source.with_spans(parsed.spans), Some(parsed.value), parsed.duplicates),
        Err(finding) => (source, None, vec![*finding]),
    };
    findings.iter_mut().for_each(|finding| finding.document = document);
    Reading { source, value, findings }
}

#[cfg(test)]
mod tests;
