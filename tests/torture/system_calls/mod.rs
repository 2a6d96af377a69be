//! Landfall's own system calls fail, or are the last that it makes: every single one that it makes in a work, one at a time.
//!
//! A work is done twice with nothing in the way, while a tracer notes each call that opens, writes, synchronises, renames, links, makes
//! a folder or removes, in any thread, and what it is done to. Then the work is done again for each of these calls, and at that call
//! something happens. A call is known by what it does to what for the how-manieth time (see [`call`]), not by a number in a thread:
//! so each one is met alone, in whichever thread it comes, and one that was not met is counted as such.
//!
//! Each call is the last one of a run once. Calls that change something fail with ENOSPC, EIO and EROFS; opening to read fails with
//! EIO alone, which is the only one of them that it can meet; calls that only tell people something (the log, the streams, who holds the
//! lock) with one of them in turn.
//!
//! Not covered: calls of the programs that Landfall starts, calls of other kinds, and calls on a path that only another plan has.

mod call;
mod injection;
mod look;
mod works;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use fastrand::Rng;

use call::Call;
use injection::Injected;
use works::{Bench, Outcome, State, WORKS, Work};

use crate::tracer::call::Kind;

const ERRORS: [Injected; 3] = [Injected::NoSpace, Injected::BadDisk, Injected::ReadOnly];

/// One thing that happens at one call of one work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    work: Work,
    call: Call,
    injected: Injected,
}

impl Case {
    fn rank(&self) -> u8 {
        let Self { work: _, call, injected } = self;
        let reads = call.kind == Kind::OpenToRead;
        match (injected, reads || call.tells()) {
            (Injected::Kill, false) => 0,
            (error, false) if *error == one_error_for(call) => 1,
            (Injected::NoSpace | Injected::BadDisk | Injected::ReadOnly, false) => 2,
            (Injected::NoSpace | Injected::BadDisk | Injected::ReadOnly, true) => 3,
            (Injected::Kill, true) => 4,
        }
    }
}

/// The errors take turns.
fn one_error_for(call: &Call) -> Injected {
    let turn = call.target.len() + call.number + call.kind as usize;
    ERRORS[turn % ERRORS.len()]
}

impl fmt::Display for Injected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Kill => "KILL",
            Self::NoSpace => "ENOSPC",
            Self::BadDisk => "EIO",
            Self::ReadOnly => "EROFS",
        })
    }
}

impl fmt::Display for Case {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { work, call, injected } = self;
        write!(formatter, "{work}: {injected} at {call}")
    }
}

/// What happens at a call, beginning with what matters most.
fn injected_at(call: &Call) -> Vec<Injected> {
    let errors = match call.kind {
        Kind::OpenToRead => vec![Injected::BadDisk],
        _ if call.tells() => vec![one_error_for(call)],
        Kind::OpenToWrite | Kind::Write | Kind::Sync | Kind::Rename | Kind::Link | Kind::MakeFolder | Kind::Remove => {
            ERRORS.to_vec()
        }
    };
    errors.into_iter().chain([Injected::Kill]).collect()
}

/// Every case of a work: of each call that is made when nothing is in the way.
fn cases(bench: &mut Bench, work: Work) -> Vec<Case> {
    let calls: BTreeSet<Call> = (0..2).flat_map(|_| bench.calls_of(work)).collect();
    let case =
        |call: Call| injected_at(&call).into_iter().map(move |injected| Case { work, call: call.clone(), injected });
    calls.into_iter().flat_map(case).collect()
}

/// Tries so many cases of one work, chosen by the seed; how many of them happened.
pub fn at_some_calls(seed: u64, times: u64) -> u64 {
    let mut random = Rng::with_seed(seed);
    let mut bench = Bench::start();
    let work = WORKS[usize::try_from(seed).unwrap() % WORKS.len()];
    let cases = cases(&mut bench, work);
    let some = (0..times).map(|_| &cases[random.usize(..cases.len())]);
    some.map(|case| u64::from(attempt(&mut bench, case).happened)).sum()
}

