//! Values that can be written for a field or as an element. Reads nothing, changes nothing.

use super::{
    Completion, CompletionKind, Entry, known, paths,
    place::{About, Place},
    skeleton::{Ready, Skeleton},
};
use crate::authoring::{
    File, Texts,
    document::{Content, Document, Node},
    hover::field,
    meaning::Meaning,
    names::{Kind, kind_of_format},
};
use crate::diagnostics::Pointer;
use serde_json::Value;

/// Where a value is written.
pub(super) struct ValuePlace<'d> {
    pub(super) file: File,
    pub(super) pointer: Pointer,
    pub(super) node: Option<&'d Node>,
    pub(super) offset: usize,
}

/// Names, listed values, paths, the schema's snippets, examples, and forms to fill in.
pub(super) fn completions(
    texts: &Texts<'_>,
    document: &Document,
    at: &ValuePlace<'_>,
    (place, entries): (&Place, &[Entry]),
) -> Vec<Completion> {
    let ValuePlace { file, pointer, node, offset } = at;
    let meanings = Meaning::at(*file, document, pointer);
    let present = elements_beside(document, at);
    let mut completions = Vec::new();
    let fitting = Meaning::fitting(&meanings, *node, None);
    for meaning in &fitting {
        if let Some(kind) = meaning.format().and_then(kind_of_format) {
            let known = known::of_kind(texts, kind, (pointer, *offset)).into_iter();
            completions.extend(known.map(|known| named(kind, known, place)));
        }
        completions.extend(meaning.values().into_iter().map(|(value, words)| listed(value, words, place)));
        completions.extend(booleans(meaning, place));
    }
    if let Some(path) = paths::path(document, &meanings, (pointer, *node), *offset) {
        completions.extend(paths::completions(&path, entries, place));
    }
    let is_text = node.is_some_and(|node| node.text().is_some());
    if !is_text {
        let ready = Ready::all(&[meanings.as_slice(), &fitting].concat());
        completions.extend(ready.iter().map(|ready| snippet(ready, place)));
        let others = fitting.iter().filter(|meaning| !ready.iter().any(|ready| ready.covers(meaning)));
        completions.extend(others.filter_map(|meaning| form(meaning, fitting.len() > 1, place)));
    }
    completions.extend(fitting.iter().flat_map(|meaning| examples(&meanings, meaning, place)));
    let mut seen: Vec<String> = present;
    completions.retain(|completion| {
        let is_new = !seen.contains(&completion.filter);
        seen.push(completion.filter.clone());
        is_new
    });
    completions
}

/// The other elements of a list that wants each only once, as they would be filtered.
fn elements_beside(document: &Document, at: &ValuePlace<'_>) -> Vec<String> {
    let ValuePlace { file, pointer, node, offset: _ } = at;
    let Some(list) = pointer.parent() else { return Vec::new() };
    let around = document.node(&list);
    let meanings = Meaning::fitting(&Meaning::at(*file, document, &list), around, None);
    if !meanings.iter().any(|meaning| meaning.keyword("uniqueItems") == Some(&Value::Bool(true))) {
        return Vec::new();
    }
    let others = around.map(Node::elements).unwrap_or_default().iter();
    let others = others.filter(|other| node.is_none_or(|node| !std::ptr::eq(*other, node)));
    others.filter_map(|other| Some(Value::from(other.text()?).to_string())).collect()
}

fn named(kind: Kind, known: known::Known, place: &Place) -> Completion {
    let kind = match kind {
        Kind::Service => CompletionKind::Service,
        Kind::Secret => CompletionKind::Secret,
        Kind::SshKey => CompletionKind::Key,
    };
    let known::Known { name, words } = known;
    value(&Value::from(name), About { label: String::new(), detail: String::new(), documentation: words, kind }, place)
}

fn listed(listed: &Value, words: &str, place: &Place) -> Completion {
    let kind = CompletionKind::Value;
    let about = About { label: String::new(), detail: String::new(), documentation: words.to_owned(), kind };
    value(listed, about, place)
}

fn booleans(meaning: &Meaning, place: &Place) -> Vec<Completion> {
    let is_boolean = meaning.types() == ["boolean"] && meaning.values().is_empty();
    let values = [true, false].into_iter().filter(|_| is_boolean);
    values.map(|value| listed(&Value::from(value), "", place)).collect()
}

/// The completion that writes one value; its label is the value unless there is one.
fn value(value: &Value, about: About, place: &Place) -> Completion {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut skeleton = Skeleton::default();
    skeleton.write(&value.to_string());
    place.completion(About { label: shown.clone(), ..about }, &shown, skeleton)
}

fn snippet(ready: &Ready, place: &Place) -> Completion {
    let mut skeleton = Skeleton::default();
    skeleton.ready(ready, &place.indent);
    let about = About {
        label: ready.label.to_owned(),
        detail: String::new(),
        documentation: ready.description.to_owned(),
        kind: CompletionKind::Snippet,
    };
    place.completion(about, ready.label, skeleton)
}

/// A form to fill in: an object with what it needs, a list; a text only where it is one of several forms.
fn form(meaning: &Meaning, is_one_of_several: bool, place: &Place) -> Option<Completion> {
    let is_text = meaning.types() == ["string"];
    let is_open =
        meaning.types().iter().any(|name| matches!(*name, "object" | "array")) || (is_text && is_one_of_several);
    if !is_open || !meaning.values().is_empty() {
        return None;
    }
    let mut skeleton = Skeleton::default();
    skeleton.value(std::slice::from_ref(meaning), 0);
    let label = skeleton.plain.replace("\"\"", "\"…\"").replace("{}", "{ … }").replace("[]", "[ … ]");
    let about = About {
        label: label.clone(),
        detail: field::detail(std::slice::from_ref(meaning), false),
        documentation: meaning.descriptions().first().copied().unwrap_or_default().to_owned(),
        kind: CompletionKind::Snippet,
    };
    Some(place.completion(about, &label, skeleton))
}

/// The default and the examples, where the values are of the author's choice.
fn examples(meanings: &[Meaning], meaning: &Meaning, place: &Place) -> Vec<Completion> {
    let is_path = |format: &str| matches!(format, "landfall-plan-path" | "landfall-archive-path");
    let is_known = meaning.format().is_some_and(|format| kind_of_format(format).is_some() || is_path(format));
    let is_scalar = meaning.types().iter().all(|name| !matches!(*name, "object" | "array"));
    if is_known || !meaning.values().is_empty() {
        return Vec::new();
    }
    let default = meanings.iter().find_map(|meaning| meaning.keyword("default")).filter(|_| is_scalar);
    let fits = |value: &&Value| value.is_string() == (meaning.types() == ["string"]) && !value.is_object();
    let default = default.into_iter().filter(fits).map(|value| ("the default", value));
    let examples = meaning.listed("examples").filter(fits).map(|value| ("for example", value));
    let one = |(detail, example): (&str, &Value)| {
        let kind = CompletionKind::Value;
        let about = About { label: String::new(), detail: detail.to_owned(), documentation: String::new(), kind };
        value(example, about, place)
    };
    default.chain(examples).map(one).collect()
}

/// Whether a value stands there that is not replaced as a whole.
pub(super) fn is_container(node: Option<&Node>) -> bool {
    node.is_some_and(|node| matches!(node.content, Content::Object(_) | Content::Array(_)))
}
