//! Compose files as they are found in the world, and what `landfall import` makes of them.
//!
//! `tests/compose/NAME/compose.yaml` is a Compose file with what lies beside it; `plan.json`, `secrets.json` and `notes.txt` are
//! what is expected of it. `LANDFALL_BLESS=1` writes these three: read what it wrote before you commit it.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the files and what is expected of them are files, and a test may fail"
)]

#[path = "support/committed.rs"]
mod committed;

use committed::assert_committed;
use landfall::compose::{self, Choices, Converted, Found, Surroundings, told};
use landfall::diagnostics::report::{Style, human};
use pretty_assertions::assert_eq;
use saphyr_parser::{Event, Parser, ScalarStyle};
use secrecy::ExposeSecret;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of one folder, and an empty environment.
struct Beside(PathBuf);

impl Surroundings for Beside {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn find(&self, path: &str) -> Found {
        let path = self.0.join(path);
        match fs::read(&path) {
            Ok(bytes) => Found::File(bytes),
            Err(_) if path.is_dir() => Found::Folder,
            Err(_) => Found::Nothing,
        }
    }
}

fn folders() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/compose");
    let entries: BTreeSet<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.into_iter().collect()
}

fn name(folder: &Path) -> &str {
    folder.file_name().unwrap().to_str().unwrap()
}

fn choices(folder: &Path) -> Choices {
    Choices { name: None, folder: name(folder).to_owned(), way: String::new(), data_root: None, profiles: Vec::new() }
}

fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("compose.yaml")).unwrap()
}

fn convert(folder: &Path, text: &str) -> Converted {
    compose::convert(text, &choices(folder), &Beside(folder.to_owned())).unwrap()
}

fn secrets_file(converted: &Converted) -> String {
    let values = converted.secrets.iter().map(|(name, value)| {
        let value = value.as_ref().map_or("(no value yet)", ExposeSecret::expose_secret);
        (name.to_string(), value.into())
    });
    format!("{:#}\n", serde_json::Value::Object(values.collect()))
}

#[test]
fn each_file_becomes_the_expected_plan_with_the_expected_notes() {
    let folders = folders();
    assert!(folders.len() >= 14, "only {} Compose files", folders.len());
    for folder in folders {
        let converted = convert(&folder, &text(&folder));
        let made = [
            ("plan.json", converted.plan.laid_out()),
            ("secrets.json", secrets_file(&converted)),
            ("notes.txt", told::human("compose.yaml", &converted.notes)),
        ];
        for (file, made) in made {
            assert_committed(folder.join(file), &made);
        }
    }
}

#[test]
fn each_plan_passes_the_check() {
    for folder in folders() {
        let plan = fs::read(folder.join("plan.json")).unwrap();
        let checked = landfall::check(("plan.json", &plan), None);
        let style = Style { width: 100, drawn: false, colour: false };
        assert!(checked.report().is_valid(), "{folder:?}\n{}", human(&checked.report(), &style));
    }
}

/// A value of a Compose file as it is written: its names and numbers, and where it stands.
#[derive(Debug, Clone)]
struct Written {
    field: String,
    position: (usize, usize),
}

/// Every single value of a file, told by the events of YAML alone: not by what the conversion made of them.
fn single_values(text: &str) -> Vec<Written> {
    enum Level {
        List(usize),
        Map(Option<(String, (usize, usize))>),
    }
    let (mut values, mut levels) = (Vec::new(), Vec::<(Level, String, usize)>::new());
    for event in Parser::new_from_str(text) {
        let (event, span) = event.unwrap();
        let mut position = (span.start.line(), span.start.col() + 1);
        let is_value =
            matches!(event, Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) | Event::Alias(_));
        let mut field = String::new();
        if is_value && let Some((level, parent, count)) = levels.last_mut() {
            *count += 1;
            match level {
                Level::List(index) => {
                    field = format!("{parent}[{index}]");
                    *index += 1;
                }
                Level::Map(key @ None) => {
                    let Event::Scalar(name, ..) = &event else { panic!("a name that is no text") };
                    *key = Some((name.to_string(), position));
                    *count -= 1;
                    continue;
                }
                Level::Map(key) => {
                    let (name, at) = key.take().unwrap();
                    field = if parent.is_empty() { name } else { format!("{parent}.{name}") };
                    position = at;
                }
            }
        }
        match event {
            Event::Scalar(..) => values.push(Written { field, position }),
            Event::SequenceStart(..) => levels.push((Level::List(0), field, 0)),
            Event::MappingStart(..) => {
                levels.push((Level::Map(None), field, 0));
                if let Some((_, _, 0)) = levels.last() {
                    values.push(Written { field: levels.last().unwrap().1.clone(), position });
                }
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let (_, field, count) = levels.pop().unwrap();
                if count > 0 {
                    values.retain(|value| value.field != field);
                }
            }
            _ => {}
        }
    }
    values
}

#[test]
fn every_single_value_of_a_file_is_carried_over_or_listed() {
    for folder in folders() {
        let text = text(&folder);
        let converted = convert(&folder, &text);
        let known: BTreeSet<_> =
            converted.leaves.iter().map(|leaf| (leaf.position.line, leaf.position.column)).collect();
        let missed: Vec<_> =
            single_values(&text).into_iter().filter(|value| !known.contains(&value.position)).collect();
        assert!(missed.is_empty(), "{folder:?}: not in the account: {missed:?}");
        let forgotten: Vec<_> = converted.leaves.iter().filter(|leaf| !leaf.carried && !leaf.listed).collect();
        assert!(forgotten.is_empty(), "{folder:?}: neither carried over nor listed: {forgotten:?}");
        let unknown = converted.notes.iter().filter(|note| note.message == "Landfall does not know this field");
        assert_eq!(unknown.map(|note| &note.field).collect::<Vec<_>>(), Vec::<&String>::new(), "{folder:?}");
    }
}

