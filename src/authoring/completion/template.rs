//! Secrets and helpers inside a template. Reads nothing, changes nothing.

use super::{Completion, CompletionKind, known};
use crate::authoring::{
    Texts,
    document::{Document, Node, characters::Characters},
    names::Kind,
};
use crate::diagnostics::Pointer;
use std::ops::Range;

/// What helpers there are, and what each does.
const HELPERS: [(&str, &str); 2] = [
    ("url", "The secret's value, percent-encoded for a URL."),
    ("json", "The secret's value as a JSON text, with its quotes."),
];

/// What can be written between `{{` and `}}`, or a new pair of them, in the text `node`.
pub(super) fn completions(
    texts: &Texts<'_>,
    plan: &Document,
    (pointer, node): (&Pointer, &Node),
    offset: usize,
) -> Vec<Completion> {
    let quotes = node.between_quotes();
    if offset < quotes.start || quotes.end < offset {
        return Vec::new();
    }
    let before = Characters::of(plan.slice(&(quotes.start..offset))).text;
    let secrets = known::of_kind(texts, Kind::Secret, (pointer, offset));
    let inside = before.rfind("{{").and_then(|at| before.get(at + 2..)).filter(|inside| !inside.contains('}'));
    let Some(inside) = inside else {
        let whole = secrets.into_iter().map(|known| {
            let helper = if before.contains("://") { "url " } else { "" };
            let text = format!("{{{{{helper}{}}}}}", known.name);
            one((CompletionKind::Secret, text.clone(), text, known.words), offset..offset)
        });
        return whole.collect();
    };
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let typed = inside.bytes().rev().take_while(part).count();
    let following = plan.text().as_bytes().get(offset..quotes.end).unwrap_or_default();
    let range = offset - typed..offset + following.iter().take_while(|byte| part(byte)).count();
    let rest = plan.slice(&(range.end..quotes.end));
    let close = if rest.trim_start().starts_with('}') { "" } else { "}}" };
    let secrets = secrets.into_iter().map(|known| {
        let text = format!("{}{close}", known.name);
        one((CompletionKind::Secret, known.name, text, known.words), range.clone())
    });
    let has_helper = HELPERS.iter().any(|(helper, _)| inside.split_ascii_whitespace().next() == Some(helper));
    let helpers = HELPERS.iter().filter(|_| !has_helper || inside.split_ascii_whitespace().count() <= 1 && typed > 0);
    let helpers = helpers.map(|(helper, words)| {
        let label = (*helper).to_owned();
        one((CompletionKind::Helper, label, format!("{helper} "), (*words).to_owned()), range.clone())
    });
    secrets.chain(helpers).collect()
}

fn one(
    (kind, label, plain, documentation): (CompletionKind, String, String, String),
    range: Range<usize>,
) -> Completion {
    Completion {
        filter: label.clone(),
        label,
        detail: String::new(),
        documentation,
        kind,
        range,
        plain,
        snippet: None,
        also: Vec::new(),
    }
}
