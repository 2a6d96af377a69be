//! The containers that this process created, each by the ID that Docker said, and their first processes as containerd has them on
//! record. Asks nobody.

use super::super::look::FirstProcess;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Where containerd notes what it runs for Docker: of one that Docker's daemon starts, and of one beside it.
const TASKS: [&str; 2] = [
    "/run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby",
    "/run/containerd/io.containerd.runtime.v2.task/moby",
];

/// Containers that were created: the names that they still have, and their IDs.
#[derive(Debug, Clone, Default)]
pub(super) struct Created(Arc<Mutex<Vec<(String, String)>>>);

impl Created {
    /// Notes what Docker printed when it created a container of this name.
    pub(super) fn note(&self, container: &str, printed: &[u8]) {
        let id = String::from_utf8_lossy(printed).trim().to_owned();
        // What else a client may print is no ID.
        if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            self.forget(&[container]);
            self.lock().push((container.to_owned(), id));
        }
    }

    /// Forgets a container that is about to be removed or to change its name, and one whose name it gets.
    pub(super) fn forget(&self, names: &[&str]) {
        self.lock().retain(|(name, _)| !names.contains(&name.as_str()));
    }

    /// The first process of a container that has been started; `None` where that is not to be seen, or where it has not the one address.
    pub(super) fn first_process(&self, container: &str) -> Option<FirstProcess> {
        let (id, pid) = self.noted_in(&TASKS.map(Path::new), container)?;
        FirstProcess::of(id, pid)
    }

    /// A container's ID and its first process, as one of these folders says.
    fn noted_in(&self, tasks: &[&Path], container: &str) -> Option<(String, u32)> {
        let id = self.lock().iter().find(|(name, _)| name == container)?.1.clone();
        let noted = tasks.iter().find_map(|tasks| std::fs::read_to_string(tasks.join(&id).join("init.pid")).ok());
        Some((id, noted?.trim().parse().ok()?))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<(String, String)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Created;
    use crate::host::engine::{Docker, Engine};
    use crate::operation::{DroppedContainer, EngineChange, Known, Layout};
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;
    use std::path::Path;

    const IDS: [&str; 2] = [
        "c1f45eb2ee0faceb1597966f7e1f80fd77d6439cdb0ef52c5754189fd165b186",
        "83a25c16b489aef0cd010cb39ee7a000106ef796aacee63920228eb36c1b12fd",
    ];

    #[test]
    fn a_container_is_known_by_what_docker_printed_until_it_goes_or_gets_another_name() {
        let created = Created::default();
        let known = [("shop-db", IDS[0]), ("shop-web", IDS[1])].map(|(name, id)| (name.to_owned(), id.to_owned()));
        created.note("shop-db", IDS[1].as_bytes());
        created.note("shop-db", format!("{}\n", IDS[0]).as_bytes());
        created.note("shop-web", format!("{}\n", IDS[1]).as_bytes());
        created.note("shop-job", b"WARNING: no swap limit\n");
        created.note("shop-cache", &IDS[0].as_bytes()[1..]);
        assert_eq!(*created.lock(), known);
        created.forget(&["shop-web", "shop-web.new"]);
        assert_eq!(*created.lock(), known[..1]);
    }

    #[test]
    fn who_removes_or_renames_a_container_forgets_it_and_the_one_whose_name_it_gets() {
        let layout = Layout::new(Path::new("/nonexistent"), &PlanName::parse("shop").unwrap());
        let docker = Docker::at(Path::new("/bin/true"), &layout);
        let left = || docker.created.lock().iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
        ["a", "b", "c", "d", "e"].iter().for_each(|name| docker.created.note(name, IDS[0].as_bytes()));
        let known = Known::at_start(RunId::parse("20261121t101112").unwrap());
        let change = |change: &EngineChange| docker.perform(change, &known, b"").unwrap();

        change(&EngineChange::RenameContainer { container: "a".to_owned(), to: "b".to_owned() });
        assert_eq!(left(), ["c", "d", "e"]);
        let dropped = DroppedContainer { container: "c".to_owned(), grace_seconds: Some(1) };
        change(&EngineChange::DropContainer(dropped));
        assert_eq!(left(), ["d", "e"]);
        Engine::Docker(docker.clone()).drop_containers(&["d".to_owned()], &|_| {}).unwrap();
        assert_eq!(left(), ["e"]);
    }

    #[test]
    fn its_first_process_is_the_one_that_containerd_has_on_record_wherever_that_lies() {
        let folder = tempfile::tempdir().unwrap();
        let tasks = ["beside", "of-docker"].map(|name| folder.path().join(name));
        let tasks = [tasks[0].as_path(), tasks[1].as_path()];
        let created = Created::default();
        created.note("shop-web", IDS[0].as_bytes());
        created.note("shop-db", IDS[1].as_bytes());
        let noted = |name| created.noted_in(&tasks, name);
        assert_eq!(noted("shop-web"), None);
        for (place, id) in IDS.iter().enumerate() {
            std::fs::create_dir_all(tasks[place].join(id)).unwrap();
            std::fs::write(tasks[place].join(id).join("init.pid"), format!("{}", 4711 + place)).unwrap();
        }
        let both = [Some((IDS[0].to_owned(), 4711)), Some((IDS[1].to_owned(), 4712))];
        assert_eq!(["shop-web", "shop-db"].map(noted), both);
        std::fs::write(tasks[0].join(IDS[0]).join("init.pid"), "soon").unwrap();
        assert_eq!(["shop-web", "shop-job"].map(noted), [None, None]);
    }
}
