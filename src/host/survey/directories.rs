//! The plan's data directories, as they are. Reads only.

use crate::facts::DirectoryFact;
use crate::few::Few;
use crate::host::files::{DirectoryLook, FileProblem, observe_directory, trusted_owners, who_could_exchange};
use crate::host::system;
use crate::plan::model::Plan;
use crate::plan::values::HostPath;
use crate::run::Failure;
use std::collections::BTreeMap;
use std::path::Path;

/// Every data directory of the plan.
///
/// # Errors
/// When one can't be seen.
pub fn directories(plan: &Plan) -> Result<BTreeMap<HostPath, DirectoryFact>, Failure> {
    let volumes = plan.services.values().flat_map(|service| &service.volumes);
    volumes
        .map(|volume| {
            let fact = directory(volume.source.as_path()).map_err(|problem| Failure::new(problem.to_string()))?;
            Ok((volume.source.clone(), fact))
        })
        .all_gathered()
}

fn directory(path: &Path) -> Result<DirectoryFact, FileProblem> {
    let fact = match observe_directory(path)? {
        DirectoryLook::Missing { nearest_existing: _ } => DirectoryFact::Missing,
        DirectoryLook::Directory { uid: _, gid: _, mode: _, device: _, mountpoint } => {
            DirectoryFact::Present { mountpoint, label_usable: label_usable(path) }
        }
        DirectoryLook::SymbolicLink { at } => return Ok(DirectoryFact::Symlink(at)),
        DirectoryLook::NotADirectory { at, kind: _ } => return Ok(DirectoryFact::NotADirectory(at)),
    };
    let by_whom = who_could_exchange(path, &trusted_owners())?;
    Ok(by_whom.map_or(fact, |(at, who)| DirectoryFact::WithinReach { at, by: who.to_string() }))
}

/// Whether containers may use what has this SELinux label; where SELinux is not enforcing, any.
fn label_usable(path: &Path) -> bool {
    if !system::selinux_enforcing() {
        return true;
    }
    system::selinux_type(path).is_some_and(|kind| kind == "container_file_t" || kind == "container_ro_file_t")
}
