//! Faults at random moments, and calls of other programs that go wrong: a sample of them, and all of them.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::figures::{self, Figures};
use crate::support::engine;
use crate::{operations, story};

/// How many faults come over one VSN, one after another.
pub const FAULTS_OF_A_STORY: u64 = 5;

/// How many calls go wrong on one VSN, one after another: what comes of each is looked at as a whole.
const CALLS_OF_A_STORY: u64 = 3;

/// How many faults are tried where nobody says so: on Docker each takes longer, and the promises are kept by the same code.
fn sample() -> u64 {
    if engine() == "docker" { 5 } else { 15 }
}

/// What the environment says, or this.
pub fn number(variable: &str, otherwise: u64) -> u64 {
    std::env::var(variable).map_or(otherwise, |text| text.parse().unwrap())
}

/// What `work` makes of the numbers below `count`, several at a time, in any order.
pub fn side_by_side<T: Send>(count: u64, work: impl Fn(u64) -> T + Sync) -> impl Iterator<Item = T> {
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

/// Stories of at most so many faults each, several at a time, with what each tells of its faults: counted and printed as a row of
/// `docs/reliability.md`, and none may have broken a promise. `tell` gets a seed, and how many faults.
pub fn hold_in_stories(what: &str, faults_of_a_story: u64, tell: impl Fn(u64, u64) -> Vec<String> + Sync) {
    // On Docker each takes longer, and the promises are kept by the same code.
    let faults = number("LANDFALL_TORTURE", if engine() == "docker" { 2 } else { 4 });
    let seed = number("LANDFALL_TORTURE_SEED", 0);
    let told = side_by_side(faults.div_ceil(faults_of_a_story), |number| {
        let seed = seed + number;
        let story = || tell(seed, faults.min(faults_of_a_story));
        thread::scope(|scope| {
            let named = thread::Builder::new().name(format!("story {seed}"));
            named.spawn_scoped(scope, story).unwrap().join().map_err(|_| seed)
        })
    });
    let (mut sums, mut broken) = (BTreeMap::<String, u64>::new(), Vec::new());
    for story in told {
        match story {
            Ok(told) => told.into_iter().for_each(|one| *sums.entry(one).or_default() += 1),
            Err(seed) => broken.push(seed),
        }
    }
    let counted: Vec<_> = sums.iter().map(|(what, times)| format!("{times} {what}")).collect();
    let done = format!("{}: {}", sums.values().sum::<u64>(), counted.join("; "));
    let sweep = format!("{what} on {}, random moments, seeds from {seed}", engine());
    println!("{}", figures::table(&sweep, &done, broken.len()));
    assert_eq!(broken, [] as [u64; 0], "the seeds of the stories that broke a promise, told above");
}

#[test]
fn whatever_the_moment_at_which_a_run_is_ended_the_server_is_deployed_or_containerless_with_its_data_untouched() {
    let stories = number("LANDFALL_TORTURE", sample()).div_ceil(FAULTS_OF_A_STORY);
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
    println!(
        "\n{}",
        figures::table(&format!("calls of {}, `crontab` and `curl`", engine()), &tried.to_string(), broke)
    );
    assert_eq!(broken, 0, "calls after which a promise was broken, told above");
    tried
}

#[test]
fn whatever_call_of_another_program_goes_wrong_the_server_is_deployed_or_containerless_with_its_data_untouched() {
    let stories = number("LANDFALL_TORTURE", sample()).div_ceil(FAULTS_OF_A_STORY);
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
