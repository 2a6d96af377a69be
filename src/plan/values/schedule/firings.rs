//! The adapter between crontab fields and the `cron` library. Reads nothing, changes nothing.
//!
//! The library counts weekdays from 1, wants seconds, and lets a day fire only if both of its fields agree; cron lets
//! either of them fire, unless one begins with `*`. It is given the wall clock as if it were UTC, so that no zone's
//! gaps and folds reach it.

use std::collections::BTreeSet;
use std::str::FromStr;

use chrono::{DateTime as Instant, Datelike, NaiveDate, Timelike, Utc};
use jiff::civil::DateTime;

use super::field::Fields;

/// What fires whenever one of its parts does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Firings(Vec<cron::Schedule>);

/// How many years hold every combination of weekday and leap day that the calendar has for a lifetime.
const CYCLE: i16 = 28;

impl Firings {
    /// `None` if the library refuses a field.
    pub(super) fn of(fields: &Fields) -> Option<Self> {
        let Fields { minutes, hours, days, months, weekdays } = fields;
        let part = |days: &str, weekdays: &str| {
            let (minutes, hours) = (list(&minutes.numbers), list(&hours.numbers));
            cron::Schedule::from_str(&format!("0 {minutes} {hours} {days} {} {weekdays}", list(&months.numbers))).ok()
        };
        let (days_text, weekdays_text) = (list(&days.numbers), names(&weekdays.numbers));
        let both = days.starts_with_star() || weekdays.starts_with_star();
        let parts = if both {
            vec![part(&days_text, &weekdays_text)?]
        } else {
            vec![part(&days_text, "*")?, part("*", &weekdays_text)?]
        };
        Some(Self(parts))
    }

    /// The first firing later than `wall`.
    pub(super) fn after(&self, wall: DateTime) -> Option<DateTime> {
        let instant = to_library(wall)?;
        self.0.iter().filter_map(|part| part.after(&instant).next()).min().and_then(from_library)
    }

    /// The longest time between two firings: within a day, or over night from one firing day to the next.
    pub(super) fn longest_gap(&self, fields: &Fields) -> std::time::Duration {
        let times: Vec<u64> = fields
            .hours
            .numbers
            .iter()
            .flat_map(|hour| {
                fields.minutes.numbers.iter().map(move |minute| u64::from(*hour) * 60 + u64::from(*minute))
            })
            .collect();
        let (first, last) = (times.first().copied().unwrap_or(0), times.last().copied().unwrap_or(0));
        let within = times.iter().zip(times.iter().skip(1)).map(|(one, next)| next - one).max().unwrap_or(0);
        let nights = self.longest_rest().map_or(0, |days| days * 24 * 60 + first - last);
        std::time::Duration::from_secs(60 * within.max(nights))
    }

    /// The largest number of days from one firing day to the next.
    fn longest_rest(&self) -> Option<u64> {
        let start = DateTime::constant(2001, 1, 1, 0, 0, 0, 0);
        let mut day = self.after(start)?.date();
        let end = jiff::civil::date(day.year().saturating_add(CYCLE), day.month(), 28);
        let mut longest = 0;
        while day < end {
            let next = self.after(day.at(23, 59, 59, 0))?.date();
            longest = longest.max(u64::from(day.until(next).ok()?.get_days().unsigned_abs()));
            day = next;
        }
        Some(longest)
    }
}

fn list(numbers: &BTreeSet<u8>) -> String {
    numbers.iter().map(u8::to_string).collect::<Vec<_>>().join(",")
}

fn names(weekdays: &BTreeSet<u8>) -> String {
    const NAMES: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
    let named = NAMES.iter().zip(0u8..).filter(|(_, number)| weekdays.contains(number));
    named.map(|(name, _)| *name).collect::<Vec<_>>().join(",")
}

fn to_library(wall: DateTime) -> Option<Instant<Utc>> {
    let part = |number: i8| u32::try_from(number).ok();
    let date = NaiveDate::from_ymd_opt(wall.year().into(), part(wall.month())?, part(wall.day())?)?;
    Some(date.and_hms_opt(part(wall.hour())?, part(wall.minute())?, part(wall.second())?)?.and_utc())
}

fn from_library(instant: Instant<Utc>) -> Option<DateTime> {
    let part = |number: u32| i8::try_from(number).ok();
    let (month, day) = (part(instant.month())?, part(instant.day())?);
    let (hour, minute) = (part(instant.hour())?, part(instant.minute())?);
    DateTime::new(instant.year().try_into().ok()?, month, day, hour, minute, 0, 0).ok()
}
