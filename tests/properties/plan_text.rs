//! The reader of JSON agrees with `serde_json` about what is JSON, and knows where each value stands.

use landfall::diagnostics::{Code, Document, Inside, Source, Span};
use landfall::plan::text;
use serde_json::Value;
use std::ops::Range;

pub fn holds(bytes: &[u8]) {
    let read = text::read("plan.json", bytes, Document::Plan);
    let theirs = serde_json::from_slice::<Value>(bytes);
    match (&read.value, theirs) {
        (Some(ours), Ok(theirs)) => {
            assert!(same(ours, &theirs), "{ours} is not {theirs}");
            assert!(read.findings.iter().all(|finding| finding.code == Code::DuplicateKey), "{:?}", read.findings);
            spans_hold(&read.source, ours, read.source.span_at(&landfall::diagnostics::Pointer::root()).unwrap());
        }
        (None, theirs) => {
            assert_eq!(read.findings.len(), 1, "{:?}", read.findings);
            // They have no bound on the size, and a wider one on the depth.
            assert!(theirs.is_err() || read.findings[0].code == Code::TooLarge, "{:?}", read.findings);
        }
        (Some(ours), Err(error)) => panic!("{ours} was read from what is not JSON: {error}"),
    }
}

/// Whether they are the same value; how a number is written counts for nothing.
fn same(ours: &Value, theirs: &Value) -> bool {
    match (ours, theirs) {
        (Value::Number(ours), Value::Number(theirs)) => ours == theirs || ours.as_f64() == theirs.as_f64(),
        (Value::Array(ours), Value::Array(theirs)) => {
            ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(ours, theirs)| same(ours, theirs))
        }
        (Value::Object(ours), Value::Object(theirs)) => {
            ours.len() == theirs.len()
                && ours.iter().all(|(key, ours)| theirs.get(key).is_some_and(|theirs| same(ours, theirs)))
        }
        (ours, theirs) => ours == theirs,
    }
}

/// What stands at the place of each value is that value, and at that of each key that key.
fn spans_hold(source: &Source, value: &Value, span: &Span) {
    let Span { key: _, value: place, inside } = span;
    let at = |range: &Range<usize>| serde_json::from_str::<Value>(&source.text()[range.clone()]).unwrap();
    match (value, inside) {
        (Value::Object(members), Inside::Members(spans)) => {
            assert_eq!(members.keys().collect::<Vec<_>>(), spans.iter().map(|(name, _)| name).collect::<Vec<_>>());
            assert_eq!(
                (&source.text()[place.start..=place.start], &source.text()[place.end - 1..place.end]),
                ("{", "}")
            );
            for (name, span) in spans.iter() {
                assert_eq!(at(span.key.as_ref().unwrap()), Value::from(name));
                spans_hold(source, &members[name], span);
            }
        }
        (Value::Array(elements), Inside::Elements(spans)) => {
            assert_eq!(elements.len(), spans.len());
            assert_eq!(
                (&source.text()[place.start..=place.start], &source.text()[place.end - 1..place.end]),
                ("[", "]")
            );
            elements.iter().zip(spans).for_each(|(element, span)| spans_hold(source, element, span));
        }
        (value, Inside::Nothing) => assert!(same(value, &at(place)), "{value} does not stand at {place:?}"),
        (value, inside) => panic!("{value} has {inside:?}"),
    }
}
