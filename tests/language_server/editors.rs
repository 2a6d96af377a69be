//! What stands in `editors/`, used word for word.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// PATH with the program in front.
fn path() -> OsString {
    let folder = Path::new(env!("CARGO_BIN_EXE_landfall")).parent().unwrap().to_owned();
    let before = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths([folder].into_iter().chain(std::env::split_paths(&before))).unwrap()
}

/// The words of a program that must have worked.
fn output(command: &mut Command) -> String {
    let output =
        command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; run scripts/install-test-packages"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

const PLAN: &str = r#"{
  "version": 1,
  "name": "shop",
  "services": {
    "db": {
      "image": "docker.io/library/postgres:17.2@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "memory": "64MiB",
      "healthcheck": { "exec": ["pg_isready"] }
    },
    "web": {
      "image": "docker.io/library/nginx:1.27.3@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
      "memory": "64MiB",
      "healthcheck": { "http": "http://localhost:8080/" },
      "depends_on": ["db"],
      "ports": ["127.0.0.1:8080:80"]
    }
  }
}
"#;

#[test]
fn neovim_shows_what_is_wrong_and_cures_formats_explains_finds_and_renames() {
    let home = tempfile::tempdir().unwrap();
    let untidy = PLAN.replacen("\"memory\": \"64MiB\"", "\"memroy\":\"64MiB\"", 1);
    fs::write(home.path().join("plan.json"), &untidy).unwrap();
    let seen = home.path().join("seen.json");
    let source = |path: &str| format!("luafile {}", repository(path).display());
    output(
        Command::new("nvim")
            .args(["--headless", "--clean", "-n", "-c", &source("editors/neovim.lua")])
            .args(["-c", &source("tests/language_server/neovim.lua")])
            .current_dir(home.path())
            .env("PATH", path())
            .env("LANDFALL_SEEN", &seen)
            .env("HOME", home.path())
            .env("XDG_STATE_HOME", home.path())
            .env("XDG_CONFIG_HOME", home.path())
            .env("XDG_DATA_HOME", home.path())
            .env("XDG_CACHE_HOME", home.path()),
    );
    let mut seen: Value = serde_json::from_str(&fs::read_to_string(seen).unwrap()).unwrap();
    let hover = seen["hover"].take();
    let words = "How to tell that the service works.";
    assert!(hover.as_str().unwrap().contains(words), "{hover}");
    let expected = json!({
        "diagnostics": [{
            "line": 6,
            "column": 6,
            "severity": 1,
            "message": "unknown field `memroy`: did you mean `memory`?"
        }],
        "fixed": "      \"memory\":\"64MiB\",",
        "formatted": PLAN.lines().collect::<Vec<_>>(),
        "hover": null,
        "completion": ["db"],
        "definition": ["    \"db\": {", 6],
        "renamed": PLAN.replace("\"db\"", "\"database\"").lines().collect::<Vec<_>>(),
    });
    assert_eq!(seen, expected);
}

/// What the extension would start, told by stand-ins for VS Code and its library.
const VS_CODE: &str = r#"
const Module = require("module");
const load = Module._load;
const configuration = { get: (name) => ({ command: "landfall" })[name] };
const workspace = { getConfiguration: () => configuration, createFileSystemWatcher: (pattern) => pattern };
class LanguageClient {
  constructor(...given) { this.given = given; }
  start() { console.log(JSON.stringify(this.given)); }
  stop() { console.log("stopped"); }
}
const stands = { vscode: { workspace }, "vscode-languageclient/node": { LanguageClient } };
Module._load = (name, ...rest) => stands[name] ?? load(name, ...rest);
const extension = require(process.argv[1]);
extension.deactivate();
extension.activate();
extension.deactivate();
"#;

#[test]
fn the_vs_code_extension_starts_the_server_for_json() {
    let package: Value =
        serde_json::from_str(&fs::read_to_string(repository("editors/vscode/package.json")).unwrap()).unwrap();
    let main = repository("editors/vscode").join(package["main"].as_str().unwrap());
    let told = output(Command::new("node").args(["-e", VS_CODE]).arg(main));
    let (given, rest) = told.split_once('\n').unwrap();
    let given: Value = serde_json::from_str(given).unwrap();
    let command = &package["contributes"]["configuration"]["properties"]["landfall.command"]["default"];
    let options = json!({
        "documentSelector": [{ "language": "json" }, { "language": "jsonc" }],
        "synchronize": { "fileEvents": "**/*.json" }
    });
    assert_eq!(given, json!(["landfall", "Landfall", { "command": command, "args": ["lsp"] }, options]));
    assert_eq!(rest, "stopped\n");
    assert_eq!(package["activationEvents"], json!(["onLanguage:json", "onLanguage:jsonc"]));
}
