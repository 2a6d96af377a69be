//! Memory and processor time of containers, whose processes are told by their PID namespace: the same on every engine.

use crate::few::Few;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// What containers used at one moment.
#[derive(Debug, Clone)]
pub struct Sample {
    taken: Instant,
    /// By container: bytes of memory, and ticks of processor time since its processes began.
    used: BTreeMap<String, (u64, u64)>,
}

impl Sample {
    /// The memory of a container's processes in bytes; what several share counts once. Files that the kernel keeps for them in its own
    /// memory don't count.
    pub fn memory_bytes(&self, container: &str) -> Option<u64> {
        self.used.get(container).map(|(bytes, _)| *bytes)
    }

    /// How much of one processor a container used between an earlier sample and this one, in hundredths.
    pub fn cpu_percent(&self, earlier: &Self, container: &str) -> Option<f64> {
        let (_, now) = self.used.get(container)?;
        let (_, before) = earlier.used.get(container)?;
        let seconds = self.taken.saturating_duration_since(earlier.taken).as_secs_f64();
        // The kernel tells programs hundredths of seconds, whatever it counts in itself.
        let used = u32::try_from(now.saturating_sub(*before)).ok().map(|ticks| f64::from(ticks) / 100.0)?;
        (seconds > 0.0).then(|| (used / seconds * 1000.0).round() / 10.0)
    }
}

/// What these containers use now, told by the first process of each.
pub fn sample(first: &BTreeMap<String, u32>) -> Sample {
    let namespace = |process: &Path| std::fs::read_link(process.join("ns/pid")).ok();
    let of: BTreeMap<PathBuf, &String> = first
        .iter()
        .filter_map(|(container, pid)| Some((namespace(&Path::new("/proc").join(pid.to_string()))?, container)))
        .gathered();
    let mut used: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for process in super::writers::processes() {
        let Some(container) = namespace(&process).and_then(|namespace| of.get(&namespace)) else { continue };
        let (bytes, ticks) = used.entry((*container).clone()).or_default();
        *bytes += memory(&process).unwrap_or(0);
        *ticks += cpu(&process).unwrap_or(0);
    }
    Sample { taken: Instant::now(), used }
}

/// The memory of a process in bytes, where what it shares with others is divided among them.
fn memory(process: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(process.join("smaps_rollup")).ok()?;
    let kilobytes = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    kilobytes.trim().strip_suffix(" kB")?.parse::<u64>().ok()?.checked_mul(1024)
}

/// The processor time of a process and of its children that have ended, in ticks.
fn cpu(process: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(process.join("stat")).ok()?;
    // The program's name stands in brackets, and may hold anything.
    let (_, rest) = text.rsplit_once(')')?;
    let times = rest.split_whitespace().skip(11).take(4).map(str::parse::<u64>);
    times.sum::<Result<u64, _>>().ok()
}

#[cfg(test)]
mod tests {
    use super::sample;
    use std::collections::BTreeMap;

    #[test]
    fn a_process_that_works_uses_memory_and_a_processor() {
        let this = BTreeMap::from([("this".to_owned(), std::process::id())]);
        let before = sample(&this);
        let began = std::time::Instant::now();
        let mut number = 1_u64;
        while began.elapsed().as_millis() < 150 {
            number = std::hint::black_box(number.wrapping_mul(31));
        }
        let now = sample(&this);
        assert!(now.memory_bytes("this").unwrap() > 100_000);
        assert!(now.cpu_percent(&before, "this").unwrap() > 0.0);
        assert_eq!(now.memory_bytes("other"), None);
    }
}
