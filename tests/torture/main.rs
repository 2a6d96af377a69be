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
mod going_back;
mod incomplete;
mod leftovers;
mod noticed;
mod observer;
mod operations;
mod power;
mod replacing;
mod scene;
mod server;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod surroundings;
mod sweeps;
mod system_calls;
mod threads;
mod traced;
mod tracer;

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use sweeps::{FAULTS_OF_A_STORY, number, side_by_side};

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
