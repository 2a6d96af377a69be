//! A schedule fires when another library says, always later than asked, and means the same when it is written again.

use super::choices::Choices;
use chrono::NaiveDateTime;
use croner::parser::CronParser;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use landfall::diagnostics::Code;
use landfall::plan::values::Schedule;

/// Zones by their rules, so that no database is needed.
const ZONES: [&str; 4] =
    ["UTC0", "CET-1CEST,M3.5.0,M10.5.0/3", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "EST5EDT,M3.2.0,M11.1.0"];

pub fn holds(bytes: &[u8]) {
    let (now, text) = bytes.split_at(bytes.len().min(5));
    let Ok(text) = std::str::from_utf8(text) else { return };
    let mut now = Choices::of(now);
    let zone = ZONES[usize::from(now.byte() % 4)];
    let (day, minute) = (now.below(20_000), now.below(24 * 60));
    let span = jiff::Span::new().days(i64::try_from(day).unwrap()).minutes(i64::try_from(minute).unwrap());
    let wall = date(2000, 1, 1).at(0, 0, 0, 0).checked_add(span).unwrap();
    match Schedule::parse(text) {
        Ok(schedule) => {
            written_again_it_is_the_same(&schedule);
            fires_as_another_library_says(&schedule, wall);
            next_is_later(&schedule, wall, zone);
        }
        Err(problem) if problem.code == Code::NeverFires => {
            let firings = oracle(text, date(2000, 1, 1).at(0, 0, 0, 0), 1).unwrap_or_default();
            assert!(firings.is_empty(), "{text:?} fires at {firings:?}, but {problem}");
        }
        // What cron daemons read differently is refused here, but not there.
        Err(_) => {}
    }
}

fn written_again_it_is_the_same(schedule: &Schedule) {
    let again = Schedule::parse(&schedule.to_string());
    assert_eq!(again.as_ref(), Ok(schedule));
    let crontab = schedule.crontab_text();
    assert_eq!(Schedule::parse(&crontab).unwrap().crontab_text(), crontab);
    let fields = |letter: char| letter.is_ascii_digit() || "*,/- ".contains(letter);
    assert!(crontab.chars().all(fields) && crontab.split(' ').count() == 5, "{crontab:?}");
}

/// What the other library says, told which of cron's two readings of the day fields applies; `None` if it can't read it.
fn oracle(text: &str, after: DateTime, count: usize) -> Option<Vec<String>> {
    // To cron, only blanks and tabs separate fields; the other library takes line ends for the like.
    if text.contains(|letter: char| letter.is_whitespace() && !matches!(letter, ' ' | '\t')) {
        return None;
    }
    let starred = text.split_ascii_whitespace().skip(2).step_by(2).any(|field| field.starts_with('*'));
    let parsed = CronParser::builder().dom_and_dow(starred).build().parse(text).ok()?;
    let next = |from: &NaiveDateTime| parsed.find_next_occurrence(from, false).ok();
    let after: NaiveDateTime = after.to_string().parse().unwrap();
    let firings = std::iter::successors(next(&after), next).take(count);
    Some(firings.map(|fired| fired.format("%Y-%m-%dT%H:%M:%S").to_string()).collect())
}

fn fires_as_another_library_says(schedule: &Schedule, wall: DateTime) {
    let ours: Vec<DateTime> = schedule.firings_after(wall).take(4).collect();
    assert!(
        std::iter::once(wall).chain(ours.iter().copied()).is_sorted_by(|one, next| one < next),
        "{ours:?} after {wall}"
    );
    let ours: Vec<String> = ours.into_iter().map(|fired| fired.to_string()).collect();
    // Not everything that is a field to cron is one to the other library: `2,*` is not.
    if let Some(theirs) = oracle(&schedule.crontab_text(), wall, 4) {
        assert_eq!(ours, theirs, "{schedule} after {wall}");
    }
}

/// The next firing is later than now, and stays the next one until it comes.
fn next_is_later(schedule: &Schedule, wall: DateTime, zone: &str) {
    let now = wall.to_zoned(TimeZone::posix(zone).unwrap()).unwrap();
    let Some(next) = schedule.next(&now) else { return };
    assert!(next > now, "{schedule}: {next} is not later than {now}");
    let shortly_before = &next - jiff::Span::new().seconds(1);
    assert!(
        shortly_before < now || schedule.next(&shortly_before).as_ref() == Some(&next),
        "{schedule}: {next} after {now}"
    );
    let after = schedule.next(&next);
    assert!(after.as_ref().is_none_or(|after| *after > next), "{schedule}: {after:?} after {next}");
}
