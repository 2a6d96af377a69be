//! Fields that are unknown, missing or wrongly named. Reads nothing, changes nothing.

use super::{
    held::{Kind, Mistake},
    instead,
    nearest::nearest,
    shape::{Subject, fields, options},
    told,
    types::{name, named},
};
use crate::diagnostics::{Code, Document, Finding, Fix, Place, Pointer};
use serde_json::Value;
use std::collections::BTreeSet;

/// How many fields are listed beside a suggestion.
const FEW: usize = 12;

/// The findings for all mistakes of one object.
pub(super) fn of_object(subject: &Subject<'_>, mistakes: &[&Mistake<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut meant = BTreeSet::new();
    for mistake in mistakes {
        if let Kind::Unexpected { name } = &mistake.kind {
            findings.push(unexpected_key(subject, mistake, name, &mut meant));
        }
    }
    let unknown_keys = !findings.is_empty();
    for mistake in mistakes {
        match &mistake.kind {
            Kind::Unexpected { .. } => {}
            Kind::Missing { name } => {
                // The misspelt key already says what is missing.
                if !meant.contains(*name) {
                    findings.push(missing(subject, mistake.pointer.clone(), name, mistake.schema));
                }
            }
            Kind::Name { name, mistakes } => {
                findings.extend(mistakes.first().map(|why| wrong_name(subject, mistake.pointer.then(name), why, name)));
            }
            Kind::Value { .. } | Kind::Alternatives { .. } => {
                // That none of several fields is there follows from the unknown one that stands in its place.
                let follows =
                    |finding: &Finding| unknown_keys && finding.code == Code::NotExactlyOne && finding.also.is_empty();
                findings.extend(told::one(subject, mistake).into_iter().filter(|finding| !follows(finding)));
            }
        }
    }
    findings
}

fn unexpected_key(subject: &Subject<'_>, mistake: &Mistake<'_>, key: &str, meant: &mut BTreeSet<String>) -> Finding {
    let holder = mistake.schema;
    let pointer = mistake.pointer.then(key);
    let known = fields(holder);
    if known.is_empty() && holder.get("patternProperties").is_some() {
        return told::wrong_form(subject, pointer, &Value::String(key.to_owned()), holder).at_key();
    }
    let present = subject.instance(mistake).as_object();
    let free: Vec<&str> =
        known.iter().copied().filter(|field| present.is_none_or(|object| !object.contains_key(*field))).collect();
    let suggestion = nearest(key, &free);
    meant.extend(suggestion.map(str::to_owned));
    let value = present.and_then(|object| object.get(key)).unwrap_or(&Value::Null);
    match instead::of(key, value).filter(|(field, _)| free.contains(field)) {
        Some((field, text)) => {
            meant.insert(field.to_owned());
            unknown(pointer.clone(), None, &known).fix(format!("write `{text}`"), Place::Key(pointer), text)
        }
        None => unknown(pointer, suggestion, &known),
    }
}

/// The finding for a key that nothing knows. All fields are listed where none is meant, or where they are few.
pub(super) fn unknown(pointer: Pointer, suggestion: Option<&str>, known: &[&str]) -> Finding {
    let key = pointer.last().unwrap_or_default();
    let finding = Finding::error(Code::UnknownField, pointer.clone(), format!("unknown field `{key}`")).at_key();
    let known: Vec<&str> = known.iter().copied().filter(|field| *field != "$schema").collect();
    let list = match known.as_slice() {
        [] => "no field is known here; keys of your own begin with `x-`".to_owned(),
        known => format!("known here: {}", named(known, "and")),
    };
    let place = finding.place.clone();
    let finding = match suggestion {
        Some(meant) => finding.fix(format!("write `{meant}`"), place, Value::from(meant)),
        None if elsewhere(key).is_some_and(|(_, needed)| needed) => finding,
        None => finding.fix_by_removing(format!("remove `{key}`"), place),
    };
    match (suggestion, elsewhere(key)) {
        (Some(meant), _) if known.len() > FEW => finding.label(format!("did you mean `{meant}`?")),
        (Some(meant), _) => finding.label(format!("did you mean `{meant}`?")).help(list),
        (None, Some((cure, _))) => finding.label("not known here").help(cure),
        (None, None) => finding.label("not known here").help(list),
    }
}

