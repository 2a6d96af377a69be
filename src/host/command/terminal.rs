//! Terminals for programs that tell how far they are to nobody else.

use nix::fcntl::OFlag;
use nix::pty::{grantpt, posix_openpt, ptsname_r, unlockpt};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;

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
