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
