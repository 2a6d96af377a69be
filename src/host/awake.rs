//! The time in which this process could act: it does not pass while the process is stopped, as by Ctrl-Z or SIGSTOP.
//!
//! A deadline that passes meanwhile says nothing about what was waited for.

use crate::run::Cancel;
use std::sync::{Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

/// How often the time is looked at, whoever else asks for it.
const BEAT: Duration = Duration::from_millis(500);
/// A longer gap between two looks is no wait for a processor.
const LONGEST_GAP: Duration = Duration::from_secs(3);

/// How often a pause looks whether the run is to end.
const PIECE: Duration = Duration::from_millis(100);

static CLOCK: Mutex<Option<Clock>> = Mutex::new(None);
static HEART: Once = Once::new();

/// Time since the first question, without what was slept through. Only differences mean something.
pub fn now() -> Duration {
    HEART.call_once(|| {
        let beat = || {
            loop {
                std::thread::sleep(BEAT);
                look();
            }
        };
        if let Err(error) = std::thread::Builder::new().name("heart".to_owned()).spawn(beat) {
            tracing::warn!(%error, "a stop of this process will count as time");
        }
    });
    look()
}

/// Waits for so long, or until the run is to end: what is waited for may be minutes.
pub fn wait(pause: Duration, cancel: &Cancel) {
    let began = Instant::now();
    while !cancel.is_cancelled() {
        let left = pause.saturating_sub(began.elapsed());
        if left.is_zero() {
            return;
        }
        std::thread::sleep(left.min(PIECE));
    }
}

fn look() -> Duration {
    let now = Instant::now();
    CLOCK.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| Clock::from(now)).look(now)
}

struct Clock {
    began: Instant,
    last: Instant,
    slept: Duration,
}

impl Clock {
    fn from(now: Instant) -> Self {
        Self { began: now, last: now, slept: Duration::ZERO }
    }

    fn look(&mut self, now: Instant) -> Duration {
        let gap = now.saturating_duration_since(self.last);
        if gap > LONGEST_GAP {
            self.slept += gap;
        }
        self.last = self.last.max(now);
        self.last.saturating_duration_since(self.began).saturating_sub(self.slept)
    }
}

#[cfg(test)]
mod tests {
    use super::{Clock, wait};
    use crate::run::Cancel;
    use pretty_assertions::assert_eq;
    use std::time::{Duration, Instant};

    #[test]
    fn a_stop_is_no_time() {
        let began = Instant::now();
        let mut clock = Clock::from(began);
        let mut look = |milliseconds| clock.look(began + Duration::from_millis(milliseconds)).as_millis();
        // It is stopped from 600 on, for a minute.
        let seen = [0, 500, 600, 60_600, 61_000, 60_900, 63_900].map(&mut look);
        assert_eq!(seen, [0, 500, 600, 600, 1000, 1000, 3900]);
    }

    /// Without it, this test would take years.
    #[test]
    fn regression_061_a_pause_ends_when_the_run_is_interrupted() {
        let cancel = Cancel::never();
        std::thread::scope(|scope| {
            let waits = scope.spawn(|| wait(Duration::MAX, &cancel));
            cancel.cancel();
            waits.join().unwrap();
        });
    }
}
