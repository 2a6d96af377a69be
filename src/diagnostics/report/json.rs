//! Findings as one JSON document. Reads nothing, changes nothing.

use super::{
    Report,
    located::{Located, located, pointer},
};
use crate::diagnostics::{Finding, Severity};
use serde_json::{Value, json};

/// `{"valid", "findings": […]}` as the command line's description has it: `file`, `line`, `column`, `end_line` and
/// `end_column` (which is exclusive) are null for a finding about the server; `message` carries the label where there is one.
pub fn json(report: &Report<'_>) -> Value {
    let findings: Vec<_> = located(report).iter().map(one).collect();
    json!({ "valid": report.is_valid(), "findings": findings })
}

fn one(located: &Located<'_>) -> Value {
    let Located { finding, at } = located;
    let Finding { code, severity, document: _, place, message: _, label: _, help, also: _ } = finding;
    json!({
        "code": code.text(),
        "severity": severity_name(*severity),
        "file": at.as_ref().map(|at| at.source.name()),
        "pointer": at.as_ref().map(|_| pointer(place)),
        "line": at.as_ref().map(|at| at.start.line),
        "column": at.as_ref().map(|at| at.start.column),
        "end_line": at.as_ref().map(|at| at.end.line),
        "end_column": at.as_ref().map(|at| at.end.column),
        "message": sentence(finding),
        "help": help,
    })
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
