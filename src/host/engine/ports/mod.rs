//! Takes the ports of containers back in one change of the firewall. Netavark takes four rules away for each port, one at a time, and waits
//! in the kernel for each: half of what a removal takes. Where it finds them gone, it goes on.
//!
//! A port leads to its container for as long as that runs, also while it is asked to end: so its rules go once its process has ended. And
//! netavark looks whether a rule is there before it takes it away: so this is done under the lock that Podman holds while netavark
//! works. It is held for a few seconds at most, since whatever else is started or removed on the server meanwhile waits for it.

mod at_once;
mod leaving;
mod rules;

pub(super) use leaving::Leaving;

use super::driver::Podman;
use super::look::{FirstProcess, NETWORKS, Process};
use super::lost::run;
use super::store_lock;
use crate::host::command::{Command, find, patient};
use crate::run::Failure;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// The lock of Podman before version 5, in the folder of the networks, and of newer ones. An old one may have stayed.
const LOCKS: [&str; 2] = ["netavark.lock", "/run/lock/netavark.lock"];

/// How long it is tried to get the lock, and how long others are then held up until the first of the containers has ended: a part of that
/// passes until Podman has asked them to.
const UNTIL_THE_FIRST: Duration = Duration::from_millis(400);

/// How long netavark is held up after each of them until the next one has ended: in that time it takes the ports of one back itself.
const UNTIL_THE_NEXT: Duration = Duration::from_millis(100);

/// How much longer for each one that was asked and has not ended yet: many that are asked at a time keep one another waiting.
const FOR_EACH_LEFT: Duration = Duration::from_millis(10);

/// How long netavark is held up in all.
const AT_MOST: Duration = Duration::from_secs(3);

/// How long lies between two tries for the lock, and between two looks at whether processes have ended.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// Whether the work is over that removes the containers.
struct Over(AtomicBool);

/// Containers that run, some of which have ports that are to be taken back.
type WithPorts = Vec<(FirstProcess, Process)>;

impl Podman {
    /// Does work that removes these containers, and takes their ports back once they have ended. Leaves that to the work where they take
    /// long to end, where others are at work on the firewall, and where netavark has no rules of iptables.
    ///
    /// The work is told how many containers Podman has to be told to ask to end at a time: nothing where it asks as many by itself, or where
    /// there is no use in it.
    pub(super) fn taking_ports_back<R>(&self, containers: &[String], work: impl FnOnce(Option<usize>) -> R) -> R {
        let (over, joined) = (Over(AtomicBool::new(false)), OnceLock::new());
        let more = at_once::more_than_of_itself(containers.len());
        // What the work is told depends on it. Else it is found out beside the work.
        let there = more.map(|_| self.with_ports(containers));
        let more =
            more.filter(|_| there.as_ref().is_some_and(|there| there.as_ref().is_ok_and(|there| !there.is_empty())));
        let asked = more.unwrap_or_else(at_once::of_itself);
        std::thread::scope(|scope| {
            let taken_back = || {
                let there = there.unwrap_or_else(|| self.with_ports(containers))?;
                // Also of a call that does not get the lock, others take back what they can.
                joined.get_or_init(|| self.leaving.with(&there));
                self.taken_back(there, asked, &over)
            };
            // Where there is no thread for it, the work does it.
            let taking = Builder::new().spawn_scoped(scope, || match taken_back() {
                Ok(0) => {}
                Ok(taken) => tracing::debug!(taken, "rules of ports that were taken away in one change"),
                Err(failure) => tracing::debug!(cause = failure.message, "ports are taken back one rule at a time"),
            });
            let done = work(more);
            over.0.store(true, Ordering::Release);
            if let Ok(taking) = taking {
                taking.thread().unpark();
            }
            done
        })
    }

    /// These containers, as far as they run, where there are rules of iptables for the ports of any.
    fn with_ports(&self, containers: &[String]) -> Result<WithPorts, Failure> {
        // Whoever removes a container has mostly looked at it, and knows the storage.
        let there = self.storage.get().map(|_| known(self.first_processes(containers))).unwrap_or_default();
        let some = !there.is_empty() && !rules::of(there.iter().map(|(first, _)| first), &saved()?).is_empty();
        Ok(if some { there } else { Vec::new() })
    }

