//! When maintenance jobs run: five crontab fields, or a word for them. Reads nothing, changes nothing.
//!
//! A schedule means what it means to cron: the server's wall clock decides, and where both days are restricted, either
//! of them fires.

mod field;
mod firings;
#[cfg(test)]
mod tests;

use std::fmt;

use jiff::Zoned;
use jiff::civil::DateTime;

use self::field::Fields;
use self::firings::Firings;
use super::form::{Problem, shown};
use crate::diagnostics::Code;

/// The words that stand for five fields.
const WORDS: &[(&str, &str)] =
    &[("@hourly", "0 * * * *"), ("@daily", "0 0 * * *"), ("@weekly", "0 0 * * 0"), ("@monthly", "0 0 1 * *")];

/// When something happens again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    text: String,
    fields: Fields,
    firings: Firings,
}

impl Schedule {
    /// Reads five crontab fields, `@hourly`, `@daily`, `@weekly` or `@monthly`.
    ///
    /// # Errors
    /// Another number of fields, a field out of its range, or a schedule that never fires.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let expanded = match WORDS.iter().find(|(word, _)| words(text).eq([*word])) {
            Some((_, fields)) => fields,
            None => of_known_form(text)?,
        };
        let fields = Fields::parse(text, expanded)?;
        let firings = Firings::of(&fields).ok_or_else(|| never_fires(text))?;
        let text = words(text).collect::<Vec<_>>().join(" ");
        let schedule = Self { text, fields, firings };
        match schedule.fires_after(DateTime::constant(2000, 1, 1, 0, 0, 0, 0)) {
            Some(_) => Ok(schedule),
            None => Err(never_fires(&schedule.text)),
        }
    }

    /// Five fields of numbers, as every cron daemon understands them.
    pub fn crontab_text(&self) -> String {
        self.fields.to_string()
    }

    /// The first firing on the wall clock that is later than `wall`; `None` from the year 2100 on.
    pub fn fires_after(&self, wall: DateTime) -> Option<DateTime> {
        self.firings.after(wall)
    }

    /// All firings on the wall clock that are later than `wall`, ascending.
    pub fn firings_after(&self, wall: DateTime) -> impl Iterator<Item = DateTime> {
        std::iter::successors(self.fires_after(wall), |fired| self.fires_after(*fired))
    }

    /// The first firing later than `now`, in its time zone.
    ///
    /// A wall-clock time that the zone skips fires as much later as the clock jumps; one that it repeats fires the
    /// first time.
    pub fn next(&self, now: &Zoned) -> Option<Zoned> {
        let zone = now.time_zone();
        let placed = |wall: DateTime| wall.to_zoned(zone.clone()).ok().filter(|placed| placed > now);
        // No zone skips more than three hours at once; what it skipped may still be ahead.
        let mut firings = self.firings_after(now.datetime().saturating_sub(jiff::Span::new().hours(3)));
        let first = firings.find_map(placed)?;
        // What the zone skips is placed after later wall-clock times.
        let earlier = firings.take_while(|wall| *wall < first.datetime()).filter_map(placed).min();
        Some(earlier.map_or(first.clone(), |earlier| earlier.min(first)))
    }

    /// The hours in which it fires; `None` where the field begins with `*`, so that it fires again soon anyway.
    pub fn hours(&self) -> Option<impl Iterator<Item = u8>> {
        let Fields { minutes: _, hours, days: _, months: _, weekdays: _ } = &self.fields;
        (!hours.starts_with_star()).then(|| hours.numbers.iter().copied())
    }

    /// Whether neither its minutes nor its hours begin with `*`: when the clock is set forward or back, cron makes up for
    /// such a job and does not repeat it; every other one just goes by the new time.
    pub fn at_fixed_times(&self) -> bool {
        let Fields { minutes, hours, days: _, months: _, weekdays: _ } = &self.fields;
        !minutes.starts_with_star() && !hours.starts_with_star()
    }

    /// The longest time between two firings on the wall clock.
    pub fn longest_gap(&self) -> std::time::Duration {
        self.firings.longest_gap(&self.fields)
    }
}

