//! What was last seen of containers, each for as long as the process lives that was seen then: the system itself tells that it runs on, and
//! no engine has to be asked again. Changes nothing.

use crate::facts::ContainerFact;
use crate::host::engine::{FirstProcess, Life, Process};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Containers by name, as they were last seen to run.
#[derive(Default)]
pub(super) struct Living(Mutex<BTreeMap<String, (ContainerState, Process)>>);

/// What a service is judged by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ContainerState {
    /// The container's name.
    pub name: String,
    /// Its ID.
    pub id: String,
    /// Whether its process runs.
    pub running: bool,
    /// The exit status of its process, once that ended.
    pub exit_code: Option<i32>,
    /// How often the engine started it again by itself.
    pub restarts: u32,
    /// Its address on the plan's network.
    pub address: Option<IpAddr>,
}

impl From<&ContainerFact> for ContainerState {
    fn from(container: &ContainerFact) -> Self {
        let ContainerFact { name, id, running, exit_code, restarts, address, .. } = container;
        Self {
            name: name.clone(),
            id: id.clone(),
            running: *running,
            exit_code: *exit_code,
            restarts: *restarts,
            address: *address,
        }
    }
}

impl Living {
    /// Notes what a look found; one that does not run is forgotten.
    pub fn note(&self, name: &str, found: Option<&(ContainerFact, Life)>) {
        let runs = found.filter(|(container, _)| container.running && container.name == name);
        let seen = runs.and_then(|(container, life)| Some((container.into(), Process::of(&container.id, life.pid?)?)));
        match seen {
            Some(seen) => self.lock().insert(name.to_owned(), seen),
            None => self.lock().remove(name),
        };
    }

    /// Notes a container that has just been started by its process alone, and that the engine has not started again since: that would be
    /// another process. None where the process is not the container's, or has ended.
    pub fn note_start(&self, name: &str, FirstProcess { id, pid, address }: FirstProcess) -> Option<ContainerState> {
        let process = Process::of(&id, pid)?;
        let (name, address) = (name.to_owned(), Some(address));
        let state = ContainerState { name, id, running: true, exit_code: None, restarts: 0, address };
        self.lock().insert(state.name.clone(), (state.clone(), process));
        Some(state)
    }

    /// A container as it was last seen by this name, if its process has run since then. A container that was started again has another.
    pub fn still(&self, name: &str) -> Option<ContainerState> {
        let (container, process) = self.lock().get(name).cloned()?;
        process.lives().then_some(container)
    }

    /// Forgets a container, before something is done to it.
    pub fn forget(&self, name: &str) {
        self.lock().remove(name);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (ContainerState, Process)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{ContainerState, Living};
    use crate::facts::ContainerFact;
    use crate::host::engine::{FirstProcess, Life, Process};
    use pretty_assertions::assert_eq;
    use std::os::unix::process::ExitStatusExt;
    use std::process::{Child, Command, Stdio};

    /// A container that is called after the control groups of the tests' own process, as seen with this first process.
    fn seen(running: bool, pid: u32) -> (ContainerFact, Life) {
        let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap();
        let container = ContainerFact { running, restarts: 3, ..ContainerFact::running("shop-web", &groups) };
        (container, Life { pid: Some(pid), started_at: None })
    }

    /// A process that runs until its input ends.
    fn process() -> Child {
        Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap()
    }

    #[test]
    fn a_container_counts_as_it_was_seen_for_as_long_as_its_process_lives() {
        let (living, mut process) = (Living::default(), process());
        let seen = seen(true, process.id());
        let first = Process::of(&seen.0.id, process.id()).unwrap();
        assert_eq!(living.still("shop-web"), None);
        living.note("shop-web", Some(&seen));
        assert_eq!((living.still("shop-web"), living.still("shop-db")), (Some((&seen.0).into()), None));
        process.kill().unwrap();
        // It has ended, and nobody has heard of it yet.
        while first.lives() {
            std::thread::yield_now();
        }
        assert_eq!(living.still("shop-web"), None);
        assert_eq!(process.wait().unwrap().signal(), Some(9));
        assert_eq!(living.still("shop-web"), None);
    }

    #[test]
    fn what_does_not_run_or_is_gone_or_is_touched_or_is_nobody_elses_process_is_not_remembered() {
        let (living, mut process) = (Living::default(), process());
        let runs = seen(true, process.id());
        let of_another = (ContainerFact { id: "0123456789ab".to_owned(), ..runs.0.clone() }, runs.1);
        let renamed = (ContainerFact { name: "shop-db".to_owned(), ..runs.0.clone() }, runs.1);
        for found in [None, Some(seen(false, process.id())), Some(of_another), Some(renamed)] {
            living.note("shop-web", Some(&runs));
            assert_eq!(living.still("shop-web"), Some((&runs.0).into()));
            living.note("shop-web", found.as_ref());
            assert_eq!(living.still("shop-web"), None, "{found:?}");
        }
        living.note("shop-web", Some(&runs));
        living.forget("shop-web");
        assert_eq!(living.still("shop-web"), None);
        drop(process.stdin.take());
        assert_eq!(process.wait().unwrap().code(), Some(0));
    }

    #[test]
    fn a_container_that_was_started_is_known_by_its_process_if_that_is_its_own() {
        let (living, mut process) = (Living::default(), process());
        let (container, _) = seen(true, process.id());
        let of = |id: &str| FirstProcess { id: id.to_owned(), pid: process.id(), address: [10, 89, 0, 7].into() };
        let state = ContainerState {
            name: "shop-web".to_owned(),
            id: container.id.clone(),
            running: true,
            exit_code: None,
            restarts: 0,
            address: Some([10, 89, 0, 7].into()),
        };
        assert_eq!(living.note_start("shop-web", of("0123456789ab")), None);
        assert_eq!(living.still("shop-web"), None);
        assert_eq!(living.note_start("shop-web", of(&container.id)), Some(state.clone()));
        assert_eq!(living.still("shop-web"), Some(state));
        let own = of(&container.id);
        drop(process.stdin.take());
        assert_eq!(process.wait().unwrap().code(), Some(0));
        assert_eq!((living.still("shop-web"), living.note_start("shop-web", own)), (None, None));
    }

    #[test]
    fn a_number_that_another_process_has_now_is_not_the_one_that_was_seen() {
        let living = Living::default();
        let seen = seen(true, std::process::id());
        living.note("shop-web", Some(&seen));
        let earlier = Process::of(&seen.0.id, std::process::id()).unwrap().before();
        living.lock().insert("shop-web".to_owned(), ((&seen.0).into(), earlier));
        assert_eq!(living.still("shop-web"), None);
    }
}
