//! Findings as one JSON document. Reads nothing, changes nothing.

use super::{
    Report,
    located::{Extent, Located, at, extent, located_of_all, pointer},
};
use crate::diagnostics::{Edit, Finding, Fix, Place, Severity, Source};
use crate::few::Few;
use serde_json::{Map, Value, json};

/// `{"valid", "findings": […]}` as the README has it. Places are `start` and `end` in bytes from 0, `line`, `column`, `end_line` and
/// `end_column` in characters from 1; ends are exclusive. All are null for a finding about the server. `message` carries the
/// label where there is one. A fix is what to write for the bytes from `start` to `end`.
pub fn json(report: &Report<'_>) -> Value {
    json_of_all(&[*report])
}

/// The same of several reports: one document, one list, each finding with its file.
pub fn json_of_all(reports: &[Report<'_>]) -> Value {
    let findings: Vec<_> = located_of_all(reports).iter().map(|located| Value::Object(one(located))).collect();
    json!({ "valid": reports.iter().all(Report::is_valid), "findings": findings })
}

fn one(located: &Located<'_>) -> Map<String, Value> {
    let Located { finding, at } = located;
    let Finding { code, severity, document: _, place, message: _, label, help, also, fixes } = finding;
    let source = at.as_ref().map(|at| at.source);
    let also = also.iter().filter_map(|(place, label)| {
        let mut other = placed(place, Some(&extent(source?, place)));
        other.insert("label".to_owned(), json!(label));
        Some(Value::Object(other))
    });
    let fixes = fixes.iter().filter_map(|fix| fixed(source?, fix));
    let mut object = placed(place, at.as_ref());
    object.extend([
        ("code".to_owned(), json!(code.text())),
        ("severity".to_owned(), json!(severity_name(*severity))),
        ("file".to_owned(), json!(source.map(Source::name))),
        ("message".to_owned(), json!(sentence(finding))),
        ("label".to_owned(), json!(label)),
        ("help".to_owned(), json!(help)),
        ("also".to_owned(), also.collect()),
        ("fixes".to_owned(), fixes.collect()),
    ]);
    object
}

fn placed(place: &Place, at: Option<&Extent<'_>>) -> Map<String, Value> {
    let numbers = |number: fn(&Extent<'_>) -> usize| json!(at.map(number));
    [
        ("pointer".to_owned(), json!(at.map(|_| pointer(place)))),
        ("start".to_owned(), numbers(|at| at.bytes.start)),
        ("end".to_owned(), numbers(|at| at.bytes.end)),
        ("line".to_owned(), numbers(|at| at.start.line)),
        ("column".to_owned(), numbers(|at| at.start.column)),
        ("end_line".to_owned(), numbers(|at| at.end.line)),
        ("end_column".to_owned(), numbers(|at| at.end.column)),
    ]
    .gathered()
}

fn fixed(source: &Source, fix: &Fix) -> Option<Value> {
    let Fix { title, place, replacement: _ } = fix;
    let Edit { bytes, text } = source.edit(fix)?;
    let mut object = placed(place, Some(&at(source, bytes)));
    object.insert("title".to_owned(), json!(title));
    object.insert("replacement".to_owned(), json!(text));
    Some(Value::Object(object))
}

/// The message with its label, for forms that underline nothing.
pub(super) fn sentence(finding: &Finding) -> String {
    if finding.label.is_empty() { finding.message.clone() } else { format!("{}: {}", finding.message, finding.label) }
}

/// `error` or `warning`.
pub(super) fn severity_name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}
