//! `landfall import`: what it writes, prints and refuses, and how it ends.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "files and programs are what is tested, and a test may fail"
)]

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::{TempDir, tempdir};

/// What a program said, and how it ended.
#[derive(Debug, PartialEq, Eq)]
struct Ended {
    status: i32,
    out: String,
    err: String,
}

/// Runs it with this input, and with `PASSWORD` in its environment.
fn import(folder: &Path, arguments: &[&str], input: &str) -> Ended {
    let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
    command.current_dir(folder).arg("import").args(arguments).env("PASSWORD", "hunter2");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    // What is not read to its end closes the pipe.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Ended { status: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

const COMPOSE: &str = "services:
  web:
    build: ./app
    restart: always
    environment:
      API_TOKEN: ${PASSWORD}
    ports: ['127.0.0.1:80:80']
    privileged: true
";

/// A folder `shop` in a temporary one, with this Compose file.
fn shop(compose: &str) -> TempDir {
    let around = tempdir().unwrap();
    fs::create_dir(around.path().join("shop")).unwrap();
    fs::write(around.path().join("shop/compose.yaml"), compose).unwrap();
    around
}

#[test]
fn the_plan_and_the_secrets_are_written_and_the_rest_is_told() {
    let around = shop(COMPOSE);
    let arguments = ["shop/compose.yaml", "--output", "plans/shop.json", "--secrets-output", "secrets.json"];
    let said = "shop/compose.yaml:8:5: lost: services.web.privileged: no container of a plan has all rights of the VSN's root\n    \
        help: name the capabilities that it needs in `cap_add`, and device files in `devices`\n\
        wrote plans/shop.json and secrets.json; 1 lost, 0 changed, 0 needless\n";
    assert_eq!(import(around.path(), &arguments, ""), Ended { status: 0, out: String::new(), err: said.to_owned() });
    let plan: Value =
        serde_json::from_str(&fs::read_to_string(around.path().join("plans/shop.json")).unwrap()).unwrap();
    let web = json!({
        "image": { "build": "../shop/app", "file": "Dockerfile" },
        "environment": { "API_TOKEN": { "secret": "api_token" } },
        "ports": ["127.0.0.1:80:80"],
        "restart": "always",
    });
    assert_eq!(plan, json!({ "version": 1, "name": "shop", "services": { "web": web } }));
    let secrets = around.path().join("secrets.json");
    assert_eq!(fs::read_to_string(&secrets).unwrap(), "{\n  \"api_token\": \"hunter2\"\n}\n");
    assert_eq!(fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn without_files_to_write_the_plan_is_printed_and_nothing_else() {
    let around = shop(COMPOSE);
    let ended = import(around.path(), &["-", "--name", "other", "--data-root", "/data"], COMPOSE);
    assert_eq!(ended.status, 0);
    assert!(ended.out.starts_with("{\n  \"version\": 1,\n  \"name\": \"other\",\n"), "{ended:?}");
    assert!(ended.err.starts_with("<stdin>:8:5: lost: "), "{ended:?}");
    assert!(
        ended.err.ends_with("the values of the secrets were not written: `--secrets-output FILE` does that\n"),
        "{ended:?}"
    );
    assert!(!ended.out.contains("hunter2") && !ended.err.contains("hunter2"), "{ended:?}");
}

#[test]
fn as_data_there_is_one_document() {
    let around = shop(&format!("{COMPOSE}    secrets: [key]\nsecrets:\n  key: {{ environment: UNSET_AS_YET }}\n"));
    let ended = import(around.path(), &["shop/compose.yaml", "--format", "json"], "");
    let mut said: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!((ended.status, ended.err.as_str()), (0, ""));
    assert_eq!(said["document"].take()["name"], "shop");
    assert_eq!(said["notes"].as_array_mut().unwrap().pop().unwrap()["fate"], "changed");
    let note = json!({
        "fate": "lost", "field": "services.web.privileged", "file": "shop/compose.yaml", "line": 8, "column": 5,
        "message": "no container of a plan has all rights of the VSN's root",
        "help": "name the capabilities that it needs in `cap_add`, and device files in `devices`",
    });
    let expected =
        json!({ "plan": null, "secrets": null, "secrets_without_value": ["key"], "document": null, "notes": [note] });
    assert_eq!(said, expected);
}

#[test]
fn with_strict_what_is_lost_is_refused_and_nothing_is_written() {
    let around = shop(COMPOSE);
    let ended = import(around.path(), &["shop/compose.yaml", "--strict", "--output", "plan.json"], "");
    assert_eq!(ended.status, 3);
    assert!(ended.err.ends_with("refused: not everything can be carried over, and nothing was written\n"), "{ended:?}");
    assert!(!around.path().join("plan.json").exists());
    let harmless = COMPOSE.replace("    privileged: true\n", "    tty: true\n");
    let ended = import(around.path(), &["-", "--name", "shop", "--strict", "--output", "plan.json"], &harmless);
    assert_eq!(ended.status, 0, "{ended:?}");
}

#[test]
fn what_is_there_is_never_replaced() {
    let around = shop(COMPOSE);
    fs::write(around.path().join("secrets.json"), "mine").unwrap();
    let arguments = ["shop/compose.yaml", "--output", "plan.json", "--secrets-output", "secrets.json"];
    let said = "`secrets.json` exists already, and is never replaced: remove it, or choose another name\nrefused: nothing was written\n";
    assert_eq!(import(around.path(), &arguments, ""), Ended { status: 3, out: String::new(), err: said.to_owned() });
    assert_eq!(fs::read_to_string(around.path().join("secrets.json")).unwrap(), "mine");
    assert!(!around.path().join("plan.json").exists());
}

/// Nine levels of ten aliases each: a thousand million values.
fn alias_bomb() -> String {
    let level = |level: usize| {
        let aliases = vec![format!("*a{}", level - 1); 10].join(", ");
        format!("x-{level}: &a{level} [{aliases}]\n")
    };
    let levels: String = (1..10).map(level).collect();
    format!("x-0: &a0 x\n{levels}services: {{ web: {{ image: x }} }}\n")
}

/// Few values, each of them long: half a gigabyte.
fn long_aliases() -> String {
    let (text, aliases) = ("x".repeat(500_000), "*a, ".repeat(1_000));
    format!("x-0: &a {text}\nservices: {{ web: {{ image: x, command: [{aliases}] }} }}\n")
}

#[test]
fn what_is_no_compose_file_is_refused_with_its_place() {
    let around = tempdir().unwrap();
    let deep = format!("services: {}{}", "[".repeat(100), "]".repeat(100));
    let long = format!("services: {{}}\n# {}", "x".repeat(1 << 20));
    let chain: String =
        (1..400).map(|n| format!("  s{n}: {{ extends: s{}, dns: [{}] }}\n", n - 1, "1.1.1.1, ".repeat(40))).collect();
    let cases = [
        ("", "<stdin>:1:1: the file is empty"),
        ("a: b\n", "<stdin>:1:1: the file has no `services`"),
        ("services: [a]\n", "<stdin>:1:1: the file has no `services`"),
        ("services:\n  web: {image: x\n", "<stdin>:3:1: the file is not YAML: "),
        ("services: {}\n---\nservices: {}\n", "<stdin>:2:1: the file has a second document"),
        ("services:\n  web: {}\n  web: {}\n", "<stdin>:3:3: `web` stands here twice"),
        ("services:\n  a: { ports: !reset [] }\n", "<stdin>:2:15: the tag `!reset` needs another file"),
        ("services:\n  ? [a]\n  : b\n", "<stdin>:2:5: the name of a field is not a text"),
        ("services:\n  a: {<<: text}\n", "<stdin>:2:11: `<<` needs an object"),
        ("services:\n  a: { extends: b }\n  b: { extends: a }\n", "<stdin>:2:3: `a` extends itself by way of `a`, `b`"),
        (&alias_bomb(), "<stdin>:6:"),
        (&long_aliases(), "<stdin>:2:"),
        (&deep, "<stdin>:1:"),
        (&long, "<stdin>:1:1: the file has more than 1048576 bytes"),
        (&format!("services:\n  s0: {{ image: x }}\n{chain}"), "<stdin>:"),
    ];
    for (text, expected) in cases {
        let ended = import(around.path(), &["-", "--name", "shop"], text);
        assert_eq!((ended.status, ended.out.as_str()), (3, ""), "{expected}: {}", ended.err);
        assert!(ended.err.starts_with(expected), "{expected}: {}", ended.err);
        assert!(ended.err.ends_with("refused: nothing was written\n"), "{}", ended.err);
    }
}

#[test]
fn a_file_that_cannot_be_read_is_refused() {
    let around = tempdir().unwrap();
    fs::write(around.path().join("latin"), b"services: {} # \xe9\n").unwrap();
    let cases = [
        ("missing", "`missing` does not exist\n"),
        (".", "`.` is a folder, not a regular file\n"),
        ("latin", "`latin` is not UTF-8\n"),
    ];
    for (file, expected) in cases {
        let ended = import(around.path(), &[file], "");
        let said = format!("{expected}refused: nothing was written\n");
        assert_eq!(ended, Ended { status: 3, out: String::new(), err: said });
    }
}

#[test]
fn variables_cannot_make_a_file_too_large() {
    let around = tempdir().unwrap();
    fs::write(around.path().join(".env"), format!("LONG={}\n", "x".repeat(1 << 20))).unwrap();
    let compose = format!("services: {{ web: {{ image: x, command: [{}] }} }}\n", "$LONG, ".repeat(100));
    let ended = import(around.path(), &["-", "--name", "shop"], &compose);
    assert_eq!(ended.status, 3);
    assert!(ended.err.starts_with("<stdin>:1:"), "{}", ended.err);
    assert!(ended.err.contains("with its variables, the file has more than 8388608 bytes"), "{}", ended.err);
}

#[test]
fn many_mistakes_and_long_names_are_told_in_bounded_time() {
    let around = tempdir().unwrap();
    let ports = "'1:1', ".repeat(60);
    let name = "x".repeat(20_000);
    let fields: String = (0..500).map(|number| format!("a{number}: b, ")).collect();
    let compose = format!("services: {{ web: {{ image: x, ports: [{ports}], {name}: {{ {fields} }} }} }}\n");
    let ended = import(around.path(), &["-", "--name", "shop"], &compose);
    assert_eq!(ended.status, 0, "{}", ended.err.get(..1000).unwrap_or(&ended.err));
    assert_eq!(ended.err.matches("port 1/tcp is published twice").count(), 59);
    let plan: Value = serde_json::from_str(&ended.out).unwrap();
    assert_eq!(plan["services"]["web"]["ports"], json!(["1:1"]));
}

#[test]
fn an_env_file_that_is_not_utf_8_is_told_and_not_altered() {
    let around = shop("services: { web: { image: x, restart: always, env_file: web.env } }\n");
    fs::write(around.path().join("shop/web.env"), b"CITY=K\xf6ln\n").unwrap();
    let ended = import(&around.path().join("shop"), &["compose.yaml"], "");
    assert!(!ended.out.contains("CITY"), "{}", ended.out);
    let told = "lost: services.web.env_file: `web.env` is not UTF-8, so its variables are missing";
    assert!(ended.err.contains(told), "{}", ended.err);
}

#[test]
fn what_is_two_directories_for_compose_is_never_one_in_the_plan() {
    let around = shop(
        "services: { web: { image: x, restart: always, volumes: [data:/a, ./data:/b, ../data:/c, /x/log, /y/log, \
         ./data:/d] } }\nvolumes: { data: }\n",
    );
    let ended = import(&around.path().join("shop"), &["compose.yaml"], "");
    let plan: Value = serde_json::from_str(&ended.out).unwrap();
    let volumes = plan["services"]["web"]["volumes"].as_array().unwrap();
    let sources: Vec<_> = volumes.iter().map(|volume| volume["source"].as_str().unwrap()).collect();
    let expected = ["data", "data-2", "data-3", "web/log", "web/log-2", "data-2"];
    assert_eq!(sources, expected.map(|name| format!("/srv/shop/{name}")));
}
