//! Finds the monitors that run on although the engine has no such container, and ends them with all that they watch over.
//!
//! A `podman start` that is killed half-way has started a monitor, and perhaps the container's process, and has neither on record:
//! the container is removed as one that never ran, and they stay.

use super::super::deadline;
use super::super::driver::Podman;
use super::super::marked::processes;
use super::exits;
use crate::facts::{ContainerFact, MonitorFact};
use crate::host::awake;
use crate::host::command::{Command, patient};
use crate::run::Failure;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};
use std::time::Duration;

/// What the program is called.
const MONITOR: &str = "conmon";

/// How long a monitor may run on once its container is removed: it has to see its process end, and to clean up.
const LATE: Duration = Duration::from_secs(2);

/// How long what was killed may take to be gone.
const DYING: Duration = Duration::from_secs(10);

/// How often one looks whether it is.
const BEAT: Duration = Duration::from_millis(50);

/// A monitor, as its command line tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Monitor {
    process: i32,
    container: String,
    id: String,
    /// The storage that the container is in.
    storage: PathBuf,
    /// The program that runs the container's process.
    runtime: PathBuf,
}

impl Podman {
    /// The monitors of this engine's whose containers are none of `known`, nor any that it has by now.
    ///
    /// # Errors
    /// The engine can't tell where its containers are, or which it has.
    pub fn lost_monitors(&self, known: &[ContainerFact]) -> Result<Vec<MonitorFact>, Failure> {
        let none_of = |known: &[ContainerFact], id: &str| known.iter().all(|container| container.id != id);
        let lost = || monitors().any(|monitor| none_of(known, &monitor.id));
        if !lost() || is_over(LATE, || !lost()) {
            self.exits.clear(Path::new(exits::FOLDER), known);
            return Ok(Vec::new());
        }
        let known = self.containers()?;
        let monitors = self.monitors()?.into_iter().filter(|monitor| none_of(&known, &monitor.id));
        let fact = |Monitor { process: _, container, id, storage: _, runtime: _ }| MonitorFact { container, id };
        Ok(monitors.map(fact).collect())
    }

    /// Whether the monitor of the container of this ID runs.
    ///
    /// # Errors
    /// The engine can't tell where its containers are.
    pub fn has_monitor(&self, id: &str) -> Result<bool, Failure> {
        Ok(monitors().any(|monitor| monitor.id == id) && self.monitors()?.iter().any(|monitor| monitor.id == id))
    }

    /// Kills the monitor of a container, and every process of the container. The container must be none that the engine has.
    ///
    /// # Errors
    /// The engine has it after all, or can't tell; or the processes don't end.
    pub fn end_monitor(&self, id: &str) -> Result<(), Failure> {
        if self.containers()?.iter().any(|container| container.id == id) {
            return Err(Failure::new(format!("the engine has a container {id} after all")));
        }
        for Monitor { process, container, id, storage: _, runtime } in
            self.monitors()?.into_iter().filter(|one| one.id == id)
        {
            tracing::info!(container, id, process, "ends what runs on of a container that is gone");
            let group = [vec![process], of_the_container(process, &id)].concat();
            group.iter().for_each(|process| killed(*process));
            // It has its own record of the container, and the control groups.
            let forgotten =
                Command::new(&runtime).args(["delete", "--force", &id]).deadline(patient(deadline::LOOK)).run();
            if let Err(problem) = forgotten {
                tracing::warn!(%problem, "the runtime's record of a container that is gone stays");
            }
            if !is_over(DYING, || group.iter().all(|process| has_ended(*process))) {
                return Err(Failure::new(format!("what runs of {container} did not end when it was killed")));
            }
        }
        Ok(())
    }

    /// The monitors of the containers in this engine's own storage.
    fn monitors(&self) -> Result<Vec<Monitor>, Failure> {
        let storage = place(&self.storage()?.graph);
        // Another engine, also one in a container, has a storage of its own, whatever path it has there.
        let is_own = |monitor: &Monitor| {
            let root = PathBuf::from(format!("/proc/{}/root", monitor.process));
            storage.is_some() && place(&below(&root, &monitor.storage)) == storage
        };
        Ok(monitors().filter(is_own).collect())
    }
}

/// Every monitor of root's.
fn monitors() -> impl Iterator<Item = Monitor> {
    processes().filter_map(|(process, folder)| {
        let comm = std::fs::read_to_string(folder.join("comm")).ok()?;
        let is_roots = std::fs::metadata(&folder).is_ok_and(|metadata| metadata.uid() == 0);
        let line = std::fs::read(folder.join("cmdline")).ok().filter(|_| comm.trim_end() == MONITOR && is_roots)?;
        of_command_line(process, &line)
    })
}

