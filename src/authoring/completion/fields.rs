//! Keys that can be written in an object. Reads nothing, changes nothing.

use super::{
    Completion, CompletionKind, known,
    place::{About, Place},
    skeleton::{Ready, Skeleton, between_quotes},
};
use crate::authoring::{
    File, Texts,
    document::{Member, Node},
    hover::field,
    meaning::Meaning,
    names::{Kind, kind_of_format},
};
use crate::diagnostics::Pointer;
use crate::few::InOrder;
use serde_json::Value;

/// Where a key is written.
pub(super) struct KeyPlace<'d> {
    pub(super) file: File,
    pub(super) pointer: Pointer,
    pub(super) object: &'d Node,
    pub(super) member: Option<&'d Member>,
}

/// A key with what its value is.
struct Candidate {
    name: String,
    meaning: Option<Meaning>,
    kind: CompletionKind,
    is_required: bool,
    /// Where it stands among what must be there, or one of which must; the others come after these.
    rank: Option<usize>,
    documentation: Option<String>,
}

/// The fields that are not there yet, required ones first; where keys are free, the names that fit.
pub(super) fn completions(texts: &Texts<'_>, at: &KeyPlace<'_>, place: &Place) -> Vec<Completion> {
    let KeyPlace { file, pointer, object, member } = at;
    let Some(document) = texts.document(*file) else { return Vec::new() };
    let written = member.and_then(Member::name);
    let others = object.members().iter().filter(|other| member.is_none_or(|member| !std::ptr::eq(*other, member)));
    let present: Vec<&str> = others.filter_map(Member::name).collect();
    let around = Meaning::fitting(&Meaning::at(*file, document, pointer), Some(object), written);
    let mut candidates: Vec<Candidate> = Vec::new();
    for meaning in &around {
        candidates.extend(names(texts, pointer, meaning));
        candidates.extend(fields(meaning, &present, around.len() > 1));
    }
    candidates.put_in_order_by_key(|candidate| candidate.rank.unwrap_or(usize::MAX));
    let mut seen = present;
    let mut completions = Vec::new();
    for candidate in &candidates {
        if !seen.contains(&candidate.name.as_str()) {
            seen.push(&candidate.name);
            completions.extend(of_candidate(candidate, place));
        }
    }
    completions.extend(around.iter().flat_map(|meaning| of_new_names(meaning, (pointer, written), place)));
    completions
}

/// Where an object may be one of several things, only the field that tells them apart counts as required.
fn fields(meaning: &Meaning, present: &[&str], is_one_of_several: bool) -> Vec<Candidate> {
    let choice = meaning.choice();
    let is_chosen = choice.iter().any(|field| present.contains(field));
    let mut required: Vec<&str> = meaning.listed("required").filter_map(Value::as_str).collect();
    required.truncate(if is_one_of_several { 1 } else { required.len() });
    required.extend(&choice);
    let fields = meaning.fields().into_iter().filter(|(name, _)| !(is_chosen && choice.contains(name)));
    let candidate = |(name, field): (&str, Meaning)| Candidate {
        name: name.to_owned(),
        kind: CompletionKind::Field,
        rank: required.iter().position(|required| *required == name),
        is_required: !is_one_of_several && meaning.requires(name),
        documentation: None,
        meaning: Some(field),
    };
    fields.map(candidate).collect()
}

/// Free keys that name something which is known from elsewhere, or are listed.
fn names(texts: &Texts<'_>, pointer: &Pointer, meaning: &Meaning) -> Vec<Candidate> {
    let Some(names) = meaning.names() else { return Vec::new() };
    let names = Meaning::fitting(&[names], None, None);
    let listed = names.iter().flat_map(Meaning::values).filter_map(|(value, _)| value.as_str());
    // A key that is fixed has words of its own.
    let listed = listed.filter(|name| !meaning.has_field(name));
    let member = meaning.any_member();
    let candidate = |name: String, kind: CompletionKind, documentation: Option<String>| Candidate {
        name,
        kind,
        meaning: member.clone(),
        rank: None,
        is_required: false,
        documentation,
    };
    let mut candidates: Vec<_> = listed.map(|name| candidate(name.to_owned(), CompletionKind::Value, None)).collect();
    match names.iter().find_map(|names| kind_of_format(names.format()?)) {
        Some(Kind::Service) if pointer.segments().count() == 1 => {
            let missing = known::named_but_not_made(texts, Kind::Service).into_iter();
            candidates.extend(missing.map(|name| candidate(name, CompletionKind::Service, None)));
        }
        Some(Kind::Service) => {
            let services = known::dependencies(texts, pointer.segments().nth(1)).into_iter();
            candidates.extend(services.map(|known| candidate(known.name, CompletionKind::Service, Some(known.words))));
        }
        Some(kind @ (Kind::Secret | Kind::SshKey)) => {
            let missing = known::named_but_not_made(texts, kind).into_iter();
            let shown = if kind == Kind::Secret { CompletionKind::Secret } else { CompletionKind::Key };
            candidates.extend(missing.map(|name| candidate(name, shown, None)));
        }
        None => {}
    }
    candidates
}

