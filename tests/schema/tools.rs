//! Programs from npm and PyPI that know JSON Schema.

use super::walk::schemas;
use serde_json::{Value, json};
use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// Where `scripts/install-test-tools` puts them.
pub fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("test-tools");
    assert!(folder.join("installed").exists(), "run scripts/install-test-tools");
    folder
}

/// A program of this folder that Node runs.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schema").join(name)
}

/// What a program that must work writes, given what it reads.
pub fn answer(command: &mut Command, input: &Value) -> Value {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let text = input.to_string();
    // A program that answers while it still reads would wait for us, and we for it.
    let writing = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    writing.join().unwrap().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What VS Code's JSON language service answers to each question.
pub fn editor(questions: &[Value]) -> Vec<Value> {
    let [plan, secrets] = schemas();
    let input = json!({
        "schemas": { "plan.v1.json": plan, "secrets.v1.json": secrets },
        "fallback": "plan.v1.json",
        "questions": questions
    });
    let answers = answer(Command::new("node").arg(script("editor.mjs")).arg(folder()), &input);
    answers.as_array().unwrap().clone()
}
