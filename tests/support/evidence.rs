//! What can be seen on a VSN and compared whole: a data directory, the crontab, the containers.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::vsn::Vsn;

/// One entry of a data directory: everything about it that Landfall must not change.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Entry {
    /// Relative to the directory; the directory itself is `""`.
    pub path: String,
    pub kind: Kind,
    /// Permission bits, with set-user-id, set-group-id and sticky.
    pub mode: u32,
    /// User and group.
    pub owner: (u32, u32),
    /// In bytes, of what is no directory.
    pub size: u64,
    /// Time of the last change of its content, in nanoseconds since 1970.
    pub modified: i128,
    /// Time of the last change of anything about it, extended attributes too, in nanoseconds since 1970.
    pub changed: i128,
    pub links: u64,
    pub inode: u64,
}

/// What an entry is, and what is in it.
#[derive(Debug, PartialEq, Eq, Clone)]
pub enum Kind {
    Directory,
    /// With its SHA-256 in hexadecimal.
    File(String),
    /// With the path that it holds.
    Link(String),
    /// A socket, pipe or device.
    Special,
}

/// Root's crontab. None at all is not the same as an empty one.
#[derive(Debug, PartialEq, Eq, Clone)]
pub enum Crontab {
    Absent,
    /// Byte for byte.
    Present(String),
}

impl Vsn {
    /// Every entry of a directory on the VSN's disk, itself included, sorted by path.
    pub fn manifest(&self, directory: &str) -> Vec<Entry> {
        let top = self.on_disk(directory);
        let mut entries = Vec::new();
        describe(&top, &top, &mut entries);
        entries.sort_by(|one, other| one.path.cmp(&other.path));
        entries
    }

    /// Root's crontab as it lies on the disk, with the comment lines that `crontab -l` leaves out.
    pub fn crontab(&self) -> Crontab {
        let files = ["/var/spool/cron/crontabs/root", "/var/spool/cron/root"];
        match files.iter().find_map(|file| self.read(file)) {
            Some(bytes) => Crontab::Present(String::from_utf8(bytes).unwrap()),
            None => Crontab::Absent,
        }
    }

    /// The names of all containers, running or not, with the leftovers that only `--external` shows, sorted.
    pub fn containers(&self) -> Vec<String> {
        self.podman_lines(["podman", "ps", "--all", "--external", "--format", "{{.Names}}"])
    }

    /// The names of the running containers, sorted.
    pub fn running_containers(&self) -> Vec<String> {
        self.podman_lines(["podman", "ps", "--format", "{{.Names}}"])
    }

    /// The names of the networks, sorted, without Podman's own default one.
    pub fn networks(&self) -> Vec<String> {
        let names = self.podman_lines(["podman", "network", "ls", "--format", "{{.Name}}"]);
        names.into_iter().filter(|name| name != "podman").collect()
    }

    /// The names of the secrets in Podman's store, sorted.
    pub fn secrets(&self) -> Vec<String> {
        self.podman_lines(["podman", "secret", "ls", "--format", "{{.Name}}"])
    }

    /// Every tag (`<none>:<none>` where there is none) and image ID, sorted.
    pub fn images(&self) -> Vec<String> {
        self.podman_lines(["podman", "images", "--all", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}"])
    }

    fn podman_lines<const N: usize>(&self, command: [&str; N]) -> Vec<String> {
        let mut lines: Vec<String> = self.must(command).lines().map(str::to_owned).collect();
        lines.sort();
        lines
    }
}

fn describe(top: &Path, path: &Path, entries: &mut Vec<Entry>) {
    let metadata = fs::symlink_metadata(path).unwrap();
    let kind = if metadata.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            describe(top, &entry.unwrap().path(), entries);
        }
        Kind::Directory
    } else if metadata.is_file() {
        Kind::File(Sha256::digest(fs::read(path).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect())
    } else if metadata.is_symlink() {
        Kind::Link(fs::read_link(path).unwrap().to_str().unwrap().to_owned())
    } else {
        Kind::Special
    };
    entries.push(Entry {
        path: path.strip_prefix(top).unwrap().to_str().unwrap().to_owned(),
        size: if kind == Kind::Directory { 0 } else { metadata.size() },
        kind,
        mode: metadata.mode() & 0o7777,
        owner: (metadata.uid(), metadata.gid()),
        modified: nanoseconds(metadata.mtime(), metadata.mtime_nsec()),
        changed: nanoseconds(metadata.ctime(), metadata.ctime_nsec()),
        links: metadata.nlink(),
        inode: metadata.ino(),
    });
}

fn nanoseconds(seconds: i64, rest: i64) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(rest)
}
