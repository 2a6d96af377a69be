//! The documents that name tests name such as there are.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the documents and the sources are files, and a test may fail"
)]

use pretty_assertions::assert_eq;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Documents that name tests. `docs/reliability.md` names them as soon as it is there.
const DOCUMENTS: [&str; 4] = ["SECURITY.md", "docs/engines.md", "docs/reliability.md", "docs/regressions.md"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The name of every function of the sources and of the tests.
fn functions() -> BTreeSet<String> {
    let mut files = Vec::new();
    ["src", "tests"].iter().for_each(|folder| sources(&root().join(folder), &mut files));
    let name = |line: &str| {
        let rest = line.trim_start();
        let rest = ["pub ", "async "].iter().fold(rest, |rest, word| rest.strip_prefix(word).unwrap_or(rest));
        let name = rest.strip_prefix("fn ")?;
        Some(name.chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_').collect::<String>())
    };
    let names = |file: &PathBuf| fs::read_to_string(file).unwrap().lines().filter_map(name).collect::<Vec<_>>();
    files.iter().flat_map(names).collect()
}

/// What a document has between backticks that is a test's name: a sentence of at least four words.
fn named(text: &str) -> BTreeSet<String> {
    let words = text.split('`').skip(1).step_by(2);
    let names = words.map(|word| word.rsplit("::").next().unwrap_or(word));
    let is_test = |name: &&str| {
        let sentence = name.split('_').count() >= 4;
        let beginning = name.starts_with(|letter: char| letter.is_ascii_lowercase());
        sentence
            && beginning
            && name.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
    };
    names.filter(is_test).map(str::to_owned).collect()
}

#[test]
fn every_test_that_a_document_names_exists() {
    let functions = functions();
    let mut missing = Vec::new();
    for document in DOCUMENTS {
        let Ok(text) = fs::read_to_string(root().join(document)) else { continue };
        missing.extend(named(&text).into_iter().filter(|name| !functions.contains(name)).map(|name| (document, name)));
    }
    assert_eq!(missing, []);
    let security = named(&fs::read_to_string(root().join("SECURITY.md")).unwrap());
    assert!(security.len() > 40, "SECURITY.md names {} tests", security.len());
}

#[test]
fn every_file_that_the_regressions_name_exists_and_holds_a_test_of_that_number() {
    let Ok(text) = fs::read_to_string(root().join("docs/regressions.md")) else { return };
    let rows = text.lines().filter_map(|line| line.strip_prefix("| ")?.split_once(" |"));
    for (number, rest) in rows.filter(|(number, _)| number.parse::<u16>().is_ok()) {
        let files = rest.split('`').filter(|word| word.ends_with(".rs"));
        let mut holds = false;
        for file in files {
            let source = fs::read_to_string(root().join(file)).unwrap_or_default();
            assert!(!source.is_empty(), "{number}: there is no {file}");
            // A test of many cases at once is named by the beginning of its name.
            let begins = rest.split('`').filter_map(|word| word.strip_suffix('…'));
            let named = begins.map(|beginning| format!("fn {beginning}"));
            holds |= [format!("fn regression_{number}_")].into_iter().chain(named).any(|name| source.contains(&name));
        }
        assert!(holds, "{number}: no file that is named has a test `regression_{number}_…`");
    }
}
