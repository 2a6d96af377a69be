//! Which processes have files open for writing, in whatever container they are.

use crate::few::Few;
use nix::fcntl::OFlag;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A file: the number of its file system, and its own there.
pub type FileId = (u64, u64);

/// A process that has some of the files open for writing.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Writer {
    /// Its number.
    pub pid: u32,
    /// Its program's name.
    pub program: String,
    /// How many of the files it can write to.
    pub files: usize,
}

/// The processes that could write to each of these sets of files at this moment, in their order.
pub fn writers(sets: &[&BTreeSet<FileId>]) -> Vec<Vec<Writer>> {
    let mut found: Vec<Vec<Writer>> = vec![Vec::new(); sets.len()];
    for process in processes() {
        let open = open_for_writing(&process);
        if open.is_empty() {
            continue;
        }
        for (writers, set) in found.iter_mut().zip(sets) {
            let files = open.iter().filter(|file| set.contains(file)).count();
            let pid = process.file_name().and_then(|name| name.to_str()?.parse().ok());
            let Some(pid) = pid.filter(|_| files > 0) else { continue };
            let program = std::fs::read_to_string(process.join("comm")).unwrap_or_default();
            writers.push(Writer { pid, program: crate::host::command::visible(program.trim_end()), files });
        }
    }
    found
}

/// The folders in `/proc` of all processes.
pub(super) fn processes() -> Vec<PathBuf> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok);
    let is_process =
        |entry: &std::fs::DirEntry| entry.file_name().as_encoded_bytes().first().is_some_and(u8::is_ascii_digit);
    entries.filter(is_process).map(|entry| entry.path()).collect()
}

/// The regular files that a process has open for writing, or mapped so that it writes to them.
fn open_for_writing(process: &Path) -> BTreeSet<FileId> {
    let descriptors = std::fs::read_dir(process.join("fd")).into_iter().flatten().filter_map(Result::ok);
    let opened = descriptors.filter_map(|entry| {
        let info = std::fs::read_to_string(process.join("fdinfo").join(entry.file_name())).ok()?;
        writes(&info).then_some(())?;
        // Through the link, to the file itself, wherever it lies for that process.
        let file = std::fs::metadata(entry.path()).ok()?;
        file.is_file().then(|| (file.dev(), file.ino()))
    });
    let maps = std::fs::read_to_string(process.join("maps")).unwrap_or_default();
    opened.chain(maps.lines().filter_map(mapped)).gathered()
}

/// Whether a descriptor that `fdinfo` tells of is open for writing.
fn writes(info: &str) -> bool {
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = flags.and_then(|flags| i32::from_str_radix(flags.trim(), 8).ok()).unwrap_or(0);
    let mode = flags & OFlag::O_ACCMODE.bits();
    mode == OFlag::O_WRONLY.bits() || mode == OFlag::O_RDWR.bits()
}

/// The file of a mapping through which a process writes to it.
fn mapped(line: &str) -> Option<FileId> {
    let mut words = line.split_whitespace().skip(1);
    let (rights, _, device, inode) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let shared = rights.contains('w') && rights.ends_with('s');
    let (major, minor) = device.split_once(':')?;
    let (major, minor) = (u64::from_str_radix(major, 16).ok()?, u64::from_str_radix(minor, 16).ok()?);
    let inode = inode.parse().ok().filter(|inode| *inode > 0)?;
    shared.then(|| (nix::sys::stat::makedev(major, minor), inode))
}

#[cfg(test)]
mod tests {
    use super::{mapped, writers, writes};
    use pretty_assertions::assert_eq;
    use std::collections::BTreeSet;
    use std::fs::{File, OpenOptions};
    use std::os::unix::fs::MetadataExt;

    #[test]
    fn who_has_a_file_open_for_writing_is_found_and_who_reads_is_not() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().to_owned();
        let id = file.as_file().metadata().unwrap();
        let set = BTreeSet::from([(id.dev(), id.ino())]);
        let nothing = BTreeSet::new();
        let mine = |sets: &[&BTreeSet<_>]| {
            let found = writers(sets).into_iter();
            found
                .map(|found| found.iter().filter(|writer| writer.pid == std::process::id()).count())
                .collect::<Vec<_>>()
        };
        assert_eq!(mine(&[&set, &nothing]), [1, 0]);
        drop(file.into_temp_path().keep());
        let reading = File::open(&path).unwrap();
        assert_eq!(mine(&[&set]), [0]);
        let writing = OpenOptions::new().append(true).open(&path).unwrap();
        assert_eq!(mine(&[&set]), [1]);
        drop((reading, writing));
        std::fs::remove_file(path).unwrap();
    }

    #[test]
    fn what_the_kernel_says_of_descriptors_and_mappings_is_understood() {
        assert!(writes("pos:\t0\nflags:\t0100002\nmnt_id:\t1\n") && writes("flags:\t02001\n"));
        assert!(!writes("pos:\t0\nflags:\t0100000\n"));
        let line = "7f3 rw-s 00000000 fe:01 4711                  /srv/data/pg shared";
        assert_eq!(mapped(line), Some((nix::sys::stat::makedev(0xfe, 1), 4711)));
        assert_eq!(mapped("7f3 rw-p 00000000 fe:01 4711 /lib/x"), None);
        assert_eq!(mapped("7f3 rw-s 00000000 00:00 0"), None);
    }
}
