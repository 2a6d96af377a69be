//! The scripts of every example plan: exactly as committed in `tests/scripts/`, sound Bash, and faithful to every text.
//!
//! `LANDFALL_BLESS=1` writes what is generated: read it before you commit it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the plans and the expected scripts are files, Bash and shellcheck are programs, and a test may fail"
)]

use landfall::operation::{Layout, Script};
use landfall::plan::values::EngineKind;
use landfall::plan::{model::Plan, reading};
use landfall::script;
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// Every example plan.
fn plans() -> Vec<Plan> {
    let paths = fs::read_dir(folder("plans")).unwrap().map(|entry| entry.unwrap().path().to_str().unwrap().to_owned());
    let plans: Vec<Plan> = paths
        .filter(|path| path.ends_with(".json") && !path.ends_with(".secrets.json"))
        .map(|path| reading::plan(&path, &fs::read(&path).unwrap()).content.unwrap())
        .collect();
    assert!(plans.len() >= 4, "only {} example plans", plans.len());
    plans
}

fn layout(plan: &Plan) -> Layout {
    Layout::new(Layout::STATE.as_ref(), &plan.name)
}

/// Everything that is generated for a plan on Podman.
fn generated(plan: &Plan) -> Vec<Script> {
    generated_for(plan, EngineKind::Podman)
}

/// Everything that is generated for a plan.
fn generated_for(plan: &Plan, engine: EngineKind) -> Vec<Script> {
    let layout = layout(plan);
    let mut scripts = script::scripts(plan, &layout, engine).unwrap();
    scripts.push(script::recover(&layout, engine, "/usr/local/bin/landfall".as_ref()).unwrap());
    let mut lines = script::crontab(plan, &layout).unwrap();
    lines.extend(["# while a run is under way:".to_owned(), script::boot_line(&layout).unwrap()]);
    scripts.push(Script { name: "crontab".to_owned(), text: lines.join("\n") + "\n" });
    scripts
}

/// What a checker says of these scripts; nothing, if it is content.
fn said_by(checker: &[&str], scripts: &[Script]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let files = scripts.iter().filter(|script| script.name != "crontab").map(|script| {
        let file = folder.path().join(&script.name);
        fs::write(&file, &script.text).unwrap();
        file
    });
    let files: Vec<PathBuf> = files.collect();
    let output = Command::new(checker[0]).args(&checker[1..]).args(files).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    said
}

#[test]
fn the_scripts_of_the_example_plans_are_exactly_as_committed() {
    for plan in plans() {
        let folder = folder("tests/scripts").join(plan.name.to_string());
        let scripts = generated(&plan);
        if std::env::var_os("LANDFALL_BLESS").is_some() {
            drop(fs::remove_dir_all(&folder));
            fs::create_dir_all(&folder).unwrap();
            scripts.iter().for_each(|script| fs::write(folder.join(&script.name), &script.text).unwrap());
        }
        let committed: BTreeMap<String, String> = fs::read_dir(&folder)
            .unwrap_or_else(|_| panic!("no scripts of {} are committed", plan.name))
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read_to_string(&path).unwrap()))
            .collect();
        let names: BTreeSet<&String> = scripts.iter().map(|script| &script.name).collect();
        assert_eq!(committed.keys().collect::<BTreeSet<_>>(), names, "{}", plan.name);
        for script in &scripts {
            assert_eq!(script.text, committed[&script.name], "{} of {}", script.name, plan.name);
        }
    }
}

#[test]
fn bash_finds_no_mistake_in_any_script() {
    for plan in plans() {
        for script in generated(&plan) {
            assert_eq!(said_by(&["bash", "-n"], &[script]), "");
        }
    }
}

#[test]
fn shellcheck_finds_nothing_in_any_script() {
    for plan in plans() {
        for engine in [EngineKind::Podman, EngineKind::Docker] {
            let scripts = generated_for(&plan, engine);
            assert_eq!(said_by(&["shellcheck", "--norc"], &scripts), "", "{} on {engine}", plan.name);
        }
    }
}

#[test]
fn no_script_holds_anything_that_differs_from_run_to_run_or_a_secret_s_name() {
    for plan in plans() {
        assert_eq!(generated(&plan), generated(&plan));
        let names = ["token", "smtp_password", "db_password", "images_key", "certificate"];
        let told = generated(&plan).into_iter().filter(|script| names.iter().any(|name| script.text.contains(name)));
        assert_eq!(told.map(|script| script.name).collect::<Vec<_>>(), Vec::<String>::new());
    }
}

#[test]
fn a_state_folder_that_cron_would_misread_is_refused() {
    let plan = plans().remove(0);
    for folder in ["/var/lib/land fall", "/var/lib/100%", "relative"] {
        let layout = Layout::new(folder.as_ref(), &plan.name);
        let told = script::crontab(&plan, &layout).unwrap_err().to_string();
        let path = layout.recover();
        let expected = format!(
            "the path {} can't stand in a crontab: use a state folder whose path has letters, digits and `/._+-` only",
            path.display()
        );
        assert_eq!(told, expected);
    }
}

/// What Bash makes of a script that prints these words, each followed by NUL.
fn read_by_bash(words: &[String]) -> Vec<u8> {
    let quoted: Vec<String> = words.iter().map(|word| script::quoted(word)).collect();
    let text = format!("printf '%s\\0' {}\n", quoted.join(" "));
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(&file, text).unwrap();
    let output = Command::new("bash").arg(file.path()).env("LC_ALL", "C").stdin(Stdio::null()).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    output.stdout
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_text_that_is_quoted_reads_back_as_the_same_bytes(
        words in prop::collection::vec("([^\\x00]|[\\x01-\\x7f]|['\"\\\\$`! ~*#\n\r-])*", 1..40)
    ) {
        let expected: Vec<u8> = words.iter().flat_map(|word| word.bytes().chain([0])).collect();
        assert_eq!(read_by_bash(&words), expected);
    }
}
