//! Files that are none, or that are made to hurt: one clear finding each, in bounded memory and time.
//!
//! The real program runs with bounds of its own: an address space and processor seconds that a runaway would exceed. What it says
//! is compared whole, and nothing is measured.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the files are made here, and a test may fail"
)]

mod bad_input {
    mod kinds_of_file;
    mod many_mistakes;
    mod secrets_stay_secret;
    mod texts;
}

use serde_json::Value;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

const PLAN: &str = r#"{"version": 1, "name": "shop", "services": {"web": {"image": "registry.example/web:1",
    "memory": "64MiB", "healthcheck": {"exec": ["true"]}}}}"#;

/// What the program answered.
#[derive(Debug, PartialEq, Eq)]
struct Answer {
    status: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs `landfall` with these arguments, `input` at its standard input, in 1 GiB of addresses and 100 seconds of processor time.
fn landfall(folder: &Path, arguments: &[&str], input: &[u8]) -> Answer {
    let mut command = Command::new("prlimit");
    command.args(["--as=1073741824", "--cpu=100", env!("CARGO_BIN_EXE_landfall")]).args(arguments).current_dir(folder);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_remove("RUST_BACKTRACE")
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // It may stop reading, and close the pipe.
    let writer = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Answer {
        status: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Code and message of each finding.
fn told(answer: &Answer) -> Vec<String> {
    let document: Value = serde_json::from_str(&answer.stdout).unwrap_or_else(|error| panic!("{error}: {answer:?}"));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let findings = document["findings"].as_array().unwrap().iter();
    findings.map(|finding| format!("{} {}", text(&finding["code"]), text(&finding["message"]))).collect()
}

/// What `check` says of a plan from standard input, and of a secrets file, with this content.
fn told_of(content: &[u8]) -> [Vec<String>; 2] {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file.json"), content).unwrap();
    std::fs::write(folder.path().join("right.json"), PLAN).unwrap();
    [&["-"][..], &["right.json", "--secrets", "file.json"]].map(|arguments| {
        let answer = landfall(folder.path(), &[&["check", "--format", "json"], arguments].concat(), content);
        assert_eq!((answer.stderr.as_str(), answer.status.is_some()), ("", true), "{arguments:?}");
        told(&answer)
    })
}
