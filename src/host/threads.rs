//! Threads for looks side by side. Changes nothing.

use crate::run::Failure;
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// Does something on a thread of its own.
///
/// # Errors
/// When the system has no thread for it: nothing is done then.
pub fn beside<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, T>, Failure> {
    let no_thread = |error| Failure::new(format!("no thread can be had to look with: {error}"));
    Builder::new().spawn_scoped(scope, work).map_err(no_thread)
}
