//! Findings as the protocol's diagnostics, and the changes that cure them as its code actions.

use super::client::Client;
use super::text::Text;
use super::verdicts::{Verdict, bytes_of};
use crate::diagnostics::{Code, Edit, Finding, Fix, Severity};
use crate::few::Few;
use lsp_types::{
    CodeActionKind, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Location,
    NumberOrString, PublishDiagnosticsParams, Range, TextEdit, Uri,
};
use serde_json::{Map, Value, json};

/// The most findings of one text that a client is told: with more, editors stand still.
const MOST_FINDINGS: usize = 1000;

/// What the client is told of a text.
pub fn published(verdict: &Verdict, client: &Client) -> PublishDiagnosticsParams {
    let told = verdict.findings.iter().take(MOST_FINDINGS);
    let mut diagnostics: Vec<_> = told.map(|finding| diagnostic(finding, verdict, client)).collect();
    if let more @ 1.. = verdict.findings.len().saturating_sub(MOST_FINDINGS) {
        diagnostics.push(Diagnostic {
            severity: Some(DiagnosticSeverity::INFORMATION),
            source: Some("landfall".to_owned()),
            message: format!("{more} more findings: `landfall check` tells them all"),
            ..Diagnostic::default()
        });
    }
    PublishDiagnosticsParams { uri: verdict.uri.clone(), diagnostics, version: verdict.version }
}

fn diagnostic(finding: &Finding, verdict: &Verdict, client: &Client) -> Diagnostic {
    let Finding { code, severity, document: _, place, message, label, help, also, fixes: _ } = finding;
    let Verdict { uri, version: _, text, source, findings: _ } = verdict;
    let mut message = if label.is_empty() { message.clone() } else { format!("{message}: {label}") };
    if !help.is_empty() {
        message = format!("{message}\nhelp: {help}");
    }
    let related: Vec<_> = also
        .iter()
        .map(|(place, label)| DiagnosticRelatedInformation {
            location: Location { uri: uri.clone(), range: text.range(bytes_of(source, place)) },
            message: label.clone(),
        })
        .collect();
    if !client.related_information {
        for DiagnosticRelatedInformation { location, message: label } in &related {
            message = format!("{message}\nline {}: {label}", location.range.start.line + 1);
        }
    }
    Diagnostic {
        range: text.range(bytes_of(source, place)),
        severity: Some(match severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
        }),
        code: Some(NumberOrString::String(code.text().to_owned())),
        code_description: None,
        source: Some("landfall".to_owned()),
        message,
        related_information: (client.related_information && !related.is_empty()).then_some(related),
        // Editors show what has no effect dimmed.
        tags: (client.diagnostic_tags && matches!(code, Code::NoEffect | Code::SecretNeverUsed))
            .then(|| vec![DiagnosticTag::UNNECESSARY]),
        data: None,
    }
}

/// The quick fixes of the findings that a range touches.
pub fn quick_fixes(verdict: &Verdict, range: Range, client: &Client) -> Vec<Value> {
    let asked = verdict.text.bytes(range);
    let touched = verdict.findings.iter().filter(|finding| {
        let bytes = bytes_of(&verdict.source, &finding.place);
        bytes.start <= asked.end && asked.start <= bytes.end
    });
    touched
        .flat_map(|finding| {
            let fixes = &finding.fixes;
            let edits = fixes.iter().filter_map(|fix| Some((fix, verdict.source.edit(fix)?)));
            edits.map(|(fix, edit)| {
                let Fix { title, place: _, replacement: _ } = fix;
                let Edit { bytes, text } = edit;
                let edits = text_edits(&verdict.text, vec![(bytes, text)]);
                json!({
                    "title": title,
                    "kind": CodeActionKind::QUICKFIX,
                    "diagnostics": [diagnostic(finding, verdict, client)],
                    "isPreferred": fixes.len() == 1,
                    "edit": workspace_edit(&[(&verdict.uri, verdict.version, edits)], client),
                })
            })
        })
        .collect()
}

/// Edits of documents, each for this version of it where the client understands that.
pub fn workspace_edit(all: &[(&Uri, Option<i32>, Vec<TextEdit>)], client: &Client) -> Value {
    if client.document_changes {
        let change = |(uri, version, edits): &(&Uri, Option<i32>, Vec<TextEdit>)| json!({ "textDocument": { "uri": uri, "version": version }, "edits": edits });
        json!({ "documentChanges": all.iter().map(change).collect::<Vec<_>>() })
    } else {
        let changes: Map<_, _> = all.iter().map(|(uri, _, edits)| (uri.as_str().to_owned(), json!(edits))).gathered();
        json!({ "changes": changes })
    }
}

/// Byte edits as the protocol has them.
pub fn text_edits(text: &Text, edits: Vec<(std::ops::Range<usize>, String)>) -> Vec<TextEdit> {
    edits.into_iter().map(|(bytes, new_text)| TextEdit { range: text.range(bytes), new_text }).collect()
}
