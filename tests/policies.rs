//! `check --policy` and `deploy --dry-run --policy`, offline: plans held against a policy that is not this machine's.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the program is run on files, and a test may fail"
)]

use pretty_assertions::assert_eq;
use serde_json::Value;
use std::fs;
use std::process::Command;

const PLAN: &str = r#"{
  "version": 1, "name": "shop", "services": { "web": {
    "image": { "archive": "images/web.tar" }, "cap_add": ["SYS_ADMIN"], "ports": ["8080:80"], "memory": "1GiB",
    "configs": [{ "file": "../../../../../../../../etc/hostname", "target": "/x" }], "healthcheck": { "tcp": "web:80" }
  } }
}"#;

/// The exit status, and code, severity and place of what is told about the plan's policy and by it.
fn told(arguments: &[&str], policy: &str) -> (Option<i32>, Vec<String>) {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).display().to_string()
    };
    let (plan, policy) = (file("plan.json", PLAN), file("site.policy.json", policy));
    let output = Command::new(env!("CARGO_BIN_EXE_landfall"))
        .arg(arguments[0])
        .args([&plan, "--policy", &policy, "--format", "json"])
        .args(&arguments[1..])
        .output()
        .unwrap();
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let one = |finding: &Value| {
        let [code, severity, pointer] = ["code", "severity", "pointer"].map(|member| text(&finding[member]));
        let of_the_policy = text(&finding["file"]) == policy || code.starts_with("LF15") || code.starts_with("LF16");
        of_the_policy.then(|| format!("{severity} {code} {pointer}"))
    };
    let findings = document["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
    (output.status.code(), findings.iter().filter_map(one).collect())
}

const STRICT: &str = r#"{
  "version": 1, "archive_folders": ["/srv/images"], "cap_add": [], "host_ports": ["127.0.0.1:8080"], "file_folders": []
}"#;

#[test]
fn what_a_server_with_this_policy_would_refuse_is_told_offline() {
    let expected = [
        "warning LF155 /services/web/image/archive",
        "error LF152 /services/web/cap_add/0",
        "error LF154 /services/web/ports/0",
        "error LF161 /services/web/configs/0/file",
    ];
    let expected = expected.map(str::to_owned).to_vec();
    assert_eq!(told(&["check"], STRICT), (Some(3), expected.clone()));
    assert_eq!(told(&["deploy", "--dry-run"], STRICT), (Some(3), expected));
    assert_eq!(told(&["check"], r#"{ "version": 1 }"#), (Some(0), Vec::new()));
}

#[test]
fn a_policy_with_a_mistake_is_told_where_it_stands_and_lets_nothing_pass() {
    for command in [&["check"][..], &["deploy", "--dry-run"]] {
        let misspelt = told(command, r#"{ "version": 1, "cap_ad": [], "registries": ["*"] }"#);
        let expected = ["error LF005 /cap_ad", "error LF032 /registries/0"].map(str::to_owned).to_vec();
        assert_eq!(misspelt, (Some(3), expected));
    }
}

#[test]
fn a_policy_given_by_hand_never_takes_the_place_of_the_servers_in_a_deployment() {
    let mut deploy = Command::new(env!("CARGO_BIN_EXE_landfall"));
    let output = deploy.args(["deploy", "plan.json", "--policy", "policy.json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}
