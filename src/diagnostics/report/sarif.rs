//! Findings as SARIF 2.1.0, for code scanning. Reads nothing, changes nothing.

use super::{
    Report,
    json::{sentence, severity_name},
    located::{Extent, Located, at, extent, located_of_all, pointer},
};
use crate::diagnostics::explained::{self, Explanation};
use crate::diagnostics::{Code, Document, Edit, Finding, Fix, Source};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// What may stand in a path of a URI as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// How wide a rule's help is as plain text.
const HELP_WIDTH: usize = 100;

/// One SARIF log with one run. Columns and `charOffset` count Unicode code points, and the log says so; `byteOffset` counts
/// bytes of the UTF-8 text.
pub fn sarif(reports: &[Report<'_>]) -> Value {
    let results: Vec<_> = located_of_all(reports).iter().map(result).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "landfall",
                "fullName": "Landfall's check of deployment plans",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": Code::ALL.iter().map(|code| rule(*code)).collect::<Vec<_>>(),
            } },
            "invocations": [{ "executionSuccessful": true }],
            "artifacts": reports.iter().flat_map(artifacts).collect::<Vec<_>>(),
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.text(),
        "name": format!("{code:?}"),
        "shortDescription": { "text": code.meaning() },
        "fullDescription": { "text": Explanation::of(code).why },
        "help": { "text": explained::human(code, HELP_WIDTH), "markdown": explained::text(code) },
        "defaultConfiguration": { "level": severity_name(code.usual_severity()) },
    })
}

fn artifacts(report: &Report<'_>) -> Vec<Value> {
    let Report { plan, secrets, policy, findings: _ } = report;
    let artifact = |source: &Source, role: &str| {
        json!({
            "location": { "uri": uri(source.name()) },
            "roles": [role],
            "mimeType": "application/json",
            "encoding": "UTF-8",
        })
    };
    let plan = plan.map(|source| artifact(source, "analysisTarget"));
    let beside = secrets.iter().chain(policy).map(|source| artifact(source, "referencedOnCommandLine"));
    plan.into_iter().chain(beside).collect()
}

fn result(located: &Located<'_>) -> Value {
    let Located { finding, at } = located;
    let Finding { code, severity, document, place, message: _, label: _, help, also, fixes } = *finding;
    let help = if help.is_empty() { String::new() } else { format!("\nhelp: {help}") };
    let mut result = json!({
        "ruleId": code.text(),
        "ruleIndex": Code::ALL.iter().position(|other| other == code),
        "level": severity_name(*severity),
        "message": { "text": format!("{}{help}", sentence(finding)) },
    });
    let Some(at) = at else { return result };
    add(&mut result, "locations", json!([{ "physicalLocation": physical(at) }]));
    if *document != Document::Host {
        // What stays the same when lines move: scanners recognise a result by it.
        let known_by = format!("{code} {}", pointer(place));
        add(&mut result, "partialFingerprints", json!({ "codeAndPointer/v1": known_by }));
    }
    if !also.is_empty() {
        let related = also.iter().enumerate().map(|(id, (place, label))| {
            let place = physical(&extent(at.source, place));
            json!({ "id": id, "physicalLocation": place, "message": { "text": label } })
        });
        add(&mut result, "relatedLocations", related.collect());
    }
    let fixes: Vec<_> = fixes.iter().filter_map(|fix| fixed(at.source, fix)).collect();
    if !fixes.is_empty() {
        add(&mut result, "fixes", Value::Array(fixes));
    }
    result
}

fn fixed(source: &Source, fix: &Fix) -> Option<Value> {
    let Fix { title, place: _, replacement: _ } = fix;
    let Edit { bytes, text } = source.edit(fix)?;
    let mut replacement = json!({ "deletedRegion": region(&at(source, bytes)) });
    if !text.is_empty() {
        add(&mut replacement, "insertedContent", json!({ "text": text }));
    }
    Some(json!({
        "description": { "text": title },
        "artifactChanges": [{ "artifactLocation": { "uri": uri(source.name()) }, "replacements": [replacement] }],
    }))
}

fn physical(at: &Extent<'_>) -> Value {
    json!({ "artifactLocation": { "uri": uri(at.source.name()) }, "region": region(at) })
}

fn region(at: &Extent<'_>) -> Value {
    let Extent { source, bytes, start, end } = at;
    let first = source.characters_before(bytes.start);
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "charOffset": first,
        "charLength": source.characters_before(bytes.end) - first,
        "byteOffset": bytes.start,
        "byteLength": bytes.len(),
    })
}

fn uri(name: &str) -> String {
    let path = utf8_percent_encode(name, PATH).to_string();
    if name.starts_with('/') { format!("file://{path}") } else { path }
}

fn add(object: &mut Value, key: &str, value: Value) {
    if let Some(object) = object.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
