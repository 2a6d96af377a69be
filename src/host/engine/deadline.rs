//! How long each kind of engine call may take. Reads nothing, changes nothing.
//!
//! Every call can hang: on a held database lock, a stalled registry, a full disk. Then it is killed, and what it left is
//! seen by looking. The operator's patience multiplies all of them (`LANDFALL_PATIENCE`).

use std::time::Duration;

/// A look: tens of milliseconds, seconds on a server that is out of breath.
pub(super) const LOOK: Duration = Duration::from_secs(60);

/// Creating, starting, tagging, removing what does not run.
pub(super) const CHANGE: Duration = Duration::from_secs(120);

/// Loading an image without content, by which lost layers are removed: tenths of a second. On a disk that takes nothing any more, Podman 4.3
/// waits for ever in it now and then.
pub(super) const MEND: Duration = Duration::from_secs(45);

/// Removing images or the files of a container, whose layers may be large.
pub(super) const REMOVE: Duration = Duration::from_secs(300);

/// What removing a container may take beyond its grace period.
pub(super) const AFTER_GRACE: Duration = Duration::from_secs(60);

/// The grace period of a container that does not say one.
pub(super) const GRACE: Duration = Duration::from_secs(10);

/// Pulling, loading or building an image, where the plan does not say.
pub(super) const RETRIEVE: Duration = Duration::from_secs(3600);

/// What an engine call may take beyond the command that it runs in a container.
pub(super) const AFTER_EXEC: Duration = Duration::from_secs(5);

/// How long a call whose caller was killed may take to come to its end.
pub(super) const ORPHAN: Duration = Duration::from_secs(20);
