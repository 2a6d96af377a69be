//! How many containers Podman asks to end at a time. Ports are only taken back in one change of those that end before it takes back the first:
//! from then on it has netavark's lock until it has removed the last one.

use crate::host::system;
use nix::sched::{CpuSet, sched_getaffinity};
use nix::unistd::Pid;

/// How much free memory there has to be for each container that ends: its monitor calls Podman, which was seen to take 7 MiB of it.
const MEMORY_FOR_EACH: u64 = 64 * 1024 * 1024;

/// How many are asked at most: each is a process of its own, and of its monitor's.
const MOST: usize = 128;

/// How many Podman asks unless it is told to ask more: three for each processor that it may run on, and one more.
pub(super) fn of_itself() -> usize {
    let processors = sched_getaffinity(Pid::from_raw(0))
        .map_or(0, |set| (0..CpuSet::count()).filter(|processor| set.is_set(*processor).unwrap_or(false)).count());
    processors.saturating_mul(3).saturating_add(1)
}

/// How many of so many containers can be asked, where those are more than Podman asks by itself.
pub(super) fn more_than_of_itself(containers: usize) -> Option<usize> {
    more(containers, of_itself(), || system::free_memory().unwrap_or(0))
}

fn more(containers: usize, of_itself: usize, free_memory: impl FnOnce() -> u64) -> Option<usize> {
    let fit = |free: u64| usize::try_from(free / MEMORY_FOR_EACH).unwrap_or(usize::MAX);
    let more = (containers > of_itself).then(|| containers.min(MOST).min(fit(free_memory())));
    more.filter(|more| *more > of_itself)
}

#[cfg(test)]
mod tests {
    use super::more;
    use pretty_assertions::assert_eq;

    #[test]
    fn podman_is_told_how_many_to_ask_where_it_asks_fewer_and_memory_has_room_for_more() {
        let told = |containers, gibibytes: u64| more(containers, 13, || gibibytes << 30);
        assert_eq!([13, 14, 64, 500].map(|containers| told(containers, 16)), [None, Some(14), Some(64), Some(128)]);
        assert_eq!([8, 1, 0].map(|gibibytes| told(100, gibibytes)), [Some(100), Some(16), None]);
        assert_eq!(more(500, 193, || u64::MAX), None);
    }
}
