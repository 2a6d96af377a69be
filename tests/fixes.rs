//! What is proposed as a cure cures: each fix of each finding on the plans in `tests/plans` is made, and the finding is gone.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "the plans are files, and a test may fail")]

use landfall::Checked;
use landfall::diagnostics::{Code, Document, Finding, Fix, Place, Severity};
use pretty_assertions::assert_eq;
use std::{collections::BTreeSet, fs, path::Path};

/// A plan and its secrets file, as their texts.
#[derive(Clone)]
struct Texts {
    plan: Vec<u8>,
    secrets: Option<Vec<u8>>,
}

impl Texts {
    fn checked(&self) -> Checked {
        let Self { plan, secrets } = self;
        landfall::check(("plan.json", plan), secrets.as_deref().map(|text| ("secrets.json", text)))
    }

    /// The same with a fix made; none if it comes to nothing.
    fn with(&self, checked: &Checked, document: Document, fix: &Fix) -> Option<Self> {
        let source = match document {
            Document::Plan => &checked.plan_source,
            Document::Secrets => checked.secrets_source.as_ref()?,
            Document::Policy | Document::Host => return None,
        };
        let text = source.edit(fix)?.applied(source.text())?.into_bytes();
        Some(match document {
            Document::Plan => Self { plan: text, ..self.clone() },
            Document::Secrets | Document::Policy | Document::Host => Self { secrets: Some(text), ..self.clone() },
        })
    }
}

/// The plans of a folder with their names, in order.
fn plans(folder: &str) -> Vec<(String, Texts)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans").join(folder);
    let paths: BTreeSet<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    let names = paths.iter().filter(|path| path.extension().is_some_and(|ending| ending == "json"));
    let named = names.filter(|path| !path.to_string_lossy().ends_with(".secrets.json"));
    let read = |path: &std::path::PathBuf| {
        let texts =
            Texts { plan: fs::read(path).unwrap(), secrets: fs::read(path.with_extension("secrets.json")).ok() };
        (path.file_stem().unwrap().to_string_lossy().into_owned(), texts)
    };
    named.map(read).collect()
}

/// How often something of this kind is found.
fn count(findings: &[Finding], code: Code, severity: Severity) -> usize {
    findings.iter().filter(|finding| finding.code == code && finding.severity == severity).count()
}

/// What is wrong with a fix, if anything: the finding must be gone, and nothing else may have become worse than it was.
fn problem(texts: &Texts, checked: &Checked, finding: &Finding, fix: &Fix) -> Option<&'static str> {
    let Some(fixed) = texts.with(checked, finding.document, fix) else { return Some("comes to nothing") };
    let checked_again = fixed.checked();
    let start = |checked: &Checked, finding: &Finding| checked.plan_source.span_of(&finding.place).start;
    let after = &checked_again.findings;
    // Of a text that is no JSON only the first mistake is told: after a fix it may be a later one.
    let later =
        |found: &Finding| finding.code == Code::NotJson && start(&checked_again, found) > start(checked, finding);
    if after.iter().any(|found| found.code == finding.code && later(found)) {
        return None;
    }
    let told = |findings: &[Finding]| count(findings, finding.code, finding.severity);
    if told(after) >= told(&checked.findings) {
        return Some("the finding is still there");
    }
    let has = |findings: &[Finding], codes: &[Code]| findings.iter().any(|found| codes.contains(&found.code));
    let shape = [Code::NotJson, Code::DuplicateKey, Code::UnknownField, Code::MissingField, Code::NotExactlyOne];
    (!has(&checked.findings, &shape) && has(after, &shape)).then_some("the text is worse than before")
}

