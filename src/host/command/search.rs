//! Finds programs where root may trust them. Reads folders only.

use super::{CommandName, CommandProblem};
use std::path::{Path, PathBuf};

/// The only folders in which programs are looked for, in this order; what the operator's `PATH` says is ignored.
pub const SEARCH_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The absolute path of `program`, if it is installed and executable.
pub fn find(program: &str) -> Option<PathBuf> {
    which::which_in(program, Some(SEARCH_PATH), "/").ok()
}

/// The absolute path of `program`.
///
/// # Errors
/// [`CommandProblem::NotFound`].
pub fn require(program: &str) -> Result<PathBuf, CommandProblem> {
    find(program).ok_or_else(|| CommandProblem::NotFound { command: CommandName::new(Path::new(program), None) })
}
