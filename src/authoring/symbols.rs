//! The outline of a plan. Reads nothing, changes nothing.

use super::document::{Content, Document, Member, Node};
use std::ops::Range;

/// An entry of the outline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// What it is called: the key.
    pub name: String,
    /// A few words: a service's image, a job's schedule. May be empty.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// All of it, from the key to the end of the value.
    pub range: Range<usize>,
    /// The key, inside `range`.
    pub name_range: Range<usize>,
    /// What is inside it.
    pub children: Vec<Symbol>,
}

/// What an entry of the outline is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// An object that holds others.
    Group,
    /// A service.
    Service,
    /// A maintenance job.
    Job,
    /// An SSH key.
    Key,
    /// The network.
    Network,
    /// Any other field.
    Field,
}

pub(super) fn symbols(document: &Document) -> Vec<Symbol> {
    document.root().members().iter().filter_map(|member| of_the_top(document, member)).collect()
}

fn of_the_top(document: &Document, member: &Member) -> Option<Symbol> {
    let inside = &member.value;
    let (kind, children) = match member.name()? {
        "services" => (SymbolKind::Group, below(document, inside, SymbolKind::Service)),
        "ssh_keys" => (SymbolKind::Group, below(document, inside, SymbolKind::Key)),
        "maintenance" => {
            (SymbolKind::Group, inside.members().iter().filter_map(|job| of_maintenance(document, job)).collect())
        }
        "network" => (SymbolKind::Network, below(document, inside, SymbolKind::Field)),
        _ => (SymbolKind::Field, below(document, inside, SymbolKind::Field)),
    };
    Some(symbol(document, member, (kind, children)))
}

fn of_maintenance(document: &Document, member: &Member) -> Option<Symbol> {
    let (kind, children) = match member.name()? {
        "cleanup" | "healthcheck" => (SymbolKind::Job, Vec::new()),
        "jobs" => (SymbolKind::Group, below(document, &member.value, SymbolKind::Job)),
        _ => (SymbolKind::Field, Vec::new()),
    };
    Some(symbol(document, member, (kind, children)))
}

fn below(document: &Document, node: &Node, kind: SymbolKind) -> Vec<Symbol> {
    let named = node.members().iter().filter(|member| member.key.is_some());
    named
        .map(|member| {
            let children = match kind {
                SymbolKind::Service => below(document, &member.value, SymbolKind::Field),
                SymbolKind::Group | SymbolKind::Job | SymbolKind::Key | SymbolKind::Network | SymbolKind::Field => {
                    Vec::new()
                }
            };
            symbol(document, member, (kind, children))
        })
        .collect()
}

fn symbol(document: &Document, member: &Member, (kind, children): (SymbolKind, Vec<Symbol>)) -> Symbol {
    let range = member.range();
    let name_range = member.key.as_ref().map_or(range.start..range.start, |key| key.range.clone());
    let name = member.name().filter(|name| !name.is_empty()).unwrap_or("\"\"").to_owned();
    let detail = match kind {
        SymbolKind::Service => member.value.inside("image").map(image_in_words).unwrap_or_default(),
        SymbolKind::Job => {
            let schedule = member.value.inside("schedule").and_then(Node::text);
            schedule.unwrap_or_default().to_owned()
        }
        SymbolKind::Field => match member.value.content {
            Content::Text(_) | Content::Word => document.slice(&member.value.range).to_owned(),
            Content::Object(_) | Content::Array(_) | Content::Missing => String::new(),
        },
        SymbolKind::Group | SymbolKind::Key | SymbolKind::Network => String::new(),
    };
    Symbol { name, detail, kind, range, name_range, children }
}

/// An image as it is written, or its source: `archive images/shop.tar`.
pub(super) fn image_in_words(image: &Node) -> String {
    if let Some(reference) = image.text() {
        return reference.to_owned();
    }
    let sources = ["registry", "archive", "build", "ssh", "url"];
    let source = sources.iter().find_map(|source| Some(format!("{source} {}", image.inside(source)?.text()?)));
    source.unwrap_or_default()
}
