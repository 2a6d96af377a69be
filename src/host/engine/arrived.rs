//! How much of an image an engine has pulled so far, as far as that can be seen. Reads only.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How much of one image has come. Who retrieves it says where that is to be seen; whoever has a clone can look meanwhile.
#[derive(Debug, Clone, Default)]
pub struct Arrived(Arc<Mutex<Seen>>);

/// Where it is to be seen.
#[derive(Debug, Default)]
enum Seen {
    /// Nowhere.
    #[default]
    Nowhere,
    /// The engine says it: so many bytes.
    Said(u64),
    /// In this folder, where the engine puts what it pulls until all of it is there, and removes it then.
    InFolder {
        folder: PathBuf,
        /// What was seen there at most.
        most: u64,
    },
}

impl Arrived {
    /// From now on it is to be seen in this folder, in which there is nothing of it yet.
    pub(super) fn is_in(&self, folder: &Path) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Seen::InFolder { folder: folder.to_owned(), most: 0 };
    }

    /// The engine says that so many bytes have come.
    pub(super) fn is(&self, bytes: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Seen::Said(bytes);
    }

    /// How many bytes have come; `None` where that can't be seen.
    pub fn bytes(&self) -> Option<u64> {
        match &mut *self.0.lock().unwrap_or_else(PoisonError::into_inner) {
            Seen::Nowhere => None,
            Seen::Said(bytes) => Some(*bytes),
            Seen::InFolder { folder, most } => {
                *most = bytes_in(folder).max(*most);
                Some(*most)
            }
        }
    }
}

/// The bytes of all files in a folder and in those inside it. What goes away meanwhile does not count.
fn bytes_in(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(there) if there.is_dir() => bytes_in(&entry.path()),
        Ok(there) if there.is_file() => there.len(),
        Ok(_) | Err(_) => 0,
    });
    bytes.fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::Arrived;
    use pretty_assertions::assert_eq;
    use std::fs;

    #[test]
    fn what_has_come_is_what_lies_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let arrived = Arrived::default();
        assert_eq!(arrived.bytes(), None);
        arrived.clone().is_in(&folder.path().join("pulled"));
        assert_eq!(arrived.bytes(), Some(0), "it is not there yet");
        fs::create_dir_all(folder.path().join("pulled/storage1/inside")).unwrap();
        fs::write(folder.path().join("pulled/storage1/1"), "1234").unwrap();
        fs::write(folder.path().join("pulled/storage1/inside/2"), "567").unwrap();
        std::os::unix::fs::symlink("/proc/kcore", folder.path().join("pulled/link")).unwrap();
        assert_eq!(arrived.bytes(), Some(7));
        fs::remove_dir_all(folder.path().join("pulled/storage1")).unwrap();
        assert_eq!(arrived.bytes(), Some(7), "all of it has come, and is removed");
        arrived.is_in(&folder.path().join("pulled"));
        assert_eq!(arrived.bytes(), Some(0), "it is begun again");
    }
}