    /// How many rules were taken away, where Podman asks so many of these containers to end at a time. Those of other calls that have ended
    /// when these have, or when it was waited for them for long enough, are taken away as well.
    fn taken_back(&self, there: WithPorts, asked: usize, over: &Over) -> Result<usize, Failure> {
        let Some(changes) = find("iptables-restore").filter(|_| !there.is_empty()) else { return Ok(0) };
        let locks = LOCKS.map(|lock| Path::new(NETWORKS).join(lock));
        let Some(held) = held(&locks, over, patient(UNTIL_THE_FIRST))? else { return Ok(0) };
        let ended = ended(there, asked, Instant::now() + patient(AT_MOST), over);
        let ended = [ended, self.leaving.ended()].concat();
        let removals = if ended.is_empty() { Vec::new() } else { rules::of(&ended, &saved()?) };
        if !removals.is_empty() {
            let change = format!("*nat\n{}COMMIT\n", removals.concat());
            run(Command::new(&changes).args(["--noflush", "--wait=1"]).stdin_bytes(change))?;
        }
        drop(held);
        Ok(removals.len())
    }
}

/// All rules for ports; none where there is no iptables.
fn saved() -> Result<String, Failure> {
    find("iptables-save").map_or_else(|| Ok(String::new()), |tells| run(Command::new(&tells).args(["-t", "nat"])))
}

impl Over {
    /// Waits until the next look; false where the work is over, or this was too long ago.
    fn waits(&self, until: Instant) -> bool {
        std::thread::park_timeout(BETWEEN_LOOKS);
        Instant::now() < until && !self.0.load(Ordering::Acquire)
    }
}

/// Keeps Podman from calling netavark, until this is dropped; `None` where others do so for long, or where there is no such lock.
fn held(locks: &[PathBuf], over: &Over, at_most: Duration) -> Result<Option<Vec<File>>, Failure> {
    let there: Vec<_> = locks.iter().filter(|lock| lock.exists()).collect();
    let until = Instant::now() + at_most;
    while !there.is_empty() {
        let held = there.iter().map(|lock| store_lock::try_hold(lock)).collect::<Result<Option<_>, Failure>>()?;
        if held.is_some() || !over.waits(until) {
            return Ok(held);
        }
    }
    Ok(None)
}

/// Those whose process is to be told from all others.
fn known(there: Vec<FirstProcess>) -> Vec<(FirstProcess, Process)> {
    there.into_iter().filter_map(|first| Process::of(&first.id, first.pid).map(|process| (first, process))).collect()
}

/// Those of these that have ended within the time for it, of which so many are asked to at a time: who has asked them waits for netavark
/// before it asks another.
fn ended(mut left: WithPorts, asked: usize, latest: Instant, over: &Over) -> Vec<FirstProcess> {
    let mut ended = Vec::new();
    let next = |time, to_end| latest.min(Instant::now() + patient(within(time, to_end)));
    let mut until = next(UNTIL_THE_FIRST, asked.min(left.len()));
    loop {
        let (live, gone): (WithPorts, _) = left.into_iter().partition(|(_, process)| process.lives());
        left = live;
        let some = !gone.is_empty();
        ended.extend(gone.into_iter().map(|(first, _)| first));
        let to_end = asked.saturating_sub(ended.len()).min(left.len());
        if some {
            until = next(UNTIL_THE_NEXT, to_end);
        }
        if to_end == 0 || !over.waits(until) {
            return ended;
        }
    }
}

/// How long it is waited for the next one to end, when so many are to.
fn within(time: Duration, to_end: usize) -> Duration {
    let longer = FOR_EACH_LEFT.saturating_mul(u32::try_from(to_end).unwrap_or(u32::MAX));
    time.saturating_add(longer).min(AT_MOST)
}

#[cfg(test)]
mod tests {
    use super::{Over, UNTIL_THE_NEXT, WithPorts, held, known, within};
    use crate::host::engine::FirstProcess;
    use pretty_assertions::assert_eq;
    use std::path::PathBuf;
    use std::process::{Child, Command, Stdio};
    use std::sync::atomic::AtomicBool;
    use std::time::{Duration, Instant};

