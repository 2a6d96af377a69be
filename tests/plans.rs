//! The rule book of the plan format: no example plan has an error, every rejected one is told exactly as expected.
//!
//! `tests/plans/rejected/NAME.json` is a plan with one mistake, named after it; `NAME.secrets.json` beside it is its secrets
//! file, where the mistake has to do with one; `NAME.txt` is the whole report. `tests/plans/warned` is the same for what is only
//! warned of. `LANDFALL_BLESS=1` writes the reports: read what it wrote before you commit it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    reason = "the plans and the expected reports are files, and a test may fail"
)]

#[path = "support/committed.rs"]
mod committed;

use committed::assert_committed;
use landfall::diagnostics::{
    Severity,
    report::{Style, human},
};
use pretty_assertions::assert_eq;
use serde_json::{Map, Value, json};
use std::{
    collections::BTreeSet,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Plain lines, so that expected reports can be read anywhere.
const STYLE: Style = Style { width: 100, drawn: false, colour: false };

/// What `landfall check` finds in these bytes, as it tells it.
fn told(plan: (&str, &[u8]), secrets: Option<(&str, &[u8])>) -> String {
    human(&landfall::check(plan, secrets).report(), &STYLE)
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The files of a folder whose names end with `ending`, in order.
fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let paths = entries.map(|entry| entry.unwrap().path());
    let ends = |path: &PathBuf| path.file_name().and_then(OsStr::to_str).is_some_and(|name| name.ends_with(ending));
    paths.filter(ends).collect::<BTreeSet<_>>().into_iter().collect()
}

fn plans(folder: &Path) -> Vec<PathBuf> {
    files(folder, ".json").into_iter().filter(|path| !path.to_string_lossy().ends_with(".secrets.json")).collect()
}

fn told_of_file(path: &Path) -> String {
    let secrets = path.with_extension("secrets.json");
    let text = secrets.exists().then(|| fs::read(&secrets).unwrap());
    told(("plan.json", &fs::read(path).unwrap()), text.as_deref().map(|text| ("secrets.json", text)))
}

/// Holds each plan of a folder against its expected report, and says how many there are.
fn compare(name: &str, severity: &str) -> usize {
    let plans = plans(&folder(name));
    for path in &plans {
        let (name, told) = (path.file_name().unwrap(), told_of_file(path));
        assert_committed(path.with_extension("txt"), &told);
        assert!(told.contains(&format!("{severity}[")), "{name:?} has no {severity}");
    }
    plans.len()
}

#[test]
fn every_rejected_plan_is_told_exactly_as_expected() {
    let plans = compare("tests/plans/rejected", "error");
    assert!(plans >= 80, "only {plans} rejected plans");
}

#[test]
fn every_doubtful_plan_is_told_exactly_as_expected_and_not_rejected() {
    let plans = compare("tests/plans/warned", "warning");
    assert!(plans >= 10, "only {plans} plans that are warned of");
    for report in files(&folder("tests/plans/warned"), ".txt") {
        assert!(!fs::read_to_string(&report).unwrap().contains("error["), "{report:?}");
    }
}

/// The exit status of the program.
fn status(arguments: &[&OsStr]) -> Option<i32> {
    Command::new(env!("CARGO_BIN_EXE_landfall")).args(arguments).output().unwrap().status.code()
}

#[test]
fn a_doubtful_plan_passes_unless_warnings_are_denied() {
    for path in plans(&folder("tests/plans/warned")) {
        let secrets = path.with_extension("secrets.json");
        let secrets = secrets.exists().then(|| [OsStr::new("--secrets").to_owned(), secrets.into_os_string()]);
        for command in [&["check"][..], &["deploy", "--dry-run"]] {
            let mut arguments: Vec<&OsStr> = command.iter().map(OsStr::new).collect();
            arguments.push(path.as_os_str());
            arguments.extend(secrets.iter().flatten().map(|argument| argument.as_os_str()));
            let lenient = status(&arguments);
            arguments.push(OsStr::new("--deny-warnings"));
            assert_eq!((lenient, status(&arguments)), (Some(0), Some(3)), "{arguments:?}");
        }
    }
}

#[test]
fn nothing_lies_beside_these_plans_that_is_not_used() {
    for name in ["tests/plans/rejected", "tests/plans/warned"] {
        of_one_folder(&folder(name));
    }
}

fn of_one_folder(rejected: &Path) {
    let name = |path: &PathBuf, ending: &str| path.to_string_lossy().trim_end_matches(ending).to_owned();
    let plans: BTreeSet<_> = plans(rejected).iter().map(|path| name(path, ".json")).collect();
    let reports: BTreeSet<_> = files(rejected, ".txt").iter().map(|path| name(path, ".txt")).collect();
    let secrets: BTreeSet<_> =
        files(rejected, ".secrets.json").iter().map(|path| name(path, ".secrets.json")).collect();
    assert_eq!(reports, plans);
    assert_eq!(secrets.difference(&plans).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// An author who takes one for a beginning is not to begin with warnings, but where the plan is about what they warn of.
#[test]
fn example_plans_are_warned_of_on_purpose_only() {
    let codes = |plan: &str| {
        let told = told_of_file(&folder("plans").join(plan));
        let codes = told.lines().filter_map(|line| line.strip_prefix("warning[")?.get(..5)).map(str::to_owned);
        codes.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
    };
    let told = ["disks.json", "shop.json", "minimal.json", "every-field.json"].map(codes);
    assert_eq!(told, ["", "LF068", "LF141 LF142", "LF068 LF141 LF142"]);
}

#[test]
fn no_example_plan_has_an_error() {
    let plans = plans(&folder("plans"));
    assert!(!plans.is_empty());
    for path in plans {
        let told = told_of_file(&path);
        assert!(!told.contains("error["), "{path:?}\n{told}");
    }
}

/// What the rules find wrong, by code and place. What is wrong with the form of values has smaller codes.
fn of_the_rules(plan: &Value) -> BTreeSet<(&'static str, String)> {
    let checked = landfall::check(("plan.json", plan.to_string().as_bytes()), None);
    let errors = checked.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let told = errors.map(|finding| (finding.code.text(), format!("{:?}", finding.place)));
    told.filter(|(code, _)| *code > "LF050").collect()
}

/// The plan with a wrong value instead of each field of each service, and of each field of the plan but for its services.
fn spoilt(plan: &Value) -> Vec<Value> {
    let members = |pointer: &str| plan.pointer(pointer).and_then(Value::as_object).into_iter().flat_map(Map::keys);
    let of_services =
        members("/services").flat_map(|name| members(&format!("/services/{name}")).map(move |field| (name, field)));
    let spoil = |pointer: String| {
        [json!({ "no": ["such", "thing"] }), json!([[["no"]]])].map(|wrong| {
            let mut plan = plan.clone();
            *plan.pointer_mut(&pointer).unwrap() = wrong;
            plan
        })
    };
    let of_the_plan = members("").filter(|field| *field != "services").map(|field| format!("/{field}"));
    of_services.map(|(name, field)| format!("/services/{name}/{field}")).chain(of_the_plan).flat_map(spoil).collect()
}

#[test]
fn a_wrong_value_brings_about_no_other_mistake() {
    let mut told_beside = 0;
    for path in plans(&folder("tests/plans/rejected")).iter().chain(&plans(&folder("plans"))) {
        let Ok(plan) = serde_json::from_slice::<Value>(&fs::read(path).unwrap()) else { continue };
        let whole = of_the_rules(&plan);
        for spoilt in spoilt(&plan) {
            let beside = of_the_rules(&spoilt);
            let new: Vec<_> = beside.difference(&whole).collect();
            assert!(new.is_empty(), "{path:?} has {new:?} only with a wrong value: {spoilt}");
            told_beside += beside.len();
        }
    }
    assert!(told_beside >= 100, "only {told_beside} mistakes are told beside a wrong value");
}
