//! Waits for a condition by looking, never by guessing how long it takes.

use std::thread::sleep;
use std::time::{Duration, Instant};

/// Looks until `condition` holds; `what` completes "… never happened" when it hasn't within three minutes: machines are
/// shared, and slow at times.
#[track_caller]
pub fn eventually(what: &str, condition: impl FnMut() -> bool) {
    eventually_within(Duration::from_secs(180), what, condition);
}

/// As [`eventually`], for what takes longer: cron, for one, acts once a minute.
#[track_caller]
pub fn eventually_within(deadline: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    while !condition() {
        assert!(began.elapsed() < deadline, "{what}: never happened within {deadline:?}");
        sleep(pause);
        // A look may start a program; looking all the time would slow down what is waited for.
        pause = (pause * 2).min(Duration::from_millis(200));
    }
}
