//! Tells who could put something else in the place of a folder. Reads only.

use super::trusted::{STICKY, open_trusted_directory};
use super::{FileProblem, Stranger, descriptor};
use nix::sys::stat::fstat;
use std::path::{Path, PathBuf};

/// Who besides `owners` could put something else in the place of `path`, or of a folder on the way to it; and of which.
///
/// What is at `path` itself may be anybody's: only who may write to the folder that it is in can rename it.
///
/// # Errors
/// `NotADirectory` where it lies below something else, or the system's refusal.
pub fn who_could_exchange(path: &Path, owners: &[u32]) -> Result<Option<(PathBuf, Stranger)>, FileProblem> {
    let above = path.ancestors().skip(1).find(|folder| folder.symlink_metadata().is_ok());
    let above = above.unwrap_or(Path::new("/"));
    let folder = match open_trusted_directory(above, owners) {
        Ok((folder, _)) => folder,
        Err(FileProblem::WritableByStrangers { path, who }) => return Ok(Some((path, who))),
        Err(problem) => return Err(problem),
    };
    let mode = fstat(&folder).map_err(|errno| FileProblem::system(above, "opened", errno))?.st_mode;
    let everyone_has_entries_there = mode & STICKY != 0 && mode & 0o022 != 0;
    let name = path.strip_prefix(above).unwrap_or(path).components().next();
    match (everyone_has_entries_there, name) {
        (true, Some(name)) => Ok(descriptor::look(&folder, name.as_os_str())
            .ok()
            .filter(|found| !owners.contains(&found.st_uid))
            .map(|found| (path.to_path_buf(), Stranger::Owner(found.st_uid)))),
        (_, _) => Ok(None),
    }
}
