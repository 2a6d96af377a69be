//! Reads what Podman's storage has on record: of each kind a list, in a folder of the storage whose name begins with that of its driver.

use super::super::look::Storage;
use crate::few::Few;
use crate::run::Failure;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// What something is called on record.
#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    id: String,
}

/// The folder of the records of what is `layers`, `images` or `containers`, in the storage below `root`.
pub fn folder(root: &Path, what: &str) -> Option<PathBuf> {
    let is_it = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.strip_suffix(what).is_some_and(|driver| driver.ends_with('-'))
    };
    entries(root).into_iter().find(is_it)
}

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
pub fn list<T: DeserializeOwned>(Storage { graph, run }: &Storage, what: &str) -> Result<Option<Vec<T>>, Failure> {
    let Some(records) = folder(graph, what) else { return Ok(None) };
    let Some(mut all) = read(&records.join(format!("{what}.json")))? else { return Ok(None) };
    for folder in [Some(records), folder(run, what)].into_iter().flatten() {
        all.extend(read(&folder.join(format!("volatile-{what}.json")))?.unwrap_or_default());
    }
    Ok(Some(all))
}

/// The IDs of those that [`list`] tells.
///
/// # Errors
/// A list can't be read.
pub fn ids(storage: &Storage, what: &str) -> Result<Option<BTreeSet<String>>, Failure> {
    let ids = |entries: Vec<Entry>| entries.into_iter().map(|Entry { id }| id).gathered();
    Ok(list(storage, what)?.map(ids))
}

/// The names and IDs of the containers that the storage has; `None` where there is no list.
///
/// # Errors
/// A list can't be read.
pub fn names_of_containers(storage: &Storage) -> Result<Option<BTreeSet<String>>, Failure> {
    #[derive(Deserialize)]
    struct Named {
        id: String,
        #[serde(default)]
        names: Option<Vec<String>>,
    }
    let both = |Named { id, names }| names.into_iter().flatten().chain([id]);
    Ok(list(storage, "containers")?.map(|containers: Vec<Named>| containers.into_iter().flat_map(both).gathered()))
}

/// A list, in a file of its own; `None` where there is no such file.
///
/// # Errors
/// It can't be read.
pub fn read<T: DeserializeOwned>(list: &Path) -> Result<Option<Vec<T>>, Failure> {
    let Some(text) = text(list)? else { return Ok(None) };
    serde_json::from_slice(&text).map(Some).map_err(|error| unread(list, &error))
}

fn text(list: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match std::fs::read(list) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unread(list, &error)),
        Ok(text) => Ok(Some(text)),
    }
}

fn unread(list: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::new(format!("{} can't be read: {error}", list.display()))
}
