//! Findings as SARIF 2.1.0, for code scanning. Reads nothing, changes nothing.

use super::{
    Report,
    json::{sentence, severity_name},
    located::{Extent, Located, extent, located, source},
};
use crate::diagnostics::{Code, Finding, Source};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// What may stand in a path of a URI as it is.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// One SARIF log with one run. Columns are Unicode code points, and the log says so.
pub fn sarif(report: &Report<'_>) -> Value {
    let rules: Vec<_> = Code::ALL
        .iter()
        .map(|code| json!({ "id": code.text(), "shortDescription": { "text": code.meaning() } }))
        .collect();
    let results: Vec<_> = located(report).iter().map(|located| result(report, located)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": "landfall", "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn result(report: &Report<'_>, located: &Located<'_>) -> Value {
    let Located { finding, at } = located;
    let Finding { code, severity, document, place: _, message: _, label: _, help, also, fixes: _ } = *finding;
    let help = if help.is_empty() { String::new() } else { format!("\nhelp: {help}") };
    let mut result = json!({
        "ruleId": code.text(),
        "ruleIndex": Code::ALL.iter().position(|other| other == code),
        "level": severity_name(*severity),
        "message": { "text": format!("{}{help}", sentence(finding)) },
    });
    if let Some(at) = at {
        add(&mut result, "locations", json!([{ "physicalLocation": physical(at) }]));
    }
    if let Some(source) = source(report, *document).filter(|_| !also.is_empty()) {
        add(&mut result, "relatedLocations", related(source, finding));
    }
    result
}

fn related(source: &Source, finding: &Finding) -> Value {
    let place = |(place, label): &(_, String)| json!({ "physicalLocation": physical(&extent(source, place)), "message": { "text": label } });
    finding.also.iter().map(place).collect()
}

fn physical(at: &Extent<'_>) -> Value {
    json!({
        "artifactLocation": { "uri": uri(at.source.name()) },
        "region": {
            "startLine": at.start.line,
            "startColumn": at.start.column,
            "endLine": at.end.line,
            "endColumn": at.end.column,
        },
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