/// What to write instead of a field that other formats have, and whether something would be lost without it.
fn elsewhere(key: &str) -> Option<(&'static str, bool)> {
    Some(match key {
        "build" => ("write it as the image: \"image\": { \"build\": \"…\" }", true),
        "container_name" => ("containers are named after the plan and the service", false),
        "env_file" => ("write the variables into `environment`, and what is secret into the secrets file", true),
        "expose" | "links" | "networks" | "network_mode" => {
            ("all services of a plan share its one network and reach one another by name", false)
        }
        "extends" | "include" | "profiles" => ("a plan says everything itself", true),
        "mem_limit" | "mem_reservation" | "deploy" => ("limits are `memory`, `cpus` and `pids_limit`", true),
        "privileged" => ("there is no such switch; see `cap_add` and `devices`", false),
        "test" => ("write the command as `exec`, without `CMD`", true),
        "security_opt" => ("see `no_new_privileges` and `read_only`", false),
        "pull_policy" => ("images are retrieved by every deployment, before anything is stopped", false),
        _ => return None,
    })
}

/// The finding for a field that is not there.
pub(super) fn missing(subject: &Subject<'_>, pointer: Pointer, field: &str, schema: &Value) -> Finding {
    let name = name(&pointer, subject.document);
    let place = Place::Key(pointer.clone());
    let description = schema
        .pointer(&format!("/properties/{field}"))
        .and_then(|field| field.get("description").or_else(|| subject.resolved_description(field)))
        .and_then(Value::as_str)
        .and_then(|text| text.lines().next())
        .unwrap_or_default();
    let only = schema.pointer(&format!("/properties/{field}")).and_then(|field| options(subject.resolved(field)));
    let help = if description.is_empty() { String::new() } else { format!("`{field}`: {}", lower(description)) };
    let added = Place::Value(pointer.then(field));
    let mut finding = Finding::error(Code::MissingField, pointer, format!("{name} has no `{field}`"))
        .label(format!("`{field}` is missing"))
        .help(help);
    if let Some([only]) = only.as_deref() {
        finding = finding.fix(format!("add `\"{field}\": {only}`"), added, only);
    }
    finding.place = place;
    finding
}

/// The first letter in lower case, and no full stop.
fn lower(sentence: &str) -> String {
    let mut letters = sentence.trim_end_matches('.').chars();
    let first = letters.next().map(|letter| letter.to_lowercase().to_string()).unwrap_or_default();
    first + letters.as_str()
}

/// A name is no secret: it is told in the secrets file too.
fn wrong_name(subject: &Subject<'_>, pointer: Pointer, mistake: &Mistake<'_>, key: &str) -> Finding {
    let open = Subject { document: Document::Plan, ..*subject };
    let value = Value::String(key.to_owned());
    let taken = |fix: &Fix| {
        let key = fix.replacement.as_deref().and_then(|text| serde_json::from_str::<String>(text).ok());
        let object = pointer.parent().and_then(|parent| subject.value.pointer(&parent.to_string()));
        key.zip(object).is_some_and(|(key, object)| object.get(&key).is_some())
    };
    let place = pointer.clone();
    let mut finding = match &mistake.kind {
        Kind::Alternatives { .. } => {
            let forms = open.alternatives(mistake);
            let form = forms.iter().find(|form| options(form.schema).is_none());
            return match form.and_then(|form| form.mistakes.first()) {
                Some(mistake) => wrong_name(subject, pointer, mistake, key),
                None => told::wrong_form(&open, pointer, &value, &Value::Null).at_key(),
            };
        }
        Kind::Value { keyword: "const" | "enum", .. } => {
            let known = options(mistake.schema).unwrap_or_default();
            let known: Vec<&str> = known.into_iter().filter_map(Value::as_str).collect();
            unknown(place, nearest(key, &known), &known)
        }
        _ => told::wrong_form(&open, place, &value, mistake.schema),
    };
    finding.fixes.retain(|fix| !taken(fix));
    finding.at_key()
}

impl<'a> Subject<'a> {
    fn resolved_description(&self, field: &'a Value) -> Option<&'a Value> {
        self.resolved(field).get("description")
    }
}
