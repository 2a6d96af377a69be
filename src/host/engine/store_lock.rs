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
    let refused = |error: &io::Error| Failure::new(format!("`{}` could not be locked: {error}", path.display()));
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refused(&error)),
    };
    let whole = whole_file().ok_or_else(|| Failure::new("this system's numbers of locks are unknown"))?;
    let until = Instant::now() + patient(PATIENCE);
    loop {
        match fcntl(&file, FcntlArg::F_OFD_SETLK(&whole)) {
            Ok(_) => return Ok(Some(file)),
            Err(Errno::EAGAIN | Errno::EACCES) if Instant::now() < until => std::thread::sleep(PAUSE),
            Err(Errno::EAGAIN | Errno::EACCES) => {
                let path = path.display();
                return Err(Failure::new(format!(
                    "a program holds `{path}` and does not end: `fuser {path}` says which"
                )));
            }
            Err(errno) => return Err(refused(&errno.into())),
        }
    }
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