/// A file with one single value changed; `None` where it has none at this place, or is an alias's.
fn with_another_value(text: &str, field: &str, change: &dyn Fn(&str) -> String) -> Option<String> {
    let mut changed = None;
    let copy = copied(text, &mut |at, value, plain| {
        (at == field).then(|| {
            let new = change(value);
            changed = Some(());
            if plain { new } else { serde_json::Value::from(new).to_string() }
        })
    });
    changed.map(|()| copy)
}

/// The file as YAML's flow form, which is JSON but for what has no quotes; single values can be replaced by other text.
fn copied(text: &str, replace: &mut dyn FnMut(&str, &str, bool) -> Option<String>) -> String {
    let events: Vec<_> = Parser::new_from_str(text).map(|event| event.unwrap().0).collect();
    let first = events.iter().position(|event| matches!(event, Event::MappingStart(..))).unwrap();
    let mut anchors = std::collections::BTreeMap::new();
    let mut at = first;
    value(&events, &mut at, "", (&mut anchors, replace))
}

type Anchors<'a, 'r> =
    (&'a mut std::collections::BTreeMap<usize, String>, &'r mut dyn FnMut(&str, &str, bool) -> Option<String>);

fn value(events: &[Event<'_>], at: &mut usize, field: &str, (anchors, replace): Anchors<'_, '_>) -> String {
    let event = &events[*at];
    *at += 1;
    let (anchor, written) = match event {
        Event::Alias(anchor) => return anchors[anchor].clone(),
        Event::Scalar(text, style, anchor, _) => {
            let plain = *style == ScalarStyle::Plain;
            let written = replace(field, text, plain).unwrap_or_else(|| {
                let alone = !text.is_empty()
                    && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.' || c == '-' || c == '_');
                match (plain, alone) {
                    (true, true) => text.to_string(),
                    (true, false) if text.is_empty() || text == "~" => "null".to_owned(),
                    _ => serde_json::Value::from(text.to_string()).to_string(),
                }
            });
            (*anchor, written)
        }
        Event::SequenceStart(anchor, _) => {
            let mut elements = Vec::new();
            while !matches!(events[*at], Event::SequenceEnd) {
                let below = format!("{field}[{}]", elements.len());
                elements.push(value(events, at, &below, (&mut *anchors, &mut *replace)));
            }
            *at += 1;
            (*anchor, format!("[{}]", elements.join(", ")))
        }
        Event::MappingStart(anchor, _) => {
            let mut members = Vec::new();
            while !matches!(events[*at], Event::MappingEnd) {
                let Event::Scalar(name, ..) = &events[*at] else { panic!("a name that is no text") };
                *at += 1;
                let below = if field.is_empty() { name.to_string() } else { format!("{field}.{name}") };
                let value = value(events, at, &below, (&mut *anchors, &mut *replace));
                let name =
                    if name == "<<" { name.to_string() } else { serde_json::Value::from(name.to_string()).to_string() };
                members.push(format!("{name}: {value}"));
            }
            *at += 1;
            (*anchor, format!("{{{}}}", members.join(", ")))
        }
        event => panic!("not read here: {event:?}"),
    };
    if anchor != 0 {
        anchors.insert(anchor, written.clone());
    }
    written
}

/// What is made of a file, as one text: all that an importer gets.
fn outcome(folder: &Path, text: &str) -> String {
    match compose::convert(text, &choices(folder), &Beside(folder.to_owned())) {
        Ok(converted) => {
            // Places are not compared: the copy has all on one line.
            let notes = converted.notes.iter().map(|note| format!("{:?} {}: {}", note.fate, note.field, note.message));
            converted.plan.laid_out() + &secrets_file(&converted) + &notes.collect::<Vec<_>>().join("\n")
        }
        Err(unreadable) => unreadable.message,
    }
}

#[test]
fn what_counts_as_carried_over_makes_a_difference() {
    let mut silent = Vec::new();
    for folder in folders() {
        let text = text(&folder);
        let whole = copied(&text, &mut |_, _, _| None);
        let before = outcome(&folder, &whole);
        assert_eq!(before, outcome(&folder, &text), "{folder:?}: the copy says something else");
        let carried = convert(&folder, &text).leaves.into_iter().filter(|leaf| leaf.carried && !leaf.listed);
        let changes: [&dyn Fn(&str) -> String; 4] =
            [&|text| format!("{text}7"), &|text| format!("7{text}"), &|text| (text != "true").to_string(), &|_| {
                "another".to_owned()
            }];
        for leaf in carried {
            let changed: Vec<_> =
                changes.iter().filter_map(|change| with_another_value(&text, &leaf.field, *change)).collect();
            if !changed.is_empty() && changed.iter().all(|changed| outcome(&folder, changed) == before) {
                silent.push(format!("{}: {}", name(&folder), leaf.field));
            }
        }
    }
    assert_eq!(silent, Vec::<String>::new(), "another value of these makes no difference");
}
