//! Gives a service, a secret or an SSH key another name, everywhere. Reads nothing, changes nothing.

use super::names::{self, Kind, Occurrence, Role};
use super::{Edit, File, Location, Texts};
use crate::plan::values::{KeyFileName, Problem, SecretName, ServiceName};
use std::ops::Range;

/// The changes that rename something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renaming {
    /// Every change, in the order of the text, the plan's first. They don't overlap.
    pub edits: Vec<Edit>,
    /// Texts that consist of the old name and were left alone, because they may mean something else.
    pub left: Vec<Location>,
}

/// Why nothing was renamed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRenamed {
    /// The cursor is on none of the names.
    #[error("only services, secrets and SSH keys can be renamed: put the cursor on the name of one")]
    NoName,
    /// The new name has not the form of such a name: what is wrong with it, and the cure.
    #[error("{problem}")]
    Wrong {
        /// The new name.
        name: String,
        /// What is wrong with it, and the cure.
        problem: String,
    },
    /// Something of this kind has the new name.
    #[error("there is a {what} `{name}` already: choose another name")]
    Taken {
        /// The kind of thing.
        what: &'static str,
        /// The new name.
        name: String,
    },
}

pub(super) fn renameable(texts: &Texts<'_>, file: File, offset: usize) -> Option<Range<usize>> {
    names::at(&names::all(texts), file, offset).map(|named| named.location.range.clone())
}

pub(super) fn rename(texts: &Texts<'_>, file: File, offset: usize, new: &str) -> Result<Renaming, NotRenamed> {
    let all = names::all(texts);
    let named = names::at(&all, file, offset).ok_or(NotRenamed::NoName)?;
    let problem = match named.kind {
        Kind::Service => ServiceName::parse(new).err(),
        Kind::Secret => SecretName::parse(new).err(),
        Kind::SshKey => KeyFileName::parse(new).err(),
    };
    if let Some(problem) = problem {
        return Err(NotRenamed::Wrong { name: new.to_owned(), problem: told(&problem) });
    }
    let is_taken = |other: &Occurrence| other.kind == named.kind && other.name == new && other.role != Role::Perhaps;
    if new != named.name && all.iter().any(is_taken) {
        return Err(NotRenamed::Taken { what: what(named.kind), name: new.to_owned() });
    }
    let (left, changed): (Vec<_>, Vec<_>) =
        all.iter().filter(|other| names::same(other, named)).partition(|other| other.role == Role::Perhaps);
    let edit = |occurrence: &Occurrence| Edit { location: occurrence.location.clone(), text: new.to_owned() };
    Ok(Renaming {
        edits: changed.into_iter().map(edit).collect(),
        left: left.into_iter().map(|occurrence| occurrence.location.clone()).collect(),
    })
}

fn what(kind: Kind) -> &'static str {
    match kind {
        Kind::Service => "service",
        Kind::Secret => "secret",
        Kind::SshKey => "SSH key",
    }
}

fn told(problem: &Problem) -> String {
    let Problem { message, label, help, meant: _, code: _ } = problem;
    let parts = [message, label, help].into_iter().filter(|part| !part.is_empty());
    parts.cloned().collect::<Vec<_>>().join(": ")
}
