//! Reads what Podman's storage has on record: of each kind a list, in a folder of the storage whose name begins with that of its driver.

use super::super::look::Storage;
use crate::few::Few;
use crate::run::Failure;
use serde::de::{DeserializeOwned, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// What is in a folder; nothing where it can't be read.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    entries.map(|entry| entry.path()).collect()
}

/// The layers, images or containers on record, also those that are gone with the next boot, which newer versions list apart; `None` where
/// there is no list of those that stay: then nothing is known of what is there.
///
/// # Errors
/// A list can't be read.
pub fn list<T: DeserializeOwned>(storage: &Storage, what: &str) -> Result<Option<Vec<T>>, Failure> {
    those(storage, what, &|_| true)
}

/// The same, of those alone that are meant.
///
/// # Errors
/// A list can't be read.
pub fn those<T: DeserializeOwned>(
    storage: &Storage,
    what: &str,
    are_meant: &dyn Fn(&T) -> bool,
) -> Result<Option<Vec<T>>, Failure> {
    let Some(records) = storage.records(what) else { return Ok(None) };
    let Some(mut all) = read_those(&records.join(format!("{what}.json")), are_meant)? else { return Ok(None) };
    for folder in [Some(records), storage.volatile_records(what)].into_iter().flatten() {
        all.extend(read_those(&folder.join(format!("volatile-{what}.json")), are_meant)?.unwrap_or_default());
    }
    Ok(Some(all))
}

/// The IDs of those that [`list`] tells.
///
/// # Errors
/// A list can't be read.
pub fn ids(storage: &Storage, what: &str) -> Result<Option<BTreeSet<String>>, Failure> {
    let ids = |entries: Vec<Entry>| entries.into_iter().map(|Entry { id, .. }| id).gathered();
    Ok(list(storage, what)?.map(ids))
}

/// A container, an image or a layer on record.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct Entry {
    /// Its ID.
    pub id: String,
    /// What it is called; an image, by its tags and those of its digests that it was pulled by.
    pub names: Option<Vec<String>>,
    /// Of a container or an image, the uppermost of its layers.
    pub layer: String,
    /// Of a layer, the one below it.
    pub parent: String,
    /// Of a layer, its SHA-256 as images say it.
    pub diff_digest: String,
    /// The same, as registries say it.
    pub compressed_diff_digest: String,
    /// Of a layer.
    pub flags: Option<Flags>,
    /// Of an image, copies of that layer for other users.
    pub mapped_layers: Option<Vec<String>>,
    /// What else is kept of it, each in a file.
    pub big_data_names: Option<Vec<String>>,
}

/// What else there is to say of a layer.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub struct Flags {
    /// Whether the engine has not finished it: then it removes it when it next writes.
    pub incomplete: bool,
}

impl Entry {
    /// Whether it is called so.
    pub fn has_name(&self, name: &str) -> bool {
        self.names.iter().flatten().any(|own| own == name)
    }
}

/// The names and IDs of the containers that the storage has; `None` where there is no list.
///
/// # Errors
/// A list can't be read.
pub fn names_of_containers(storage: &Storage) -> Result<Option<BTreeSet<String>>, Failure> {
    let both = |Entry { id, names, .. }| names.into_iter().flatten().chain([id]);
    Ok(list(storage, "containers")?.map(|containers: Vec<Entry>| containers.into_iter().flat_map(both).gathered()))
}

/// Whether the storage has a container of this name or ID; `None` where there is no list.
///
/// # Errors
/// A list can't be read.
pub fn has_container(storage: &Storage, name: &str) -> Result<Option<bool>, Failure> {
    let is_it = |container: &Entry| container.id == name || container.has_name(name);
    Ok(those(storage, "containers", &is_it)?.map(|those| !those.is_empty()))
}

/// Where the text of a list lies while it is read: one list at a time, for it is long where there is much, and each thread that reads one
/// would keep the room for it.
static TEXT: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// A list, in a file of its own; `None` where there is no such file.
///
/// # Errors
/// It can't be read.
pub fn read<T: DeserializeOwned>(list: &Path) -> Result<Option<Vec<T>>, Failure> {
    read_those(list, &|_| true)
}

fn read_those<T: DeserializeOwned>(list: &Path, are_meant: &dyn Fn(&T) -> bool) -> Result<Option<Vec<T>>, Failure> {
    let mut text = TEXT.lock().unwrap_or_else(PoisonError::into_inner);
    if !fill(&mut text, list)? {
        return Ok(None);
    }
    let mut json = serde_json::Deserializer::from_slice(&text);
    let those = json.deserialize_seq(Those(are_meant)).and_then(|those| json.end().map(|()| those));
    those.map(Some).map_err(|error| unread(list, &error))
}

/// Reads a list, of which it keeps those alone that are meant.
struct Those<'a, T>(&'a dyn Fn(&T) -> bool);

impl<'de, T: DeserializeOwned> Visitor<'de> for Those<'_, T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
        let mut those = Vec::new();
        while let Some(one) = list.next_element()? {
            if (self.0)(&one) {
                those.push(one);
            }
        }
        Ok(those)
    }
}

/// Makes this the text of a list; false where there is no such file.
fn fill(text: &mut Vec<u8>, list: &Path) -> Result<bool, Failure> {
    text.clear();
    match File::open(list).and_then(|mut list| list.read_to_end(text)) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(unread(list, &error)),
        Ok(_) => Ok(true),
    }
}

fn unread(list: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{} can't be read: {error}", list.display()))
}
