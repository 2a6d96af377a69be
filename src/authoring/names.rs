//! Where services, secrets and SSH keys are made and where they are named. Reads nothing, changes nothing.

use super::document::{Content, Document, Node, characters::Characters};
use super::meaning::Meaning;
use super::{Definition, File, Location, Texts};
use crate::diagnostics::Pointer;
use crate::few::Few;
use std::{collections::BTreeSet, ops::Range};

/// What a name is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Service,
    Secret,
    SshKey,
}

/// In which way a name stands somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Role {
    /// It is made here.
    Definition,
    /// It is named here.
    Use,
    /// A text that the name is all of, or all but a port: it may mean something else.
    Perhaps,
}

/// A name where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Occurrence {
    pub(super) location: Location,
    pub(super) kind: Kind,
    pub(super) role: Role,
    pub(super) name: String,
    /// The value that it stands in, or the member whose key it is.
    pub(super) pointer: Pointer,
}

/// What a name of this schema format is of.
pub(super) fn kind_of_format(format: &str) -> Option<Kind> {
    match format {
        "landfall-service-name" => Some(Kind::Service),
        "landfall-secret-name" => Some(Kind::Secret),
        "landfall-key-file-name" => Some(Kind::SshKey),
        _ => None,
    }
}

/// Every name in both files, in the order of the text.
pub(super) fn all(texts: &Texts<'_>) -> Vec<Occurrence> {
    let mut found = Vec::new();
    for file in [File::Plan, File::Secrets] {
        let Some(document) = texts.document(file) else { continue };
        let services = document.root().member("services").map(|member| &member.value);
        let services = services.map(Node::members).unwrap_or_default().iter().filter_map(|member| member.name());
        let mut search =
            Search { file, document, services: services.gathered(), is_template: false, found: &mut found };
        search.value(document.root(), &[Meaning::of_file(file)], &Pointer::root());
    }
    found
}

/// The name that the offset is in or at the edge of.
pub(super) fn at(all: &[Occurrence], file: File, offset: usize) -> Option<&Occurrence> {
    let touches = |occurrence: &&Occurrence| {
        let Location { file: other, range } = &occurrence.location;
        *other == file && range.start <= offset && offset <= range.end && occurrence.role != Role::Perhaps
    };
    all.iter().find(touches)
}

/// Whether both are the same thing.
pub(super) fn same(one: &Occurrence, another: &Occurrence) -> bool {
    one.kind == another.kind && one.name == another.name
}

pub(super) fn definition(texts: &Texts<'_>, file: File, offset: usize) -> Option<Definition> {
    let all = all(texts);
    let named = at(&all, file, offset).filter(|named| named.role != Role::Definition)?;
    let made = all.iter().find(|other| other.role == Role::Definition && same(other, named))?;
    let document = texts.document(made.location.file)?;
    let holder = document.node(&made.pointer.parent()?)?;
    let member = holder.member(&made.name)?.range();
    Some(Definition { name: named.location.range.clone(), location: made.location.clone(), member })
}

pub(super) fn references(texts: &Texts<'_>, file: File, offset: usize, with_definition: bool) -> Vec<Location> {
    let all = all(texts);
    let Some(named) = at(&all, file, offset) else { return Vec::new() };
    let wanted = |other: &&Occurrence| match other.role {
        Role::Definition => with_definition && same(other, named),
        Role::Use => same(other, named),
        Role::Perhaps => false,
    };
    all.iter().filter(wanted).map(|other| other.location.clone()).collect()
}

struct Search<'d, 'f> {
    file: File,
    document: &'d Document,
    services: BTreeSet<&'d str>,
    /// Whether the value that is looked at next is a text with secrets in it.
    is_template: bool,
    found: &'f mut Vec<Occurrence>,
}

