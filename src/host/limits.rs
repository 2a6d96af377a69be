//! What this process was started with, made fit for a run: limits that are too low, signals that somebody ignores.

use nix::libc::rlim_t;
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use signal_hook::consts::{SIGCHLD, SIGXFSZ};
use std::sync::Arc;

/// How many files a run has open at once, with room to spare: eight calls of the engine, each with its pipes, and the plan's files.
const NEEDED: rlim_t = 256;
/// How many are asked for where there are fewer.
const WANTED: rlim_t = 1024;

/// Sees to it that no limit ends a run half-way. Programs that are started afterwards have the raised limits too.
///
/// # Errors
/// Which limit is too low and can't be raised, with the cure.
pub fn prepare() -> Result<(), String> {
    // Without a handler, a file that grows too large ends the process; with one, only writing it fails. And where whoever started this
    // process ignores the ends of children, so would it, and never learn how they ended.
    for signal in [SIGXFSZ, SIGCHLD] {
        let handled = signal_hook::flag::register(signal, Arc::default());
        handled.map_err(|error| format!("signals can't be handled: {error}"))?;
    }
    let (soft, hard) = getrlimit(Resource::RLIMIT_NOFILE).map_err(|errno| errno.to_string())?;
    if soft >= NEEDED {
        return Ok(());
    }
    let raised = if hard >= NEEDED { (hard.min(WANTED), hard) } else { (WANTED, WANTED) };
    setrlimit(Resource::RLIMIT_NOFILE, raised.0, raised.1).map_err(|errno| {
        format!(
            "only {soft} files may be open at once, and {NEEDED} are needed ({}): `ulimit -n {WANTED}` first",
            errno.desc()
        )
    })
}
