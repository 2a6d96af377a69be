//! Writes and removes single files so that they are either as before or as asked, also after a loss of power.

use super::FileProblem;
use crate::operation::Layout;
use nix::fcntl::OFlag;
use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Puts `bytes` at `path` with these permission bits, whatever the umask. A link there is replaced, not followed.
///
/// The folder must be root's alone; what an interrupted attempt left in it is overwritten by the next one.
///
/// # Errors
/// The system's refusal; the file is then as before.
pub fn write_atomically(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileProblem> {
    put(path, |unfinished| write_new(unfinished, bytes, mode))
}

/// As [`write_atomically`], for what is long: as it is written, and never all of it in memory.
///
/// # Errors
/// As there, and those of who writes.
pub fn write_atomically_by(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
    mode: u32,
) -> Result<(), FileProblem> {
    put(path, |unfinished| {
        let mut file = BufWriter::new(new(unfinished)?);
        write(&mut file)?;
        finish(&file.into_inner()?, mode)
    })
}

/// Takes so much room on the disk for what [`write_reserved`] will put at `path`.
///
/// # Errors
/// The system's refusal; nothing is left then.
pub fn reserve(path: &Path, bytes: usize) -> Result<(), FileProblem> {
    let unfinished = unfinished(path);
    write_new(&unfinished, &vec![0; bytes], 0o600).map_err(|error| not_written(path, &unfinished, &error))
}

/// As [`write_atomically`], in the room that [`reserve`] took, if it did.
///
/// # Errors
/// As there; the room is free again then.
pub fn write_reserved(path: &Path, bytes: &[u8], mode: u32) -> Result<(), FileProblem> {
    put(path, |unfinished| write_over(unfinished, bytes, mode))
}

fn put(path: &Path, write: impl FnOnce(&Path) -> io::Result<()>) -> Result<(), FileProblem> {
    let directory = parent(path)?;
    let unfinished = unfinished(path);
    let written = write(&unfinished).and_then(|()| std::fs::rename(&unfinished, path));
    written.map_err(|error| not_written(path, &unfinished, &error))?;
    sync_directory(directory)
}

fn not_written(path: &Path, unfinished: &Path, error: &io::Error) -> FileProblem {
    let _ = std::fs::remove_file(unfinished);
    FileProblem::io(path, "written", error)
}

/// Where a file lies while it is being written: what an interrupted attempt leaves.
pub fn unfinished(path: &Path) -> PathBuf {
    let mut name = OsString::from(Layout::UNFINISHED);
    name.push(path.file_name().unwrap_or_default());
    path.with_file_name(name)
}

/// Removes every file in a folder that an interrupted attempt left there; a folder that is not there holds none.
///
/// # Errors
/// The system's refusal.
pub fn remove_unfinished_in(folder: &Path) -> Result<(), FileProblem> {
    let refused = |error: io::Error| FileProblem::io(folder, "read", &error);
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(refused)?,
    };
    for entry in entries {
        let entry = entry.map_err(refused)?;
        if entry.file_name().as_encoded_bytes().starts_with(Layout::UNFINISHED.as_bytes()) {
            remove_if_there(&entry.path())?;
        }
    }
    Ok(())
}

/// Removes a folder that has nothing in it, unless something is mounted there; whether nothing is in it.
pub fn remove_if_empty(folder: &Path) -> bool {
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => {
            if let Err(error) = std::fs::remove_dir(folder) {
                tracing::debug!(%error, "an empty folder stays");
            }
            true
        }
        Ok(false) => false,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

fn write_new(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    fill(new(path)?, bytes, mode)
}

/// A new file, in the place of what may be left of an attempt.
fn new(path: &Path) -> io::Result<File> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Writes over a file, whose room it uses.
fn write_over(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    match OpenOptions::new().write(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_new(path, bytes, mode),
        file => fill(file?, bytes, mode),
    }
}

fn fill(mut file: File, bytes: &[u8], mode: u32) -> io::Result<()> {
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    finish(&file, mode)
}

fn finish(file: &File, mode: u32) -> io::Result<()> {
    file.set_permissions(Permissions::from_mode(mode))?;
    file.sync_all()
}

/// The file's bytes, or `None` if it is not there.
///
/// # Errors
/// The system's refusal.
pub fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, FileProblem> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileProblem::io(path, "read", &error)),
    }
}

/// Removes a file (not a folder), durably; true if it was there.
///
/// # Errors
/// The system's refusal.
pub fn remove_if_there(path: &Path) -> Result<bool, FileProblem> {
    match std::fs::remove_file(path) {
        Ok(()) => sync_directory(parent(path)?).map(|()| true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(FileProblem::io(path, "removed", &error)),
    }
}

/// Creates a folder for root alone (0700), durably, in an existing one; an existing folder is made so.
///
/// # Errors
/// `SymbolicLink` or `NotADirectory` if something else is there, or the system's refusal.
pub fn create_private_directory(path: &Path) -> Result<(), FileProblem> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => sync_directory(parent(path)?),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => make_private(path),
        Err(error) => Err(FileProblem::io(path, "created", &error)),
    }
}

fn make_private(path: &Path) -> Result<(), FileProblem> {
    let found = std::fs::symlink_metadata(path).map_err(|error| FileProblem::io(path, "opened", &error))?;
    if found.is_symlink() {
        return Err(FileProblem::SymbolicLink { path: path.to_path_buf() });
    }
    if !found.is_dir() {
        return Err(FileProblem::NotADirectory { path: path.to_path_buf(), kind: "a file" });
    }
    std::fs::set_permissions(path, Permissions::from_mode(0o700))
        .map_err(|error| FileProblem::io(path, "made private", &error))
}

/// Makes what was created, renamed or removed in a folder survive a loss of power.
///
/// # Errors
/// The system's refusal.
pub fn sync_directory(directory: &Path) -> Result<(), FileProblem> {
    File::open(directory)
        .and_then(|directory| directory.sync_all())
        .map_err(|error| FileProblem::io(directory, "synchronised with the disk", &error))
}

fn parent(path: &Path) -> Result<&Path, FileProblem> {
    path.parent()
        .filter(|parent| !parent.as_os_str().is_empty())
        .ok_or_else(|| FileProblem::NotAbsolute { path: path.to_path_buf() })
}
