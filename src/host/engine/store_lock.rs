//! Takes the locks that Podman's programs hold while they write to their storage.

use crate::host::command::patient;
use crate::run::Failure;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use nix::libc;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long others may hold one.
const PATIENCE: Duration = Duration::from_secs(30);

/// Until it is tried again: the system tells nobody that a lock is free.
const PAUSE: Duration = Duration::from_millis(20);

/// The lock, until this is dropped; `None` where there is no such file, and so nobody to hold it.
///
/// # Errors
/// Somebody holds it for longer than 30 seconds, or the system's refusal.
pub fn hold(path: &Path) -> Result<Option<File>, Failure> {
    let Some(file) = opened(path)? else { return Ok(None) };
    let until = Instant::now() + patient(PATIENCE);
    while !taken(path, &file)? {
        if Instant::now() >= until {
            let path = path.display();
            return Err(Failure::new(format!("a program holds `{path}` and does not end: `fuser {path}` says which")));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(Some(file))
}

/// The lock, until this is dropped; `None` where somebody holds it now, or where there is no such file.
///
/// # Errors
/// The system's refusal.
pub fn try_hold(path: &Path) -> Result<Option<File>, Failure> {
    let Some(file) = opened(path)? else { return Ok(None) };
    Ok(taken(path, &file)?.then_some(file))
}

fn opened(path: &Path) -> Result<Option<File>, Failure> {
    match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused(path, &error)),
    }
}

/// Whether nobody else holds it, so that this file does now.
fn taken(path: &Path, file: &File) -> Result<bool, Failure> {
    let whole = whole_file().ok_or_else(|| Failure::new("this system's numbers of locks are unknown"))?;
    match fcntl(file, FcntlArg::F_OFD_SETLK(&whole)) {
        Ok(_) => Ok(true),
        Err(Errno::EAGAIN | Errno::EACCES) => Ok(false),
        Err(errno) => Err(refused(path, &errno.into())),
    }
}

fn refused(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("`{}` could not be locked: {error}", path.display()))
}

fn whole_file() -> Option<libc::flock> {
    let (l_type, l_whence) = (i16::try_from(libc::F_WRLCK).ok()?, i16::try_from(libc::SEEK_SET).ok()?);
    Some(libc::flock { l_type, l_whence, l_start: 0, l_len: 0, l_pid: 0 })
}

#[cfg(test)]
mod tests {
    use super::hold;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_lock_is_held_until_it_is_dropped_and_none_where_there_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("layers.lock");
        assert_eq!(hold(&path).unwrap().is_some(), false);
        std::fs::write(&path, "").unwrap();
        let held = hold(&path).unwrap();
        let waiting = std::thread::spawn({
            let path = path.clone();
            move || hold(&path).map(|held| held.is_some())
        });
        assert_eq!(waiting.is_finished(), false);
        drop(held);
        assert_eq!(waiting.join().unwrap(), Ok(true));
    }
}
