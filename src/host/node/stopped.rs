//! Which services are stopped on purpose, and which were started since the last boot.

use super::state;
use crate::few::Few;
use crate::host::files;
use crate::operation::Layout;
use crate::plan::values::ServiceName;
use crate::run::Failure;
use std::collections::BTreeSet;
use std::path::Path;

/// The services that are stopped on purpose.
///
/// # Errors
/// When that is on record and can't be read.
pub fn read(layout: &Layout) -> Result<BTreeSet<ServiceName>, Failure> {
    let bytes = files::read_if_there(&layout.stopped()).map_err(|problem| Failure::new(problem.to_string()))?;
    let text = String::from_utf8_lossy(bytes.as_deref().unwrap_or_default()).into_owned();
    Ok(text.lines().filter_map(|line| ServiceName::parse(line).ok()).gathered())
}

/// Puts on record which services are stopped on purpose. Scripts of Bash read it, too, so that it has one name a line.
///
/// # Errors
/// When the system refuses.
pub(super) fn write(layout: &Layout, services: &BTreeSet<ServiceName>) -> Result<(), Failure> {
    if services.is_empty() {
        return remove_durably(&layout.stopped());
    }
    let text: String = services.iter().map(|service| format!("{service}\n")).collect();
    state::write(&layout.stopped(), text.as_bytes(), 0o600)
}

fn remove_durably(path: &Path) -> Result<(), Failure> {
    let removed = files::remove_if_there(path).map_err(|problem| Failure::new(problem.to_string()))?;
    match path.parent().filter(|_| removed) {
        Some(folder) => files::sync_directory(folder).map_err(|problem| Failure::new(problem.to_string())),
        None => Ok(()),
    }
}

/// The services whose boot guard is there: they were started since the last boot, and not stopped on purpose.
pub(super) fn guarded(layout: &Layout) -> BTreeSet<ServiceName> {
    let guards = state::entries_of(&layout.boot_guards());
    guards.iter().filter_map(|path| ServiceName::parse(path.file_name()?.to_str()?).ok()).gathered()
}
