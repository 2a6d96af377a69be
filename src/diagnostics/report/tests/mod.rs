//! Every form of the report, whole.

mod machines;

use super::{Report, Style, github, human, json, junit, sarif};
use crate::diagnostics::{Code, Document, Finding, Place, Pointer, Severity, Source};
use crate::plan::text::read;
use pretty_assertions::assert_eq;

const PLAIN: Style = Style { width: 80, drawn: false, colour: false };
const DRAWN: Style = Style { width: 80, drawn: true, colour: false };

fn plan() -> Source {
    let text = "{\n  \"name\": \"shöp\",\n  \"services\": {\n    \"web\": { \"image\": \"x\",\t\"ports\": [\"80:80\"] },\n    \"api\": {\n      \"ports\": [\"80:81\"]\n    }\n  }\n}\n";
    read("shop/plan.json", text.as_bytes(), Document::Plan).source
}

fn secrets() -> Source {
    read("secrets.json", b"{\n  \"db\": \"hunter2\",\n  \"unused\": \"hunter2\"\n}\n", Document::Secrets).source
}

/// In the wrong order, one of each kind.
fn findings() -> Vec<Finding> {
    let at = |text: &str| Pointer::parse(text);
    vec![
        Finding::host(Code::OutOfBounds, "there is no `bash`").help("install the package `bash`"),
        Finding::warning(Code::NotAllowed, at("/unused"), "secret `unused` is never used")
            .in_secrets()
            .at_key()
            .label("not used")
            .help("remove it")
            .fix_by_removing("remove `unused`", Place::Key(at("/unused"))),
        Finding::error(Code::NotAllowed, at("/services/api/ports/0"), "port 80 is published twice")
            .label("here again")
            .help("publish another port, for example 8080:\nthe services of one server share its ports, whatever their networks")
            .also(at("/services/web/ports/0"), "first here")
            .fix("publish port 8080", Place::Value(at("/services/api/ports/0")), "\"8080:81\""),
        Finding::error(Code::WrongForm, at("/name"), "name `shöp` is not a name").label("a-z, 0-9 and `-`"),
    ]
}

