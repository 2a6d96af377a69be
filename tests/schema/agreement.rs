//! The schema and the model agree: what one takes, the other takes, for random plans and secrets and for near misses.
//!
//! The values are the same each time; `LANDFALL_THOROUGH=1` tries a hundred times as many others, and `LANDFALL_SEED` repeats one of
//! those that failed.

use super::random::Chance;
use super::validators::beyond_a_schema;
use super::walk::{all_schemas, schemas};
use landfall::diagnostics::{Code, Finding};
use landfall::plan::{model::Plan, reading};
use landfall::policy;
use pretty_assertions::assert_eq;
use serde_json::Value;
use std::hash::{BuildHasher, RandomState};

const CASES: u64 = 60;

/// Calls `judge` with random values of a schema, each as it is and with changes, and with the seed that it was made from.
fn each_random_value(schema: &Value, mut judge: impl FnMut(&Value, u64)) {
    let seed = std::env::var("LANDFALL_SEED").ok().map(|seed| seed.parse().unwrap());
    let (first, cases) = match (seed, std::env::var_os("LANDFALL_THOROUGH")) {
        (Some(seed), _) => (seed, 1),
        (None, Some(_)) => (RandomState::new().hash_one("seed") >> 16, CASES * 100),
        (None, None) => (1, CASES),
    };
    let mut chance = Chance::of_schema(schema);
    for seed in first..first + cases {
        chance.begin(seed);
        let mut value = chance.value();
        judge(&value, seed);
        for _ in 0..4 {
            value = chance.changed(value);
            judge(&value, seed);
        }
    }
}

/// What speaks against a file, without what no schema can say.
fn of_the_schema(value: &Value, findings: Vec<Finding>) -> Vec<String> {
    let told = findings.into_iter().filter(|finding| !beyond_a_schema(value, finding));
    told.map(|finding| format!("{} {}", finding.code, finding.message)).collect()
}

#[test]
fn the_schema_takes_a_plan_just_when_the_model_does() {
    let [schema, _] = schemas();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (mut taken, mut refused) = (0, 0);
    each_random_value(&schema, |value, seed| {
        let read = reading::plan("plan.json", value.to_string().as_bytes());
        // What is too large is not read at all, and no schema can say so.
        if read.findings.iter().any(|finding| finding.code == Code::TooLarge) {
            return;
        }
        let understood = read.findings.iter().all(|finding| finding.code != Code::NotUnderstood);
        assert!(understood, "LANDFALL_SEED={seed}: the schema takes what the model can't read: {value}");
        let (found, read_whole) = (of_the_schema(value, read.findings.clone()), read.findings.is_empty());
        let valid = validator.is_valid(value);
        assert_eq!(valid, found.is_empty(), "LANDFALL_SEED={seed}: {found:?} {value}");
        if read_whole {
            // Where the schema lies is for editors alone, and not written.
            let plan = read.content.map(|plan| Plan { schema: None, ..plan });
            let plan = plan.unwrap_or_else(|| panic!("LANDFALL_SEED={seed}: no plan of {value}"));
            let written = serde_json::to_value(&plan).unwrap();
            assert!(
                validator.is_valid(&written),
                "LANDFALL_SEED={seed}: the schema refuses what the model writes: {written}"
            );
            assert_eq!(serde_json::from_value::<Plan>(written).unwrap(), plan, "LANDFALL_SEED={seed}");
        }
        *(if valid { &mut taken } else { &mut refused }) += 1;
    });
    // With one seed there is no telling what it makes.
    let few = std::env::var_os("LANDFALL_SEED").is_some();
    assert!(few || taken > CASES && refused > CASES, "{taken} taken, {refused} refused");
}

#[test]
fn the_schema_takes_a_secrets_file_just_when_landfall_does() {
    let [_, schema] = schemas();
    let validator = jsonschema::validator_for(&schema).unwrap();
    each_random_value(&schema, |value, seed| {
        let read = reading::secrets("secrets.json", value.to_string().as_bytes());
        if read.findings.iter().any(|finding| finding.code == Code::TooLarge) {
            return;
        }
        let found: Vec<_> = read.findings.iter().map(|finding| &finding.message).collect();
        assert_eq!(validator.is_valid(value), found.is_empty(), "LANDFALL_SEED={seed}: {found:?} {value}");
    });
}

#[test]
fn the_schema_takes_a_policy_just_when_landfall_does() {
    let [_, _, schema] = all_schemas();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let (mut taken, mut refused) = (0, 0);
    each_random_value(&schema, |value, seed| {
        let found = match policy::read("policy.json", value.to_string().as_bytes()) {
            Ok(_) => Vec::new(),
            // What has no effect is beyond a schema.
            Err(wrong) => wrong.1.into_iter().filter(|finding| finding.code != Code::NoEffect).collect(),
        };
        if found.iter().any(|finding| finding.code == Code::TooLarge) {
            return;
        }
        let found = of_the_schema(value, found);
        let valid = validator.is_valid(value);
        assert_eq!(valid, found.is_empty(), "LANDFALL_SEED={seed}: {found:?} {value}");
        *(if valid { &mut taken } else { &mut refused }) += 1;
    });
    let few = std::env::var_os("LANDFALL_SEED").is_some();
    assert!(few || taken > CASES / 2 && refused > CASES, "{taken} taken, {refused} refused");
}
