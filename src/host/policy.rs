//! Finds the site's policy on this server. Reads only.

use super::files::{self, FileProblem};
use std::io::ErrorKind;
use std::path::Path;

/// Where the policy of a server lies.
pub const FILE: &str = "/etc/landfall/policy.json";

/// The policy's bytes, at most `limit`; `None` where there is no such file.
///
/// Only root may be able to change it, or what stands above it. A link that leads nowhere is a policy that is missing, not
/// a server without one.
///
/// # Errors
/// Who else could change it, what it is instead of a file, that it is larger, or the system's refusal.
pub fn read(limit: u64) -> Result<Option<Vec<u8>>, FileProblem> {
    match files::open_trusted(Path::new(FILE), &[0]) {
        Ok(mut file) => file.read(limit).map(Some),
        Err(FileProblem::Missing { path: _ }) if Path::new(FILE).ancestors().all(leads_somewhere) => Ok(None),
        Err(problem) => Err(problem),
    }
}

/// Whether it is no link to something that is not there.
fn leads_somewhere(path: &Path) -> bool {
    match path.symlink_metadata() {
        Ok(found) => !found.is_symlink() || path.exists(),
        Err(error) => error.kind() == ErrorKind::NotFound,
    }
}
