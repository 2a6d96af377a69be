//! Accounts: a user and a password belong together. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};

/// Of the `username` and `password` at a place, the one that is there without the other.
pub(super) fn half(at: &Pointer, username: bool, password: bool) -> Option<Finding> {
    let (there, missing) = match (username, password) {
        (true, false) => ("username", "password"),
        (false, true) => ("password", "username"),
        (true, true) | (false, false) => return None,
    };
    Some(
        Finding::error(Code::HalfALogin, at.then(there), format!("`{there}` without `{missing}`"))
            .at_key()
            .label(format!("`{missing}` is missing"))
            .help(format!("add `{missing}`, or remove `{there}`"))
            .fix_by_removing(format!("remove `{there}`"), Place::Key(at.then(there))),
    )
}
