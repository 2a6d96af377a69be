//! Nothing in an explanation is taken on trust: its examples are run, and every code has all that it needs.
//!
//! `LANDFALL_BLESS=1` writes `docs/diagnostics.md`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "the plans and the document are files, and a test may fail"
)]

#[path = "support/committed.rs"]
mod committed;

use committed::assert_committed;
use landfall::diagnostics::{
    Code, Finding, Severity,
    explained::{Example, Explanation, Kind, Shows, document},
};
use pretty_assertions::assert_eq;
use serde_json::{Map, Value, json};
use std::{collections::BTreeSet, fs, path::Path};

/// What no plan is known to lead to, or none that fits into an explanation.
const NO_EXAMPLE: [Code; 2] = [Code::NotUnderstood, Code::TooManyFindings];

/// Members written without the braces around them.
fn members(text: &str) -> Map<String, Value> {
    serde_json::from_str(&format!("{{{text}}}")).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The example as a whole plan; none for what is not a part of one.
fn plan(Example { shows: _, kind, text }: &Example) -> Option<String> {
    let mut plan = json!({
        "version": 1, "name": "shop", "services": { "web": { "image": "docker.io/library/nginx:1.27" } }
    });
    let part = match kind {
        Kind::Service => &mut plan["services"]["web"],
        Kind::Plan => &mut plan,
        Kind::File => return Some((*text).to_owned()),
        Kind::Secrets | Kind::Text | Kind::Shell => return None,
    };
    part.as_object_mut().unwrap().extend(members(text));
    Some(format!("{plan:#}"))
}

/// What is found in each example that shows this, with the secrets file that follows it.
fn found(explanation: &Explanation, shows: Shows) -> Vec<(String, Vec<Finding>)> {
    let examples: Vec<_> = explanation.examples_of(shows).collect();
    let one = |(index, example): (usize, &&Example)| {
        let plan = plan(example)?;
        let secrets = examples.get(index + 1).filter(|next| next.kind == Kind::Secrets).map(|next| next.text);
        let secrets = secrets.map(|text| ("secrets.json", text.as_bytes()));
        let findings = landfall::check(("plan.json", plan.as_bytes()), secrets).findings;
        Some((plan, findings))
    };
    examples.iter().enumerate().filter_map(one).collect()
}

/// The codes in the reports on rejected plans (errors) and on plans that are warned of (warnings).
fn told() -> BTreeSet<String> {
    let of = |folder: &str, severity: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans").join(folder);
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let reports = paths.filter(|path| path.extension().is_some_and(|ending| ending == "txt"));
        let texts = reports.map(|path| fs::read_to_string(path).unwrap()).collect::<String>();
        let codes = texts.lines().filter_map(|line| Some(line.strip_prefix(severity)?.get(1..6)?.to_owned()));
        codes.collect::<BTreeSet<_>>()
    };
    &of("rejected", "error") | &of("warned", "warning")
}

#[test]
fn every_wrong_example_has_the_mistake_that_it_shows() {
    for code in Code::ALL {
        for (plan, findings) in found(&Explanation::of(*code), Shows::Wrong) {
            let codes: Vec<_> = findings.iter().map(|finding| finding.code).collect();
            assert!(codes.contains(code), "{code}: {codes:?}\n{plan}");
        }
    }
}

#[test]
fn every_right_example_is_right() {
    for code in Code::ALL {
        let explanation = Explanation::of(*code);
        let examples = found(&explanation, Shows::Right).into_iter().chain(found(&explanation, Shows::Cure));
        for (plan, findings) in examples {
            let wrong = |finding: &&Finding| finding.severity == Severity::Error || finding.code == *code;
            let messages: Vec<_> = findings.iter().filter(wrong).map(|finding| &finding.message).collect();
            assert_eq!(messages, Vec::<&String>::new(), "{code}\n{plan}");
        }
    }
}

#[test]
fn every_code_shows_what_is_wrong_and_what_is_right_or_what_is_seen_and_its_cure() {
    for code in Code::ALL.iter().filter(|code| !NO_EXAMPLE.contains(code)) {
        let explanation = Explanation::of(*code);
        let shows = |shows| explanation.examples_of(shows).next().is_some();
        let [wrong, right, seen, cure] = [Shows::Wrong, Shows::Right, Shows::Seen, Shows::Cure].map(shows);
        assert!(wrong && right && !seen && !cure || seen && cure && !wrong && !right, "{code}");
    }
}

#[test]
fn every_code_of_a_plan_has_a_plan_with_the_mistake() {
    let told = told();
    let lacks = |code: &&Code| {
        let on_a_server = Explanation::of(**code).examples_of(Shows::Seen).next().is_some();
        !told.contains(code.text()) && !on_a_server && !NO_EXAMPLE.contains(code)
    };
    assert_eq!(Code::ALL.iter().filter(lacks).collect::<Vec<_>>(), Vec::<&Code>::new());
}

#[test]
fn no_text_lies_there_without_a_code() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/diagnostics/explained");
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let texts: BTreeSet<_> = names.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned())).collect();
    assert_eq!(texts, Code::ALL.iter().map(|code| code.text().to_owned()).collect());
}

#[test]
fn the_document_is_made_of_the_same_texts() {
    assert_committed("docs/diagnostics.md", &document());
}
