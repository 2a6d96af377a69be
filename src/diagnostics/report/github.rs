//! Findings as workflow commands, which GitHub shows as annotations. Reads nothing, changes nothing.

use super::{
    Report,
    json::{sentence, severity_name},
    located::{Located, located_of_all},
};
use std::fmt::Write;

/// One line a finding: `::error file=plan.json,line=3,col=5,title=LF005::message`.
pub fn github(reports: &[Report<'_>]) -> String {
    located_of_all(reports).iter().fold(String::new(), |mut lines, located| {
        let _never_fails = writeln!(lines, "{}", command(located));
        lines
    })
}

fn command(located: &Located<'_>) -> String {
    let Located { finding, at } = located;
    let mut properties = Vec::new();
    if let Some(at) = at {
        properties.push(format!("file={}", property(at.source.name())));
        properties.push(format!("line={},endLine={}", at.start.line, at.end.line));
        // A column range is only allowed on one line.
        if at.start.line == at.end.line {
            properties.push(format!("col={},endColumn={}", at.start.column, at.end.column));
        }
    }
    properties.push(format!("title={}", property(finding.code.text())));
    let help = if finding.help.is_empty() { String::new() } else { format!("\nhelp: {}", finding.help) };
    let message = data(&format!("{}{help}", sentence(finding)));
    format!("::{} {}::{message}", severity_name(finding.severity), properties.join(","))
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
