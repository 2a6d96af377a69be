//! Writes files that are not there yet: all of them or none, each whole or not at all.

use super::FileProblem;
use super::atomic::sync_directory;
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A file that is to be written.
#[derive(Debug, Clone)]
pub struct NewFile {
    /// Where.
    pub path: PathBuf,
    /// What it holds.
    pub bytes: Vec<u8>,
    /// Its permission bits, of which the umask takes away.
    pub mode: u32,
}

/// Writes these files, and the folders that they need. What exists is never replaced.
///
/// # Errors
/// `Exists`, or the system's refusal; what was written is removed then.
#[allow(clippy::disallowed_methods, reason = "this folder is where files are touched")]
pub fn write_new_files(files: &[NewFile]) -> Result<(), FileProblem> {
    // Told before anything is written, so that the usual mistake leaves not even a moment's trace.
    if let Some(there) = files.iter().find(|file| fs::symlink_metadata(&file.path).is_ok()) {
        return Err(FileProblem::Exists { path: there.path.clone() });
    }
    let (mut folders, mut written) = (Vec::new(), Vec::new());
    let result = files.iter().try_for_each(|file| {
        create_folders(folder_of(&file.path), &mut folders)?;
        write_one(file)?;
        written.push(file.path.clone());
        sync_directory(folder_of(&file.path))
    });
    if result.is_err() {
        for path in written {
            let _ = fs::remove_file(path);
        }
        for folder in folders.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
    result
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn create_folders(folder: &Path, created: &mut Vec<PathBuf>) -> Result<(), FileProblem> {
    if folder.as_os_str().is_empty() || folder.is_dir() {
        return Ok(());
    }
    create_folders(folder_of(folder), created)?;
    match DirBuilder::new().create(folder) {
        Ok(()) => {
            created.push(folder.to_owned());
            Ok(())
        }
        Err(error) => Err(FileProblem::io(folder, "created", &error)),
    }
}

/// The file appears under its name when it is complete; the name of another one is never taken.
fn write_one(file: &NewFile) -> Result<(), FileProblem> {
    let NewFile { path, bytes, mode } = file;
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.new", std::process::id()));
    let unfinished = path.with_file_name(name);
    let write = || -> io::Result<()> {
        let mut out = OpenOptions::new().write(true).create_new(true).mode(*mode).open(&unfinished)?;
        out.write_all(bytes)?;
        out.sync_all()?;
        fs::hard_link(&unfinished, path)
    };
    let written = write();
    let _ = fs::remove_file(&unfinished);
    written.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => FileProblem::Exists { path: path.clone() },
        _ => FileProblem::io(path, "written", &error),
    })
}

#[cfg(test)]
mod tests {
    use super::{NewFile, write_new_files};
    use crate::host::files::FileProblem;
    use pretty_assertions::assert_eq;
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    fn new(path: &Path, text: &str, mode: u32) -> NewFile {
        NewFile { path: path.to_owned(), bytes: text.into(), mode }
    }

    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = entries.collect();
        names.sort();
        names
    }

    #[test]
    fn files_are_written_with_their_folders_and_modes() {
        let folder = tempfile::tempdir().unwrap();
        let (plan, secrets) = (folder.path().join("a/b/plan.json"), folder.path().join("a/secrets.json"));
        write_new_files(&[new(&plan, "{}", 0o644), new(&secrets, "{ }", 0o600)]).unwrap();
        assert_eq!(std::fs::read_to_string(&plan).unwrap(), "{}");
        assert_eq!(std::fs::metadata(&secrets).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(names(&folder.path().join("a")), ["b", "secrets.json"]);
    }

    #[test]
    fn what_exists_stays_and_nothing_else_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let old = folder.path().join("secrets.json");
        std::fs::write(&old, "old").unwrap();
        let files = [new(&folder.path().join("new/plan.json"), "{}", 0o644), new(&old, "new", 0o600)];
        assert_eq!(write_new_files(&files), Err(FileProblem::Exists { path: old.clone() }));
        assert_eq!(
            (names(folder.path()), std::fs::read_to_string(&old).unwrap()),
            (vec!["secrets.json".to_owned()], "old".to_owned())
        );
    }

    #[test]
    fn what_was_written_before_a_refusal_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let files = [new(&folder.path().join("new/plan.json"), "{}", 0o644), new(&file.join("below"), "", 0o644)];
        let problem = write_new_files(&files).unwrap_err();
        assert_eq!(problem.to_string(), format!("`{}` could not be created: File exists", file.display()));
        assert_eq!(names(folder.path()), ["file"]);
    }
}
