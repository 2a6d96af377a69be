//! What was done and how it ended, counted.

use std::collections::BTreeMap;
use std::fmt;

use crate::fault::{Fault, Work};

/// The table of a sweep as `docs/reliability.md` has it, with one row: what was swept, the build, how much was done, and how much of that
/// broke a promise. `scripts/torture.sh` says which build it is.
pub fn table(sweep: &str, done: &str, broken: usize) -> String {
    let build = std::env::var("LANDFALL_TORTURE_BUILD").unwrap_or_else(|_| "this one".to_owned());
    format!("| sweep | build | done | broke a promise |\n|---|---|---|---|\n| {sweep} | {build} | {done} | {broken} |")
}

/// What one fault came to.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    pub work: Work,
    pub fault: Fault,
    /// `deployed`, `containerless` or `failed`: the state in the end.
    pub state: String,
}

/// How often each came about.
#[derive(Debug, Default)]
pub struct Figures {
    counts: BTreeMap<Outcome, u64>,
    /// How many recoveries were ended by a fault of their own.
    faults_of_recoveries: u64,
    failures: Vec<u64>,
}

impl Figures {
    pub fn count(&mut self, outcome: Outcome) {
        *self.counts.entry(outcome).or_default() += 1;
    }

    pub fn count_fault_of_a_recovery(&mut self) {
        self.faults_of_recoveries += 1;
    }

    /// Says that the story with this seed broke a promise.
    pub fn failed(&mut self, seed: u64) {
        self.failures.push(seed);
    }

    pub fn failures(&self) -> &[u64] {
        &self.failures
    }

    pub fn add(&mut self, other: Self) {
        let Self { counts, faults_of_recoveries, failures } = other;
        for (outcome, count) in counts {
            *self.counts.entry(outcome).or_default() += count;
        }
        self.faults_of_recoveries += faults_of_recoveries;
        self.failures.extend(failures);
        self.failures.sort_unstable();
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { counts, faults_of_recoveries, failures } = self;
        writeln!(formatter, "{:<10} {:<8} {:<14} {:>6}", "work", "fault", "state", "times")?;
        for (Outcome { work, fault, state }, count) in counts {
            writeln!(formatter, "{:<10} {:<8} {state:<14} {count:>6}", work.to_string(), fault.to_string())?;
        }
        writeln!(formatter, "faults: {}, and {faults_of_recoveries} of recoveries", counts.values().sum::<u64>())?;
        writeln!(formatter, "stories that broke a promise: {}\n", failures.len())?;
        let mut faults: BTreeMap<Fault, u64> = BTreeMap::new();
        let mut states: BTreeMap<&str, u64> = BTreeMap::new();
        for (Outcome { work: _, fault, state }, count) in counts {
            *faults.entry(*fault).or_default() += count;
            *states.entry(state).or_default() += count;
        }
        let faults: Vec<_> = faults.iter().map(|(fault, count)| format!("{count} {fault}")).collect();
        let states: Vec<_> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        let done = format!(
            "{}, and {faults_of_recoveries} in recoveries: {}; ended {}",
            counts.values().sum::<u64>(),
            faults.join(", "),
            states.join(", ")
        );
        let seed = crate::number("LANDFALL_TORTURE_SEED", 0);
        formatter.write_str(&table(&format!("random moments, seeds from {seed}"), &done, failures.len()))
    }
}
