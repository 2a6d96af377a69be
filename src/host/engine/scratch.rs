//! Folders in `/run` for the files that Podman makes and removes at once to look at an image: of a call that is killed in between, one
//! stays, under a name that says nothing.

use crate::host::files::{self, FileProblem};
use crate::operation::Layout;
use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// How the names of these folders begin: no plan's name begins with a dot.
const BEGINNING: &str = ".engine-";

/// A folder of this process; gone with the value, and where the process is killed, with the next [`sweep`].
#[derive(Debug)]
pub(super) struct Scratch {
    path: PathBuf,
    /// Held for as long as files may be made there.
    _held: Flock<File>,
}

impl Scratch {
    /// A new one, once those of ended processes are removed.
    ///
    /// # Errors
    /// The system's refusal.
    pub(super) fn make() -> Result<Self, FileProblem> {
        Self::make_in(Path::new(Layout::VOLATILE))
    }

    fn make_in(folder: &Path) -> Result<Self, FileProblem> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        sweep_in(folder);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{BEGINNING}{}-{number}", std::process::id()));
        let refused = |error: std::io::Error| FileProblem::io(&path, "created", &error);
        // Whoever sweeps may come between the folder and its lock.
        loop {
            DirBuilder::new().recursive(true).mode(0o700).create(&path).map_err(refused)?;
            match held(&path) {
                Ok(Some(held)) => return Ok(Self { path, _held: held }),
                Ok(None) | Err(Errno::ENOENT) => {}
                Err(errno) => return Err(refused(errno.into())),
            }
        }
    }

    /// Where Podman can make files.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes the folders of processes that have ended.
pub fn sweep() {
    sweep_in(Path::new(Layout::VOLATILE));
}

fn sweep_in(folder: &Path) {
    for entry in folder.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        let is_one = entry.file_name().to_str().is_some_and(|name| name.starts_with(BEGINNING));
        if is_one && let Ok(Some(_held)) = held(&path) {
            remove(&path);
        }
    }
}

/// What can't be removed now is in memory, and a later sweep meets it again.
fn remove(path: &Path) {
    if let Err(problem) = files::remove_tree(path) {
        tracing::warn!(%problem, "a folder that the engine wrote to is left");
    }
    // Where other things lie beside it, it stays.
    if let Some(folder) = path.parent() {
        drop(std::fs::remove_dir(folder));
    }
}

/// The folder, if nobody else holds it and it is still there.
fn held(path: &Path) -> Result<Option<Flock<File>>, Errno> {
    let flags = OFlag::O_DIRECTORY | OFlag::O_NOFOLLOW;
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
    let opened = opened.map_err(|error| error.raw_os_error().map_or(Errno::EIO, Errno::from_raw))?;
    match Flock::lock(opened, FlockArg::LockExclusiveNonblock) {
        Ok(held) => {
            let is_there =
                path.metadata().is_ok_and(|there| held.metadata().is_ok_and(|ours| ours.ino() == there.ino()));
            Ok(is_there.then_some(held))
        }
        Err((_, Errno::EWOULDBLOCK)) => Ok(None),
        Err((_, errno)) => Err(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::{Scratch, sweep_in};
    use pretty_assertions::assert_eq;
    use std::fs;
    use std::path::Path;

    fn names(folder: &Path) -> Vec<String> {
        let names = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    #[test]
    fn a_folder_goes_with_its_value_and_takes_along_what_was_left_in_it() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path().join("landfall");
        let scratch = Scratch::make_in(&folder).unwrap();
        fs::write(scratch.path().join("4711"), "{}").unwrap();
        drop(scratch);
        assert!(!folder.exists());
    }

    #[test]
    fn regression_083_what_a_look_at_an_image_left_when_it_was_killed_goes_and_what_others_have_there_stays() {
        let base = tempfile::tempdir().unwrap();
        let folder = base.path();
        fs::create_dir_all(folder.join(".engine-1")).unwrap();
        fs::write(folder.join(".engine-1/4711"), "{}").unwrap();
        fs::create_dir(folder.join("shop")).unwrap();
        let scratch = Scratch::make_in(folder).unwrap();
        let own = scratch.path().file_name().unwrap().to_str().unwrap().to_owned();
        assert_eq!(names(folder), [own.as_str(), "shop"]);
        sweep_in(folder);
        assert_eq!(names(folder), [own.as_str(), "shop"]);
        drop(scratch);
        assert_eq!(names(folder), ["shop"]);
    }
}
