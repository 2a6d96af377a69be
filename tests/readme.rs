//! Holds the README against the program: its plans are valid, and it leaves out no field, command, option or exit status.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the document and the schema are files, and a test may fail"
)]

use landfall::diagnostics::report::{Style, human};
use pretty_assertions::assert_eq;
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

fn file(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The README from this heading to the next one of its level or above.
fn section(heading: &str) -> String {
    let readme = file("README.md");
    let (_, below) = readme.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("there is no `{heading}`"));
    let level = heading.len() - heading.trim_start_matches('#').len();
    let ends = |line: &&str| {
        let marks = line.len() - line.trim_start_matches('#').len();
        (1..=level).contains(&marks) && line[marks..].starts_with(' ')
    };
    below.lines().take_while(|line| !ends(line)).collect::<Vec<_>>().join("\n")
}

fn help(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_landfall")).args(arguments).arg("--help").output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// The words that stand first on the lines below this title in a help text.
fn listed(help: &str, title: &str) -> Vec<String> {
    let below = help.split_once(title).map(|(_, below)| below).unwrap_or_default();
    let lines = below.lines().skip(1).take_while(|line| !line.is_empty());
    // What is indented further is the rest of the line before.
    let first = lines.filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).filter(|word| !word.is_empty());
    first.map(str::to_owned).collect()
}

#[test]
fn every_plan_and_policy_in_the_readme_is_valid() {
    let readme = file("README.md");
    let blocks = readme.split("```json\n").skip(1).map(|rest| rest.split_once("```").unwrap().0);
    let files = blocks.filter(|block| block.contains("\"version\""));
    let (plans, policies): (Vec<_>, Vec<_>) = files.partition(|block| block.contains("\"services\""));
    assert_eq!((2, 1), (plans.len(), policies.len()));
    for policy in policies {
        assert!(landfall::policy::read("README.md", policy.as_bytes()).is_ok(), "{policy}");
    }
    let style = Style { width: 100, drawn: false, colour: false };
    for plan in plans {
        let checked = landfall::check(("README.md", plan.as_bytes()), None);
        assert!(checked.report().is_valid(), "{}", human(&checked.report(), &style));
    }
}

#[test]
fn every_field_of_a_plan_is_described() {
    let schema: Value = serde_json::from_str(&file("schema/plan.v1.json")).unwrap();
    let mut fields = BTreeSet::new();
    collect_fields(&schema, &mut fields);
    let plan = section("## The plan");
    let named: BTreeSet<_> = plan.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$').collect();
    // Sources that are not available yet are described with that, and not with all of their fields.
    let not_yet = ["key"];
    let missing = fields.iter().filter(|field| !named.contains(field.as_str()) && !not_yet.contains(&field.as_str()));
    assert_eq!(Vec::<&String>::new(), missing.collect::<Vec<_>>());
}

/// The keys of all `properties` in a schema.
fn collect_fields(schema: &Value, fields: &mut BTreeSet<String>) {
    match schema {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            fields.extend(properties.into_iter().flatten().map(|(name, _)| name.clone()));
            object.values().for_each(|value| collect_fields(value, fields));
        }
        Value::Array(values) => values.iter().for_each(|value| collect_fields(value, fields)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_command_and_option_is_described() {
    let commands = section("## Commands");
    let mut missing = Vec::new();
    for command in listed(&help(&[]), "Commands:").into_iter().filter(|command| command != "help") {
        let text = help(&[&command]);
        let options = text.split_whitespace().filter(|word| word.starts_with("--"));
        // An option whose value need not be given is written `--timings[=<FILE>]`.
        let options = options.map(|word| word.split('[').next().unwrap_or(word));
        let options = options.map(|word| word.trim_end_matches(['.', ',', '`']).to_owned());
        let known = ["--help", "--verbose", "--version"];
        let options = options.filter(|option| !known.contains(&option.as_str())).collect::<BTreeSet<_>>();
        let described = commands.lines().filter(|line| line.contains(&command)).collect::<String>();
        let elsewhere = |option: &String| option == "--state-dir" && commands.contains("`--state-dir FOLDER`");
        missing.extend(
            options
                .into_iter()
                .filter(|option| !described.contains(option.as_str()) && !elsewhere(option))
                .map(|option| format!("{command} {option}")),
        );
        if !commands.contains(&format!("\nlandfall {command}")) {
            missing.push(command);
        }
    }
    assert_eq!(Vec::<String>::new(), missing);
}

#[test]
fn every_exit_status_is_described() {
    let source = file("src/exit.rs");
    let statuses = source.split("=> ").skip(1).filter_map(|rest| rest.split_once(',')?.0.parse::<u8>().ok());
    let statuses: BTreeSet<_> = statuses.collect();
    let table = section("### Exit status");
    let rows = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(' ').next()?.parse().ok());
    assert_eq!(statuses, rows.collect());
}