/// Every case of every work whose name begins so (`tear down: KILL at write`), beginning with those that most depends on: a sweep that is ended early has had them.
pub fn every_case(called: &str) -> Vec<Case> {
    let mut bench = Bench::start();
    let mut all = Vec::new();
    for work in WORKS.into_iter().filter(|work| called.is_empty() || called.starts_with(&work.to_string())) {
        let mut cases = cases(&mut bench, work);
        cases.retain(|case| case.to_string().starts_with(called));
        Rng::with_seed(0).shuffle(&mut cases);
        cases.sort_by_key(Case::rank);
        // A work has the server to itself for a while: bringing it to where the work begins takes the most time.
        all.extend(cases.into_iter().enumerate().map(|(number, case)| ((case.rank(), number / 25), case)));
    }
    all.sort_by_key(|(turn, _)| *turn);
    all.into_iter().map(|(_, case)| case).collect()
}

fn attempt(bench: &mut Bench, case: &Case) -> Outcome {
    let outcome = bench.with(case.work, &case.call, case.injected);
    println!("{case}: {outcome:?}");
    outcome
}

/// A server on which cases are tried one after another; a new one after a promise was broken.
#[derive(Default)]
pub struct Attempts {
    bench: Option<Bench>,
    pub figures: Figures,
}

impl Attempts {
    pub fn attempt(&mut self, case: &Case) {
        let mut bench = self.bench.take().unwrap_or_else(Bench::start);
        // A case that breaks a promise must not hide the others. What it says is printed by the panic itself.
        let tried = std::thread::scope(|scope| {
            let tried = scope.spawn(move || {
                let outcome = attempt(&mut bench, case);
                (bench, outcome)
            });
            tried.join()
        });
        match tried {
            Ok((bench, outcome)) => {
                self.bench = Some(bench);
                self.figures.count(case, &outcome);
            }
            Err(_) => {
                println!("BROKEN: {case}");
                self.figures.broken.push(case.to_string());
            }
        }
    }
}

/// What was tried and what came of it.
#[derive(Debug, Default)]
pub struct Figures {
    /// How often it was tried, and how often the call was made.
    tried: BTreeMap<(Work, Kind, Injected), (u64, u64)>,
    ended: BTreeMap<(Work, Option<i32>, State), u64>,
    pub broken: Vec<String>,
}

impl Figures {
    fn count(&mut self, case: &Case, outcome: &Outcome) {
        let Outcome { happened, status, state } = outcome;
        let (tried, made) = self.tried.entry((case.work, case.call.kind, case.injected)).or_default();
        *tried += 1;
        *made += u64::from(*happened);
        if *happened {
            *self.ended.entry((case.work, *status, *state)).or_default() += 1;
        }
    }

    pub fn add(&mut self, other: Self) {
        let Self { tried, ended, broken } = other;
        for (what, (tried, made)) in tried {
            let sum = self.tried.entry(what).or_default();
            *sum = (sum.0 + tried, sum.1 + made);
        }
        for (what, count) in ended {
            *self.ended.entry(what).or_default() += count;
        }
        self.broken.extend(broken);
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { tried, ended, broken } = self;
        writeln!(formatter, "{:<10} {:<14} {:<8} {:>6} {:>6}", "work", "call", "what", "tried", "made")?;
        for ((work, kind, injected), (tried, made)) in tried {
            writeln!(formatter, "{work:<10} {kind:<14} {injected:<8} {tried:>6} {made:>6}")?;
        }
        writeln!(formatter, "{:<10} {:<8} {:<20} {:>6}", "work", "status", "state in the end", "times")?;
        for ((work, status, state), count) in ended {
            let status = status.map_or_else(|| "killed".to_owned(), |status| status.to_string());
            writeln!(formatter, "{work:<10} {status:<8} {:<20} {count:>6}", format!("{state:?}"))?;
        }
        let (tried, made) = tried.values().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
        write!(formatter, "tried: {tried}, made: {made}, broken promises: {}", broken.len())
    }
}