impl<'d> Search<'d, '_> {
    fn value(&mut self, node: &'d Node, meanings: &[Meaning], pointer: &Pointer) {
        let fitting = Meaning::fitting(meanings, Some(node), None);
        match &node.content {
            Content::Object(members) => {
                for member in members {
                    let name = member.name().unwrap_or_default();
                    let below = pointer.then(name);
                    if let Some(key) = &member.key {
                        self.key(&key.text, key.between_quotes(), &fitting, &below);
                    }
                    let meanings: Vec<_> = fitting.iter().filter_map(|meaning| meaning.member(name)).collect();
                    self.is_template = name == "template" && fitting.iter().any(|meaning| meaning.has_field(name));
                    self.value(&member.value, &meanings, &below);
                }
            }
            Content::Array(elements) => {
                let meanings: Vec<_> = fitting.iter().filter_map(Meaning::element).collect();
                for (index, element) in elements.iter().enumerate() {
                    self.value(element, &meanings, &pointer.then(index));
                }
            }
            Content::Text(text) => self.text(text, node.between_quotes(), &fitting, pointer),
            Content::Word | Content::Missing => {}
        }
    }

    fn key(&mut self, text: &str, range: Range<usize>, of: &[Meaning], pointer: &Pointer) {
        let free = of.iter().filter(|meaning| !meaning.has_field(text));
        let names: Vec<Meaning> = free.filter_map(Meaning::names).collect();
        let kind = Meaning::fitting(&names, None, None).iter().filter_map(Meaning::format).find_map(kind_of_format);
        let Some(kind) = kind else { return };
        // Only a dependency is named by a key of a deeper object.
        let role = if pointer.segments().count() <= 2 { Role::Definition } else { Role::Use };
        self.push((kind, role), text, range, pointer);
    }

    fn text(&mut self, text: &str, range: Range<usize>, of: &[Meaning], pointer: &Pointer) {
        let format = of.iter().find_map(Meaning::format);
        match (format, format.and_then(kind_of_format)) {
            (_, Some(kind)) => self.push((kind, Role::Use), text, range, pointer),
            (Some("landfall-http-url"), None) => self.hosts(text, &range, pointer),
            (Some("landfall-tcp-target"), None) => {
                let host = text.rsplit_once(':').map_or(text, |(host, _)| host);
                if self.services.contains(host) {
                    self.push((Kind::Service, Role::Use), host, range.start..range.start + host.len(), pointer);
                }
            }
            (Some(_), None) => {}
            (None, None) => {
                if self.is_template {
                    self.secrets_in(text, &range, pointer);
                }
                if reaches_a_container(pointer) {
                    self.hosts(text, &range, pointer);
                }
            }
        }
    }

    fn push(&mut self, (kind, role): (Kind, Role), name: &str, range: Range<usize>, pointer: &Pointer) {
        let location = Location { file: self.file, range };
        self.found.push(Occurrence { location, kind, role, name: name.to_owned(), pointer: pointer.clone() });
    }

    /// Services as hosts of URLs; and a text that is nothing but a service's name, or the name and a port.
    fn hosts(&mut self, text: &str, range: &Range<usize>, pointer: &Pointer) {
        let host =
            text.split_once(':').filter(|(_, port)| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()));
        let host = host.map_or(text, |(host, _)| host);
        let mut hosts: Vec<(Range<usize>, Role)> = Vec::new();
        if self.services.contains(host) {
            hosts.push((0..host.len(), Role::Perhaps));
        }
        hosts.extend(hosts_of_urls(text).into_iter().map(|host| (host, Role::Use)));
        for (host, role) in hosts {
            let name = text.get(host.clone()).unwrap_or_default();
            if self.services.contains(name) {
                let raw = self.raw(range, &host);
                self.push((Kind::Service, role), name, raw, pointer);
            }
        }
    }

    fn secrets_in(&mut self, text: &str, range: &Range<usize>, pointer: &Pointer) {
        for name in secrets_of_template(text) {
            let raw = self.raw(range, &name);
            self.push((Kind::Secret, Role::Use), text.get(name).unwrap_or_default(), raw, pointer);
        }
    }

    /// Bytes of a text without escapes, where they stand in the document.
    fn raw(&self, between_quotes: &Range<usize>, part: &Range<usize>) -> Range<usize> {
        let part = Characters::of(self.document.slice(between_quotes)).raw(part);
        between_quotes.start + part.start..between_quotes.start + part.end
    }
}

/// Texts of a service, and what a job runs, are read by programs on the plan's network.
fn reaches_a_container(pointer: &Pointer) -> bool {
    let mut segments = pointer.segments();
    let beginning = (segments.next(), segments.next(), segments.next(), segments.next());
    match beginning {
        (Some("services"), Some(_), Some(field), _) => {
            matches!(field, "environment" | "command" | "entrypoint" | "configs" | "healthcheck")
        }
        (Some("maintenance"), Some("jobs"), Some(_), Some("exec")) => true,
        (_, _, _, _) => false,
    }
}

/// The host in each `scheme://user:password@host:port/` of a text.
fn hosts_of_urls(text: &str) -> Vec<Range<usize>> {
    let hosts = text.match_indices("://").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = text.get(start..)?;
        let authority = rest.get(..end_of_authority(rest))?;
        let user = authority.rfind('@').map_or(0, |at| at + 1);
        let host = authority.get(user..)?.split(':').next()?;
        Some(start + user..start + user + host.len())
    });
    hosts.filter(|host| !host.is_empty()).collect()
}

/// Where the part of a URL up to its path ends; the spaces in `{{url name}}` don't end it.
fn end_of_authority(text: &str) -> usize {
    let ends = ['/', '?', '#', '"', '\'', ' ', '\t', '\n', '\r', '<', '>', ';', ',', ')'];
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let end = rest.find(ends).unwrap_or(rest.len());
        let template = rest.find("{{").filter(|opening| *opening < end);
        match template.and_then(|opening| Some(opening + rest.get(opening..)?.find("}}")? + 2)) {
            Some(behind) => at += behind,
            None => return at + end,
        }
    }
    text.len()
}

/// The name in each `{{name}}`, `{{url name}}` and `{{json name}}`, the last one even if it is not closed.
pub(super) fn secrets_of_template(text: &str) -> Vec<Range<usize>> {
    let names = text.match_indices("{{").filter_map(|(at, mark)| {
        let start = at + mark.len();
        let rest = text.get(start..)?;
        if text.get(..at)?.ends_with(['\\', '{']) || rest.starts_with('{') {
            return None;
        }
        let inside = rest.split("}}").next()?;
        let name = inside.split_ascii_whitespace().next_back()?;
        let name_at = inside.rfind(name)?;
        let is_helper = matches!(name, "url" | "json") && inside.split_ascii_whitespace().count() == 1;
        (!is_helper).then_some(start + name_at..start + name_at + name.len())
    });
    names.collect()
}
