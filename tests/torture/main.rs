//! Deployments, teardowns and recoveries of a real plan on real Podman that are ended at random moments, by a signal or a power
//! cut; after each, an observer that asks Landfall nothing but `status` says whether every promise was kept. Needs root.
//!
//! `LANDFALL_TORTURE` says how many faults (40 at random moments, 20 at system calls), `LANDFALL_TORTURE_SEED` where the random
//! numbers start (0): the same number gives the same stories, and the stories differ only by when, in the work of a machine, a
//! moment falls. `scripts/torture.sh` sets both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that can't go on must fail, a test acts on the system, and the figures are what it is for"
)]

mod canaries;
mod disk;
mod disk_in_mid_run;
mod engine;
mod fault;
mod figures;
mod incomplete;
mod leftovers;
mod noticed;
mod observer;
mod operations;
mod power;
mod scene;
mod server;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod surroundings;
mod system_calls;
mod threads;
mod traced;
mod tracer;

use figures::Figures;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// How many faults come over one VSN, one after another.
const FAULTS_OF_A_STORY: u64 = 5;

/// How many calls go wrong on one VSN, one after another: what comes of each is looked at as a whole.
const CALLS_OF_A_STORY: u64 = 3;

fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// What `work` makes of the numbers below `count`, several at a time, in any order.
fn side_by_side<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> impl Iterator<Item = T> {
    let threads = number("LANDFALL_TORTURE_THREADS", thread::available_parallelism().unwrap().get() as u64);
    let next = AtomicU64::new(0);
    let some = || {
        let numbers =
            std::iter::repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|number| *number < count);
        numbers.map(&work).collect::<Vec<T>>()
    };
    let done: Vec<Vec<T>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(some)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap()).collect()
    });
    done.into_iter().flatten()
}

#[test]
fn whatever_the_moment_at_which_a_run_is_ended_the_server_is_deployed_or_containerless_with_its_data_untouched() {
    let stories = number("LANDFALL_TORTURE", 40).div_ceil(FAULTS_OF_A_STORY);
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let told = side_by_side(stories, |number| {
        let seed = seed + number;
        let story = thread::Builder::new().name(format!("story {seed}")).spawn(move || story::tell(seed)).unwrap();
        story.join().map_err(|_| seed)
    });
    let mut figures = Figures::default();
    for story in told {
        match story {
            Ok(told) => figures.add(told),
            Err(seed) => figures.failed(seed),
        }
    }
    println!("{figures}");
    assert_eq!(figures.failures(), [] as [u64; 0], "the seeds of the stories that broke a promise, told above");
}

#[test]
fn whatever_system_call_fails_or_is_the_last_the_server_is_deployed_or_containerless_with_its_data_untouched() {
    let stories = number("LANDFALL_TORTURE", 20).div_ceil(FAULTS_OF_A_STORY);
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let met: u64 = side_by_side(stories, |number| system_calls::at_some_calls(seed + number, FAULTS_OF_A_STORY)).sum();
    println!("faults at system calls: {met}");
    assert!(met > 0, "no call was met");
}

#[test]
#[ignore = "every call takes most of an hour: scripts/torture.sh --system-calls"]
fn every_system_call_that_fails_or_is_the_last_leaves_the_server_deployed_or_containerless() {
    let step = usize::try_from(number("LANDFALL_TORTURE_STEP", 1)).unwrap();
    let first = usize::try_from(number("LANDFALL_TORTURE_SEED", 0)).unwrap() % step;
    let called = std::env::var("LANDFALL_TORTURE_CALLS").unwrap_or_default();
    let all: Vec<_> = system_calls::every_case(&called).into_iter().skip(first).step_by(step).collect();
    println!("cases: {}", all.len());
    let next = AtomicU64::new(0);
    let mut figures = system_calls::Figures::default();
    let threads = number("LANDFALL_TORTURE_THREADS", thread::available_parallelism().unwrap().get() as u64);
    thread::scope(|scope| {
        let worker = || {
            let mut attempts = system_calls::Attempts::default();
            while let Some(case) = all.get(usize::try_from(next.fetch_add(1, Ordering::Relaxed)).unwrap()) {
                attempts.attempt(case);
            }
            attempts.figures
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().for_each(|worker| figures.add(worker.join().unwrap()));
    });
    println!("{figures}");
    let step = if step == 1 { "every one".to_owned() } else { format!("each {step}-th, from number {}", first + 1) };
    println!(
        "\n{}",
        figures::table(&format!("system calls, {step}"), &format!("{} cases", all.len()), figures.broken.len())
    );
    assert_eq!(figures.broken, [] as [&str; 0], "the cases that broke a promise, told above");
}

/// Counts what came of all of them.
fn counted(all: impl Iterator<Item = operations::Outcomes>) -> u64 {
    let mut sums: BTreeMap<_, u64> = BTreeMap::new();
    for (key, count) in all.flatten() {
        *sums.entry(key).or_default() += count;
    }
    for ((case, outcome), count) in &sums {
        println!("{case:<70} {outcome:<24} {count:>4}");
    }
    let tried: u64 = sums.values().sum();
    println!("calls that went wrong: {tried}");
    let broken: u64 =
        sums.iter().filter(|((_, outcome), _)| outcome == operations::BROKEN).map(|(_, count)| count).sum();
    let broke = usize::try_from(broken).unwrap();
    println!("\n{}", figures::table("calls of Podman, `crontab` and `curl`", &tried.to_string(), broke));
    assert_eq!(broken, 0, "calls after which a promise was broken, told above");
    tried
}

#[test]
fn whatever_call_of_another_program_goes_wrong_the_server_is_deployed_or_containerless_with_its_data_untouched() {
    let stories = number("LANDFALL_TORTURE", 40).div_ceil(FAULTS_OF_A_STORY);
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let tried = counted(side_by_side(stories, |number| operations::at_some_calls(seed + number, CALLS_OF_A_STORY)));
    assert!(tried > 0, "no call went wrong");
}

#[test]
#[ignore = "every call in every way takes hours: scripts/torture.sh --operations"]
fn every_call_of_another_program_that_goes_wrong_leaves_the_server_deployed_or_containerless() {
    let cases = operations::cases();
    let wanted = std::env::var("LANDFALL_TORTURE_CASES").unwrap_or_default();
    let cases: Vec<_> = cases.into_iter().filter(|case| case.to_string().contains(&wanted)).collect();
    let step = u32::try_from(number("LANDFALL_TORTURE_STEP", 1)).unwrap();
    let first = 1 + u32::try_from(number("LANDFALL_TORTURE_SEED", 0)).unwrap() % step;
    counted(side_by_side(cases.len() as u64, |number| {
        operations::at_every_call(cases[usize::try_from(number).unwrap()], (first, step))
    }));
}
