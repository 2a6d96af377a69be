//! Lengths of time. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, right, shown};
use crate::diagnostics::Code;

/// A length of time: one number and one unit. Ordered by length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    milliseconds: u64,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Unit {
    Millisecond,
    Second,
    Minute,
    Hour,
    Day,
}

impl Unit {
    const ALL: [Self; 5] = [Self::Millisecond, Self::Second, Self::Minute, Self::Hour, Self::Day];

    fn text(self) -> &'static str {
        match self {
            Self::Millisecond => "ms",
            Self::Second => "s",
            Self::Minute => "m",
            Self::Hour => "h",
            Self::Day => "d",
        }
    }

    fn milliseconds(self) -> u64 {
        match self {
            Self::Millisecond => 1,
            Self::Second => 1_000,
            Self::Minute => 60_000,
            Self::Hour => 3_600_000,
            Self::Day => 86_400_000,
        }
    }
}

impl Duration {
    /// Ten years.
    const LONGEST: u64 = 3650 * 86_400_000;

    /// Reads `30s`, `5m` and the like.
    ///
    /// # Errors
    /// Not one number and one unit, a zero that is not `0s`, or more than 3650 days.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let Some((number, unit)) = split(text) else { return Err(of_wrong_form(text)) };
        if number == "0" && unit != Unit::Second {
            return Err(Problem::new(Code::BadDuration, format!("duration `{text}` is zero"))
                .label("zero has one spelling")
                .write(Some("0s")));
        }
        let milliseconds = number.parse::<u64>().ok().and_then(|number| number.checked_mul(unit.milliseconds()));
        match milliseconds.filter(|milliseconds| *milliseconds <= Self::LONGEST) {
            Some(milliseconds) => Ok(Self { milliseconds, unit }),
            None => Err(Problem::new(Code::BadDuration, format!("duration {} is too long", shown(text)))
                .label("the longest is 3650d")),
        }
    }

    /// A whole number of seconds, at most ten years of them.
    pub fn seconds(seconds: u32) -> Self {
        let milliseconds = (u64::from(seconds) * 1_000).min(Self::LONGEST);
        Self { milliseconds, unit: Unit::Second }
    }

    /// The length as the standard library has it.
    pub fn as_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.milliseconds)
    }

    /// The length in whole seconds, rounded up: a limit never shrinks to nothing.
    pub fn as_seconds(self) -> u64 {
        self.milliseconds.div_ceil(1_000)
    }

    /// Whether it is `0s`.
    pub fn is_zero(self) -> bool {
        self.milliseconds == 0
    }
}

fn split(text: &str) -> Option<(&str, Unit)> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let unit = Unit::ALL.into_iter().find(|known| known.text() == unit)?;
    let canonical = !number.is_empty() && (number == "0" || !number.starts_with('0'));
    canonical.then_some((number, unit))
}

fn of_wrong_form(text: &str) -> Problem {
    Problem::new(Code::BadDuration, format!("duration {} is not one number and one unit", shown(text)))
        .label("units are ms, s, m, h, d")
        .write(meant(text).and_then(|meant| right::<Duration>(text, meant)))
}

/// What an author meant who knows another notation: `1h30m`, `5 min`, `2w`, `30`.
fn meant(text: &str) -> Option<Duration> {
    let compact: String = text.to_ascii_lowercase().split_whitespace().collect();
    let mut rest = compact.as_str();
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let (number, after) = rest.split_at_checked(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len()))?;
        let (unit, after) = after.split_at_checked(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()))?;
        total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(known_elsewhere(unit)?)?)?;
        rest = after;
    }
    let fits = |unit: &Unit| total.is_multiple_of(unit.milliseconds());
    let unit = if total == 0 { Unit::Second } else { Unit::ALL.into_iter().rev().find(fits)? };
    (!text.is_empty() && total <= Duration::LONGEST).then_some(Duration { milliseconds: total, unit })
}

fn known_elsewhere(unit: &str) -> Option<u64> {
    Some(match unit {
        "ms" | "msec" | "millis" | "milliseconds" => 1,
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1_000,
        "m" | "min" | "mins" | "minute" | "minutes" => 60_000,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        "w" | "week" | "weeks" => 7 * 86_400_000,
        _ => return None,
    })
}

impl fmt::Display for Duration {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}{}", self.milliseconds / self.unit.milliseconds(), self.unit.text())
    }
}

value!(Duration {
    format: "landfall-duration",
    pattern: concat!(
        "^(0s|([1-9][0-9]{0,10}|[12][0-9]{11}|30[0-9]{10}|31[0-4][0-9]{9}|315[0-2][0-9]{8}|3153[0-5][0-9]{7}|315360000000)ms",
        "|([1-9][0-9]{0,7}|[12][0-9]{8}|30[0-9]{7}|31[0-4][0-9]{6}|315[0-2][0-9]{5}|3153[0-5][0-9]{4}|315360000)s",
        "|([1-9][0-9]{0,5}|[1-4][0-9]{6}|5[01][0-9]{5}|52[0-4][0-9]{4}|525[0-5][0-9]{3}|5256000)m",
        "|([1-9][0-9]{0,3}|[1-7][0-9]{4}|8[0-6][0-9]{3}|87[0-5][0-9]{2}|87600)h",
        "|([1-9][0-9]{0,2}|[12][0-9]{3}|3[0-5][0-9]{2}|36[0-4][0-9]|3650)d)$"
    ),
    wrong: "one number and one unit, ms, s, m, h or d; at most 3650d",
    description: "A length of time: one number and one unit, ms, s, m, h or d.",
    examples: ["30s", "5m", "36h"],
});