#[test]
fn after_each_fix_its_finding_is_gone() {
    let mut wrong = Vec::new();
    let mut made = 0;
    for (name, texts) in plans("rejected").into_iter().chain(plans("warned")) {
        let checked = texts.checked();
        for finding in &checked.findings {
            for fix in &finding.fixes {
                made += 1;
                wrong.extend(
                    problem(&texts, &checked, finding, fix)
                        .map(|what| format!("{name}: {} `{}`: {what}", finding.code, fix.title)),
                );
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert!(made >= 150, "only {made} fixes");
}

#[test]
fn a_fix_that_cures_nothing_is_noticed() {
    let texts = Texts { plan: br#"{"version": 1, "name": "Shop", "services": {}}"#.to_vec(), secrets: None };
    let checked = texts.checked();
    let finding = checked.findings.iter().find(|finding| finding.code == Code::BadName).unwrap();
    let right = finding.fixes.first().unwrap();
    let with = |replacement: Option<&str>| Fix { replacement: replacement.map(str::to_owned), ..right.clone() };
    let problems = ["\"shop\"", "\"SHOP\"", "{", "\"s\", \"name\": \"s\""]
        .map(|text| problem(&texts, &checked, finding, &with(Some(text))));
    assert_eq!(
        problems,
        [
            None,
            Some("the finding is still there"),
            Some("the text is worse than before"),
            Some("the text is worse than before")
        ]
    );
    assert_eq!(problem(&texts, &checked, finding, &with(None)), Some("the text is worse than before"));
}

#[test]
fn every_finding_says_something_beside_the_place_that_it_underlines() {
    let mut silent = Vec::new();
    for (name, texts) in plans("rejected").into_iter().chain(plans("warned")) {
        let findings = texts.checked().findings;
        // A file as a whole is not underlined.
        let unlabelled = findings.iter().filter(|finding| finding.label.is_empty() && finding.place != Place::Whole);
        silent.extend(unlabelled.map(|finding| format!("{name}: {}", finding.message)));
    }
    assert_eq!(silent, Vec::<String>::new());
}

/// The others are those of which nobody but the author knows what is right.
#[test]
fn most_mistakes_have_a_fix() {
    let plans = plans("rejected");
    let has = |texts: &Texts| texts.checked().findings.iter().any(|finding| !finding.fixes.is_empty());
    let with = plans.iter().filter(|(_, texts)| has(texts)).count();
    assert!(with * 2 > plans.len(), "{with} of {}", plans.len());
}

/// A plan that is right but for this part of the service `web`, and the part after the first fix of its first finding.
fn fixed(part: &str) -> String {
    let (head, tail) = (r#"{"version":1,"name":"shop","services":{"db":{"image":"r.example/db:1"},"web":{"#, "}}}");
    let image =
        if part.contains("\"image\"") || part.contains("\"build\"") { "" } else { r#""image":"r.example/web:1","# };
    let plan = format!("{head}{image}{part}{tail}");
    let texts = Texts { plan: plan.into_bytes(), secrets: None };
    let checked = texts.checked();
    let with_fix =
        checked.findings.iter().find(|finding| !finding.fixes.is_empty() && finding.severity == Severity::Error);
    let Some(finding) = with_fix else { return "no fix".to_owned() };
    let fixed = texts.with(&checked, Document::Plan, finding.fixes.first().unwrap()).unwrap().plan;
    let fixed = String::from_utf8(fixed).unwrap();
    fixed.strip_prefix(&format!("{head}{image}")).unwrap().strip_suffix(tail).unwrap().to_owned()
}

#[test]
fn the_first_fix_is_what_the_author_meant() {
    let pairs = [
        (r#""helthcheck": {"tcp": "web:80"}"#, r#""healthcheck": {"tcp": "web:80"}"#),
        (r#""init": "yes""#, r#""init": true"#),
        (r#""pids_limit": "80""#, r#""pids_limit": 80"#),
        (r#""environment": {"PORT": 80}"#, r#""environment": {"PORT": "80"}"#),
        (r#""environment": ["PORT=80", "A=b"]"#, r#""environment": { "A": "b", "PORT": "80" }"#),
        (r#""restart": "allways""#, r#""restart": "always""#),
        (r#""restart": "unless-stopped""#, r#""restart": "always""#),
        (r#""restart": false"#, r#""restart": "no""#),
        (r#""labels": {}, "stop_grace_period": "1m30s""#, r#""labels": {}, "stop_grace_period": "90s""#),
        (r#""memory": "512m""#, r#""memory": "512MiB""#),
        (r#""mem_limit": "512m""#, r#""memory": "512MiB""#),
        (r#""image": "nginx""#, r#""image": "docker.io/library/nginx""#),
        (r#""build": ".""#, r#""image": { "build": "." }"#),
        (r#""ports": [8080]"#, r#""ports": ["8080:8080"]"#),
        (r#""ports": ["localhost:80:80"]"#, r#""ports": ["127.0.0.1:80:80"]"#),
        (r#""depends_on": ["bd"]"#, r#""depends_on": ["db"]"#),
        (r#""depends_on": {"bd": {}}"#, r#""depends_on": {"db": {}}"#),
        (r#""depends_on": ["db", "web"]"#, r#""depends_on": ["db"]"#),
        (r#""volumes": ["/srv/a:/b:ro"]"#, r#""volumes": [{ "source": "/srv/a", "target": "/b", "read_only": true }]"#),
        (
            r#""volumes": [{"source": "/srv/a", "target": "/b", "mode": "rwxr-x---"}]"#,
            r#""volumes": [{"source": "/srv/a", "target": "/b", "mode": "0750"}]"#,
        ),
        (
            r#""healthcheck": {"test": ["CMD-SHELL", "a || b"], "interval": "3s"}"#,
            r#""healthcheck": {"exec": ["sh", "-c", "a || b"], "interval": "3s"}"#,
        ),
        (r#""healthcheck": {"http": "http://shop-db:80/"}"#, r#""healthcheck": {"http": "http://db:80/"}"#),
        (r#""cap_add": ["NET_ADMIN", "CHOWN"]"#, r#""cap_add": ["NET_ADMIN"]"#),
        (r#""dns": ["192.0.2.1", "192.0.2.1"]"#, r#""dns": ["192.0.2.1"]"#),
        (r#""command": ["a",]"#, r#""command": ["a"]"#),
        (r#""init": True"#, r#""init": true"#),
        (r#""user": 'web'"#, r#""user": "web""#),
        (r#""init": true "user": "a""#, r#""init": true, "user": "a""#),
        (r#""init": true, "init": false"#, r#""init": true"#),
        (r#""privileged": true, "init": true"#, r#""init": true"#),
        (r#""env_file": ".env""#, "no fix"),
        (r#""volumes": [{"source": "./a", "target": "/b"}]"#, "no fix"),
    ];
    assert_eq!(pairs.map(|(part, _)| fixed(part)), pairs.map(|(_, right)| right.to_owned()));
}
