//! Reads what is only judged, whoever can write it: bounded, and never waiting for what may not come. Reads only.

use super::FileProblem;
use super::descriptor::Kind;
use super::trusted::read_bounded;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::{FileStat, Mode, fstat, stat};
use std::fs::File;
use std::os::fd::{AsRawFd, OwnedFd};
use std::path::Path;

/// The bytes of a regular file, or of a pipe that this process was handed, as by `<(…)` in a shell.
///
/// A named pipe, a socket, a device or a folder is told as what it is: reading one could last forever, or have effects.
///
/// # Errors
/// `Missing`, `NotARegularFile`, `TooLarge`, or the system's refusal.
pub fn read_untrusted(path: &Path, limit: u64) -> Result<Vec<u8>, FileProblem> {
    let refused = |errno| FileProblem::system(path, "opened", errno);
    // Before it is opened: opening a device can have effects of its own.
    judge(&stat(path).map_err(refused)?, path)?;
    let flags = OFlag::O_RDONLY | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC;
    let opened = open(path, flags, Mode::empty()).map_err(refused)?;
    let found = fstat(&opened).map_err(refused)?;
    judge(&found, path)?;
    if Kind::of(&found) != Kind::Regular {
        if !is_handed_over(&opened) {
            return Err(not_regular(&found, path));
        }
        fcntl(&opened, FcntlArg::F_SETFL(OFlag::empty())).map_err(refused)?;
    }
    read_bounded(&mut File::from(opened), path, limit)
}

/// The bytes of standard input.
///
/// # Errors
/// `TooLarge`, or the system's refusal.
pub fn read_standard_input(limit: u64) -> Result<Vec<u8>, FileProblem> {
    let path = Path::new("<stdin>");
    let handle = std::io::stdin();
    let input = nix::unistd::dup(&handle).map_err(|errno| FileProblem::system(path, "read", errno))?;
    let found = fstat(&input).map_err(|errno| FileProblem::system(path, "read", errno))?;
    if Kind::of(&found) == Kind::Directory {
        return Err(not_regular(&found, path));
    }
    read_bounded(&mut File::from(input), path, limit)
}

/// Regular files, and pipes until it is known which kind.
fn judge(found: &FileStat, path: &Path) -> Result<(), FileProblem> {
    match Kind::of(found) {
        Kind::Regular | Kind::Other(Kind::PIPE) => Ok(()),
        Kind::Directory | Kind::Link | Kind::Other(_) => Err(not_regular(found, path)),
    }
}

fn not_regular(found: &FileStat, path: &Path) -> FileProblem {
    FileProblem::NotARegularFile { path: path.to_path_buf(), kind: Kind::of(found).words() }
}

/// Whether a pipe has no name in the file system: somebody holds its other end for us.
fn is_handed_over(pipe: &OwnedFd) -> bool {
    let name = std::fs::read_link(format!("/proc/self/fd/{}", pipe.as_raw_fd()));
    name.is_ok_and(|name| name.to_string_lossy().starts_with("pipe:"))
}