fn of_command_line(process: i32, line: &[u8]) -> Option<Monitor> {
    let words: Vec<_> = line.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
    // What follows is the command that it runs at the end.
    let own: Vec<_> = words.iter().take_while(|word| *word != "--exit-command").collect();
    let value = |option: &str| own.iter().skip_while(|word| **word != option).nth(1).map(|word| word.to_string());
    let (id, bundle) = (value("-c")?, PathBuf::from(value("-b")?));
    let whole = id.len() == 64 && id.chars().all(|digit| digit.is_ascii_hexdigit());
    // It is STORAGE/DRIVER-containers/ID/userdata.
    let storage = bundle.parent().filter(|folder| folder.ends_with(&id))?.ancestors().nth(2)?.to_owned();
    let runtime = PathBuf::from(value("-r")?);
    whole.then_some(Monitor { process, container: value("-n")?, id, storage, runtime })
}

/// Every process that a monitor has started, and every one in the container's control group.
fn of_the_container(monitor: i32, id: &str) -> Vec<i32> {
    let group = format!("libpod-{id}");
    let mut found = BTreeSet::from([monitor]);
    let all: Vec<(i32, Option<i32>, String)> = processes()
        .map(|(process, folder)| {
            let groups = std::fs::read_to_string(folder.join("cgroup")).unwrap_or_default();
            (process, parent(&folder), groups)
        })
        .collect();
    // A child may be listed before its parent.
    loop {
        let before = found.len();
        found.extend(
            all.iter()
                .filter_map(|(process, parent, groups)| {
                    let is_child = parent.is_some_and(|parent| found.contains(&parent));
                    (is_child || groups.contains(&group)).then_some(*process)
                })
                .collect::<Vec<_>>(),
        );
        if found.len() == before {
            break;
        }
    }
    found.remove(&monitor);
    found.into_iter().collect()
}

fn parent(folder: &Path) -> Option<i32> {
    let status = std::fs::read_to_string(folder.join("status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("PPid:"))?.trim().parse().ok()
}

fn killed(process: i32) {
    // One that has ended meanwhile needs no signal.
    let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
}

/// Whether a process is gone, or waits only for its parent to hear of its end.
fn has_ended(process: i32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with(['Z', 'X']))
}

/// Waits, at most so long, until something is over; whether it is.
fn is_over(most: Duration, over: impl Fn() -> bool) -> bool {
    let began = awake::now();
    while !over() {
        if awake::now().saturating_sub(began) >= patient(most) {
            return false;
        }
        std::thread::sleep(BEAT);
    }
    true
}

/// Which folder it is, however it is called; `None` where there is none.
fn place(folder: &Path) -> Option<(u64, u64)> {
    std::fs::metadata(folder).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// An absolute path as it is below another one.
fn below(root: &Path, path: &Path) -> PathBuf {
    root.join(path.components().filter(|part| matches!(part, Component::Normal(_))).collect::<PathBuf>())
}

#[cfg(test)]
mod tests {
    use super::{Monitor, of_command_line};
    use pretty_assertions::assert_eq;
    use std::path::PathBuf;

    const ID: &str = "84c3b2fc42cadaa0113dc01c8260e84a726cb627d28406a40cde5ff07eb7dd8f";

    fn read(words: &[&str]) -> Option<Monitor> {
        of_command_line(7, words.join("\0").as_bytes())
    }

    #[test]
    fn a_monitor_is_told_by_its_command_line_up_to_what_it_runs_at_the_end() {
        let bundle = format!("/var/lib/containers/storage/overlay-containers/{ID}/userdata");
        let line = [
            "/usr/bin/conmon",
            "--api-version",
            "1",
            "-c",
            ID,
            "-u",
            ID,
            "-r",
            "/usr/bin/runc",
            "-b",
            &bundle,
            "-p",
            "/run/containers/storage/overlay-containers/pidfile",
            "-n",
            "shop-web",
            "--exit-command",
            "/usr/bin/podman",
            "--exit-command-arg",
            "-n",
            "other",
        ];
        let monitor = Monitor {
            process: 7,
            container: "shop-web".to_owned(),
            id: ID.to_owned(),
            storage: PathBuf::from("/var/lib/containers/storage"),
            runtime: PathBuf::from("/usr/bin/runc"),
        };
        assert_eq!(read(&line), Some(monitor));
        let without_its_name = [&line[..13], &line[15..]].concat();
        assert_eq!(read(&without_its_name), None);
        let elsewhere = line.map(|word| if word == bundle { "/srv/bundle" } else { word });
        assert_eq!(read(&elsewhere), None);
    }
}
