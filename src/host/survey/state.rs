//! Whether what a run must write can be written: the state folder, and root's crontab. Reads only.

use crate::host::system;
use crate::operation::Layout;
use nix::unistd::{AccessFlags, access};
use std::path::{Path, PathBuf};

/// For the folders and files of a run, its scripts and configs.
const LEAST_INODES: u64 = 256;

/// For the crontab, and the copy of it that `crontab` writes.
const LEAST_SPOOL: u64 = 64 * 1024;

/// Where the crontabs lie, on Debian and where cronie is.
const SPOOLS: [&str; 2] = ["/var/spool/cron/crontabs", "/var/spool/cron"];

/// Why the state folder can't be used, if so. Its bytes are a fact of their own.
pub(super) fn state_problem(layout: &Layout) -> Option<String> {
    let there = layout.state().ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("/"));
    if system::forbids_programs(there).is_ok_and(|forbidden| forbidden) {
        return Some(format!(
            "{} is on a file system that is mounted with `noexec`, and cron runs scripts there",
            shown(there)
        ));
    }
    let inodes = system::free_space(there).map_or(u64::MAX, |free| free.inodes);
    if inodes < LEAST_INODES {
        return Some(format!("{} has room for {inodes} new files, {LEAST_INODES} are needed", shown(there)));
    }
    let files = [layout.saved(), layout.previous(), layout.last(), layout.recover()];
    let folders = [there.to_owned(), layout.runs(), layout.jobs(), layout.configs(), layout.health()];
    unwritable(folders.into_iter().chain(files))
}

/// Why the crontab of root can't be changed, if so.
pub(super) fn crontab_problem() -> Option<String> {
    let spool = SPOOLS.map(Path::new).into_iter().find(|folder| folder.is_dir())?;
    let free = system::free_space(spool).ok();
    if free.is_some_and(|free| free.bytes < LEAST_SPOOL || free.inodes < 2) {
        return Some(format!("there is no room left in {}", shown(spool)));
    }
    unwritable([spool.to_owned(), spool.join("root")])
}

/// The first of these that is there and that not even root can change.
fn unwritable(paths: impl IntoIterator<Item = PathBuf>) -> Option<String> {
    paths.into_iter().filter(|path| path.exists()).find_map(|path| {
        let refused = access(&path, AccessFlags::W_OK).err()?;
        let why = match refused {
            nix::errno::Errno::EROFS => "its file system is mounted read-only".to_owned(),
            nix::errno::Errno::EPERM => "it is immutable; `chattr -i` ends that".to_owned(),
            other => other.desc().to_owned(),
        };
        Some(format!("{} can't be changed: {why}", shown(&path)))
    })
}

fn shown(path: &Path) -> std::path::Display<'_> {
    path.display()
}

#[cfg(test)]
mod tests {
    use super::unwritable;
    use pretty_assertions::assert_eq;

    #[test]
    fn what_is_not_there_can_still_be_made() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(unwritable([folder.path().join("missing"), folder.path().to_owned()]), None);
    }
}
