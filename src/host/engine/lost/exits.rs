//! Removes what a monitor writes of its container's end where the container is gone by then: after a start that was killed half-way, Podman
//! removes the container while its monitor still sets it up.

use crate::facts::ContainerFact;
use crate::host::files::remove_if_there;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// Where Podman has the monitors of root's containers write how these ended, each under its container's ID.
pub const FOLDER: &str = "/run/libpod/exits";

/// The containers of ours that were seen, by ID; what has a clone sees the same.
#[derive(Debug, Clone, Default)]
pub struct Exits(Arc<Mutex<BTreeSet<String>>>);

impl Exits {
    /// Notes the containers of ours, and removes from `folder` what was written of those that are gone. Only theirs: another storage of
    /// Podman's may share the folder.
    pub fn clear(&self, folder: &Path, there: &[ContainerFact]) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_there = |id: &String| there.iter().any(|container| container.id == *id);
        for id in seen.iter().filter(|id| !is_there(id)) {
            match remove_if_there(&folder.join(id)) {
                Ok(true) => tracing::info!(id, "removed what was written of the end of a container that is gone"),
                Ok(false) => {}
                Err(problem) => tracing::warn!(%problem, "what was written of the end of a container stays"),
            }
        }
        let ours = there.iter().filter(|container| container.plan().is_some());
        seen.extend(ours.map(|container| container.id.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::Exits;
    use crate::facts::ContainerFact;
    use pretty_assertions::assert_eq;
    use std::fs;

    fn container(id: &str, ours: bool) -> ContainerFact {
        let labels = ours.then(|| (ContainerFact::PLAN.to_owned(), "shop".to_owned()));
        ContainerFact { labels: labels.into_iter().collect(), ..ContainerFact::running(&format!("shop-{id}"), id) }
    }

    #[test]
    fn what_was_written_of_a_container_of_ours_goes_once_it_is_gone_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        for id in ["gone", "there", "theirs", "unseen"] {
            fs::write(folder.path().join(id), "137").unwrap();
        }
        let exits = Exits::default();
        let left = |there: &[ContainerFact]| {
            exits.clone().clear(folder.path(), there);
            let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
            let mut left: Vec<_> = left.map(|name| name.into_string().unwrap()).collect();
            left.sort();
            left.join(" ")
        };
        let (ours, theirs) = (container("there", true), container("theirs", false));
        assert_eq!(left(&[ours.clone(), container("gone", true), theirs]), "gone theirs there unseen");
        assert_eq!(left(&[ours]), "theirs there unseen");
        assert_eq!(left(&[]), "theirs unseen");
    }
}
