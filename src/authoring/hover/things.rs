//! Services, secrets and SSH keys in words: what they are and what names them. Reads nothing, changes nothing.

use crate::authoring::{
    File, Texts,
    document::{Document, Node},
    names::{self, Kind, Occurrence, Role},
    symbols::image_in_words,
};
use crate::diagnostics::Pointer;

/// What stands behind a name. Of a secret, never its value.
pub(in crate::authoring) fn told(texts: &Texts<'_>, all: &[Occurrence], named: &Occurrence) -> String {
    match named.kind {
        Kind::Service => service(texts, all, named),
        Kind::Secret => secret(texts, all, named),
        Kind::SshKey => key(all, named),
    }
}

fn service(texts: &Texts<'_>, all: &[Occurrence], named: &Occurrence) -> String {
    let name = &named.name;
    let found = texts.plan.and_then(|plan| Some((plan, plan.node(&Pointer::of(["services", name]))?)));
    let Some((plan, service)) = found else {
        return format!("**service `{name}`** · the plan has no such service");
    };
    let mut lines = vec![format!("**service `{name}`**{}", container(plan, name))];
    let image = service.inside("image").map(image_in_words).filter(|image| !image.is_empty());
    lines.extend(image.map(|image| format!("- image `{image}`")));
    let one_shot = service.inside("restart").and_then(Node::text) == Some("no");
    lines.extend(one_shot.then(|| "- a one-shot: done when it ends with 0".to_owned()));
    lines.extend(list(plan, service, "ports").map(|ports| format!("- ports {ports}")));
    lines.extend(sources(service).map(|volumes| format!("- data in {volumes}")));
    lines.extend(list(plan, service, "depends_on").map(|needs| format!("- starts after {needs}")));
    let dependants = places(all, named, |pointer| pointer.segments().nth(2) == Some("depends_on"));
    lines.extend(once(&dependants).map(|names| format!("- needed by {names}")));
    lines.join("\n")
}

fn container(plan: &Document, service: &str) -> String {
    let name = plan.root().inside("name").and_then(Node::text).filter(|name| !name.is_empty());
    name.map(|name| format!(" · container `{name}-{service}`")).unwrap_or_default()
}

/// The elements of a list, or the keys of an object.
fn list(plan: &Document, service: &Node, field: &str) -> Option<String> {
    let value = service.inside(field)?;
    let keys = value.members().iter().filter_map(|member| member.name().map(str::to_owned));
    let elements = value.elements().iter().map(|element| match element.text() {
        Some(text) => text.to_owned(),
        None => plan.slice(&element.range).to_owned(),
    });
    in_code(keys.chain(elements))
}

fn sources(service: &Node) -> Option<String> {
    let volumes = service.inside("volumes")?.elements().iter();
    in_code(volumes.filter_map(|volume| volume.inside("source")?.text().map(str::to_owned)))
}

fn in_code(words: impl Iterator<Item = String>) -> Option<String> {
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The services, or else the fields, in which something is named.
fn places(all: &[Occurrence], named: &Occurrence, wanted: impl Fn(&Pointer) -> bool) -> Vec<String> {
    let uses = all.iter().filter(|other| other.role == Role::Use && names::same(other, named));
    let place = |other: &Occurrence| {
        let mut segments = other.pointer.segments();
        match (segments.next(), segments.next()) {
            (Some("services"), Some(service)) => service.to_owned(),
            (_, _) => other.pointer.to_string(),
        }
    };
    uses.filter(|other| wanted(&other.pointer)).map(place).collect()
}

fn once(places: &[String]) -> Option<String> {
    let mut once: Vec<String> = Vec::new();
    for place in places {
        if !once.contains(place) {
            once.push(place.clone());
        }
    }
    in_code(once.into_iter())
}

fn secret(texts: &Texts<'_>, all: &[Occurrence], named: &Occurrence) -> String {
    let mut lines = vec![format!("**secret `{}`**", named.name)];
    let is_made = all.iter().any(|other| other.role == Role::Definition && names::same(other, named));
    let known = match (texts.secrets, is_made) {
        (_, true) => "in the secrets file",
        (Some(_), false) => "not in the secrets file",
        (None, false) => "the secrets file is not known",
    };
    lines.push(format!("- {known}"));
    let used = once(&places(all, named, |_| true));
    match (used, named.location.file) {
        (Some(used), _) => lines.push(format!("- used by {used}")),
        (None, File::Secrets) if texts.plan.is_some() => lines.push("- the plan doesn't use it".to_owned()),
        (None, File::Plan | File::Secrets) => {}
    }
    lines.join("\n")
}

fn key(all: &[Occurrence], named: &Occurrence) -> String {
    let mut lines = vec![format!("**SSH key `{}`** · `/root/.ssh/{}`", named.name, named.name)];
    lines.extend(once(&places(all, named, |_| true)).map(|used| format!("- used by {used}")));
    lines.join("\n")
}
