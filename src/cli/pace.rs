//! How fast an image comes, in words. Reads nothing, changes nothing.

use crate::rules::size_shown;
use crate::run::Amount;
use std::collections::VecDeque;
use std::mem::discriminant;
use std::time::{Duration, Instant};

/// What the speed is taken from.
const WINDOW: Duration = Duration::from_secs(5);

/// When the first line is told where lines stay, and the longest time between two of them; each time is twice the one before.
const LINES: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));

/// How wide the bar is, in characters.
const BAR: u64 = 12;

/// How far an image has come, and how fast.
pub struct Pace {
    began: Instant,
    now: Instant,
    amount: Option<Amount>,
    /// What was there when, ascending; of what is being done now.
    seen: VecDeque<(Instant, u64)>,
    next: Instant,
    pause: Duration,
}

impl Pace {
    /// Of an image that begins to come now.
    pub fn from(now: Instant) -> Self {
        let (first, _) = LINES;
        Self { began: now, now, amount: None, seen: VecDeque::new(), next: now + first, pause: first }
    }

    /// Notes how far it has come.
    pub fn note(&mut self, now: Instant, amount: Amount) {
        if self.amount.is_none_or(|before| discriminant(&before) != discriminant(&amount)) {
            self.seen.clear();
            self.began = now;
        }
        (self.now, self.amount) = (now, Some(amount));
        let bytes = parts(amount).bytes.unwrap_or_default();
        // What is begun again has no speed yet.
        if self.seen.back().is_some_and(|(_, before)| bytes < *before) {
            self.seen.clear();
        }
        self.seen.push_back((now, bytes));
        while self.seen.get(1).is_some_and(|(then, _)| now.duration_since(*then) >= WINDOW) {
            self.seen.pop_front();
        }
    }

    /// Whether a line is told of it now, where lines stay.
    pub fn due(&mut self, now: Instant) -> bool {
        let due = now >= self.next;
        if due {
            let (_, longest) = LINES;
            self.pause = (self.pause * 2).min(longest);
            self.next = now + self.pause;
        }
        due
    }

    /// As in `fetched 1.0 MiB of 4.0 MiB, 512.0 KiB/s, 6 s left`. What is not known is left out.
    pub fn told(&self) -> String {
        let Some(amount) = self.amount else { return String::new() };
        let Parts { did, bytes, of } = parts(amount);
        let so_far = self.now.duration_since(self.began).as_secs();
        match (bytes, of) {
            (None, None) => format!("{did}, for {}", duration(so_far)),
            (None, Some(of)) => format!("{did}, {} in all, for {}", size_shown(of), duration(so_far)),
            (Some(bytes), None) => format!("{did} {}{}", size_shown(bytes), self.speed_told()),
            (Some(bytes), Some(of)) => {
                let left = of.saturating_sub(bytes);
                let time = self.speed().and_then(|speed| left.checked_div(speed)).filter(|_| left > 0);
                let time = time.map_or_else(String::new, |seconds| format!(", {} left", duration(seconds)));
                format!("{did} {} of {}{}{time}", size_shown(bytes), size_shown(of), self.speed_told())
            }
        }
    }

    /// The same behind a bar, where the whole is known.
    pub fn drawn(&self) -> String {
        let known = self.amount.map(parts).and_then(|Parts { did: _, bytes, of }| bytes.zip(of));
        let Some((bytes, of)) = known else { return self.told() };
        let full = (u128::from(bytes.min(of)) * u128::from(BAR)).checked_div(u128::from(of));
        let full = usize::try_from(full.unwrap_or_default()).unwrap_or_default();
        let empty = usize::try_from(BAR).unwrap_or_default().saturating_sub(full);
        format!("[{}{}] {}", "#".repeat(full), "-".repeat(empty), self.told())
    }

    /// In bytes a second, over the last seconds.
    fn speed(&self) -> Option<u64> {
        let ((then, before), (now, after)) = (self.seen.front()?, self.seen.back()?);
        let milliseconds = now.duration_since(*then).as_millis();
        let a_second = (u128::from(after.saturating_sub(*before)) * 1000).checked_div(milliseconds)?;
        u64::try_from(a_second).ok()
    }

    fn speed_told(&self) -> String {
        self.speed().map_or_else(String::new, |speed| format!(", {}/s", size_shown(speed)))
    }
}

struct Parts {
    did: &'static str,
    bytes: Option<u64>,
    of: Option<u64>,
}

fn parts(amount: Amount) -> Parts {
    match amount {
        Amount::Fetched { bytes, of } => Parts { did: "fetched", bytes: Some(bytes), of },
        Amount::Verified { bytes, of } => Parts { did: "verified", bytes: Some(bytes), of: Some(of) },
        Amount::Loaded { bytes, of } => Parts { did: "loaded", bytes: Some(bytes), of: Some(of) },
        Amount::Pulled { bytes: Some(bytes), of } => Parts { did: "pulled", bytes: Some(bytes), of },
        Amount::Pulled { bytes: None, of } => Parts { did: "the engine pulls it", bytes: None, of },
        Amount::Built => Parts { did: "the engine builds it", bytes: None, of: None },
    }
}