    /// It is only a defect that makes this wait to its end.
    const WHILE: Duration = Duration::from_secs(20);

    fn over(is_over: bool) -> Over {
        Over(AtomicBool::new(is_over))
    }

    #[test]
    fn all_locks_that_there_are_are_held_together_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let locks: Vec<PathBuf> = ["old", "new"].map(|name| folder.path().join(name)).to_vec();
        // A lock that was let go may be held for a moment by a process that another test was about to start.
        let count = |at_once: bool| held(&locks, &over(at_once), WHILE).map(|held| held.map(|held| held.len()));
        assert_eq!(count(true), Ok(None));
        std::fs::write(&locks[1], "").unwrap();
        assert_eq!(count(false), Ok(Some(1)));
        std::fs::write(&locks[0], "").unwrap();
        assert_eq!(count(false), Ok(Some(2)));
        let another = held(&locks[1..], &over(false), WHILE).unwrap();
        assert_eq!((count(true), another.is_some()), (Ok(None), true));
        drop(another);
        assert_eq!(count(false), Ok(Some(2)));
    }

    #[test]
    fn a_lock_that_others_hold_is_waited_for_until_the_work_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let locks = [folder.path().join("lock")];
        std::fs::write(&locks[0], "").unwrap();
        let theirs = held(&locks, &over(true), WHILE).unwrap();
        assert_eq!(theirs.is_some(), true);
        std::thread::scope(|scope| {
            let ours = scope.spawn(|| held(&locks, &over(false), WHILE).map(|held| held.is_some()));
            drop(theirs);
            assert_eq!(ours.join().unwrap(), Ok(true));
        });
    }

    /// Those of these that have ended, where all are asked to at a time.
    fn ended(there: WithPorts, over: &Over) -> Vec<FirstProcess> {
        super::ended(there, usize::MAX, Instant::now() + WHILE, over)
    }

    /// A process that runs until its input ends, as the first one of a container that is called after its control groups.
    pub(super) fn process(address: u8) -> (Child, FirstProcess) {
        let child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let id = std::fs::read_to_string("/proc/self/cgroup").unwrap();
        let first = FirstProcess { id, pid: child.id(), address: [10, 89, 0, address].into() };
        (child, first)
    }

    #[test]
    fn those_that_have_ended_are_told_from_those_that_go_on() {
        let ((mut one, first), (mut other, second)) = (process(2), process(3));
        let of_another = FirstProcess { id: "0123456789ab".to_owned(), ..second.clone() };
        let there = known(vec![first.clone(), second.clone(), of_another]);
        assert_eq!(there.len(), 2);
        assert_eq!(ended(there.clone(), &over(true)), []);
        drop(one.stdin.take());
        assert_eq!(one.wait().unwrap().success(), true);
        assert_eq!(ended(there.clone(), &over(true)), std::slice::from_ref(&first));
        drop(other.stdin.take());
        assert_eq!(ended(there, &over(false)), [first, second]);
        assert_eq!(other.wait().unwrap().success(), true);
    }

    #[test]
    fn nobody_waits_for_those_that_are_asked_later_nor_longer_than_there_is_time_in_all() {
        let ((mut one, first), (mut other, second)) = (process(4), process(5));
        let there = known(vec![first.clone(), second.clone()]);
        drop(one.stdin.take());
        assert_eq!(one.wait().unwrap().success(), true);
        let in_time = Instant::now() + WHILE;
        assert_eq!(super::ended(there.clone(), 1, in_time, &over(false)), std::slice::from_ref(&first));
        assert_eq!(super::ended(there.clone(), 2, Instant::now(), &over(false)), std::slice::from_ref(&first));
        drop(other.stdin.take());
        assert_eq!(other.wait().unwrap().success(), true);
        assert_eq!(super::ended(there, 1, in_time, &over(false)), [first, second]);
    }

    #[test]
    fn the_more_are_to_end_the_longer_it_is_waited_for_the_next_one() {
        let waits = [0, 5, 10_000].map(|to_end| within(UNTIL_THE_NEXT, to_end).as_millis());
        assert_eq!(waits, [100, 150, 3000]);
    }
}
