//! `landfall check` on any two files: it comes back, what it finds has its place, every report can be made, no secret is
//! in one, and what it finds no error in can be deployed.

use landfall::diagnostics::report::{Report, Style, github, human, json, junit, sarif};
use landfall::diagnostics::{Code, Finding, Place, Source};
use landfall::facts::Facts;
use landfall::operation::Layout;
use landfall::plan::model::Plan;
use landfall::{check, plan_sha256, script, steps};
use serde_json::Value;
use std::ops::Range;

/// Stands between the plan and the secrets file.
const SEPARATOR: u8 = 0x1e;

/// What is looked for in reports where it stands in the value of a secret.
const CANARY: &str = "canary-7";

/// How many cures of one text are tried out.
const FIXES: usize = 3;

pub fn holds(bytes: &[u8]) {
    let mut files = bytes.splitn(2, |byte| *byte == SEPARATOR);
    files_hold(files.next().unwrap_or_default(), files.next());
}

/// The property of a plan and perhaps a secrets file.
pub fn files_hold(plan: &[u8], secrets: Option<&[u8]>) {
    let checked = check(("plan.json", plan), secrets.map(|bytes| ("secrets.json", bytes)));
    let report = checked.report();
    let told = reports(&report);
    assert!(!checked.findings.iter().any(|finding| finding.code == Code::NotUnderstood), "{told}");
    if secrets.is_some_and(|secrets| has_canary_in_values_only(plan, secrets)) {
        assert!(!told.contains(CANARY), "a secret is told: {told}");
    }
    for finding in &checked.findings {
        places_hold(&report, finding);
    }
    fixes_hold(plan, secrets, &report);
    if let Some(plan) = checked.plan.as_ref().filter(|_| report.is_valid()) {
        valid_plan_holds(plan);
    }
}

/// Every form of the report.
fn reports(report: &Report<'_>) -> String {
    let narrow = human(report, &Style { width: 40, drawn: false, colour: false });
    let drawn = human(report, &Style { width: 100, drawn: true, colour: true });
    human(report, &Style { width: 100, drawn: true, colour: false });
    assert!(!narrow.contains(|character: char| character.is_control() && character != '\n'), "{narrow:?}");
    let one = std::slice::from_ref(report);
    let annotations = github(one);
    assert_eq!(annotations.lines().count(), report.findings.len(), "{annotations}");
    let document = json(report);
    in_source_order(&document);
    let cases = junit(one);
    assert!(!cases.contains(|character: char| !is_of_xml(character)), "{cases:?}");
    format!("{narrow}{drawn}{annotations}{document}{cases}{}", sarif(one))
}

/// What XML 1.0 can hold.
fn is_of_xml(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn in_source_order(document: &Value) {
    let order = |file: &Value| ["plan.json", "secrets.json"].iter().position(|name| file == name).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let places: Vec<_> = findings.iter().map(|one| (order(&one["file"]), one["start"].as_u64().unwrap())).collect();
    assert!(places.is_sorted(), "{document}");
}

/// Names may be told, so a canary must not be a part of one, nor stand in the plan, which may be quoted.
fn has_canary_in_values_only(plan: &[u8], secrets: &[u8]) -> bool {
    let has = |text: &str| text.contains(CANARY);
    // A secrets file that is not JSON is not quoted at all.
    let in_names = serde_json::from_slice::<Value>(secrets).is_ok_and(|value| has(&names(&value)));
    has(&String::from_utf8_lossy(secrets)) && !in_names && !has(&String::from_utf8_lossy(plan))
}

fn names(value: &Value) -> String {
    match value {
        Value::Object(members) => members.iter().map(|(name, value)| format!("{name}\n{}", names(value))).collect(),
        Value::Array(elements) => elements.iter().map(names).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => String::new(),
    }
}

fn source<'a>(report: &Report<'a>, finding: &Finding) -> &'a Source {
    use landfall::diagnostics::Document::{Host, Plan, Policy, Secrets};
    match finding.document {
        Plan => report.plan.unwrap(),
        Secrets => report.secrets.unwrap(),
        Policy | Host => panic!("{finding:?} is about the server"),
    }
}

fn places_hold(report: &Report<'_>, finding: &Finding) {
    let source = source(report, finding);
    let within = |range: Range<usize>| {
        let underlined = source.text().get(range.clone());
        let right = underlined.is_some_and(|underlined| !underlined.is_empty() || source.text().is_empty());
        assert!(right, "{range:?} of {} bytes in {finding:?}", source.text().len());
    };
    within(source.span_of(&finding.place));
    finding.also.iter().for_each(|(place, _)| within(source.span_of(place)));
    assert!(!finding.message.is_empty(), "{finding:?}");
}

/// A text with a cure in it is JSON if it was, and the finding is gone.
fn fixes_hold(plan: &[u8], secrets: Option<&[u8]>, report: &Report<'_>) {
    let with_fixes = report.findings.iter().flat_map(|finding| finding.fixes.iter().map(move |fix| (finding, fix)));
    for (finding, fix) in with_fixes.take(FIXES) {
        let source = source(report, finding);
        let Some(cured) = source.edit(fix).and_then(|edit| edit.applied(source.text())) else { continue };
        let was_json = serde_json::from_str::<Value>(source.text()).is_ok();
        assert!(!was_json || serde_json::from_str::<Value>(&cured).is_ok(), "{fix:?} broke {}", source.text());
        let again = match finding.document {
            landfall::diagnostics::Document::Secrets => {
                check(("plan.json", plan), Some(("secrets.json", cured.as_bytes()))).findings
            }
            _ => check(("plan.json", cured.as_bytes()), secrets.map(|bytes| ("secrets.json", bytes))).findings,
        };
        // Of a text that is not JSON the first mistake alone is told: the same one further on is the next.
        let shorter = cured.len() < source.text().len();
        let next = |one: &Finding| match (&finding.place, &one.place) {
            (Place::Bytes(before), Place::Bytes(now)) if finding.code == Code::NotJson => {
                !std::ptr::eq(one, finding) && (shorter || now.start > before.start)
            }
            _ => false,
        };
        let alike = |findings: &[Finding]| {
            let same = |one: &&Finding| (one.code, &one.message) == (finding.code, &finding.message);
            findings.iter().filter(same).filter(|one| !next(one)).count()
        };
        assert!(alike(&again) < alike(report.findings), "{fix:?} does not cure {finding:?}:\n{cured}");
    }
}

/// A plan without an error means the same when it is written down and read again, and there is a program for it.
fn valid_plan_holds(plan: &Plan) {
    let again: Plan = serde_json::from_value(serde_json::to_value(plan).unwrap()).unwrap();
    assert_eq!(plan_sha256(&again), plan_sha256(plan));
    let layout = Layout::new(Layout::STATE.as_ref(), &plan.name);
    let program = steps::deployment(plan, &Facts::of_an_empty_host(&[]), &layout).unwrap();
    assert_eq!(program.defect(), None);
    assert!(script::crontab(plan, &layout).is_ok());
}
