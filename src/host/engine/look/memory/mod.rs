//! Keeps what Podman said of itself and of its networks until the server boots. It says the same again for as long as its program and the
//! files are as they were that it says it from; and to be asked takes it a tenth of a second, several times that beside other calls.

mod places;
#[cfg(test)]
mod tests;

pub(super) use places::STORE;

use super::super::driver::Podman;
use crate::host::system;
use crate::run::Failure;
use places::Places;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What is kept, or nothing: each answer in a file, behind the SHA-256 of all that it was made from and of itself.
#[derive(Debug, Clone, Default)]
pub(in crate::host::engine) struct Memory {
    places: Option<Places>,
    /// What this process was told, to be kept.
    told: Arc<Mutex<Vec<Kept>>>,
}

/// A file as it is to be.
type Kept = (PathBuf, Vec<u8>);

/// An answer that is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// What it is, and where it has its storage.
    Itself,
    /// Its networks.
    Networks,
}

impl Answer {
    fn name(self) -> &'static str {
        match self {
            Self::Itself => "itself",
            Self::Networks => "networks",
        }
    }
}

impl Memory {
    /// Of this server, until it boots. Root's alone.
    pub(in crate::host::engine) fn of_this_boot() -> Self {
        Self { places: system::is_root().then(Places::usual), told: Arc::default() }
    }

    /// What this answer was, if Podman would give it again.
    fn recalled(&self, what: Answer, program: &Path) -> Option<Vec<u8>> {
        let places = self.places.as_ref()?;
        let mut kept = std::fs::read(places.kept_of(what)).ok()?;
        let text = kept.split_off(kept.len().min(Sha256::output_size()));
        let from = places.all_that_is_read(what, program)?;
        (places.sum(from, &text) == kept).then_some(text)
    }

    /// What an answer that is asked for now will be made from.
    fn all_that_is_read(&self, what: Answer, program: &Path) -> Option<Sha256> {
        self.places.as_ref()?.all_that_is_read(what, program)
    }

    fn keep(&self, what: Answer, from: Sha256, text: &[u8]) {
        if let Some(places) = &self.places {
            self.told().push((places.kept_of(what), [places.sum(from, text).as_slice(), text].concat()));
        }
    }

    fn write(&self) {
        for (file, kept) in self.told().drain(..) {
            // Half of it is as good as none: its sum tells, and Podman is asked.
            let opened = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&file);
            drop(opened.and_then(|mut opened| opened.write_all(&kept)));
        }
    }

    fn told(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.told.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Leaves nothing of what Podman said.
pub fn forget() {
    let places = Places::usual();
    for what in [Answer::Itself, Answer::Networks] {
        // What stays, is gone with the next boot.
        drop(std::fs::remove_file(places.kept_of(what)));
    }
}

/// What Podman told.
pub(super) struct Told {
    /// By which call.
    by: String,
    /// What was printed.
    text: Vec<u8>,
    /// Where that is known, all that it is made from.
    from: Source,
}

/// What an answer is made from.
enum Source {
    /// It was kept.
    Kept,
    /// It may be kept.
    Known(Sha256),
    /// That can't be told, or was not asked.
    Unknown,
}

impl Told {
    /// Whether it is known all that it is made from.
    pub(super) fn is_clear(&self) -> bool {
        !matches!(self.from, Source::Unknown)
    }

    pub(super) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        serde_json::from_slice(&self.text)
            .map_err(|problem| Failure::new(format!("what `{}` printed can't be read: {problem}", self.by)))
    }
}

impl Podman {
    /// What a call prints, from an earlier run if it would print the same now.
    pub(super) fn told_as_before(&self, what: Answer, arguments: &[&str]) -> Result<Told, Failure> {
        if let Some(text) = self.recalled(what) {
            return Ok(Told { by: self.name_of(arguments), text, from: Source::Kept });
        }
        // What changes while it answers, changes this.
        let from = self.memory.all_that_is_read(what, self.program()).map_or(Source::Unknown, Source::Known);
        Ok(Told { from, ..self.told_now(arguments)? })
    }

    /// What a call prints, which is not to be kept.
    pub(super) fn told_now(&self, arguments: &[&str]) -> Result<Told, Failure> {
        let text = self.told(arguments, |printed| Ok(printed.whole()))?;
        Ok(Told { by: self.name_of(arguments), text, from: Source::Unknown })
    }

    /// What an earlier run was told, if this one would be told the same.
    pub(super) fn recalled(&self, what: Answer) -> Option<Vec<u8>> {
        self.memory.recalled(what, self.program())
    }

    /// Lets the next run have this, if this one [keeps](Podman::keep_what_it_said) anything.
    pub(super) fn keep(&self, what: Answer, told: &Told) {
        let Told { by: _, text, from } = told;
        if let Source::Known(from) = from {
            self.memory.keep(what, from.clone(), text);
        }
    }

    /// Has what it said until now for the next run.
    pub fn keep_what_it_said(&self) {
        self.memory.write();
    }
}
