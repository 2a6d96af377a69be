//! Whatever the texts of a plan, its scripts are the same to Bash but for these words.
//!
//! Bash prints a function back as it has understood it, so a script with a text in it and one with a plain word in its
//! place must print back as the same but for the word.

use super::bash;
use landfall::operation::Layout;
use landfall::plan::model::Plan;
use landfall::plan::values::EngineKind;
use landfall::script::{quoted, scripts};
use serde_json::{Value, json};
use std::sync::LazyLock;

/// Words that need no quotes.
const PLAIN: [&str; 4] = ["wordone", "wordtwo", "wordthree", "wordfour"];

static UNDERSTOOD: LazyLock<Vec<(String, String)>> =
    LazyLock::new(|| understood(&plan(PLAIN.map(str::to_owned)).unwrap()));

/// The plan with all free texts that get into scripts; `None` if it has an error.
fn plan([job, option, header, check]: [String; 4]) -> Option<Plan> {
    let plan: Value = json!({
        "version": 1, "name": "shop",
        "services": {
            "web": {
                "image": "docker.io/library/a:1", "ports": ["80:80"],
                "healthcheck": { "http": { "url": "http://localhost/", "headers": { "X": header } } }
            },
            "db": { "image": "docker.io/library/a:1", "healthcheck": { "exec": ["true", check] } }
        },
        "maintenance": {
            "cleanup": { "schedule": "@daily" },
            "healthcheck": { "schedule": "@hourly" },
            "jobs": { "dump": { "schedule": "@daily", "service": "db", "exec": ["sh", job, option] } },
            "mail": { "to": ["a@b.example"], "from": "a@b.example" }
        }
    });
    let checked = landfall::check(("plan.json", plan.to_string().as_bytes()), None);
    checked.report().is_valid().then_some(checked.plan).flatten()
}

/// Each script by its name, as Bash prints it back.
fn understood(plan: &Plan) -> Vec<(String, String)> {
    let layout = Layout::new(Layout::STATE.as_ref(), &plan.name);
    let scripts = scripts(plan, &layout, EngineKind::Podman).unwrap();
    let printed = |text: &str| {
        let said = bash::says(&format!("script() {{\n{text}\n}}\ndeclare -f script\nunset -f script\n"));
        String::from_utf8(said).unwrap()
    };
    scripts.into_iter().map(|script| (script.name, printed(&script.text))).collect()
}

pub fn holds(bytes: &[u8]) {
    let mut parts = bytes.split(|byte| *byte == 0).map(|text| String::from_utf8_lossy(text).into_owned());
    let texts: [String; 4] = std::array::from_fn(|_| parts.next().unwrap_or_default());
    let Some(plan) = plan(texts.clone()) else { return };
    let [plain_job, plain_option, plain_header, plain_check] = PLAIN;
    let [job, option, header, check] = &texts;
    // A header is one word with its name; an empty one is written with a semicolon.
    let of_header = if header.is_empty() { "X;".to_owned() } else { format!("X: {header}") };
    let words = [
        (plain_job.to_owned(), quoted(job)),
        (plain_option.to_owned(), quoted(option)),
        (quoted(&format!("X: {plain_header}")), quoted(&of_header)),
        (plain_check.to_owned(), quoted(check)),
    ];
    for ((name, plain), (_, ours)) in UNDERSTOOD.iter().zip(understood(&plan)) {
        assert_eq!(with(plain, &words), ours, "{name} with {texts:?}");
    }
}

/// The text with each of these words replaced, in one pass.
fn with(plain: &str, words: &[(String, String)]) -> String {
    let first = words.iter().filter_map(|(from, to)| Some((plain.find(from.as_str())?, from, to))).min();
    match first {
        Some((at, from, to)) => format!("{}{to}{}", &plain[..at], with(&plain[at + from.len()..], words)),
        None => plain.to_owned(),
    }
}
