//! A value that may be one of several things: which one the author meant, and what is wrong with it. Reads nothing,
//! changes nothing.

use super::{
    held::Mistake,
    keys,
    nearest::nearest,
    shape::{Alternative, Subject, fields, options, required, types},
    told,
    types::{fits, name, named, wrong},
};
use crate::diagnostics::{Code, Finding, Place, Pointer};
use serde_json::{Map, Value};

/// The findings for an `anyOf` or `oneOf` that doesn't hold; at least one.
pub(super) fn told(subject: &Subject<'_>, mistake: &Mistake<'_>) -> Vec<Finding> {
    let findings = told_of_picked(subject, mistake);
    if !findings.is_empty() {
        return findings;
    }
    let pointer = mistake.pointer.clone();
    let message = format!("{} can be read in more than one way", name(&pointer, subject.document));
    vec![Finding::error(Code::NotExactlyOne, pointer, message).label("it is not clear which is meant")]
}

fn told_of_picked(subject: &Subject<'_>, mistake: &Mistake<'_>) -> Vec<Finding> {
    let (pointer, value) = (mistake.pointer.clone(), subject.instance(mistake));
    let all = subject.alternatives(mistake);
    if let Some(choice) = choice_of_fields(&all) {
        return vec![not_one(subject, pointer, value, &choice)];
    }
    let fitting: Vec<&Alternative<'_>> = all.iter().filter(|alternative| accepts(alternative, value)).collect();
    match (fitting.as_slice(), value) {
        ([], _) => vec![wrong_type(subject, pointer, value, &all)],
        ([only], _) => told::all(subject, only.mistakes),
        (several, Value::Object(object)) => told_object(subject, pointer, object, several),
        (several, _) => told_scalar(subject, pointer, value, several),
    }
}

fn accepts(alternative: &Alternative<'_>, value: &Value) -> bool {
    let types = types(alternative.schema);
    types.is_empty() || types.iter().any(|name| fits(value, name))
}

fn wrong_type(subject: &Subject<'_>, pointer: Pointer, value: &Value, all: &[Alternative<'_>]) -> Finding {
    let mut expected: Vec<&str> = Vec::new();
    for name in all.iter().flat_map(|alternative| types(alternative.schema)) {
        if !expected.contains(&name) {
            expected.push(name);
        }
    }
    let texts: Vec<_> = all.iter().filter(|alternative| types(alternative.schema).contains(&"string")).collect();
    let listed: Option<Vec<String>> = texts
        .iter()
        .map(|alternative| Some(options(alternative.schema)?.into_iter().map(Value::to_string)))
        .collect::<Option<Vec<_>>>()
        .map(|lists| lists.into_iter().flatten().collect());
    match (texts.as_slice(), listed) {
        ([only], _) => wrong(subject, pointer, value, &expected, only.schema),
        ([_, ..], Some(listed)) => {
            wrong(subject, pointer, value, &expected, &Value::Null).help(format!("it is one of {}", listed.join(", ")))
        }
        (_, _) => wrong(subject, pointer, value, &expected, &Value::Null),
    }
}

/// Texts and numbers: where all alternatives are listed values, one list; else the alternative that least is wrong with.
fn told_scalar(subject: &Subject<'_>, pointer: Pointer, value: &Value, several: &[&Alternative<'_>]) -> Vec<Finding> {
    let listed: Vec<&Value> = several.iter().filter_map(|alternative| options(alternative.schema)).flatten().collect();
    let free: Vec<_> = several.iter().filter(|alternative| options(alternative.schema).is_none()).collect();
    match free.iter().min_by_key(|alternative| alternative.mistakes.len()) {
        None => vec![told::not_allowed(subject, pointer, value, &listed)],
        Some(likeliest) => told::all(subject, likeliest.mistakes),
    }
}