fn with_report<T>(show: impl Fn(&Report<'_>) -> T) -> T {
    let (plan, secrets, findings) = (plan(), secrets(), findings());
    show(&Report { plan: Some(&plan), secrets: Some(&secrets), policy: None, findings: &findings })
}

/// The report on one finding of a plan.
fn of_one(text: &str, finding: Finding, style: &Style) -> String {
    let source = read("plan.json", text.as_bytes(), Document::Plan).source;
    human(&Report { plan: Some(&source), secrets: None, policy: None, findings: &[finding] }, style)
}

#[test]
fn plain_lines_tell_findings_in_source_order() {
    let report = with_report(|report| human(report, &PLAIN));
    assert_eq!(
        report,
        r#"error[LF010]: name `shöp` is not a name
 --> shop/plan.json:2:11
  |
2 |   "name": "shöp",
  |           ^^^^^^ a-z, 0-9 and `-`

error[LF008]: port 80 is published twice
 --> shop/plan.json:6:17
  |
4 |     "web": { "image": "x",    "ports": ["80:80"] },
  |                                         ------- first here
...
6 |       "ports": ["80:81"]
  |                 ^^^^^^^ here again
  = help: publish another port, for example 8080:
          the services of one server share its ports, whatever their networks

warning[LF008]: secret `unused` is never used
 --> secrets.json:3:3
  = not used
  = help: remove it

error[LF011]: there is no `bash`
  = help: install the package `bash`

3 errors, 1 warning in shop/plan.json, in secrets.json and on this server
"#
    );
}

#[test]
fn a_terminal_gets_them_drawn() {
    let report = with_report(|report| human(report, &DRAWN));
    assert_eq!(
        report,
        r#"LF010

  × name `shöp` is not a name
   ╭─[shop/plan.json:2:11]
 1 │ {
 2 │   "name": "shöp",
   ·           ───┬──
   ·              ╰── a-z, 0-9 and `-`
 3 │   "services": {
   ╰────

LF008

  × port 80 is published twice
   ╭─[shop/plan.json:6:17]
 3 │   "services": {
 4 │     "web": { "image": "x",    "ports": ["80:80"] },
   ·                                         ───┬───
   ·                                            ╰── first here
 5 │     "api": {
 6 │       "ports": ["80:81"]
   ·                 ───┬───
   ·                    ╰── here again
 7 │     }
   ╰────
  help: publish another port, for example 8080:
        the services of one server share its ports, whatever their networks

LF008

  ⚠ secret `unused` is never used: not used
  │ secrets.json:3:3
  help: remove it

LF011

  × there is no `bash`
  help: install the package `bash`

3 errors, 1 warning in shop/plan.json, in secrets.json and on this server
`landfall explain LF010` tells why, with examples
"#
    );
}

#[test]
fn colour_changes_nothing_but_colour() {
    let coloured = with_report(|report| human(report, &Style { colour: true, ..DRAWN }));
    let plain: String = coloured.split("\u{1b}[").enumerate().fold(String::new(), |text, (index, part)| {
        text + if index == 0 { part } else { part.split_once('m').map_or("", |(_, rest)| rest) }
    });
    assert_eq!(plain, with_report(|report| human(report, &DRAWN)));
}

#[test]
fn no_form_of_the_report_shows_a_secret() {
    let plan = Source::new("plan.json", "{}");
    let broken = read("secrets.json", b"{\n  \"db\": \"hunter2\n}", Document::Secrets);
    let mut findings = findings();
    findings.extend(broken.findings.clone());
    findings.push(
        Finding::error(Code::NotAllowed, Pointer::of(["db"]), "refused")
            .in_secrets()
            .also(Pointer::of(["unused"]), "and here"),
    );
    for secrets in [&secrets(), &broken.source] {
        let report = Report { plan: Some(&plan), secrets: Some(secrets), policy: None, findings: &findings };
        let all = [
            human(&report, &PLAIN),
            human(&report, &DRAWN),
            json(&report).to_string(),
            sarif(&[report]).to_string(),
            github(&[report]),
            junit(&[report]),
            format!("{report:?}"),
        ];
        assert_eq!(all.map(|text| text.contains("hunter2")), [false; 7]);
    }
}

#[test]
fn a_long_line_is_cropped_around_the_mistake() {
    let text = format!("{{\"a\": \"{}\", \"name\": 5, \"b\": \"{}\"}}", "x".repeat(5000), "y".repeat(5000));
    let finding = || Finding::error(Code::WrongType, Pointer::of(["name"]), "`name` is 5").label("write \"5\"");
    assert_eq!(
        of_one(&text, finding(), &PLAIN),
        r#"error[LF007]: `name` is 5
 --> plan.json:1:5019
  |
1 | …xxxxxx", "name": 5, "b": "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
  |                   ^ write "5"

1 error in plan.json
"#
    );
    assert_eq!(
        of_one(&text, finding(), &DRAWN),
        r#"LF007

  × `name` is 5
   ╭─[plan.json:1:5019]
 1 │ …xxxxxx", "name": 5, "b": "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy…
   ·                   ┬
   ·                   ╰── write "5"
   ╰────

1 error in plan.json
`landfall explain LF007` tells why, with examples
"#
    );
}

#[test]
fn what_goes_over_several_lines_is_underlined_on_its_first() {
    let finding = Finding::error(Code::WrongType, Pointer::of(["a"]), "`a` is an object").label("a list is expected");
    assert_eq!(
        of_one("{\"a\": {\n\"b\": 1\n}}", finding, &PLAIN),
        r#"error[LF007]: `a` is an object
 --> plan.json:1:7
  |
1 | {"a": {
  |       ^ a list is expected

1 error in plan.json
"#
    );
}

#[test]
fn nothing_that_a_terminal_obeys_is_passed_on() {
    let finding =
        Finding::error(Code::WrongForm, Pointer::of(["a"]), "`\u{1b}[2J\u{202e}` is wrong").label("\u{7}here");
    let report = of_one("{\"a\": \"\u{202e}\u{9b}2J\"}", finding, &PLAIN);
    assert_eq!(
        report,
        r#"error[LF010]: `�[2J�` is wrong
 --> plan.json:1:7
  |
1 | {"a": "��2J"}
  |       ^^^^^^ �here

1 error in plan.json
"#
    );
}

#[test]
fn the_end_of_the_file_and_an_empty_file_have_a_place() {
    for (text, style) in [("", PLAIN), ("", DRAWN), ("{", PLAIN), ("{", DRAWN), ("{\n\n", DRAWN), ("\"ä", DRAWN)] {
        let reading = read("plan.json", text.as_bytes(), Document::Plan);
        let report = Report { plan: Some(&reading.source), secrets: None, policy: None, findings: &reading.findings };
        let told = human(&report, &style);
        let message = &reading.findings[0].message;
        assert_eq!((text, told.contains(message), told.contains("1 error in plan.json")), (text, true, true));
    }
}

#[test]
fn no_findings_are_an_empty_report_that_is_valid() {
    let report = Report { plan: None, secrets: None, policy: None, findings: &[] };
    assert_eq!(human(&report, &PLAIN), "");
    assert_eq!(json(&report), serde_json::json!({"valid": true, "findings": []}));
}

#[test]
fn of_very_many_findings_the_first_200_are_told_and_all_are_counted() {
    let source = Source::new("plan.json", "x\n".repeat(300));
    let at = |line: usize| Place::Bytes(2 * line..2 * line + 1);
    let finding = |line| Finding::new(Code::NotJson, Severity::Error, Document::Plan, at(line), "an x");
    let findings: Vec<_> = (0..203).map(finding).collect();
    let report = human(&Report { plan: Some(&source), secrets: None, policy: None, findings: &findings }, &PLAIN);
    let end = "\n\nerror[LF001]: an x\n   --> plan.json:200:1\n    |\n200 | x\n    | ^\n\n\
        the other 3 are left out here; `--format json` has them\n\n203 errors in plan.json\n";
    assert_eq!(report.get(report.len() - end.len()..), Some(end));
    assert_eq!(report.matches("error[LF001]").count(), 200);
}
