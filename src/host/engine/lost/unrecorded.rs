//! Removes the folders of layers that no record of the storage has: Podman, or the power, ended while one was being made.
//!
//! Podman neither finds nor removes them, nor the short name of one that it had no room to make and removed itself. Those that are older
//! than the run belong to somebody else's trouble, and stay.

use super::super::look::Storage;
use super::super::store_lock;
use super::records::{self, entries};
use crate::host::files::remove_tree;
use crate::run::Failure;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The folder beside those of the layers that has a short name for each, and the file in a layer's folder that says which.
const LINKS: &str = "l";
const LINK: &str = "link";

/// Removes those that were made since then, and the short names of such as are gone; how many.
///
/// # Errors
/// The storage can't be read, somebody holds its lock for long, or the system's refusal.
pub fn remove(storage: &Storage, since: SystemTime) -> Result<usize, Failure> {
    let Some(records) = storage.records("layers") else { return Ok(0) };
    // `overlay-layers` has the records of what is in `overlay`.
    let layers = storage.graph.join(&storage.driver);
    let unrecorded = || -> Result<Vec<PathBuf>, Failure> {
        // Where there is no list, none is known to be lost.
        let Some(known) = records::ids(storage, "layers")? else { return Ok(Vec::new()) };
        Ok(entries(&layers).into_iter().filter(|layer| is_new(layer, since) && !known.contains(&name(layer))).collect())
    };
    let links = || entries(&layers.join(LINKS)).into_iter().filter(|link| leads_nowhere(link, since));
    if unrecorded()?.is_empty() && links().next().is_none() {
        return Ok(0);
    }
    // Who makes a layer holds it until the layer is on record.
    let Some(_held) = store_lock::hold(&records.join("layers.lock"))? else { return Ok(0) };
    let unrecorded = unrecorded()?;
    let failure = |problem: &dyn std::fmt::Display| Failure::new(problem.to_string());
    for layer in &unrecorded {
        let link = std::fs::read_to_string(layer.join(LINK)).map_err(|error| failure(&error))?;
        let link = layers.join(LINKS).join(link.trim().replace('/', ""));
        remove_tree(layer).map_err(|problem| failure(&problem))?;
        // As in `../ID/diff`.
        if std::fs::read_link(&link)
            .is_ok_and(|target| target.components().any(|part| part.as_os_str() == name(layer).as_str()))
        {
            remove_tree(&link).map_err(|problem| failure(&problem))?;
        }
        tracing::info!(layer = %layer.display(), "removed the folder of a layer that no record has");
    }
    let mut count = unrecorded.len();
    for link in links() {
        std::fs::remove_file(&link).map_err(|error| failure(&error))?;
        tracing::info!(link = %link.display(), "removed the short name of a layer that is gone");
        count += 1;
    }
    Ok(count)
}

fn name(layer: &Path) -> String {
    layer.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn is_new(layer: &Path, since: SystemTime) -> bool {
    is_id(&name(layer)) && is_made_since(&layer.join(LINK), since)
}

/// Whether it is the short name, made since then, of a layer whose folder is gone: Podman makes the folder first.
fn leads_nowhere(link: &Path, since: SystemTime) -> bool {
    let Ok(target) = std::fs::read_link(link) else { return false };
    // As in `../ID/diff`.
    let layer =
        target.components().map(|part| part.as_os_str().to_string_lossy().into_owned()).find(|part| is_id(part));
    let folder = layer.and_then(|layer| Some(link.parent()?.parent()?.join(layer)));
    folder.is_some_and(|folder| folder.try_exists().is_ok_and(|there| !there)) && is_made_since(link, since)
}

fn is_id(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|digit| digit.is_ascii_hexdigit())
}

fn is_made_since(path: &Path, since: SystemTime) -> bool {
    let made = std::fs::symlink_metadata(path).and_then(|there| there.modified());
    made.is_ok_and(|made| made >= since)
}

#[cfg(test)]
mod tests {
    use super::{Storage, remove};
    use pretty_assertions::assert_eq;
    use std::fs;
    use std::time::{Duration, SystemTime};

    #[test]
    fn regression_064_the_folder_of_a_new_layer_goes_that_no_record_has_and_no_other() {
        let [graph, run] = [(); 2].map(|()| tempfile::tempdir().unwrap());
        let storage = Storage::at(graph.path(), run.path());
        let path = |path: &str| graph.path().join(path);
        let layers = ["1", "2", "3"].map(|digit| digit.repeat(64));
        fs::create_dir_all(path("overlay/l")).unwrap();
        for (layer, link) in layers.iter().zip(["ONE", "TWO", "THREE"]) {
            fs::create_dir_all(path(&format!("overlay/{layer}/diff"))).unwrap();
            fs::write(path(&format!("overlay/{layer}/link")), link).unwrap();
            std::os::unix::fs::symlink(format!("../{layer}/diff"), path(&format!("overlay/l/{link}"))).unwrap();
        }
        fs::create_dir(path("overlay-layers")).unwrap();
        fs::create_dir(run.path().join("overlay-layers")).unwrap();
        fs::write(path("overlay-layers/layers.lock"), "").unwrap();
        let record = |text: &str| fs::write(path("overlay-layers/layers.json"), text).unwrap();
        // Of one, nothing is left but the short name; another name is nobody's.
        std::os::unix::fs::symlink(format!("../{}/diff", "4".repeat(64)), path("overlay/l/FOUR")).unwrap();
        std::os::unix::fs::symlink("../elsewhere/diff", path("overlay/l/FIVE")).unwrap();
        record(&format!(r#"[{{ "id": "{}" }}]"#, layers[0]));
        fs::write(run.path().join("overlay-layers/volatile-layers.json"), format!(r#"[{{ "id": "{}" }}]"#, layers[1]))
            .unwrap();
        let there = || {
            let links =
                ["ONE", "TWO", "THREE", "FOUR", "FIVE"].map(|link| path(&format!("overlay/l/{link}")).is_symlink());
            (layers.each_ref().map(|layer| path(&format!("overlay/{layer}")).exists()), links)
        };
        let later = SystemTime::now() + Duration::from_secs(60);
        assert_eq!((remove(&storage, later), there()), (Ok(0), ([true; 3], [true; 5])));
        assert_eq!(
            (remove(&storage, SystemTime::UNIX_EPOCH), there()),
            (Ok(2), ([true, true, false], [true, true, false, false, true]))
        );
        // A record that can't be read says of no layer that it is gone.
        record("");
        let unread = remove(&storage, SystemTime::UNIX_EPOCH).unwrap_err().message;
        let at = path("overlay-layers/layers.json");
        assert_eq!(unread, format!("{} can't be read: EOF while parsing a value at line 1 column 0", at.display()));
        // Nor does one that is not there.
        fs::remove_file(&at).unwrap();
        assert_eq!(remove(&storage, SystemTime::UNIX_EPOCH), Ok(0));
        assert_eq!(there(), ([true, true, false], [true, true, false, false, true]));
    }
}
