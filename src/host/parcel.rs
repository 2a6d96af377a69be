//! A compressed archive (`tar.zst`) that has no name until it is complete and was looked through.

use super::files::{self, FileProblem};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tar::{Archive, Builder, Header};
use tempfile::NamedTempFile;
use zstd::{Decoder, Encoder};

/// What every file in it may at most have: nothing larger was put there.
const LARGEST: u64 = 256 << 20;

/// An archive in the making, in a file without a name: whatever ends this process, nothing of it is left.
pub struct Parcel {
    builder: Builder<Encoder<'static, File>>,
    folder: PathBuf,
    seconds: u64,
}

/// An archive that is complete.
pub struct Packed {
    file: File,
    folder: PathBuf,
}

impl Parcel {
    /// An empty one on the disk of this folder; its files are of this time, in seconds since 1970.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn begin(folder: &Path, seconds: u64) -> Result<Self, FileProblem> {
        let refused = |error: io::Error| FileProblem::io(folder, "written to", &error);
        let file = tempfile::tempfile_in(folder).map_err(refused)?;
        let encoder = Encoder::new(file, zstd::DEFAULT_COMPRESSION_LEVEL).map_err(refused)?;
        Ok(Self { builder: Builder::new(encoder), folder: folder.to_owned(), seconds })
    }

    /// Adds a file of root's, for root alone.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<(), FileProblem> {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o600);
        header.set_mtime(self.seconds);
        let added = self.builder.append_data(&mut header, path, bytes);
        added.map_err(|error| FileProblem::io(&self.folder, "written to", &error))
    }

    /// Completes it.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn pack(self) -> Result<Packed, FileProblem> {
        let Self { builder, folder, seconds: _ } = self;
        let file = builder.into_inner().and_then(Encoder::finish);
        file.map(|file| Packed { file, folder: folder.clone() })
            .map_err(|error| FileProblem::io(&folder, "written to", &error))
    }
}

impl Packed {
    /// Reads it again from the disk, and hands on the name and the content of each file, until `look` finds something.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn look_through<T>(
        &mut self,
        mut look: impl FnMut(&[u8], &[u8]) -> Option<T>,
    ) -> Result<Option<T>, FileProblem> {
        let Self { file, folder } = self;
        let mut through = || -> io::Result<Option<T>> {
            file.seek(SeekFrom::Start(0))?;
            let mut archive = Archive::new(Decoder::new(&*file)?);
            for entry in archive.entries()? {
                let mut entry = entry?;
                let name = entry.path_bytes().into_owned();
                let mut bytes = Vec::new();
                entry.by_ref().take(LARGEST).read_to_end(&mut bytes)?;
                if let Some(found) = look(&name, &bytes) {
                    return Ok(Some(found));
                }
            }
            Ok(None)
        };
        through().map_err(|error| FileProblem::io(folder, "read", &error))
    }

    /// How many bytes it has.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn size(&self) -> Result<u64, FileProblem> {
        let found = self.file.metadata().map_err(|error| FileProblem::io(&self.folder, "read", &error))?;
        Ok(found.len())
    }

    /// Gives it a name, for root alone, at once and durably. What is there is never replaced.
    ///
    /// # Errors
    /// `Exists`, or the system's refusal: nothing is there then that was not before.
    pub fn publish(mut self, path: &Path) -> Result<(), FileProblem> {
        let refused = |error: io::Error| FileProblem::io(path, "written", &error);
        let mut named = NamedTempFile::with_prefix_in(".landfall-new-", &self.folder).map_err(refused)?;
        self.copy_to(named.as_file_mut()).and_then(|()| named.as_file().sync_all()).map_err(refused)?;
        named.persist_noclobber(path).map_err(|tempfile::PersistError { error, file: _ }| match error.kind() {
            io::ErrorKind::AlreadyExists => FileProblem::Exists { path: path.to_owned() },
            _ => refused(error),
        })?;
        files::sync_directory(&self.folder)
    }

    /// Writes it to standard output.
    ///
    /// # Errors
    /// The system's refusal.
    pub fn print(mut self) -> Result<(), FileProblem> {
        let mut out = io::stdout().lock();
        let printed = self.copy_to(&mut out).and_then(|()| out.flush());
        printed.map_err(|error| FileProblem::io(Path::new("<stdout>"), "written", &error))
    }

    fn copy_to(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(0))?;
        io::copy(&mut self.file, out).map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::Parcel;
    use crate::host::files::FileProblem;
    use pretty_assertions::assert_eq;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_put_in_is_read_again_and_appears_whole_and_for_root_alone() {
        let folder = tempfile::tempdir().unwrap();
        let mut parcel = Parcel::begin(folder.path(), 1_700_000_000).unwrap();
        let files = [("a/b.txt", b"one".to_vec()), ("c", vec![0; 100_000])];
        files.iter().for_each(|(path, bytes)| parcel.add(path, bytes).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut packed = parcel.pack().unwrap();
        let mut seen = Vec::new();
        let found: Option<()> = packed
            .look_through(|name, bytes| {
                seen.push((String::from_utf8(name.to_vec()).unwrap(), bytes.to_vec()));
                None
            })
            .unwrap();
        assert_eq!(found, None);
        assert_eq!(seen, files.map(|(path, bytes)| (path.to_owned(), bytes)));
        let path = folder.path().join("support.tar.zst");
        packed.publish(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o600);
        let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert_eq!(names.collect::<Vec<_>>(), ["support.tar.zst"]);
    }

    #[test]
    fn what_is_there_is_never_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("support.tar.zst");
        std::fs::write(&path, "mine").unwrap();
        let packed = Parcel::begin(folder.path(), 0).unwrap().pack().unwrap();
        assert_eq!(packed.publish(&path), Err(FileProblem::Exists { path: path.clone() }));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