fn told_object(
    subject: &Subject<'_>,
    pointer: Pointer,
    object: &Map<String, Value>,
    several: &[&Alternative<'_>],
) -> Vec<Finding> {
    if let Some(tag) = tag(several) {
        return told_tagged(subject, pointer, object, (tag, several));
    }
    let marks: Vec<Option<&str>> = several.iter().map(|alternative| mark(alternative, several)).collect();
    let names: Vec<&str> = marks.iter().copied().flatten().collect();
    let present: Vec<&str> = names.iter().copied().filter(|name| object.contains_key(*name)).collect();
    let unmarked = several.iter().zip(&marks).find(|(_, mark)| mark.is_none());
    match (present.as_slice(), unmarked) {
        ([], Some((alternative, _))) => told::all(subject, alternative.mistakes),
        ([], None) => vec![none_of(subject, pointer, object, (&names, several))],
        ([one], _) => {
            let picked = several.iter().zip(&marks).find(|(_, mark)| **mark == Some(*one));
            picked.map(|(alternative, _)| of_picked(subject, alternative, (one, several))).unwrap_or_default()
        }
        ([..], _) => vec![too_many(subject, pointer, &present, &names)],
    }
}

/// The findings of the picked alternative; a field that only goes with another one is told so.
fn of_picked(
    subject: &Subject<'_>,
    picked: &Alternative<'_>,
    (mark, several): (&str, &[&Alternative<'_>]),
) -> Vec<Finding> {
    let mut findings = told::all(subject, picked.mistakes);
    for finding in &mut findings {
        let Place::Key(place) = &finding.place else { continue };
        let key = place.last().unwrap_or_default().to_owned();
        let owners: Vec<&str> = several
            .iter()
            .filter(|alternative| fields(alternative.schema).contains(&key.as_str()))
            .filter_map(|alternative| self::mark(alternative, several))
            .collect();
        if finding.code == Code::UnknownField && !owners.is_empty() {
            finding.message = format!("`{key}` does not go with `{mark}`");
            finding.label = format!("goes with {}", named(&owners, "and"));
        }
    }
    findings
}

/// The first required field that no other alternative requires: its presence says which one is meant.
fn mark<'a>(alternative: &Alternative<'a>, all: &[&Alternative<'a>]) -> Option<&'a str> {
    let others = |field: &str| {
        all.iter()
            .any(|other| !std::ptr::eq(other.schema, alternative.schema) && required(other.schema).contains(&field))
    };
    required(alternative.schema).into_iter().find(|field| !others(field))
}

fn none_of(
    subject: &Subject<'_>,
    pointer: Pointer,
    object: &Map<String, Value>,
    (names, several): (&[&str], &[&Alternative<'_>]),
) -> Finding {
    let known: Vec<&str> = several.iter().flat_map(|alternative| fields(alternative.schema)).collect();
    let misspelt = object
        .keys()
        .filter(|key| !known.contains(&key.as_str()) && !key.starts_with("x-"))
        .find_map(|key| Some((key, nearest(key, names)?)));
    if let Some((key, meant)) = misspelt {
        return keys::unknown(pointer.then(key), Some(meant), names);
    }
    let message = format!("{} needs one of {}", name(&pointer, subject.document), named(names, "and"));
    at_key(Finding::error(Code::NotExactlyOne, pointer, message).label("has none of them").help("add one of them"))
}

fn too_many(subject: &Subject<'_>, pointer: Pointer, present: &[&str], names: &[&str]) -> Finding {
    let message = format!(
        "{} needs exactly one of {}; this has {}",
        name(&pointer, subject.document),
        named(names, "and"),
        named(present, "and")
    );
    let mut places = present.iter().map(|key| Place::Key(pointer.then(key)));
    let mut finding =
        Finding::error(Code::NotExactlyOne, pointer.clone(), message).label("one").help("keep one of them");
    finding.place = places.next().unwrap_or(Place::Key(pointer.clone()));
    finding.also = places.map(|place| (place, "another".to_owned())).collect();
    if let [one, another] = present {
        for key in [another, one] {
            finding = finding.fix_by_removing(format!("remove `{key}`"), Place::Key(pointer.then(key)));
        }
    }
    finding
}

fn at_key(mut finding: Finding) -> Finding {
    if let Place::Value(pointer) = finding.place {
        finding.place = Place::Key(pointer);
    }
    finding
}

/// The fields to choose from, where the alternatives are nothing but required fields of one object.
fn choice_of_fields<'a>(all: &[Alternative<'a>]) -> Option<Vec<&'a str>> {
    let only_required =
        |schema: &Value| schema.as_object().is_some_and(|schema| schema.keys().all(|key| key == "required"));
    let names = all.iter().map(|alternative| match required(alternative.schema).as_slice() {
        [name] if only_required(alternative.schema) => Some(*name),
        _ => None,
    });
    names.collect::<Option<Vec<_>>>().filter(|names| !names.is_empty())
}

fn not_one(subject: &Subject<'_>, pointer: Pointer, value: &Value, names: &[&str]) -> Finding {
    let present: Vec<&str> = names.iter().copied().filter(|name| value.get(*name).is_some()).collect();
    if present.len() > 1 {
        return too_many(subject, pointer, &present, names);
    }
    let message = format!("{} needs one of {}", name(&pointer, subject.document), named(names, "and"));
    at_key(Finding::error(Code::NotExactlyOne, pointer, message).label("has none of them").help("add one of them"))
}

/// The field whose fixed value tells the alternatives apart, if they all have one.
fn tag<'a>(several: &[&Alternative<'a>]) -> Option<&'a str> {
    let fixed = |schema: &Value, field: &str| schema.pointer(&format!("/properties/{field}/const")).is_some();
    let first = several.first()?;
    fields(first.schema).into_iter().find(|field| several.iter().all(|alternative| fixed(alternative.schema, field)))
}

fn told_tagged(
    subject: &Subject<'_>,
    pointer: Pointer,
    object: &Map<String, Value>,
    (tag, several): (&str, &[&Alternative<'_>]),
) -> Vec<Finding> {
    let value_of =
        |alternative: &&Alternative<'_>| alternative.schema.pointer(&format!("/properties/{tag}/const")).cloned();
    let Some(value) = object.get(tag) else {
        let schema = several.first().map_or(&Value::Null, |alternative| alternative.schema);
        return vec![keys::missing(subject, pointer, tag, schema)];
    };
    match several.iter().find(|alternative| value_of(alternative).as_ref() == Some(value)) {
        Some(picked) => told::all(subject, picked.mistakes),
        None => {
            let allowed: Vec<Value> = several.iter().filter_map(value_of).collect();
            vec![told::not_allowed(subject, pointer.then(tag), value, &allowed.iter().collect::<Vec<_>>())]
        }
    }
}
