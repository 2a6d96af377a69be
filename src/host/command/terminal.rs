//! Terminals for programs that tell how far they are to nobody else.

use super::Hearer;
use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A new terminal: what is shown on it, and the side that a program writes to. It becomes nobody's controlling terminal.
pub(super) fn open() -> io::Result<(File, File)> {
    let shown = posix_openpt(OFlag::O_RDWR | OFlag::O_NOCTTY | OFlag::O_CLOEXEC)?;
    grantpt(&shown)?;
    unlockpt(&shown)?;
    let program = ptsname_r(&shown)?;
    let program = OpenOptions::new().read(true).write(true).custom_flags(OFlag::O_NOCTTY.bits()).open(program)?;
    let owned: OwnedFd = shown.as_fd().try_clone_to_owned()?;
    Ok((File::from(owned), program))
}

/// What is shown on a terminal, told to somebody as it is read. A panic of who hears it keeps nothing from going on.
pub(super) struct Heard {
    pub(super) from: File,
    pub(super) hear: Hearer,
}

impl Read for Heard {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        let piece = buffer.get(..length).unwrap_or_default();
        let _ = catch_unwind(AssertUnwindSafe(|| (self.hear)(piece)));
        Ok(length)
    }
}
