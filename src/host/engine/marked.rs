//! Ends commands in containers, and engine calls whose caller was killed: both are told from all other processes by a mark
//! in their environment.

use super::driver::Podman;
use super::{deadline, scratch};
use crate::host::awake;
use crate::host::command::patient;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a command may take to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(2);

impl Podman {
    /// Lets the calls come to their end whose caller was a process of ours that did not live to wait for them, and kills those that
    /// take too long.
    pub fn end_orphans(&self) {
        end_orphans(&self.client(), patient(deadline::ORPHAN));
        scratch::sweep();
    }

    /// Whether Podman's client runs, whoever started it.
    pub(super) fn is_at_work(&self) -> bool {
        let client = self.client();
        processes().any(|(_, folder)| is(&folder, &client))
    }

    /// What the processes of its client are called.
    fn client(&self) -> String {
        let client = self.program().file_name().map(|name| name.to_string_lossy().into_owned());
        client.unwrap_or_else(|| "podman".to_owned())
    }
}

/// A mark that no other process has: a variable with its value.
pub(super) fn new_mark() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let now = jiff::Timestamp::now().as_nanosecond();
    format!("LANDFALL_CHECK={}.{now}.{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed))
}

/// Asks every process with this mark to end, and kills those that don't.
pub(super) fn end(mark: &str) {
    if signal_all(mark, Signal::SIGTERM) > 0 {
        std::thread::sleep(GRACE);
        signal_all(mark, Signal::SIGKILL);
    }
}

/// The variable that every engine call of ours has, and every download; its value is our process.
pub const CALLER: &str = "LANDFALL_CALLER";

/// How often one looks whether what a killed run had begun has ended.
const BEAT: Duration = Duration::from_millis(50);

/// What an engine's client does for long, and what nobody needs to see finished.
const BREAKS_OFF: [&str; 4] = ["build", "exec", "load", "pull"];

/// Waits for the engine's clients whose caller was a process of ours that did not live to wait for them, and kills those that
/// take longer than `patience`: what they would still have brought into existence is not wanted any more.
///
/// One that is killed while it starts a container leaves a monitor, rules of the firewall and a network namespace of which the
/// engine knows nothing; one that comes to its end leaves only what the engine can remove.
pub fn end_orphans(client: &str, patience: Duration) {
    let began = awake::now();
    let orphans = || processes().filter(|(_, folder)| is_orphan(folder, client)).collect::<Vec<_>>();
    let mut left = orphans();
    while left.iter().any(|(_, folder)| !breaks_off(folder, client)) && awake::now().saturating_sub(began) < patience {
        std::thread::sleep(BEAT);
        left = orphans();
    }
    for (process, _) in left {
        tracing::info!(process, "ends what a killed run had begun");
        // One that has ended meanwhile needs no signal.
        let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
    }
}

/// Whether a client does something that leaves nothing half done when it is killed.
fn breaks_off(folder: &Path, client: &str) -> bool {
    let line = std::fs::read(folder.join("cmdline")).unwrap_or_default();
    let mut words = line.split(|byte| *byte == 0).map(String::from_utf8_lossy);
    words.find(|word| Path::new(word.as_ref()).file_name().is_some_and(|name| name == client));
    words.next().is_some_and(|what| BREAKS_OFF.contains(&what.as_ref()))
}

/// Whether a process is such a client and not its caller's child any more. Of all others only the name is read.
fn is_orphan(folder: &Path, client: &str) -> bool {
    if !is(folder, client) {
        return false;
    }
    let variables = std::fs::read(folder.join("environ")).unwrap_or_default();
    let mark = format!("{CALLER}=");
    let caller = variables.split(|byte| *byte == 0).find_map(|variable| variable.strip_prefix(mark.as_bytes()));
    let status = std::fs::read_to_string(folder.join("status")).unwrap_or_default();
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).map(str::trim);
    caller.is_some() && caller != parent.map(str::as_bytes)
}

/// Whether a process is such a client.
fn is(folder: &Path, client: &str) -> bool {
    std::fs::read_to_string(folder.join("comm")).is_ok_and(|name| name.trim_end() == client)
}

