//! The lines of a dry run are what a shell takes for the engine's commands: of every example plan, Bash gives back the very list.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "plans are files, Bash is a program, and a test may fail"
)]

use pretty_assertions::assert_eq;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What stands in for the engines and the other programs of the lines: an engine tells its arguments.
const STAND_INS: &str = "podman() { cat > /dev/null; printf '%s\\0' podman \"$@\"; }
docker() { cat > /dev/null; printf '%s\\0' docker \"$@\"; }
install() { cat > /dev/null; }
base64() { cat; }
";

/// Every example plan.
fn plans() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_a_plan = |name: &str| name.ends_with(".json") && !name.ends_with(".secrets.json");
    paths.filter(|path| is_a_plan(path.to_str().unwrap())).collect()
}

/// The variables of a line, each with what the list has in its place.
fn variables(line: &str) -> Vec<(String, String)> {
    let names = line.split("${").skip(1).filter_map(|rest| rest.split_once(":?}")).map(|(name, _)| name.to_owned());
    let stands_for = |name: &str| match name.strip_prefix("image_of_") {
        // Names of services have dashes where those of variables have underscores.
        Some(service) => format!("<image of {}>", service.replace('_', "-")),
        // A file that is read.
        None if name.starts_with("archive_of_") => "/dev/null".to_owned(),
        None => format!("<{name}>"),
    };
    names.map(|name| (name.clone(), stands_for(&name))).collect()
}

/// What the engine is told by an operation's lines, as Bash makes it of them.
fn given(lines: &[&str], folder: &Path) -> Vec<String> {
    let script = format!("set -euo pipefail\n{STAND_INS}{}\n", lines.join("\n"));
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(&script).current_dir(folder).stdin(Stdio::null());
    bash.envs(lines.iter().flat_map(|line| variables(line)));
    let output = bash.output().unwrap();
    assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// A plan whose archive is found in a folder, which is not at hand here.
const IN_A_FOLDER: &str = r#"{ "version": 1, "name": "kiosk", "services": {
    "clock-2": { "image": { "archive": "/mnt/stick/", "reference": "registry.example/kiosk/clock:2" } }
} }"#;

#[test]
fn bash_makes_podmans_command_of_each_line() {
    let [commands, others] = commands_that_bash_makes("podman");
    assert!(commands > 30 && others == 0, "{commands} {others}");
}

/// Its secrets are files that Landfall keeps: of an operation on one there are lines, and no command.
#[test]
fn bash_makes_dockers_command_of_each_line() {
    let [commands, others] = commands_that_bash_makes("docker");
    assert!(commands > 30 && others > 3, "{commands} {others}");
}

/// Holds the lines of every example plan on this engine against its commands; of how many operations there were some, and of how many
/// there was no command.
fn commands_that_bash_makes(engine: &str) -> [usize; 2] {
    let mut count = [0, 0];
    let here = tempfile::tempdir().unwrap();
    let in_a_folder = here.path().join("kiosk.json");
    fs::write(&in_a_folder, IN_A_FOLDER).unwrap();
    for path in plans().into_iter().chain([in_a_folder]) {
        let mut plan: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
        plan["engine"] = engine.into();
        let folder = tempfile::tempdir().unwrap();
        for service in plan["services"].as_object().unwrap().values() {
            if let Some(archive) = service["image"]["archive"].as_str().filter(|archive| !archive.ends_with('/')) {
                let archive = folder.path().join(archive);
                fs::create_dir_all(archive.parent().unwrap()).unwrap();
                fs::write(archive, "").unwrap();
            }
        }
        let mut landfall = Command::new(env!("CARGO_BIN_EXE_landfall"));
        let written = folder.path().join("plan.json");
        fs::write(&written, plan.to_string()).unwrap();
        let output = landfall.args(["deploy", "--dry-run", "--format", "json"]).arg(&written).output().unwrap();
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        // What Docker can't do, it is not asked for.
        if document["outcome"] == "refused" && engine == "docker" {
            let codes =
                document["findings"].as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
            assert!(codes.into_iter().all(|finding| finding["code"] == "LF129"), "{}: {document}", path.display());
            continue;
        }
        let steps = document["steps"].as_array().unwrap().iter();
        for operation in steps.flat_map(|step| step["operations"].as_array().unwrap()) {
            let texts = |list: &Value| -> Vec<String> {
                list.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
            };
            let lines = texts(&operation["shell"]);
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            let (command, at) =
                if operation["command"].is_null() { (Vec::new(), 1) } else { (texts(&operation["command"]), 0) };
            if !lines.is_empty() || at == 0 {
                assert_eq!(given(&lines, folder.path()), command, "{}: {lines:?}", path.display());
                count[at] += 1;
            }
        }
    }
    count
}