/// The field, and where the schema has several snippets for its value, the field with each of them.
fn of_candidate(candidate: &Candidate, place: &Place) -> Vec<Completion> {
    let Candidate { name, meaning, kind, is_required, rank: _, documentation } = candidate;
    let meanings: Vec<Meaning> = meaning.iter().cloned().collect();
    let words = || field::documentation(name, &meanings, None, *is_required).unwrap_or_default();
    let about = About {
        label: name.clone(),
        detail: field::detail(&meanings, *is_required),
        documentation: documentation.clone().unwrap_or_else(words),
        kind: *kind,
    };
    let key = Value::from(name.as_str()).to_string();
    let mut plain = Skeleton::default();
    plain.write(&key);
    if place.colon_after {
        return vec![place.completion(about, name, plain)];
    }
    plain.write(": ");
    let with = |ready: &Ready| {
        let mut skeleton = plain.clone();
        skeleton.ready(ready, &place.indent);
        skeleton
    };
    let ready = Ready::all(&meanings);
    if let [only] = ready.as_slice() {
        return vec![place.completion(about, name, with(only))];
    }
    let of_ready = ready.iter().map(|ready| {
        let about = About { label: format!("{name}: {}", ready.label), detail: String::new(), ..of_snippet(ready) };
        place.completion(about, name, with(ready))
    });
    let of_ready: Vec<Completion> = of_ready.collect();
    let mut skeleton = plain.clone();
    skeleton.value(&meanings, 0);
    std::iter::once(place.completion(about, name, skeleton)).chain(of_ready).collect()
}

fn of_snippet(ready: &Ready) -> About {
    About {
        label: ready.label.to_owned(),
        detail: String::new(),
        documentation: ready.description.to_owned(),
        kind: CompletionKind::Snippet,
    }
}

/// Members with a name that the author gives them, or has typed already: one for each form of the value that the schema has
/// no snippet for, one for each snippet.
fn of_new_names(meaning: &Meaning, (pointer, written): (&Pointer, Option<&str>), place: &Place) -> Vec<Completion> {
    let names = meaning.names().filter(|names| !is_given(names, pointer) && !place.colon_after);
    let (Some(names), Some(member)) = (names, meaning.any_member()) else { return Vec::new() };
    let written = written.filter(|written| !written.is_empty());
    let name = written.or_else(|| examples_of(&names).next()).unwrap_or("name");
    let mut key = Skeleton::default();
    key.write("\"");
    key.stop(&between_quotes(name));
    key.write("\": ");
    let members = [member];
    let ready = Ready::all(&members);
    let forms = Meaning::fitting(&members, None, None);
    let others = forms.iter().filter(|form| !ready.iter().any(|ready| ready.covers(form)));
    let other = |form: &Meaning| {
        let about = About {
            label: "a new name".to_owned(),
            detail: field::detail(std::slice::from_ref(form), false),
            documentation: names.descriptions().first().copied().unwrap_or_default().to_owned(),
            kind: CompletionKind::Snippet,
        };
        let mut skeleton = key.clone();
        skeleton.value(std::slice::from_ref(form), 0);
        place.completion(about, written.unwrap_or(name), skeleton)
    };
    let of_ready = |ready: &Ready| {
        let mut skeleton = key.clone();
        skeleton.ready(ready, &place.indent);
        place.completion(of_snippet(ready), written.unwrap_or(ready.label), skeleton)
    };
    others.map(other).chain(ready.iter().map(of_ready)).collect()
}

/// Whether an author can't make up a name here: names are listed, or are those of the plan's services.
fn is_given(names: &Meaning, pointer: &Pointer) -> bool {
    let forms = Meaning::fitting(std::slice::from_ref(names), None, None);
    let is_service = |form: &Meaning| form.format().and_then(kind_of_format) == Some(Kind::Service);
    forms.iter().all(|form| !form.values().is_empty() || (is_service(form) && pointer.segments().count() > 1))
}

fn examples_of(names: &Meaning) -> impl Iterator<Item = &'static str> {
    let forms = Meaning::fitting(std::slice::from_ref(names), None, None);
    let examples: Vec<_> = forms.iter().flat_map(|form| form.listed("examples")).collect();
    examples.into_iter().filter_map(Value::as_str)
}
