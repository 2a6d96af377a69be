//! Waits for a condition by looking, never by guessing how long it takes.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Machines are shared, and slow at times.
const WHILE: Duration = Duration::from_secs(180);

/// Looks until `condition` holds; `what` completes "… never happened" when it hasn't within three minutes.
#[track_caller]
pub fn eventually(what: &str, condition: impl FnMut() -> bool) {
    eventually_within(WHILE, what, condition);
}

/// As [`eventually`], and tells how things are then when it hasn't.
#[track_caller]
pub fn eventually_or(tell: impl FnOnce() -> String, what: &str, condition: impl FnMut() -> bool) {
    eventually_within_or(WHILE, tell, what, condition);
}

/// As [`eventually`], for what takes longer: cron, for one, acts once a minute.
#[track_caller]
pub fn eventually_within(deadline: Duration, what: &str, condition: impl FnMut() -> bool) {
    eventually_within_or(deadline, String::new, what, condition);
}

/// As both.
#[track_caller]
pub fn eventually_within_or(
    deadline: Duration,
    tell: impl FnOnce() -> String,
    what: &str,
    mut condition: impl FnMut() -> bool,
) {
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    while !condition() {
        if began.elapsed() >= deadline {
            panic!("{what}: never happened within {deadline:?}\n{}", tell());
        }
        sleep(pause);
        // A look may start a program; looking all the time would slow down what is waited for.
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}
