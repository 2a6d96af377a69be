//! Keeps a copy of Podman's lists of secrets while Podman writes them: it empties them first, those of others too, so that a full
//! disk, a kill or a power cut at that moment would lose everybody's secrets.

use super::store_lock;
use crate::host::files::{self, FileProblem};
use crate::host::system;
use crate::run::Failure;
use serde::de::{DeserializeOwned, IgnoredAny};
use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufReader};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Where Podman keeps secrets, unless an administrator has moved its whole store.
pub(super) const FOLDER: &str = "/var/lib/containers/storage/secrets";

/// What Podman empties and writes anew: what secrets there are, and their values.
const LISTS: [&str; 2] = ["secrets.json", "filedriver/secretsdata.json"];

/// What every call of Podman's that changes secrets holds.
const LOCK: &str = "secrets.lock";

/// More than Podman and we need to write all secrets anew, in bytes.
const ROOM: u64 = 4 << 20;

/// How the name of a copy begins.
const COPY: &str = ".landfall-copy-";

/// Podman's store of secrets.
#[derive(Debug)]
pub struct SecretStore {
    folder: PathBuf,
    copies: Mutex<Weak<Copies>>,
}

/// The copies, as long as a change is under way.
#[derive(Debug)]
struct Copies {
    folder: PathBuf,
}

impl Drop for Copies {
    fn drop(&mut self) {
        if let Err(failure) = mend(&self.folder) {
            tracing::warn!(cause = %failure.message, "the copies of Podman's secrets stay");
        }
    }
}

impl Default for SecretStore {
    fn default() -> Self {
        Self::at(Path::new(FOLDER))
    }
}

impl SecretStore {
    fn at(folder: &Path) -> Self {
        Self { folder: folder.to_path_buf(), copies: Mutex::default() }
    }

    /// Makes a change of Podman's secrets, several side by side at will; whatever becomes of it, the store is whole afterwards.
    ///
    /// # Errors
    /// The change's own; that there is no room for it, in which case it is not made; or the system's refusal.
    pub fn change<T>(&self, change: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
        let copies = self.copies()?;
        let changed = change();
        self.let_go(copies).and(changed)
    }

    /// Gives Podman its lists back where a crash left them empty, and removes the copies.
    ///
    /// # Errors
    /// The system's refusal, or that somebody holds Podman's lock.
    pub fn mend(&self) -> Result<(), Failure> {
        mend(&self.folder)
    }

    fn copies(&self) -> Result<Arc<Copies>, Failure> {
        let mut shared = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(copies) = shared.upgrade() {
            return Ok(copies);
        }
        mend(&self.folder)?;
        self.has_room()?;
        let copies = Arc::new(Copies { folder: self.folder.clone() });
        *shared = Arc::downgrade(&copies);
        let _alone = store_lock::hold(&self.folder.join(LOCK))?;
        lists(&self.folder).iter().filter(|list| is_whole(list)).try_for_each(|list| copy(list))?;
        Ok(copies)
    }

    fn let_go(&self, copies: Arc<Copies>) -> Result<(), Failure> {
        let shared = self.copies.lock().unwrap_or_else(PoisonError::into_inner);
        drop(copies);
        let left = lists(&self.folder).into_iter().map(|list| copy_of(&list)).find(|copy| copy.exists());
        match left {
            Some(copy) if shared.strong_count() == 0 => Err(Failure::new(format!(
                "{}, a copy of Podman's secrets, could not be removed: run `landfall recover`",
                copy.display()
            ))),
            Some(_) | None => Ok(()),
        }
    }

    fn has_room(&self) -> Result<(), Failure> {
        let free = system::free_space(&self.folder).map_err(|error| failure(&self.folder, "looked at", &error))?.bytes;
        let told = || {
            let folder = self.folder.display();
            format!(
                "{folder} has {free} bytes left, and Podman would lose everybody's secrets there: make room for 4 MiB"
            )
        };
        if free >= ROOM { Ok(()) } else { Err(Failure::new(told())) }
    }
}

/// One that is lost is put back together with the other, for they must agree: a secret of the one that has no value in the other could
/// not be removed. The lost one comes last, so that a crash in between leaves something to be mended.
fn mend(folder: &Path) -> Result<(), Failure> {
    for list in lists(folder) {
        files::remove_unfinished_in(folder_of(&list)).map_err(problem)?;
    }
    let copied: Vec<_> = lists(folder).into_iter().filter(|list| copy_of(list).exists()).collect();
    if copied.is_empty() {
        return Ok(());
    }
    let _alone = store_lock::hold(&folder.join(LOCK))?;
    let (whole, lost): (Vec<_>, Vec<_>) = copied.iter().partition(|list| is_whole(list));
    if lost.is_empty() {
        return whole.into_iter().try_for_each(|list| forget_the_copy_of(list));
    }
    tracing::warn!("Podman's secrets were lost, and are as they were before the change");
    whole.into_iter().chain(lost).try_for_each(|list| put_back(list))
}

fn put_back(list: &Path) -> Result<(), Failure> {
    std::fs::rename(copy_of(list), list).map_err(|error| failure(list, "put back", &error))?;
    files::sync_directory(folder_of(list)).map_err(problem)
}

/// Podman does not wait until the disk has what it wrote.
fn forget_the_copy_of(list: &Path) -> Result<(), Failure> {
    File::open(list).and_then(|list| list.sync_all()).map_err(|error| failure(list, "synchronised", &error))?;
    files::remove_if_there(&copy_of(list)).map(drop).map_err(problem)
}

fn copy(list: &Path) -> Result<(), Failure> {
    let copy = copy_of(list);
    let unfinished = files::unfinished(&copy);
    let written = File::open(list).and_then(|mut list| {
        let mut written = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&unfinished)?;
        io::copy(&mut list, &mut written)?;
        written.sync_all()?;
        std::fs::rename(&unfinished, &copy)
    });
    written.map_err(|error| {
        let _ = std::fs::remove_file(&unfinished);
        failure(list, "copied", &error)
    })?;
    files::sync_directory(folder_of(list)).map_err(problem)
}

fn is_whole(list: &Path) -> bool {
    File::open(list).is_ok_and(|list| serde_json::from_reader::<_, IgnoredAny>(BufReader::new(list)).is_ok())
}

/// One of the lists, where it is there.
///
/// # Errors
/// It is there and can't be read.
pub(super) fn read<T: DeserializeOwned>(list: &Path) -> Result<Option<T>, Failure> {
    let Some(bytes) = files::read_if_there(list).map_err(problem)? else { return Ok(None) };
    serde_json::from_slice(&bytes).map(Some).map_err(|error| failure(list, "read", &error.into()))
}

/// The lists in this folder: what secrets there are, and their values.
pub(super) fn lists(folder: &Path) -> [PathBuf; 2] {
    LISTS.map(|list| folder.join(list))
}

fn copy_of(list: &Path) -> PathBuf {
    let mut name = OsString::from(COPY);
    name.push(list.file_name().unwrap_or_default());
    list.with_file_name(name)
}

fn folder_of(list: &Path) -> &Path {
    list.parent().unwrap_or(Path::new("/"))
}

fn failure(path: &Path, action: &str, error: &io::Error) -> Failure {
    Failure::new(format!("`{}` could not be {action}: {error}", path.display()))
}

fn problem(problem: FileProblem) -> Failure {
    Failure::new(problem.to_string())
}

#[cfg(test)]
#[path = "secret_store_tests.rs"]
mod tests;
