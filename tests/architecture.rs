//! Holds the sources against ARCHITECTURE.md: who uses whom, who touches the system, how long files are, how they begin; and the lock
//! files against one another.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the sources and the document are files, and a test may fail"
)]

#[path = "support/rust.rs"]
mod rust;

use pretty_assertions::assert_eq;
use rust::Source;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// What touches the system, by the beginning of its path.
const SYSTEM: [&str; 7] = ["std::fs", "std::process", "duct", "nix", "rustix", "which", "tempfile"];

/// The crate's root, which joins everything, and `cli`, which may use all of it.
const FREE: [&str; 3] = ["cli", "lib", "main"];

/// Types and numbers of these that touch nothing.
const HARMLESS: [&str; 2] = ["std::process::ExitCode", "std::process::id"];

/// Folders whose functions turn values into values: what reads a clock, the environment or a path has no place there.
const PURE: [&str; 15] = [
    "authoring",
    "compose",
    "diagnostics",
    "difference",
    "facts",
    "few",
    "operation",
    "packed",
    "plan",
    "policy",
    "redaction",
    "rules",
    "schemas",
    "script",
    "steps",
];

const IMPURE: [&str; 13] = [
    "now()",
    ".exists()",
    ".is_dir()",
    ".is_file()",
    ".is_symlink()",
    ".metadata()",
    ".symlink_metadata()",
    ".canonicalize()",
    ".read_dir()",
    ".read_link()",
    "env::var",
    "TcpStream",
    "thread::",
];

/// Lines in a file, unless ARCHITECTURE.md lists it.
const LONGEST: usize = 320;

/// A file of the repository.
fn text(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn document() -> String {
    text("ARCHITECTURE.md")
}

/// The cells of the table below this heading, without its first two rows.
fn table(heading: &str) -> Vec<Vec<String>> {
    let document = document();
    let (_, below) =
        document.split_once(&format!("\n{heading}\n")).unwrap_or_else(|| panic!("there is no `{heading}`"));
    let rows = below.lines().skip_while(|line| !line.starts_with('|')).take_while(|line| line.starts_with('|'));
    let cells = |row: &str| row.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect();
    rows.skip(2).map(cells).collect()
}

/// What stands between backticks in a cell.
fn named(cell: &str) -> BTreeSet<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn name(cell: &str) -> String {
    named(cell).into_iter().next().unwrap_or_else(|| panic!("`{cell}` names nothing"))
}

/// Whether a path is this one or something inside it.
fn is_in(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

/// The folders with what each may use, from the bottom up; the one that may use everything, and the crate's root, are not among them.
fn allowed() -> Vec<(String, BTreeSet<String>)> {
    let rows = table("### Who may use whom");
    let bound = rows.iter().filter(|row| row[2] != "everything");
    bound.map(|row| (name(&row[0]), named(&row[2]))).collect()
}

/// The files that the table speaks of.
fn bound_sources() -> impl Iterator<Item = Source> {
    rust::sources().into_iter().filter(|source| !source.is_test && !FREE.contains(&source.folder.as_str()))
}

#[test]
fn every_folder_uses_what_the_table_says_and_nothing_else() {
    let (mut wrong, mut used) = (BTreeSet::new(), BTreeSet::new());
    let allowed: BTreeMap<_, _> = allowed().into_iter().collect();
    for source in bound_sources() {
        let Source { path, folder, .. } = &source;
        let Some(allowed) = allowed.get(folder) else {
            wrong.insert(format!("`{folder}` ({path}) is missing in the table"));
            continue;
        };
        for other in source.paths_from_the_root().into_iter().filter(|other| !is_in(other, folder)) {
            match allowed.iter().find(|allowed| is_in(&other, allowed)) {
                Some(allowed) => drop(used.insert((folder.clone(), allowed.clone()))),
                None => drop(wrong.insert(format!("{path} uses `{other}`"))),
            }
        }
    }
    for (folder, allowed) in allowed {
        let needless = allowed.into_iter().filter(|allowed| !used.contains(&(folder.clone(), allowed.clone())));
        wrong.extend(needless.map(|needless| format!("`{folder}` may use `{needless}`, and doesn't")));
    }
    assert_eq!(BTreeSet::new(), wrong);
}

#[test]
fn folders_are_used_from_the_top_down_only() {
    let (mut below, mut wrong) = (BTreeSet::new(), Vec::new());
    for (folder, allowed) in allowed() {
        let first = |path: &String| path.split("::").next().unwrap_or_default().to_owned();
        wrong.extend(
            allowed.iter().filter(|path| !below.contains(&first(path))).map(|path| format!("{folder}: {path}")),
        );
        below.insert(folder);
    }
    assert_eq!(Vec::<String>::new(), wrong);
}

#[test]
fn the_tree_in_the_document_has_every_folder_of_the_sources() {
    let document = document();
    let folders = rust::sources().into_iter().map(|source| source.folder);
    let missing = folders.filter(|folder| !document.contains(&format!("\n  {folder}")));
    assert_eq!(BTreeSet::new(), missing.collect::<BTreeSet<_>>());
}

#[test]
fn only_the_host_and_the_journals_store_touch_the_system() {
    let rows = table("### Who touches the system besides `host`");
    let listed: BTreeSet<_> = rows.iter().map(|row| (name(&row[0]), named(&row[1]))).collect();
    let mut found = BTreeSet::new();
    for source in rust::sources().iter().filter(|source| !source.is_test && source.folder != "host") {
        let touches = |path: &String| {
            SYSTEM.iter().any(|system| is_in(path, system)) && !HARMLESS.iter().any(|harmless| is_in(path, harmless))
        };
        let system = source.paths_of_crates().into_iter().filter(touches);
        // The crate, or the module of the standard library.
        let short = system.map(|path| SYSTEM.iter().find(|system| is_in(&path, system)).unwrap().to_string());
        let short: BTreeSet<_> = short.collect();
        if !short.is_empty() {
            found.insert((source.path.clone(), short));
        }
    }
    assert_eq!(listed, found);
}

#[test]
fn pure_folders_ask_neither_the_clock_nor_the_environment_nor_the_disk() {
    let pure = |source: &&Source| !source.is_test && PURE.contains(&source.folder.as_str());
    let asks = |source: &Source| {
        let asked = IMPURE.iter().filter(|impure| source.code.contains(*impure));
        asked.map(|impure| format!("{}: {impure}", source.path)).collect::<Vec<_>>()
    };
    let found: Vec<_> = rust::sources().iter().filter(pure).flat_map(asks).collect();
    assert_eq!(Vec::<String>::new(), found);
}

#[test]
fn every_file_begins_with_what_it_is_for() {
    let silent = rust::sources().into_iter().filter(|source| !source.text.starts_with("//! "));
    assert_eq!(Vec::<String>::new(), silent.map(|source| source.path).collect::<Vec<_>>());
}

#[test]
fn no_file_is_longer_than_one_thing_needs() {
    let listed: BTreeSet<_> = table("### Longer files").iter().map(|row| name(&row[0])).collect();
    let long = rust::sources().into_iter().filter(|source| source.text.lines().count() > LONGEST);
    assert_eq!(listed, long.map(|source| source.path).collect());
}

/// The lines below this one, to where its list or its part of the file ends.
fn list<'a>(text: &'a str, first: &str) -> impl Iterator<Item = &'a str> {
    let from = text.lines().position(|line| line == first).unwrap_or_else(|| panic!("there is no line `{first}`"));
    text.lines().skip(from + 1).take_while(|line| !line.starts_with(['[', ']']))
}