/// Every process with its folder in `/proc`.
pub(super) fn processes() -> impl Iterator<Item = (i32, PathBuf)> {
    std::fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        entry.file_name().to_str()?.parse::<i32>().ok().map(|process| (process, entry.path()))
    })
}

/// How many processes with this mark there were.
fn signal_all(mark: &str, signal: Signal) -> usize {
    let marked = processes().filter(|(_, folder)| {
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    });
    // One that has ended meanwhile needs no signal.
    marked.filter(|(process, _)| kill(Pid::from_raw(*process), signal).is_ok()).count()
}

#[cfg(test)]
mod tests {
    use super::{CALLER, end, end_orphans, new_mark, signal_all};
    use crate::host::stand_in;
    use nix::sys::signal::{Signal, kill};
    use nix::unistd::Pid;
    use pretty_assertions::assert_eq;
    use std::os::unix::process::ExitStatusExt;
    use std::path::Path;
    use std::process::{Child, Command};
    use std::time::Duration;

    /// Starts it and waits until its environment can be read: for a moment after its start, a new program has none.
    fn spawn(command: &mut Command) -> Child {
        let child = command.spawn().unwrap();
        let environment = format!("/proc/{}/environ", child.id());
        while std::fs::read(&environment).unwrap().is_empty() {
            std::thread::yield_now();
        }
        child
    }

    #[test]
    fn only_what_carries_the_mark_is_ended() {
        let (mark, other) = (new_mark(), new_mark());
        let (name, value) = mark.split_once('=').unwrap();
        let (_, other_value) = other.split_once('=').unwrap();
        let mut marked = spawn(Command::new("sleep").arg("1000").env(name, value));
        let mut stranger = spawn(Command::new("sleep").arg("1000").env(name, other_value));
        end(&mark);
        assert_eq!(marked.wait().unwrap().signal(), Some(15));
        assert_eq!(stranger.try_wait().unwrap(), None);
        assert_eq!(signal_all(&other, Signal::SIGKILL), 1);
        assert_eq!(stranger.wait().unwrap().signal(), Some(9));
    }

    /// A program of the name of a client that ends after so many seconds, as a child of a process that is gone.
    fn orphan(folder: &Path, client: &str, arguments: &[&str]) -> Child {
        let program = folder.join(client);
        stand_in::program(&program, "#!/bin/bash\nexec {nothing}<> <(:)\nread -rt \"${!#}\" -u \"$nothing\"\nexit 0\n");
        spawn(Command::new(&program).args(arguments).env(CALLER, "1"))
    }

    #[test]
    fn an_engine_call_of_a_killed_run_is_ended_and_one_of_ours_and_other_programs_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let start = |program: &str, caller: &str| {
            let program = folder.path().join(program);
            if !program.exists() {
                std::os::unix::fs::symlink("/bin/sleep", &program).unwrap();
            }
            spawn(Command::new(&program).arg("1000").env(CALLER, caller))
        };
        let (mut orphan, ours) = (start("lf-orphan-test", "1"), std::process::id().to_string());
        let others = [start("lf-orphan-test", &ours), start("lf-other-test", "1")];
        end_orphans("lf-orphan-test", Duration::ZERO);
        assert_eq!(orphan.wait().unwrap().signal(), Some(9));
        for mut other in others {
            // What has been killed already ends by that signal.
            kill(Pid::from_raw(other.id().cast_signed()), Signal::SIGTERM).unwrap();
            assert_eq!(other.wait().unwrap().signal(), Some(15));
        }
    }

    #[test]
    fn regression_014_an_engine_call_of_a_killed_run_that_starts_a_container_comes_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        let mut starts = orphan(folder.path(), "lf-start-test", &["start", "0.5"]);
        end_orphans("lf-start-test", Duration::MAX);
        assert_eq!(starts.wait().unwrap().code(), Some(0));
    }

    #[test]
    fn an_engine_call_of_a_killed_run_that_retrieves_an_image_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let mut pulls = orphan(folder.path(), "lf-pull-test", &["pull", "1000"]);
        end_orphans("lf-pull-test", Duration::MAX);
        assert_eq!(pulls.wait().unwrap().signal(), Some(9));
    }
}
