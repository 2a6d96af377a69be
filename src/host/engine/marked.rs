//! Ends commands in containers: they are told from all other processes by a mark in their environment.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
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

/// How many processes with this mark there were.
fn signal_all(mark: &str, signal: Signal) -> usize {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().filter_map(|entry| {
        let entry = entry.ok()?;
        entry.file_name().to_str()?.parse::<i32>().ok().map(|process| (process, entry.path()))
    });
    let marked = processes.filter(|(_, folder)| {
        let environment = std::fs::read(folder.join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == mark.as_bytes())
    });
    // One that has ended meanwhile needs no signal.
    marked.filter(|(process, _)| kill(Pid::from_raw(*process), signal).is_ok()).count()
}

#[cfg(test)]
mod tests {
    use super::{end, new_mark, signal_all};
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
}