/// `6 s`, `2 min 5 s`, `1 h 20 min`
fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds} s"),
        (0, minutes, seconds) => format!("{minutes} min {seconds} s"),
        (hours, minutes, _) => format!("{hours} h {minutes} min"),
    }
}

#[cfg(test)]
mod tests {
    use super::Pace;
    use crate::run::Amount;
    use pretty_assertions::assert_eq;
    use std::time::{Duration, Instant};

    const MIB: u64 = 1 << 20;

    /// What is told after these amounts, one a second.
    fn told(amounts: &[Amount]) -> String {
        let (began, mut pace) = (Instant::now(), Pace::from(Instant::now()));
        for (amount, second) in amounts.iter().zip(0..) {
            pace.note(began + Duration::from_secs(second), *amount);
        }
        pace.told()
    }

    fn fetched(bytes: u64) -> Amount {
        Amount::Fetched { bytes, of: Some(8 * MIB) }
    }

    #[test]
    fn speed_and_time_left_are_those_of_the_last_seconds() {
        assert_eq!(told(&[fetched(0)]), "fetched 0 bytes of 8.0 MiB");
        assert_eq!(told(&[fetched(0), fetched(MIB)]), "fetched 1.0 MiB of 8.0 MiB, 1.0 MiB/s, 7 s left");
        let stalled = [0, 4, 4, 4, 4, 4, 4, 4].map(|mib| fetched(mib * MIB));
        assert_eq!(told(&stalled), "fetched 4.0 MiB of 8.0 MiB, 0 bytes/s");
        assert_eq!(told(&[fetched(0), fetched(8 * MIB)]), "fetched 8.0 MiB of 8.0 MiB, 8.0 MiB/s");
        let slow = [fetched(0), fetched(MIB / 512)];
        assert_eq!(told(&slow), "fetched 2.0 KiB of 8.0 MiB, 2.0 KiB/s, 1 h 8 min left");
    }

    #[test]
    fn what_is_not_known_is_not_told() {
        let unknown = [0, 2].map(|mib| Amount::Fetched { bytes: mib * MIB, of: None });
        assert_eq!(told(&unknown), "fetched 2.0 MiB, 2.0 MiB/s");
        let pulled = |bytes, of| Amount::Pulled { bytes, of };
        assert_eq!(told(&[pulled(None, None); 3]), "the engine pulls it, for 2 s");
        assert_eq!(told(&[pulled(None, Some(MIB)); 66]), "the engine pulls it, 1.0 MiB in all, for 1 min 5 s");
        assert_eq!(told(&[pulled(Some(0), None), pulled(Some(MIB), None)]), "pulled 1.0 MiB, 1.0 MiB/s");
        let known = [pulled(Some(0), Some(3 * MIB)), pulled(Some(MIB), Some(3 * MIB))];
        assert_eq!(told(&known), "pulled 1.0 MiB of 3.0 MiB, 1.0 MiB/s, 2 s left");
        assert_eq!(told(&[Amount::Built; 66]), "the engine builds it, for 1 min 5 s");
    }

    #[test]
    fn what_begins_again_or_is_something_else_has_no_speed_yet() {
        assert_eq!(told(&[fetched(2 * MIB), fetched(MIB)]), "fetched 1.0 MiB of 8.0 MiB");
        let then = Amount::Verified { bytes: MIB, of: 2 * MIB };
        assert_eq!(told(&[fetched(0), fetched(8 * MIB), then]), "verified 1.0 MiB of 2.0 MiB");
        let then = [Amount::Verified { bytes: 2 * MIB, of: 2 * MIB }, Amount::Loaded { bytes: 2 * MIB, of: 2 * MIB }];
        assert_eq!(told(&then), "loaded 2.0 MiB of 2.0 MiB");
    }

    #[test]
    fn a_bar_is_drawn_where_the_whole_is_known() {
        let mut pace = Pace::from(Instant::now());
        pace.note(Instant::now(), fetched(2 * MIB));
        assert_eq!(pace.drawn(), "[###---------] fetched 2.0 MiB of 8.0 MiB");
        pace.note(Instant::now(), Amount::Verified { bytes: 0, of: 0 });
        assert_eq!(pace.drawn(), "[------------] verified 0 bytes of 0 bytes");
        pace.note(Instant::now(), Amount::Pulled { bytes: None, of: None });
        assert_eq!(pace.drawn(), "the engine pulls it, for 0 s");
    }

    #[test]
    fn lines_that_stay_come_less_and_less_often() {
        let began = Instant::now();
        let mut pace = Pace::from(began);
        let due = (0..200_u64).filter(|second| pace.due(began + Duration::from_secs(*second)));
        assert_eq!(due.collect::<Vec<_>>(), [5, 15, 35, 75, 135, 195]);
    }
}
