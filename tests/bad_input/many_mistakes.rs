//! As many mistakes as fit into a file: the report stays small, and says that it is not all.

use crate::landfall;
use pretty_assertions::assert_eq;

/// What is said of these plans, or of this secrets file beside a right plan: exit status, how many lines, and the last code.
fn told_of(content: &str, format: &str) -> (Option<i32>, usize) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.json"), content).unwrap();
    let answer = landfall(folder.path(), &["check", "plan.json", "--format", format], b"");
    assert_eq!(answer.stderr, "");
    assert!(answer.stdout.len() < 4 << 20, "{} bytes", answer.stdout.len());
    (answer.status, answer.stdout.matches("LF018").count())
}

fn service(fields: &str) -> String {
    format!(r#"{{"version": 1, "name": "s", "services": {{"a": {{"image": "r.example/a:1", {fields}}}}}}}"#)
}

fn list(element: impl Fn(usize) -> String, number: usize) -> String {
    (0..number).map(element).collect::<Vec<_>>().join(",")
}

#[test]
fn nineteen_thousand_mistakes_are_a_report_of_a_thousand() {
    let plans = [
        service(&list(|index| format!("\"u{index}\": 0"), 19_000)),
        service(&format!("\"ports\": [{}]", list(|_| "\"80:80\"".to_owned(), 19_000))),
        service(&format!("\"cap_add\": [{}]", list(|_| "\"CHOWN\"".to_owned(), 19_000))),
        format!("{{{}}}", list(|_| "\"a\": 1".to_owned(), 19_000)),
    ];
    for plan in plans {
        assert_eq!(told_of(&plan, "github"), (Some(3), 1), "{}", &plan[..100]);
    }
}

#[test]
fn every_format_stays_small() {
    let plan = service(&list(|index| format!("\"u{index}\": 0"), 1200));
    assert_eq!(told_of(&plan, "human"), (Some(3), 0));
    assert_eq!(told_of(&plan, "junit").0, Some(3));
    assert_eq!(told_of(&plan, "sarif").0, Some(3));
}

#[test]
fn long_chains_and_rings_of_services_are_judged() {
    let services = |last: &str| {
        let one =
            |index: usize| format!(r#""s{index}": {{"image": "r.example/a:1", "depends_on": ["s{}"]}}"#, index + 1);
        let last = format!(r#""s4000": {{"image": "r.example/a:1", "depends_on": [{last}]}}"#);
        format!(r#"{{"version": 1, "name": "s", "services": {{{},{last}}}}}"#, list(one, 4000))
    };
    assert_eq!(told_of(&services(""), "github").0, Some(0));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.json"), services("\"s0\"")).unwrap();
    let answer = landfall(folder.path(), &["check", "plan.json", "--format", "github"], b"");
    assert_eq!((answer.status, answer.stdout.matches("::error").count()), (Some(3), 1));
}
