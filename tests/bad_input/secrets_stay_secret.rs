//! Whatever is wrong with a secrets file, nothing of its values is told, in any format.

use crate::landfall as program;
use landfall::diagnostics::report::{Style, github, human, json, junit, sarif};
use pretty_assertions::assert_eq;

const CANARY: &str = "hunter2canary";

/// A password that somebody wrote without quotes.
const NUMBER: &str = "471147124713";

fn tells(text: &str) -> bool {
    text.contains("hunter2") || text.contains(NUMBER)
}

const PLAN: &str = r#"{"version": 1, "name": "shop", "services": {"web": {"image": "registry.example/web:1",
    "secrets": [{"secret": "binary", "target": "/run/secrets/b", "decode": "base64"}],
    "environment": {"A": {"secret": "variable"}, "B": {"template": "{{url variable}}{{missing}}"}}}},
    "maintenance": {"mail": {"to": ["a@b.example"], "from": "a@b.example",
        "smtp": {"host": "mail.example", "username": "u", "password": {"secret": "mail"}}}}}"#;

/// The canary in every position: as a value, inside broken ones, in front of and behind the text.
fn broken() -> Vec<Vec<u8>> {
    let texts = [
        format!("{{\"binary\": \"{CANARY}!\", \"variable\": \"{CANARY}\\u0000\", \"mail\": \"{CANARY}\\n\"}}"),
        format!("{{\"binary\": [\"{CANARY}\"], \"variable\": {{\"{CANARY}\": \"{CANARY}\"}}, \"mail\": null}}"),
        format!("{{\"binary\": \"{CANARY}\", \"binary\": \"{CANARY}\"}}"),
        format!("[\"{CANARY}\"]"),
        format!("\"{CANARY}\""),
        CANARY.to_owned(),
        format!("{{\"binary\": {CANARY}}}"),
        format!("{{\"binary\": '{CANARY}'}}"),
        format!("{{\"binary\": \"{CANARY}"),
        format!("{{\"binary\": \"{CANARY}\n\"}}"),
        format!("{{\"binary\": \"{CANARY}\t\"}}"),
        format!("{{\"binary\": \"{CANARY}\\x\"}}"),
        format!("{{\"binary\": \"{CANARY}\\ud800\"}}"),
        format!("{{\"binary\": \"{CANARY}\" \"variable\": \"{CANARY}\"}}"),
        format!("{{\"binary\": \"{CANARY}\",}}"),
        format!("{{\"binary\" \"{CANARY}\"}}"),
        format!("{{\"binary\": \"\"}} {CANARY}"),
        format!("// {CANARY}\n{{}}"),
        format!("{{\"binary\": \"{CANARY}\"}}{{\"{CANARY}\": 1}}"),
        format!("{{\"binary\": \"{}\"}}", CANARY.repeat(60_000)),
        format!("{{\"binary\": \"{}\"}}", CANARY.repeat(90_000)),
        format!("{{\"binary\": {}\"{CANARY}\"{}}}", "[".repeat(80), "]".repeat(80)),
        format!("{{\"binary\": {NUMBER}, \"mail\": {NUMBER}5}}"),
        format!("{{\"binary\": 0{NUMBER}}}"),
        format!("{{\"binary\": +{NUMBER}}}"),
        NUMBER.to_owned(),
        format!("{{\"binary\": 1e999, \"mail\": \"{CANARY}\"}}"),
        format!("\u{feff}{{\"binary\": \"{CANARY}\"}}"),
        format!("{{\"binary\": \"{CANARY}\0\"}}"),
    ];
    let mut all: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
    all.push([b"{\"binary\": \"", CANARY.as_bytes(), b"\xff\"}"].concat());
    all.push(CANARY.encode_utf16().flat_map(u16::to_le_bytes).collect());
    all
}

#[test]
fn no_format_tells_anything_of_a_value_of_a_broken_secrets_file() {
    let style = |drawn| Style { width: 100, drawn, colour: drawn };
    for content in broken() {
        let checked = landfall::check(("plan.json", PLAN.as_bytes()), Some(("secrets.json", &content)));
        let report = checked.report();
        let told = [
            human(&report, &style(true)),
            human(&report, &style(false)),
            json(&report).to_string(),
            sarif(&[report]).to_string(),
            github(&[report]),
            junit(&[report]),
            format!("{checked:?}"),
        ];
        let shown = String::from_utf8_lossy(content.get(..60).unwrap_or(&content)).into_owned();
        assert_eq!((report.is_valid(), told.map(|text| tells(&text))), (false, [false; 7]), "{shown}");
    }
}

#[test]
fn traces_of_the_program_tell_nothing_either() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("plan.json"), PLAN).unwrap();
    for content in broken() {
        std::fs::write(folder.path().join("secrets.json"), &content).unwrap();
        let answer = program(folder.path(), &["-vv", "check", "plan.json", "--secrets", "secrets.json"], b"");
        assert_eq!([&answer.stdout, &answer.stderr].map(|text| tells(text)), [false, false]);
    }
}

/// As when the two are named in the wrong order, or a pattern takes in the secrets file too.
#[test]
fn a_secrets_file_that_is_taken_for_a_plan_is_not_shown() {
    let style = Style { width: 100, drawn: true, colour: false };
    let texts = [
        format!("{{\"db\": \"{CANARY}\"}}"),
        format!("{{\"$schema\": \"secrets.v1.json\", \"db\": \"{CANARY}\"}}"),
        format!("{{\"db\": \"{CANARY}\", \"db\": \"{CANARY}\"}}"),
        format!("{{\"db\": {CANARY}}}"),
        format!("{{\"db\": \"{CANARY}"),
        format!("{{\"db\" \"{CANARY}\"}}"),
        format!("db={CANARY}"),
    ];
    for content in texts {
        let checked = landfall::check(("secrets.json", content.as_bytes()), None);
        let report = checked.report();
        let told = [
            human(&report, &style),
            json(&report).to_string(),
            sarif(&[report]).to_string(),
            github(&[report]),
            junit(&[report]),
        ];
        assert_eq!((report.is_valid(), told.map(|text| tells(&text))), (false, [false; 5]), "{content}");
    }
}
