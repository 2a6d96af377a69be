//! The services, secrets and SSH keys that a plan can name. Reads nothing, changes nothing.

use crate::authoring::{
    File, Texts,
    hover::things,
    names::{self, Kind, Occurrence, Role},
};
use crate::diagnostics::Pointer;
use crate::few::Few;
use std::collections::BTreeSet;

/// Something that can be named, in words.
pub(super) struct Known {
    pub(super) name: String,
    pub(super) words: String,
}

/// What can be named where a name of this kind is written at `pointer`: what is made; of secrets, the other used ones too.
pub(super) fn of_kind(texts: &Texts<'_>, kind: Kind, (pointer, offset): (&Pointer, usize)) -> Vec<Known> {
    let mut segments = pointer.segments();
    match (kind, segments.next(), segments.next(), segments.next()) {
        (Kind::Service, Some("services"), Some(own), Some("depends_on")) => dependencies(texts, Some(own)),
        (Kind::Service | Kind::Secret | Kind::SshKey, _, _, _) => {
            let all = names::all(texts);
            let here = |other: &Occurrence| {
                let range = &other.location.range;
                other.location.file == File::Plan && range.start <= offset && offset <= range.end
            };
            let counts = |other: &&Occurrence| {
                other.kind == kind && !here(other) && (other.role == Role::Definition || kind == Kind::Secret)
            };
            in_words(texts, &all, all.iter().filter(counts))
        }
    }
}

/// The services that `own` can depend on: not itself, and none that waits for it.
pub(super) fn dependencies(texts: &Texts<'_>, own: Option<&str>) -> Vec<Known> {
    let all = names::all(texts);
    let mut waiting: BTreeSet<&str> = own.into_iter().gathered();
    loop {
        let before = waiting.len();
        let dependencies = all.iter().filter_map(|other| {
            let mut segments = other.pointer.segments().skip(1);
            let (dependant, field) = (segments.next()?, segments.next()?);
            (field == "depends_on" && waiting.contains(other.name.as_str())).then_some(dependant)
        });
        let dependants: Vec<&str> = dependencies.collect();
        waiting.extend(dependants);
        if waiting.len() == before {
            break;
        }
    }
    let counts = |other: &&Occurrence| {
        other.kind == Kind::Service && other.role == Role::Definition && !waiting.contains(other.name.as_str())
    };
    in_words(texts, &all, all.iter().filter(counts))
}

/// Names that are used and that nothing makes.
pub(super) fn named_but_not_made(texts: &Texts<'_>, kind: Kind) -> Vec<String> {
    let all = names::all(texts);
    let of_role = |role: Role| {
        let wanted = all.iter().filter(move |other| other.kind == kind && other.role == role);
        wanted.map(|other| other.name.clone()).gathered::<BTreeSet<_>>()
    };
    of_role(Role::Use).difference(&of_role(Role::Definition)).cloned().collect()
}

fn in_words<'o>(texts: &Texts<'_>, all: &[Occurrence], named: impl Iterator<Item = &'o Occurrence>) -> Vec<Known> {
    let mut known: Vec<Known> = Vec::new();
    for occurrence in named.filter(|occurrence| !occurrence.name.is_empty()) {
        if known.iter().all(|known| known.name != occurrence.name) {
            known.push(Known { name: occurrence.name.clone(), words: things::told(texts, all, occurrence) });
        }
    }
    known
}