/// What blanks and tabs separate.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\t']).filter(|word| !word.is_empty())
}

fn of_known_form(text: &str) -> Result<&str, Problem> {
    let problem = |what: &str| Problem::new(Code::BadSchedule, format!("schedule {} {what}", shown(text)));
    match words(text).count() {
        5 => Ok(text),
        1 if text.trim().starts_with('@') => {
            let lower = text.trim().to_ascii_lowercase();
            let meant = match lower.as_str() {
                "@midnight" => Some("@daily"),
                "@yearly" | "@annually" => Some("0 0 1 1 *"),
                lower => WORDS.iter().map(|(word, _)| *word).find(|word| *word == lower),
            };
            Err(problem("is not a known word").label("words are @hourly, @daily, @weekly, @monthly").write(meant))
        }
        6 => {
            let without_seconds = words(text).skip(1).collect::<Vec<_>>().join(" ");
            let meant = Some(without_seconds).filter(|text| Schedule::parse(text).is_ok());
            Err(problem("has 6 fields")
                .label("five fields: minute, hour, day of month, month, day of week")
                .write(meant)
                .help("leave the seconds out: cron has none"))
        }
        fields => Err(problem(&format!("has {fields} field{}", if fields == 1 { "" } else { "s" }))
            .label("five fields: minute, hour, day of month, month, day of week")),
    }
}

fn never_fires(text: &str) -> Problem {
    Problem::new(Code::NeverFires, format!("schedule {} never fires", shown(text)))
        .label("none of its months has such a day")
        .help("choose a day that one of its months has")
}

impl fmt::Display for Schedule {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.text)
    }
}

value!(Schedule {
    format: "landfall-schedule",
    pattern: concat!(
        concat!(r"^[ \t]*(@(hourly|daily|weekly|monthly)|", crontab_field!("[0-5]?[0-9]", "(0?[1-9]|[1-5][0-9])")),
        concat!(r"[ \t]+", crontab_field!("([01]?[0-9]|2[0-3])", "(0?[1-9]|1[0-9]|2[0-3])")),
        concat!(r"[ \t]+", crontab_field!("(0?[1-9]|[12][0-9]|3[01])", "(0?[1-9]|[12][0-9]|3[01])")),
        concat!(
            r"[ \t]+",
            crontab_field!(
                "(0?[1-9]|1[0-2]|[Jj][Aa][Nn]|[Ff][Ee][Bb]|[Mm][Aa][Rr]|[Aa][Pp][Rr]|[Mm][Aa][Yy]|[Jj][Uu][Nn]|[Jj][Uu][Ll]|[Aa][Uu][Gg]|[Ss][Ee][Pp]|[Oo][Cc][Tt]|[Nn][Oo][Vv]|[Dd][Ee][Cc])",
                "(0?[1-9]|1[0-2])"
            )
        ),
        concat!(
            r"[ \t]+",
            crontab_field!(
                "(0?[0-7]|[Ss][Uu][Nn]|[Mm][Oo][Nn]|[Tt][Uu][Ee]|[Ww][Ee][Dd]|[Tt][Hh][Uu]|[Ff][Rr][Ii]|[Ss][Aa][Tt])",
                "0?[1-7]"
            ),
            r")[ \t]*$"
        )
    ),
    beyond: ["a range that descends", "a day that none of its months has"],
    wrong: "five fields (minute, hour, day of month, month, day of week), or @hourly, @daily, @weekly, @monthly",
    description: "When it runs, by the VSN's wall clock: five crontab fields, or @hourly, @daily, @weekly, @monthly.",
    examples: ["0 2 * * *", "*/5 * * * *", "@weekly"],
});
