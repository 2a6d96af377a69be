//! Whether Podman's lists are whole after each way in which a change can end.

use super::*;
use pretty_assertions::assert_eq;
use std::fs;
use tempfile::TempDir;

/// What both lists hold.
type Lists = [String; 2];

fn store(content: &str) -> (SecretStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("filedriver")).unwrap();
    fs::write(folder.path().join(LOCK), "").unwrap();
    LISTS.iter().for_each(|list| fs::write(folder.path().join(list), content).unwrap());
    (SecretStore::at(folder.path()), folder)
}

fn read(folder: &TempDir) -> Lists {
    LISTS.map(|list| fs::read_to_string(folder.path().join(list)).unwrap())
}

fn write(folder: &TempDir, number: usize, content: &str) {
    fs::write(folder.path().join(LISTS[number]), content).unwrap();
}

/// Every file that is there.
fn files(folder: &TempDir) -> Vec<String> {
    let folders = [folder.path().to_path_buf(), folder.path().join("filedriver")];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(folder).unwrap()).map(|entry| entry.unwrap());
    let mut names: Vec<_> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

const NAMES: [&str; 4] = ["filedriver", "secrets.json", "secrets.lock", "secretsdata.json"];

#[test]
fn what_podman_wrote_stays_and_no_copy_does() {
    let (store, folder) = store("{}");
    let changed = store.change(|| {
        assert_eq!(files(&folder).len(), NAMES.len() + 2);
        (0..2).for_each(|number| write(&folder, number, "{\"a\": 1}"));
        Ok(1)
    });
    assert_eq!((changed, read(&folder)), (Ok(1), ["{\"a\": 1}", "{\"a\": 1}"].map(str::to_owned)));
    assert_eq!(files(&folder), NAMES);
}

#[test]
fn both_lists_are_as_before_when_podman_loses_one() {
    for lost in 0..2 {
        let (store, folder) = store("{\"a\": 1}");
        let changed: Result<(), _> = store.change(|| {
            write(&folder, 1 - lost, "{\"a\": 2}");
            write(&folder, lost, "");
            Err(Failure::new("no space left on device"))
        });
        assert_eq!(changed, Err(Failure::new("no space left on device")), "{lost}");
        assert_eq!(read(&folder), ["{\"a\": 1}", "{\"a\": 1}"].map(str::to_owned), "{lost}");
        assert_eq!(files(&folder), NAMES, "{lost}");
    }
}

#[test]
fn what_a_crash_left_is_mended_also_after_a_crash_of_that() {
    let (store, folder) = store("{\"a\": 1}");
    std::mem::forget(store.copies().unwrap());
    write(&folder, 1, "{\"a\"");
    // The copy of the other one was put back already.
    fs::rename(copy_of(&folder.path().join(LISTS[0])), folder.path().join(LISTS[0])).unwrap();
    fs::write(files::unfinished(&copy_of(&folder.path().join(LISTS[1]))), "{").unwrap();
    SecretStore::at(folder.path()).mend().unwrap();
    assert_eq!(read(&folder), ["{\"a\": 1}", "{\"a\": 1}"].map(str::to_owned));
    assert_eq!(files(&folder), NAMES);
}

#[test]
fn the_copies_stay_until_the_last_of_several_changes_has_ended() {
    let (store, folder) = store("{\"a\": 1}");
    let changed = store.change(|| {
        write(&folder, 0, "{\"a\": 2}");
        store.change(|| {
            write(&folder, 0, "");
            Err::<(), _>(Failure::new("killed"))
        })
    });
    assert_eq!((changed, read(&folder)[0].as_str()), (Err(Failure::new("killed")), "{\"a\": 1}"));
}

#[test]
fn nothing_is_copied_where_podman_has_no_secrets_and_nothing_of_what_somebody_else_lost() {
    let (store, folder) = store("");
    let seen = store.change(|| Ok(files(&folder)));
    assert_eq!(seen.unwrap(), NAMES);
    assert_eq!(read(&folder), ["", ""].map(str::to_owned));
    let empty = tempfile::tempdir().unwrap();
    SecretStore::at(empty.path()).change(|| Ok(())).unwrap();
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}
