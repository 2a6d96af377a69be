//! How much lies in a directory, and whose it is. Follows no link, and leaves other file systems in it out.

use super::writers::FileId;
use std::collections::BTreeSet;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What lies in a directory.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Size {
    /// What it takes of the disk, in bytes.
    pub bytes: u64,
    /// How many files and folders are in it.
    pub entries: u64,
    /// Whether all of it was looked at: there was time, and nothing could not be read.
    pub complete: bool,
    /// The regular files in it.
    pub files: BTreeSet<FileId>,
}

/// A data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// The number of its owner.
    pub uid: u32,
    /// The number of its group.
    pub gid: u32,
    /// Its permission bits.
    pub mode: u32,
}

/// Whose a directory is; none if there is none.
///
/// # Errors
/// The system's.
pub fn directory(path: &Path) -> io::Result<Option<Directory>> {
    match path.symlink_metadata() {
        Ok(found) if found.is_dir() => {
            Ok(Some(Directory { uid: found.uid(), gid: found.gid(), mode: found.mode() & 0o7777 }))
        }
        Ok(_) => Err(io::Error::other("it is no directory")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// What lies in a directory, as far as it can be looked at until `deadline`.
pub fn size(path: &Path, deadline: Option<Instant>) -> Size {
    let mut size = Size { complete: true, ..Size::default() };
    let Ok(top) = path.symlink_metadata() else { return Size::default() };
    size.bytes = top.blocks() * 512;
    let mut linked = BTreeSet::new();
    let mut ahead: Vec<PathBuf> = vec![path.to_owned()];
    while let Some(folder) = ahead.pop() {
        if deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            size.complete = false;
            break;
        }
        let Ok(entries) = std::fs::read_dir(&folder) else {
            // What was removed meanwhile is not missed.
            size.complete &= folder.symlink_metadata().is_err();
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let Ok(found) = entry.metadata() else { continue };
            if found.dev() != top.dev() {
                continue;
            }
            let id = (found.dev(), found.ino());
            size.entries += 1;
            // A file of several names takes its room once.
            if found.is_dir() || found.nlink() < 2 || linked.insert(id) {
                size.bytes += found.blocks() * 512;
            }
            if found.is_dir() {
                ahead.push(entry.path());
            } else if found.is_file() {
                size.files.insert(id);
            }
        }
    }
    size
}

#[cfg(test)]
mod tests {
    use super::{Size, size};
    use pretty_assertions::assert_eq;
    use std::fs;
    use std::time::Instant;

    #[test]
    fn a_directory_is_measured_without_following_links_and_within_a_time() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("below")).unwrap();
        fs::write(folder.path().join("below/file"), vec![1; 100_000]).unwrap();
        fs::hard_link(folder.path().join("below/file"), folder.path().join("again")).unwrap();
        std::os::unix::fs::symlink("/usr", folder.path().join("link")).unwrap();
        let Size { bytes, entries, complete, files } = size(folder.path(), None);
        assert_eq!((entries, complete, files.len()), (4, true, 1));
        assert!((100_000..200_000).contains(&bytes), "{bytes}");
        assert_eq!(size(folder.path(), Some(Instant::now())).complete, false);
        assert_eq!(size(&folder.path().join("none"), None), Size::default());
    }
}
