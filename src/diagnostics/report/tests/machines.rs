//! What programs read.

use super::{PLAIN, with_report};
use crate::diagnostics::report::{Report, github, human_of_all, json, json_of_all, junit, sarif};
use crate::diagnostics::{Code, Document, Finding, Place, Severity, Source};
use pretty_assertions::assert_eq;

#[test]
fn json_has_every_place_in_numbers() {
    let report = with_report(|report| format!("{:#}", json(report)));
    assert_eq!(report, include_str!("../expected/json.json").trim_end());
}

#[test]
fn workflow_commands_are_escaped() {
    assert_eq!(
        with_report(|report| github(&[*report])),
        r#"::error file=shop/plan.json,line=2,endLine=2,col=11,endColumn=17,title=LF010::name `shöp` is not a name: a-z, 0-9 and `-`
::error file=shop/plan.json,line=6,endLine=6,col=17,endColumn=24,title=LF008::port 80 is published twice: here again%0Ahelp: publish another port, for example 8080:%0Athe services of one server share its ports, whatever their networks
::warning file=secrets.json,line=3,endLine=3,col=3,endColumn=11,title=LF008::secret `unused` is never used: not used%0Ahelp: remove it
::error title=LF011::there is no `bash`%0Ahelp: install the package `bash`
"#
    );
    let source = Source::new("a,b:c%.json", "");
    let findings = [Finding::new(Code::TooLarge, Severity::Error, Document::Plan, Place::Whole, "100% too\nlarge")];
    let report = Report { plan: Some(&source), secrets: None, policy: None, findings: &findings };
    assert_eq!(
        github(&[report]),
        r#"::error file=a%2Cb%3Ac%25.json,line=1,endLine=1,col=1,endColumn=1,title=LF003::100%25 too%0Alarge
"#
    );
}

#[test]
fn sarif_says_places_and_related_places() {
    let mut log = with_report(|report| sarif(&[*report]));
    let rules = log.pointer_mut("/runs/0/tool/driver/rules").map(serde_json::Value::take).unwrap();
    assert_eq!(rules.as_array().map(Vec::len), Some(Code::ALL.len()));
    for result in log.pointer_mut("/runs/0/results").and_then(serde_json::Value::as_array_mut).unwrap() {
        let index = result.as_object_mut().unwrap().remove("ruleIndex").and_then(|index| index.as_u64()).unwrap();
        assert_eq!(rules[usize::try_from(index).unwrap()]["id"], result["ruleId"]);
    }
    assert_eq!(
        format!("{log:#}").replace(env!("CARGO_PKG_VERSION"), "VERSION"),
        include_str!("../expected/sarif.json").trim_end()
    );
}

#[test]
fn junit_has_a_suite_a_file_and_a_failed_test_an_error() {
    let first = with_report(|report| junit(&[*report]));
    assert_eq!(first, include_str!("../expected/junit.xml"));
    let right = Source::new("plans/right.json", "{}");
    let report = Report { plan: Some(&right), secrets: None, policy: None, findings: &[] };
    assert_eq!(
        junit(&[report]),
        r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="landfall check" tests="1" failures="0" errors="0" time="0">
  <testsuite name="plans/right.json" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase name="valid" classname="plans/right" time="0"/>
  </testsuite>
</testsuites>
"#
    );
}

#[test]
fn junit_writes_nothing_that_is_not_xml() {
    let source = Source::new("<\"&'>\u{1b}\n.json", "x");
    let finding =
        Finding::new(Code::WrongForm, Severity::Error, Document::Plan, Place::Whole, "]]> \u{0}\u{ffff} <&>\t\"");
    let report = Report { plan: Some(&source), secrets: None, policy: None, findings: &[finding] };
    assert_eq!(
        junit(&[report]),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <testsuites name=\"landfall check\" tests=\"1\" failures=\"1\" errors=\"0\" time=\"0\">\n  \
        <testsuite name=\"&lt;&quot;&amp;'&gt;\u{fffd}&#10;.json\" tests=\"1\" failures=\"1\" errors=\"0\" skipped=\"0\" time=\"0\">\n    \
        <testcase name=\"LF010: ]]&gt; \u{fffd}\u{fffd} &lt;&amp;&gt;&#9;&quot;\" classname=\"&lt;&quot;&amp;'&gt;\u{fffd}&#10;\" time=\"0\">\
        <failure type=\"LF010\" message=\"]]&gt; \u{fffd}\u{fffd} &lt;&amp;&gt;&#9;&quot;\">&lt;\"&amp;'&gt;\u{fffd}\n.json:1:1\n]]&gt; \u{fffd}\u{fffd} &lt;&amp;&gt;\t\"</failure></testcase>\n  \
        </testsuite>\n</testsuites>\n"
    );
}

#[test]
fn several_reports_are_one_document_with_one_count() {
    let (first, second) = (Source::new("a.json", "x"), Source::new("b.json", "y"));
    let finding =
        |message: &str| Finding::new(Code::NotJson, Severity::Error, Document::Plan, Place::Bytes(0..1), message);
    let (of_first, of_second) = ([finding("an x")], [finding("a y")]);
    let reports = [
        Report { plan: Some(&first), secrets: None, policy: None, findings: &of_first },
        Report { plan: Some(&second), secrets: None, policy: None, findings: &of_second },
    ];
    assert_eq!(
        human_of_all(&reports, &PLAIN),
        "error[LF001]: an x\n --> a.json:1:1\n  |\n1 | x\n  | ^\n\n\
        error[LF001]: a y\n --> b.json:1:1\n  |\n1 | y\n  | ^\n\n2 errors in a.json and in b.json\n"
    );
    let document = json_of_all(&reports);
    let files: Vec<_> =
        document["findings"].as_array().unwrap().iter().map(|finding| finding["file"].clone()).collect();
    assert_eq!((document["valid"].clone(), files), (false.into(), vec!["a.json".into(), "b.json".into()]));
    let artifacts = sarif(&reports).pointer("/runs/0/artifacts").cloned().unwrap();
    assert_eq!(artifacts.as_array().map(Vec::len), Some(2));
}
