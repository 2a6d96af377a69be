//! Findings as JUnit's XML, which Jenkins and GitLab show beside the results of tests. Reads nothing, changes nothing.
//!
//! A suite is a file. Without an error it has a test that passed, called `valid`; each error is a test that failed, and each
//! warning one that passed and wrote it to its output.

use super::{
    Report,
    json::sentence,
    located::{Located, located_of_all},
};
use crate::diagnostics::{Document, Finding, Severity, Source};
use std::fmt::Write;

/// One document, with a suite for each plan and one for the secrets file.
pub fn junit(reports: &[Report<'_>]) -> String {
    let all = located_of_all(reports);
    let suites: Vec<_> = suites(reports).iter().map(|(document, source)| suite((*document, source), &all)).collect();
    let sum = |number: fn(&Suite) -> usize| suites.iter().map(number).sum::<usize>();
    let (tests, failures) = (sum(|suite| suite.tests), sum(|suite| suite.failures));
    let suites: String = suites.into_iter().map(|suite| suite.text).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <testsuites name=\"landfall check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" time=\"0\">\n\
        {suites}</testsuites>\n"
    )
}

struct Suite {
    text: String,
    tests: usize,
    failures: usize,
}

/// Every file that was read.
fn suites<'a>(reports: &[Report<'a>]) -> Vec<(Document, &'a Source)> {
    let of_one = |Report { plan, secrets, policy, findings: _ }: &Report<'a>| {
        let plan = plan.map(|source| (Document::Plan, source));
        let policy = policy.map(|source| (Document::Policy, source));
        [plan, secrets.map(|source| (Document::Secrets, source)), policy]
    };
    reports.iter().flat_map(of_one).flatten().collect()
}

fn suite((document, source): (Document, &Source), all: &[Located<'_>]) -> Suite {
    let name = attribute(source.name());
    let class = attribute(source.name().trim_end_matches(".json"));
    let here = |located: &&Located<'_>| {
        let at = located.at.as_ref().is_some_and(|at| std::ptr::eq(at.source, source));
        at && located.finding.document == document
    };
    let (mut cases, mut tests, mut failures) = (String::new(), 0, 0);
    for located in all.iter().filter(here) {
        tests += 1;
        failures += usize::from(located.finding.severity == Severity::Error);
        cases.push_str(&case(located, &class));
    }
    if failures == 0 {
        tests += 1;
        cases = format!("    <testcase name=\"valid\" classname=\"{class}\" time=\"0\"/>\n{cases}");
    }
    let text = format!(
        "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\" time=\"0\">\n\
        {cases}  </testsuite>\n"
    );
    Suite { text, tests, failures }
}

fn case(located: &Located<'_>, class: &str) -> String {
    let Located { finding, at } = located;
    let Finding { code, severity, document: _, place: _, message, label: _, help, also, fixes: _ } = *finding;
    let mut told = String::new();
    if let Some(at) = at {
        let _never_fails = writeln!(told, "{}:{}:{}", at.source.name(), at.start.line, at.start.column);
    }
    told.push_str(&sentence(finding));
    for (place, label) in also {
        let line = at.as_ref().map(|at| super::located::extent(at.source, place).start);
        let line = line.map_or_else(String::new, |at| format!(" (line {}, column {})", at.line, at.column));
        let _never_fails = write!(told, "\n{label}{line}");
    }
    if !help.is_empty() {
        let _never_fails = write!(told, "\nhelp: {help}");
    }
    let name = attribute(&format!("{code}: {message}"));
    let inside = match severity {
        Severity::Error => {
            format!("<failure type=\"{code}\" message=\"{}\">{}</failure>", attribute(message), text(&told))
        }
        Severity::Warning => format!("<system-out>warning {code}: {}</system-out>", text(&told)),
    };
    format!("    <testcase name=\"{name}\" classname=\"{class}\" time=\"0\">{inside}</testcase>\n")
}

/// What stands between tags. XML 1.0 has no way to write most control characters.
fn text(written: &str) -> String {
    let mut escaped = String::new();
    for character in written.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\t' => escaped.push(character),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            control if control.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What stands between quotes: a line break there would be read as a blank.
fn attribute(written: &str) -> String {
    text(written).replace('"', "&quot;").replace('\n', "&#10;").replace('\t', "&#9;")
}
