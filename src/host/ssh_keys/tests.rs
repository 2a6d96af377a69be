//! In a folder in the place of `/root/.ssh`.

use super::*;
use pretty_assertions::assert_eq;
use proptest::prelude::*;
use std::fs::Permissions;
use std::os::unix::fs::{PermissionsExt, symlink};

const LINE: &str = "images.example ssh-ed25519 AAAA";
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn folder() -> (SshFolder, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    (SshFolder(home.path().join(".ssh")), home)
}

fn mode(path: &Path) -> u32 {
    std::fs::symlink_metadata(path).unwrap().mode() & 0o7777
}

#[test]
fn a_key_is_installed_for_root_alone_and_removed_only_while_it_is_the_same() {
    let (ssh, _home) = folder();
    assert_eq!(ssh.look_at_key("id_rsa").unwrap(), KeyLook::Missing);
    ssh.install_key("id_rsa", b"").unwrap();
    let present = KeyLook::Present { sha256: EMPTY_SHA256.to_owned(), mode: 0o600 };
    assert_eq!(ssh.look_at_key("id_rsa").unwrap(), present);
    assert_eq!(mode(&ssh.0), 0o700);
    ssh.install_key("id_rsa", b"another").unwrap();
    assert_eq!(ssh.remove_key("id_rsa", EMPTY_SHA256).unwrap(), KeyRemoval::Different);
    assert_eq!(std::fs::read(ssh.0.join("id_rsa")).unwrap(), b"another");
    assert_eq!(ssh.remove_key("id_rsa", &sha256(b"another")).unwrap(), KeyRemoval::Removed);
    assert_eq!(ssh.remove_key("id_rsa", &sha256(b"another")).unwrap(), KeyRemoval::Missing);
}

#[test]
fn what_an_interrupted_installation_left_goes_with_the_key() {
    let (ssh, _home) = folder();
    std::fs::create_dir(&ssh.0).unwrap();
    std::fs::write(ssh.0.join(".landfall-new-id_rsa"), "half a k").unwrap();
    assert_eq!(ssh.remove_key("id_rsa", EMPTY_SHA256).unwrap(), KeyRemoval::Missing);
    assert_eq!(std::fs::read_dir(&ssh.0).unwrap().count(), 0);
}

#[test]
fn an_existing_folder_keeps_its_mode() {
    let (ssh, _home) = folder();
    std::fs::create_dir(&ssh.0).unwrap();
    std::fs::set_permissions(&ssh.0, Permissions::from_mode(0o750)).unwrap();
    ssh.install_key("id_rsa", b"").unwrap();
    assert_eq!(mode(&ssh.0), 0o750);
}

#[test]
fn a_link_in_the_place_of_a_key_or_of_known_hosts_is_not_followed() {
    let (ssh, home) = folder();
    std::fs::create_dir(&ssh.0).unwrap();
    let target = home.path().join("target");
    std::fs::write(&target, "").unwrap();
    symlink(&target, ssh.0.join("id_rsa")).unwrap();
    assert_eq!(ssh.look_at_key("id_rsa").unwrap(), KeyLook::NotAFile);
    assert_eq!(ssh.remove_key("id_rsa", EMPTY_SHA256).unwrap(), KeyRemoval::Different);
    let known_hosts = ssh.0.join("known_hosts");
    symlink(&target, &known_hosts).unwrap();
    let problem = ssh.plan_known_hosts(&[LINE.to_owned()]).unwrap_err();
    assert_eq!(problem, FileProblem::SymbolicLink { path: known_hosts });
}

#[test]
fn a_name_can_not_lead_out_of_the_folder() {
    let (ssh, _home) = folder();
    for name in ["../id_rsa", "a/b", "/etc/passwd", "..", ""] {
        let problem = ssh.install_key(name, b"").unwrap_err();
        assert_eq!(
            problem.to_string(),
            format!("`{name}` could not be used as a key's name: it is no plain file name")
        );
    }
    assert!(!ssh.0.exists());
}

#[test]
fn known_hosts_lines_are_added_once_and_a_file_made_for_them_goes_with_them() {
    let (ssh, _home) = folder();
    let addition = ssh.plan_known_hosts(&[LINE.to_owned(), LINE.to_owned()]).unwrap();
    let expected = KnownHostsAddition { lines: vec![LINE.to_owned()], created_file: true, added_newline: false };
    assert_eq!(addition, expected);
    ssh.add_known_hosts(&addition).unwrap();
    ssh.add_known_hosts(&addition).unwrap();
    let path = ssh.0.join("known_hosts");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{LINE}\n"));
    assert_eq!(mode(&path), 0o600);
    assert_eq!(ssh.plan_known_hosts(&[LINE.to_owned()]).unwrap(), KnownHostsAddition::default());
    ssh.remove_known_hosts(&addition).unwrap();
    assert!(!path.exists());
}

/// The power may have gone just before the file took its place, or its successor did.
#[test]
fn regression_065_what_an_interrupted_attempt_to_add_lines_left_goes_with_them() {
    let (ssh, _home) = folder();
    let addition = ssh.plan_known_hosts(&[LINE.to_owned()]).unwrap();
    std::fs::create_dir(&ssh.0).unwrap();
    for original in [None, Some("me\n")] {
        if let Some(original) = original {
            std::fs::write(ssh.0.join("known_hosts"), original).unwrap();
        }
        std::fs::write(ssh.0.join(".landfall-new-known_hosts"), LINE).unwrap();
        ssh.remove_known_hosts(&addition).unwrap();
        let left = std::fs::read_dir(&ssh.0).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(
            left.collect::<Vec<_>>(),
            original.map(|_| "known_hosts".to_owned()).into_iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn the_file_keeps_its_mode_and_what_others_added_meanwhile() {
    let (ssh, _home) = folder();
    std::fs::create_dir(&ssh.0).unwrap();
    let path = ssh.0.join("known_hosts");
    std::fs::write(&path, "me\r\nyou").unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    let addition = ssh.plan_known_hosts(&[LINE.to_owned()]).unwrap();
    ssh.add_known_hosts(&addition).unwrap();
    assert_eq!((std::fs::read_to_string(&path).unwrap(), mode(&path)), (format!("me\r\nyou\n{LINE}\n"), 0o644));
    let meanwhile = format!("me\r\nyou\n{LINE}\nthem\n");
    std::fs::write(&path, meanwhile).unwrap();
    ssh.remove_known_hosts(&addition).unwrap();
    assert_eq!((std::fs::read_to_string(&path).unwrap(), mode(&path)), ("me\r\nyou\nthem\n".to_owned(), 0o644));
}

#[test]
fn of_two_equal_lines_the_one_that_was_there_first_stays_in_its_place() {
    let addition = KnownHostsAddition { lines: vec!["b".to_owned()], created_file: false, added_newline: false };
    assert_eq!(known_hosts::remove(b"b\na\nb\n", &addition), Some(b"b\na\n".to_vec()));
}

proptest! {
    #[test]
    fn taking_the_lines_out_gives_every_byte_back(
        original in proptest::option::of("([a-c]{0,2}\n|\r\n){0,5}[a-c]{0,2}"),
        lines in proptest::collection::vec("[a-c]{1,2}", 0..4),
    ) {
        let original = original.map(String::into_bytes);
        let addition = known_hosts::addition(original.as_deref(), &lines);
        let with = known_hosts::add(original.as_deref(), &addition).or_else(|| original.clone());
        let without = with.as_deref().and_then(|with| known_hosts::remove(with, &addition));
        prop_assert_eq!(without, original);
    }
}
