//! Ends commands in containers, and engine calls whose caller was killed: both are told from all other processes by a mark
//! in their environment.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How long a command may take to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(2);

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

/// The variable that every engine call of ours has; its value is our process.
pub(super) const CALLER: &str = "LANDFALL_CALLER";

/// Kills the engine's clients whose caller was a process of ours that did not live to wait for them. What they would still
/// have brought into existence is not wanted any more. The containers' own monitors live on.
pub(super) fn end_orphans(client: &str) {
    for (process, _) in processes().filter(|(_, folder)| is_orphan(folder, client)) {
        tracing::info!(process, "ends what a killed run had begun");
        // One that has ended meanwhile needs no signal.
        let _ = kill(Pid::from_raw(process), Signal::SIGKILL);
    }
}

/// Whether a process is such a client and not its caller's child any more.
fn is_orphan(folder: &Path, client: &str) -> bool {
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap_or_default();
    let variables = std::fs::read(folder.join("environ")).unwrap_or_default();
    let mark = format!("{CALLER}=");
    let caller = variables.split(|byte| *byte == 0).find_map(|variable| variable.strip_prefix(mark.as_bytes()));
    let status = text("status");
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:")).map(str::trim);
    text("comm").trim_end() == client && caller.is_some() && caller != parent.map(str::as_bytes)
}

/// Every process with its folder in `/proc`.
fn processes() -> impl Iterator<Item = (i32, PathBuf)> {
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
    use nix::sys::signal::Signal;
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    #[test]
    fn only_what_carries_the_mark_is_ended() {
        let (mark, other) = (new_mark(), new_mark());
        let (name, value) = mark.split_once('=').unwrap();
        let (_, other_value) = other.split_once('=').unwrap();
        let mut marked = Command::new("sleep").arg("1000").env(name, value).spawn().unwrap();
        let mut stranger = Command::new("sleep").arg("1000").env(name, other_value).spawn().unwrap();
        end(&mark);
        assert_eq!(marked.wait().unwrap().signal(), Some(15));
        assert_eq!(stranger.try_wait().unwrap(), None);
        assert_eq!(signal_all(&other, Signal::SIGKILL), 1);
        assert_eq!(stranger.wait().unwrap().signal(), Some(9));
    }
    #[test]
    fn an_engine_call_of_a_killed_run_is_ended_and_one_of_ours_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let client = folder.path().join("lf-orphan-test");
        std::fs::copy("/bin/sleep", &client).unwrap();
        let start = |caller: &str| Command::new(&client).arg("1000").env(CALLER, caller).spawn().unwrap();
        let (mut orphan, mut ours) = (start("1"), start(&std::process::id().to_string()));
        end_orphans("lf-orphan-test");
        assert_eq!(orphan.wait().unwrap().signal(), Some(9));
        assert_eq!(ours.try_wait().unwrap(), None);
        ours.kill().unwrap();
        ours.wait().unwrap();
    }
}
