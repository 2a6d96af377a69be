//! Removes the folders of a container whose removal was killed: Podman removes its record in the storage and its folders side by side,
//! and finds no folder of a container that the storage does not know.

use super::super::driver::Podman;
use super::super::look::Storage;
use super::super::store_lock;
use super::records;
use crate::facts::ContainerFact;
use crate::host::files::remove_tree;
use crate::run::Failure;
use std::path::PathBuf;

impl Podman {
    /// Removes the folders of a container, which has this name or ID, unless the storage knows it. Podman must know it: it forgets a
    /// container only when its storage is gone.
    ///
    /// # Errors
    /// Podman can't be asked, the storage can't be read, somebody holds its lock for long, or the system's refusal.
    pub(in super::super) fn clear_folders(&self, container: &str) -> Result<(), Failure> {
        let is_it = |there: &ContainerFact| there.name == container || there.id == container;
        let Some(ContainerFact { id, .. }) = self.containers()?.into_iter().find(is_it) else { return Ok(()) };
        clear(&id, &self.storage()?)
    }
}

fn clear(id: &str, storage: &Storage) -> Result<(), Failure> {
    let folders: Vec<PathBuf> =
        [storage.records("containers"), storage.volatile_records("containers")].into_iter().flatten().collect();
    // It is what removes and makes them, under this lock.
    let Some(_held) =
        folders.first().map(|folder| store_lock::hold(&folder.join("containers.lock"))).transpose()?.flatten()
    else {
        return Ok(());
    };
    // Where there is no list, it is not known to be gone.
    if records::ids(storage, "containers")?.is_none_or(|known| known.contains(id)) {
        return Ok(());
    }
    for folder in folders.iter().map(|folder| folder.join(id)).filter(|folder| folder.symlink_metadata().is_ok()) {
        remove_tree(&folder).map_err(|problem| Failure::new(problem.to_string()))?;
        tracing::info!(folder = %folder.display(), "removed a folder of a container whose removal was killed");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Storage, clear};
    use pretty_assertions::assert_eq;
    use std::fs;

    #[test]
    fn regression_038_the_folders_of_a_container_go_that_the_storage_does_not_know_and_no_others() {
        let [graph, run] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let storage = Storage::at(graph.path(), run.path());
        let folders = [graph.path().join("overlay-containers"), run.path().join("overlay-containers")];
        for folder in &folders {
            for id in ["gone", "known", "volatile"] {
                fs::create_dir_all(folder.join(id).join("userdata/secrets")).unwrap();
            }
        }
        fs::write(folders[0].join("containers.lock"), "").unwrap();
        fs::write(folders[0].join("containers.json"), r#"[{ "id": "known" }]"#).unwrap();
        fs::write(folders[1].join("volatile-containers.json"), r#"[{ "id": "volatile" }]"#).unwrap();
        ["known", "volatile", "gone", "gone"].iter().for_each(|id| assert_eq!(clear(id, &storage), Ok(())));
        for folder in &folders {
            let there = ["gone", "known", "volatile"].map(|id| folder.join(id).join("userdata/secrets").exists());
            assert_eq!(there, [false, true, true]);
        }
        // A record that can't be read says of no container that it is gone.
        fs::write(folders[0].join("containers.json"), "").unwrap();
        let unread = clear("known", &storage).unwrap_err();
        assert_eq!(
            unread.message,
            format!(
                "{}/containers.json can't be read: EOF while parsing a value at line 1 column 0",
                folders[0].display()
            )
        );
        // Nor does one that is not there.
        fs::remove_file(folders[0].join("containers.json")).unwrap();
        assert_eq!(clear("known", &storage), Ok(()));
        assert!(folders[0].join("known").exists());
    }
}
