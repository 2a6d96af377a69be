//! Files written and removed whole.

use super::*;
use pretty_assertions::assert_eq;

#[test]
fn a_file_is_replaced_as_a_whole_with_its_mode_and_nothing_else_is_left() {
    let (folder, _guard) = folder();
    let (path, target) = (folder.join("saved.json"), folder.join("target"));
    fs::write(&target, "target").unwrap();
    symlink(&target, &path).unwrap();
    write_atomically(&path, b"new", 0o640).unwrap();
    assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"new".to_vec(), 0o640));
    assert_eq!(fs::read(&target).unwrap(), b"target");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
    let missing = folder.join("missing/saved.json");
    assert_eq!(write_atomically(&missing, b"", 0o600).unwrap_err(), FileProblem::Missing { path: missing });
}

#[test]
fn a_file_gets_the_room_that_was_taken_for_it_and_no_more() {
    let (folder, _guard) = folder();
    let path = folder.join("saved.json");
    fs::write(&path, "old").unwrap();
    reserve(&path, 8192).unwrap();
    let room = fs::metadata(unfinished(&path)).unwrap();
    assert_eq!((room.len(), room.blocks() * 512 >= 8192, fs::read(&path).unwrap()), (8192, true, b"old".to_vec()));
    write_reserved(&path, b"new", 0o640).unwrap();
    let written = fs::metadata(&path).unwrap();
    assert_eq!((written.ino(), mode(&path), fs::read(&path).unwrap()), (room.ino(), 0o640, b"new".to_vec()));
    // Where none was taken, it is written as any other.
    write_reserved(&path, b"newer", 0o600).unwrap();
    assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"newer".to_vec(), 0o600));
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
}

#[test]
fn a_link_in_the_place_of_the_room_is_not_followed() {
    let (folder, _guard) = folder();
    let (path, target) = (folder.join("saved.json"), folder.join("target"));
    fs::write(&target, "target").unwrap();
    symlink(&target, unfinished(&path)).unwrap();
    let problem = write_reserved(&path, b"new", 0o600).unwrap_err();
    let reason = "Too many symbolic links encountered".to_owned();
    assert_eq!(problem, FileProblem::System { path: path.clone(), action: "written", reason });
    assert_eq!((path.exists(), fs::read(&target).unwrap()), (false, b"target".to_vec()));
    symlink(&target, unfinished(&path)).unwrap();
    reserve(&path, 5).unwrap();
    assert_eq!((fs::read(unfinished(&path)).unwrap(), fs::read(&target).unwrap()), (vec![0; 5], b"target".to_vec()));
}

#[test]
fn what_is_not_there_is_told_from_what_is() {
    let (folder, _guard) = folder();
    let path = folder.join("file");
    assert_eq!((read_if_there(&path).unwrap(), remove_if_there(&path).unwrap()), (None, false));
    fs::write(&path, "x").unwrap();
    assert_eq!((read_if_there(&path).unwrap(), remove_if_there(&path).unwrap()), (Some(b"x".to_vec()), true));
    assert!(!path.exists());
}

#[test]
fn a_private_folder_is_for_us_alone_and_no_link() {
    let (folder, _guard) = folder();
    let path = folder.join("private");
    create_private_directory(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
    chmod(&path, 0o755);
    create_private_directory(&path).unwrap();
    assert_eq!(mode(&path), 0o700);
    symlink("private", folder.join("link")).unwrap();
    let problem = create_private_directory(&folder.join("link")).unwrap_err();
    assert_eq!(problem, FileProblem::SymbolicLink { path: folder.join("link") });
}
