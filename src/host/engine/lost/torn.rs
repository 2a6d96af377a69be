//! Removes the files that Podman had not finished when it was killed: it writes each of its records beside the old one first.

use super::super::driver::Podman;
use super::super::store_lock;
use super::records::entries;
use super::unrecorded;
use crate::plan::values::PlanName;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// What their names begin with.
const TORN: &str = ".tmp-";

/// The records, each in a folder whose name ends so, with a lock of the same name.
const RECORDS: [&str; 3] = ["layers", "images", "containers"];

/// The name of the lock of what the storage has on record, until the server boots, of what is mounted.
const MOUNTED: &str = "mountpoints";

impl Podman {
    /// Removes what of the storage's records was never finished, as far as nobody is writing them, layers that were not, and the layers of
    /// the plan's containers that are gone. What the engine needs meanwhile goes to the folder `temporary`, which is gone afterwards.
    /// Folders of layers go that were made since the run began, where that is said.
    pub fn mend_storage(&self, plan: &PlanName, temporary: &Path, since: Option<SystemTime>) {
        let Ok(storage) = self.storage() else { return };
        RECORDS.iter().for_each(|what| remove_torn(storage.records(what), what));
        remove_torn(storage.volatile_records("layers"), MOUNTED);
        if let Err(failure) = self.remove_unfinished_layers(&storage, plan, &[], temporary) {
            tracing::warn!(cause = failure.message, "unfinished layers, or layers of containers that are gone, stay");
        }
        if let Some(Err(failure)) = since.map(|since| unrecorded::remove(&storage, since)) {
            tracing::warn!(cause = failure.message, "folders of layers that no record has stay");
        }
    }
}

fn remove_torn(records: Option<PathBuf>, lock: &str) {
    let Some(folder) = records.filter(|folder| !torn(folder).is_empty()) else { return };
    // Whoever writes holds it: what is there while we do will never be finished.
    let _held = match store_lock::hold(&folder.join(format!("{lock}.lock"))) {
        Ok(Some(held)) => held,
        Ok(None) => return,
        Err(failure) => {
            tracing::warn!(folder = %folder.display(), cause = failure.message, "unfinished records of the engine stay");
            return;
        }
    };
    for path in torn(&folder) {
        match std::fs::remove_file(&path) {
            Ok(()) => {
                tracing::info!(path = %path.display(), "removed a record of the engine's that was never finished")
            }
            Err(error) => tracing::warn!(path = %path.display(), %error, "an unfinished record of the engine's stays"),
        }
    }
}

/// Those beside the records, and those of what belongs to a single image or container, in a folder of its own.
fn torn(folder: &Path) -> Vec<PathBuf> {
    let is_torn = |path: &PathBuf| {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(TORN))
            && !path.is_symlink()
            && path.is_file()
    };
    let there = entries(folder);
    let own = there.iter().filter(|path| path.is_dir() && !path.is_symlink()).flat_map(|folder| entries(folder));
    there.iter().cloned().chain(own).filter(is_torn).collect()
}

#[cfg(test)]
mod tests {
    use super::remove_torn;
    use crate::host::engine::look::Storage;
    use pretty_assertions::assert_eq;

    #[test]
    fn regression_019_what_the_engine_had_not_finished_goes_and_its_records_stay() {
        let storage = tempfile::tempdir().unwrap();
        let records = |what: &str| Storage::at(storage.path(), storage.path()).records(what);
        let write = |path: &str| {
            let path = storage.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        for name in ["layers.json", "layers.lock", ".tmp-layers.json1193132814", "e9be.tar-split.gz"] {
            write(&format!("overlay-layers/{name}"));
        }
        ["images.json", "images.lock", "83a2/manifest", "83a2/.tmp-=c2lnbmF0dXJl1464537554"]
            .iter()
            .for_each(|name| write(&format!("overlay-images/{name}")));
        let left = |folder: &str| {
            let entries = std::fs::read_dir(storage.path().join(folder)).unwrap();
            let mut left: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            left.sort();
            left
        };
        remove_torn(records("containers"), "containers");
        remove_torn(records("layers"), "layers");
        assert_eq!(left("overlay-layers"), ["e9be.tar-split.gz", "layers.json", "layers.lock"]);
        assert_eq!(left("overlay-images/83a2").len(), 2);
        remove_torn(records("images"), "images");
        assert_eq!(left("overlay-images"), ["83a2", "images.json", "images.lock"]);
        assert_eq!(left("overlay-images/83a2"), ["manifest"]);
    }
}
