//! Findings in source order, each with its place for people. Reads nothing, changes nothing.

use super::Report;
use crate::diagnostics::{Document, Finding, Place, Pointer, Position, Source};
use crate::few::InOrder;
use std::ops::Range;

/// A finding and where it stands.
pub(super) struct Located<'a> {
    pub(super) finding: &'a Finding,
    /// None for a finding about the server, or where its document was not read.
    pub(super) at: Option<Extent<'a>>,
}

/// A part of a source.
pub(super) struct Extent<'a> {
    pub(super) source: &'a Source,
    pub(super) bytes: Range<usize>,
    pub(super) start: Position,
    pub(super) end: Position,
}

/// All findings of a report: by document, then by place; those at one place stay in their order.
pub(super) fn located<'a>(report: &Report<'a>) -> Vec<Located<'a>> {
    let mut all: Vec<_> = report
        .findings
        .iter()
        .map(|finding| Located {
            finding,
            at: source(report, finding.document).map(|source| extent(source, &finding.place)),
        })
        .collect();
    all.put_in_order_by_key(|located| {
        let Located { finding, at } = located;
        (finding.document, at.as_ref().map(|extent| extent.bytes.start))
    });
    all
}

/// The findings of several reports, one report after the other.
pub(super) fn located_of_all<'a>(reports: &[Report<'a>]) -> Vec<Located<'a>> {
    reports.iter().flat_map(located).collect()
}

/// The text that findings about `document` point into.
pub(super) fn source<'a>(report: &Report<'a>, document: Document) -> Option<&'a Source> {
    let Report { plan, secrets, policy, findings: _ } = report;
    match document {
        Document::Plan => *plan,
        Document::Secrets => *secrets,
        Document::Policy => *policy,
        Document::Host => None,
    }
}

/// The place in numbers. What is meant as a whole starts at line 1, column 1, and is not stretched over the text.
pub(super) fn extent<'a>(source: &'a Source, place: &Place) -> Extent<'a> {
    let bytes = match place {
        Place::Whole => 0..0,
        Place::Value(_) | Place::Key(_) | Place::Bytes(_) => source.span_of(place),
    };
    at(source, bytes)
}

/// A range of bytes in numbers for people.
pub(super) fn at(source: &Source, bytes: Range<usize>) -> Extent<'_> {
    let (start, end) = (source.position(bytes.start), source.position(bytes.end));
    Extent { source, bytes, start, end }
}

/// The JSON pointer of a place; bytes and the whole have the root's, which is empty.
pub(super) fn pointer(place: &Place) -> String {
    match place {
        Place::Value(pointer) | Place::Key(pointer) => pointer.to_string(),
        Place::Bytes(_) | Place::Whole => Pointer::root().to_string(),
    }
}