#[test]
fn the_packages_beside_this_one_have_locked_what_it_depends_on() {
    let manifest = text("Cargo.toml");
    let keys = |heading| list(&manifest, heading).filter_map(|line| line.split_once(" = ")).map(|(key, _)| key);
    let wanted: BTreeSet<_> = keys("[dependencies]").chain(keys("[build-dependencies]")).collect();
    for lock in ["benchmarks/Cargo.lock", "fuzz/Cargo.lock"] {
        let text = text(lock);
        let of_landfall = text.split_once("name = \"landfall\"\n").map_or("", |(_, rest)| rest);
        let locked = list(of_landfall, "dependencies = [").map(|line| line.trim_matches([' ', '"', ',']));
        let cure = "`cargo tree` in its folder adds what is missing";
        assert_eq!(wanted, locked.collect(), "{lock}: {cure}");
    }
}

#[test]
fn what_stands_in_tests_comments_and_texts_is_no_use() {
    let source = Source::of(
        "src/a/b/c.rs",
        r####"//! Not `crate::comment`.
        use crate::{one::{Two, three as third}, four, five::*};
        use super::{near, super::super::six::Seven};
        fn lifetimes<'a>(text: &'a str) -> char { let _ = (r#"crate::raw"#, "crate::text \" crate::quote", '"'); crate::eight::call(); 'x' }
        /* crate::block /* crate::nested */ crate::block */
        #[cfg(test)]
        use crate::only_tests;
        #[cfg(test)]
        mod tests { use crate::tests_too; fn brace() -> char { '}' } use crate::tests_still; }
        use crate::nine;
        use std::{fs, process::{self, Command}};
        "####,
    );
    let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect::<BTreeSet<_>>();
    let used = ["eight::call", "five", "four", "nine", "one::Two", "one::three", "six::Seven"];
    assert_eq!(paths(&used), source.paths_from_the_root());
    let crates = source.paths_of_crates();
    assert_eq!(paths(&["std::fs", "std::process", "std::process::Command"]), crates);
}
