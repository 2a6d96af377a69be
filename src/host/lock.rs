//! One run at a time on a server: takes and holds `/run/landfall.lock`.

use nix::errno::Errno;
use nix::fcntl::{Flock, FlockArg, OFlag};
use nix::sys::stat::{major, minor};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// The lock's file, whatever the state folder.
pub const LOCK_PATH: &str = "/run/landfall.lock";

/// The lock, held until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct RunLock {
    _file: Flock<File>,
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockProblem {
    /// Another run has it.
    #[error("another run holds the lock {LOCK_PATH}: {holder}; `landfall status` tells what is under way")]
    Busy {
        /// What the holder says of itself: `deploy of shop, process 4711, since 2026-11-21T00:46:26Z`.
        holder: String,
    },
    /// The file can't be opened, locked or written.
    #[error("the lock {LOCK_PATH} can't be taken: {0}")]
    System(#[from] io::Error),
}

impl RunLock {
    /// Takes the lock, without waiting, for `action` (`deploy of shop`).
    ///
    /// # Errors
    /// See [`LockProblem`].
    pub fn acquire(action: &str) -> Result<Self, LockProblem> {
        Self::acquire_at(Path::new(LOCK_PATH), action)
    }

    fn acquire_at(path: &Path, action: &str) -> Result<Self, LockProblem> {
        // The standard library opens with O_CLOEXEC: an engine's monitor that inherits the lock would keep it for the
        // life of its container.
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(path)?;
        let mut file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
            Ok(file) => file,
            Err((mut file, Errno::EWOULDBLOCK)) => return Err(LockProblem::Busy { holder: holder(&mut file) }),
            Err((_, errno)) => return Err(LockProblem::System(errno.into())),
        };
        // Whoever held it may have removed it in this very moment: then it keeps nobody out.
        let there = std::fs::symlink_metadata(path).map(|there| (there.dev(), there.ino())).ok();
        if there != file.metadata().map(|held| (held.dev(), held.ino())).ok() {
            return Self::acquire_at(path, action);
        }
        // On a full disk there is no room for the words; the lock is held all the same.
        if let Err(error) = introduce(&mut file, action) {
            tracing::warn!(%error, "the lock does not say who holds it");
        }
        Ok(Self { _file: file })
    }
}

impl RunLock {
    /// Lets go of the lock, and leaves nothing of it.
    pub fn remove(self) {
        Self::remove_at(Path::new(LOCK_PATH), self);
    }

    fn remove_at(path: &Path, lock: Self) {
        // While it is held: afterwards it could be another one's.
        if let Err(error) = std::fs::remove_file(path) {
            tracing::debug!(%error, "the lock's file stays");
        }
        drop(lock);
    }
}

/// What whoever holds the lock says of itself, without trying to take it: a run that begins at this moment must get it.
pub fn held_by() -> Option<String> {
    held_at(Path::new(LOCK_PATH), Path::new("/proc/locks"))
}

/// Whether the services of a plan are being started after a boot: its job holds one of these locks meanwhile.
pub fn is_booting(volatile: &Path) -> bool {
    let locks = Path::new("/proc/locks");
    ["recover.lock", "boot.lock"].iter().any(|name| held_at(&volatile.join(name), locks).is_some())
}

/// Whether somebody holds the lock of this file, without trying to take it.
pub fn is_held(path: &Path) -> bool {
    held_at(path, Path::new("/proc/locks")).is_some()
}

fn held_at(path: &Path, locks: &Path) -> Option<String> {
    let mut file = OpenOptions::new().read(true).custom_flags(OFlag::O_NOFOLLOW.bits()).open(path).ok()?;
    let there = file.metadata().ok()?;
    let (device, inode) = (there.dev(), there.ino());
    let entry = format!(" {:02x}:{:02x}:{inode} ", major(device), minor(device));
    std::fs::read_to_string(locks).ok()?.lines().any(|line| line.contains(&entry)).then(|| holder(&mut file))
}

fn introduce(file: &mut File, action: &str) -> io::Result<()> {
    let since = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ");
    file.set_len(0)?;
    file.seek(SeekFrom::Start(0))?;
    writeln!(file, "{action}, process {}, since {since}", std::process::id())
}

fn holder(file: &mut File) -> String {
    let mut text = String::new();
    let read = file.take(512).read_to_string(&mut text);
    match (read, text.trim()) {
        (Ok(_), text) if !text.is_empty() => text.to_owned(),
        (Ok(_) | Err(_), _) => "it has not said yet what it is".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_lock_that_was_removed_is_made_anew_and_keeps_others_out_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("landfall.lock");
        let first = RunLock::acquire_at(&path, "teardown of shop").unwrap();
        RunLock::remove_at(&path, first);
        assert!(!path.exists());
        let second = RunLock::acquire_at(&path, "deploy of shop").unwrap();
        assert!(matches!(RunLock::acquire_at(&path, "deploy of yard"), Err(LockProblem::Busy { .. })));
        drop(second);
    }

    #[test]
    fn a_second_run_is_told_who_holds_the_lock_and_gets_it_after_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("landfall.lock");
        let first = RunLock::acquire_at(&path, "deploy of shop").unwrap();
        let LockProblem::Busy { holder } = RunLock::acquire_at(&path, "teardown of shop").unwrap_err() else {
            panic!("the lock should be busy");
        };
        let (who, since) = holder.split_once(", since ").unwrap();
        assert_eq!(who, format!("deploy of shop, process {}", std::process::id()));
        since.parse::<jiff::Timestamp>().unwrap();
        assert_eq!(held_at(&path, Path::new("/proc/locks")), Some(holder));
        drop(first);
        assert_eq!(held_at(&path, Path::new("/proc/locks")), None);
        let _second = RunLock::acquire_at(&path, "teardown of shop").unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 1);
    }

    #[test]
    fn a_program_started_meanwhile_does_not_inherit_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("landfall.lock");
        let lock = RunLock::acquire_at(&path, "deploy of shop").unwrap();
        let mut child = std::process::Command::new("/bin/cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let inherited: Vec<_> = std::fs::read_dir(format!("/proc/{}/fd", child.id()))
            .unwrap()
            .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
            .filter(|target| *target == path)
            .collect();
        drop(child.stdin.take());
        child.wait().unwrap();
        drop(lock);
        assert_eq!(inherited, Vec::<std::path::PathBuf>::new());
    }

    #[test]
    fn a_link_in_the_place_of_the_lock_is_not_followed() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("target");
        let path = folder.path().join("landfall.lock");
        std::os::unix::fs::symlink(&target, &path).unwrap();
        let LockProblem::System(error) = RunLock::acquire_at(&path, "deploy of shop").unwrap_err() else {
            panic!("a link is no lock");
        };
        assert_eq!(error.raw_os_error(), Some(Errno::ELOOP as i32));
        assert!(!target.exists());
    }
}
