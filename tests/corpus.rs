//! Every input that a fuzz target found worth keeping, held against the target's property; see `docs/fuzzing.md`.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the corpus is files, Bash is a program, and a test may fail"
)]

mod properties;

use pretty_assertions::assert_eq;
use std::collections::BTreeSet;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::{fs, thread};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz").join(name)
}

/// What lies in a folder, in order.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

/// The inputs that break the property, of all that are kept.
fn broken(target: &str, property: properties::Property) -> Vec<PathBuf> {
    let inputs = names(&folder("corpus").join(target));
    assert!(inputs.len() >= 10, "only {} inputs for {target}", inputs.len());
    let paths = inputs.into_iter().map(|name| folder("corpus").join(target).join(name));
    paths.filter(|path| catch_unwind(|| property(&fs::read(path).unwrap())).is_err()).collect()
}

#[test]
fn every_kept_input_holds_what_its_fuzz_target_holds() {
    let all = properties::ALL.map(|(target, property)| thread::spawn(move || broken(target, property)));
    let broken: Vec<PathBuf> = all.into_iter().flat_map(|target| target.join().unwrap()).collect();
    assert_eq!(broken, Vec::<PathBuf>::new());
}

#[test]
fn each_property_has_its_fuzz_target_and_its_corpus() {
    let properties: BTreeSet<String> = properties::ALL.iter().map(|(name, _)| (*name).to_owned()).collect();
    let targets = names(&folder("fuzz_targets")).iter().map(|name| name.trim_end_matches(".rs").to_owned()).collect();
    assert_eq!((properties.clone(), properties), (targets, names(&folder("corpus"))));
}
