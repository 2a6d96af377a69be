//! What is kept, and what ends it.

use super::places::{MOST, Places};
use super::{Answer, Memory};
use pretty_assertions::assert_eq;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const BOTH: [&str; 2] = ["itself", "networks"];

/// A server on which an answer is kept.
struct Server(TempDir);

impl Server {
    fn new() -> Self {
        let server = Self(tempfile::tempdir().unwrap());
        fs::copy("/bin/true", server.program()).unwrap();
        for (file, text) in [
            (
                "etc/containers.conf",
                "[network]\n# network_config_dir = \"/etc/elsewhere\"\nadditionalimagestores = []\n",
            ),
            ("etc/containers.conf.d/10-ours.conf", "[engine]\n"),
            ("etc/networks/shop.json", "{}"),
            ("etc/networks/netavark.lock", ""),
            ("store/defaultNetworkBackend", "netavark"),
            ("store/libpod/bolt_state.db", "records"),
            ("elsewhere/storage.conf", "[storage]\n"),
        ] {
            server.write(file, text);
        }
        symlink("../elsewhere/storage.conf", server.path("etc/storage.conf")).unwrap();
        server.keep();
        server
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn program(&self) -> PathBuf {
        self.path("podman")
    }

    fn write(&self, file: &str, text: &str) {
        let path = self.path(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn memory(&self) -> Memory {
        let configuration = vec![self.path("not-there"), self.path("etc")];
        let networks = vec![self.path("etc/networks"), self.path("cni")];
        let kept = self.path("landfall.podman");
        let places = Places { kept, configuration, networks, store: self.path("store") };
        Memory { places: Some(places), ..Memory::default() }
    }

    fn keep(&self) {
        let memory = self.memory();
        for what in [Answer::Itself, Answer::Networks] {
            let from = memory.all_that_is_read(what, &self.program()).unwrap();
            memory.keep(what, from, what.name().as_bytes());
        }
        memory.write();
    }

    /// Which answers are had again.
    fn recalled(&self) -> Vec<String> {
        let answers = [Answer::Itself, Answer::Networks].into_iter();
        let recalled = answers.filter_map(|what| self.memory().recalled(what, &self.program()));
        recalled.map(|text| String::from_utf8(text).unwrap()).collect()
    }
}

/// What is done to a server, and what it is called.
type Change = (&'static str, fn(&Server));

fn replace(path: &Path, text: &[u8]) {
    let beside = path.with_extension("new");
    fs::write(&beside, text).unwrap();
    fs::rename(beside, path).unwrap();
}

/// Each of these changes leaves these answers alone, until they are kept anew.
#[track_caller]
fn each_leaves(changes: &[Change], left: &[&str]) {
    for (what, change) in changes {
        let server = Server::new();
        change(&server);
        assert_eq!(server.recalled(), left, "{what}");
        server.keep();
        assert_eq!(server.recalled(), BOTH, "{what}");
    }
}

#[test]
fn an_answer_is_had_again_as_long_as_all_is_as_it_was() {
    let server = Server::new();
    assert_eq!(server.recalled(), BOTH);
    // These are none that it is made from.
    server.write("etc/networks/netavark.lock", "held");
    server.write("store/libpod/bolt_state.db", "other records");
    assert_eq!(server.recalled(), BOTH);
}

#[test]
fn what_was_there_for_a_moment_while_podman_answered_is_not_taken_for_what_is_there() {
    let server = Server::new();
    let memory = server.memory();
    let from = memory.all_that_is_read(Answer::Networks, &server.program()).unwrap();
    let changed =
        || server.path("etc/networks").metadata().map(|folder| (folder.ctime(), folder.ctime_nsec())).unwrap();
    let before = changed();
    // Podman takes longer than the system's clock of files needs to go on.
    while changed() == before {
        server.write("etc/networks/theirs.json", "{}");
        fs::remove_file(server.path("etc/networks/theirs.json")).unwrap();
    }
    memory.keep(Answer::Networks, from, b"shop and theirs");
    memory.write();
    assert_eq!(server.recalled(), ["itself"]);
}

#[test]
fn nothing_is_kept_until_that_is_asked_for() {
    let server = Server::new();
    let [itself, networks] = BOTH.map(|what| server.path(&format!("landfall.podman-{what}")));
    fs::remove_file(&itself).unwrap();
    let memory = server.memory();
    let from = memory.all_that_is_read(Answer::Itself, &server.program()).unwrap();
    memory.keep(Answer::Itself, from, b"itself");
    assert_eq!(server.recalled(), ["networks"]);
    memory.write();
    assert_eq!(server.recalled(), BOTH);
    fs::remove_file(&networks).unwrap();
    memory.write();
    assert_eq!(server.recalled(), ["itself"]);
}

#[test]
fn whatever_it_is_made_from_ends_it_by_being_another() {
    let changes: [Change; 10] = [
        ("an option", |server| server.write("etc/containers.conf", "[network]\n")),
        ("an option of ours", |server| server.write("etc/containers.conf.d/10-ours.conf", "")),
        ("one more file", |server| server.write("etc/containers.conf.d/20-theirs.conf", "")),
        ("a file less", |server| fs::remove_file(server.path("etc/containers.conf.d/10-ours.conf")).unwrap()),
        ("another name", |server| {
            let name = |name: &str| server.path("etc/containers.conf.d").join(name);
            fs::rename(name("10-ours.conf"), name("10-theirs.conf")).unwrap();
        }),
        ("what a link leads to", |server| server.write("elsewhere/storage.conf", "[storage.options]\n")),
        ("what makes networks", |server| server.write("store/defaultNetworkBackend", "cni")),
        ("the records", |server| replace(&server.path("store/libpod/bolt_state.db"), b"records")),
        ("records of version 5", |server| server.write("store/db.sql", "records")),
        ("the program", |server| replace(&server.program(), &fs::read("/bin/true").unwrap())),
    ];
    each_leaves(&changes, &[]);
}

#[test]
fn what_podman_is_does_not_depend_on_its_networks() {
    let changes: [Change; 4] = [
        ("one more", |server| server.write("etc/networks/blog.json", "{}")),
        ("one of CNI", |server| server.write("cni/blog.conflist", "{}")),
        ("another", |server| server.write("etc/networks/shop.json", "{\"internal\":true}")),
        ("none", |server| fs::remove_file(server.path("etc/networks/shop.json")).unwrap()),
    ];
    each_leaves(&changes, &["itself"]);
}

#[test]
fn where_it_can_not_be_told_what_an_answer_is_made_from_podman_is_asked() {
    let unclear: [Change; 7] = [
        ("networks elsewhere", |server| server.write("etc/containers.conf", "  network_config_dir = \"/srv\"\n")),
        ("in other words", |server| {
            server.write("etc/containers.conf", "network = {\"network_config_dir\"=\"/srv\"}\n")
        }),
        ("images elsewhere", |server| server.write("etc/containers.conf", "[storage]\nimagestore = \"/srv\"\n")),
        ("too long a file", |server| server.write("etc/containers.conf", &" ".repeat(MOST as usize + 1))),
        ("no file", |server| drop(symlink("/nonexistent", server.path("etc/x.conf")))),
        ("no program", |server| fs::remove_file(server.program()).unwrap()),
        ("a script", |server| server.write("podman", "#!/bin/sh\nexec /usr/bin/podman \"$@\"\n")),
    ];
    for (what, make) in unclear {
        let server = Server::new();
        make(&server);
        let from = server.memory().all_that_is_read(Answer::Networks, &server.program());
        assert_eq!((from.is_some(), server.recalled()), (false, Vec::new()), "{what}");
    }
    assert!(Memory::default().all_that_is_read(Answer::Itself, Path::new("/bin/true")).is_none());
}

#[test]
fn what_is_kept_is_whole_or_it_is_asked_for_again() {
    let server = Server::new();
    let kept = server.path("landfall.podman-networks");
    let whole = fs::read(&kept).unwrap();
    let other = |at: usize| whole.iter().enumerate().map(|(i, byte)| byte ^ u8::from(i == at)).collect();
    for damaged in [Vec::new(), whole[..20].to_vec(), whole[..32].to_vec(), whole[..39].to_vec(), other(3), other(35)] {
        fs::write(&kept, damaged).unwrap();
        assert_eq!(server.recalled(), ["itself"]);
    }
    fs::write(&kept, whole).unwrap();
    assert_eq!(server.recalled(), BOTH);
}
