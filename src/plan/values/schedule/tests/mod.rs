//! What schedules may say, and when they fire.

mod oracle;

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::{DateTime, date};
use jiff::tz::TimeZone;
use pretty_assertions::assert_eq;

use super::Schedule;
use crate::plan::values::tests::{accepts, reads_as, refuses};

#[test]
fn a_schedule_is_five_fields_or_a_word() {
    accepts::<Schedule>(&[
        "0 2 * * *",
        "*/5 * * * *",
        "@weekly",
        "@hourly",
        "@daily",
        "@monthly",
        "0 0 29 2 *",
        "0 22 * * Mon-fri",
        "0 0 1,15 * 5",
        "5-10/2,30 0-23/6 */2 jan,jul 7",
        "08 09 * * *",
    ]);
    reads_as::<Schedule>(&[("  0  2 *\t* * ", "0 2 * * *")]);
}

#[test]
fn a_schedule_of_another_form_is_refused() {
    refuses::<Schedule>(&[
        (
            "0 0 0 2 * *",
            "LF038 schedule `0 0 0 2 * *` has 6 fields | five fields: minute, hour, day of month, month, day of week | leave the seconds out: cron has none",
        ),
        (
            "* * * *",
            "LF038 schedule `* * * *` has 4 fields | five fields: minute, hour, day of month, month, day of week",
        ),
        ("", "LF038 schedule `` has 0 fields | five fields: minute, hour, day of month, month, day of week"),
        (
            "@midnight",
            "LF038 schedule `@midnight` is not a known word | words are @hourly, @daily, @weekly, @monthly | write `@daily`",
        ),
        (
            "@yearly",
            "LF038 schedule `@yearly` is not a known word | words are @hourly, @daily, @weekly, @monthly | write `0 0 1 1 *`",
        ),
        (
            "@Daily",
            "LF038 schedule `@Daily` is not a known word | words are @hourly, @daily, @weekly, @monthly | write `@daily`",
        ),
        ("@reboot", "LF038 schedule `@reboot` is not a known word | words are @hourly, @daily, @weekly, @monthly"),
        ("@soon", "LF038 schedule `@soon` is not a known word | words are @hourly, @daily, @weekly, @monthly"),
    ]);
}

#[test]
fn a_schedule_that_never_fires_is_refused() {
    refuses::<Schedule>(&[
        (
            "0 0 31 2 */3",
            "LF039 schedule `0 0 31 2 */3` never fires | none of its months has such a day | choose a day that one of its months has",
        ),
        ("61 * * * *", "LF039 schedule `61 * * * *` never fires | minutes are 0 to 59"),
        ("* 24 * * *", "LF039 schedule `* 24 * * *` never fires | hours are 0 to 23"),
        ("* * 0 * *", "LF039 schedule `* * 0 * *` never fires | days of month are 1 to 31"),
        ("* * * 13 *", "LF039 schedule `* * * 13 *` never fires | months are 1 to 12, or jan to dec"),
        (
            "* * * * 8",
            "LF039 schedule `* * * * 8` never fires | days of week are 0 to 7, or sun to sat; 0 and 7 are Sunday",
        ),
        (
            "0 0 31 2 *",
            "LF039 schedule `0 0 31 2 *` never fires | none of its months has such a day | choose a day that one of its months has",
        ),
        (
            "0 0 30 2 *",
            "LF039 schedule `0 0 30 2 *` never fires | none of its months has such a day | choose a day that one of its months has",
        ),
        (
            "0 0 31 4,6,9,11 *",
            "LF039 schedule `0 0 31 4,6,9,11 *` never fires | none of its months has such a day | choose a day that one of its months has",
        ),
        (
            "* * * * 100",
            "LF039 schedule `* * * * 100` never fires | days of week are 0 to 7, or sun to sat; 0 and 7 are Sunday",
        ),
        ("61 25 * * *", "LF039 schedule `61 25 * * *` never fires | minutes are 0 to 59"),
    ]);
}

#[test]
fn a_field_is_a_list_of_numbers_ranges_and_steps() {
    refuses::<Schedule>(&[
        (
            "x * * * *",
            "LF038 schedule `x * * * *` has wrong minutes `x` | minutes are 0 to 59 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "1,,2 * * * *",
            "LF038 schedule `1,,2 * * * *` has wrong minutes `` | minutes are 0 to 59 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "1- * * * *",
            "LF038 schedule `1- * * * *` has wrong minutes `1-` | minutes are 0 to 59 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "0 0 L * *",
            "LF038 schedule `0 0 L * *` has wrong days of month `L` | days of month are 1 to 31 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "0 0 ? * *",
            "LF038 schedule `0 0 ? * *` has wrong days of month `?` | days of month are 1 to 31 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "0 0 * * 1#2",
            "LF038 schedule `0 0 * * 1#2` has wrong days of week `1#2` | days of week are 0 to 7, or sun to sat; 0 and 7 are Sunday | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "-1 * * * *",
            "LF038 schedule `-1 * * * *` has wrong minutes `-1` | minutes are 0 to 59 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "*5 * * * *",
            "LF038 schedule `*5 * * * *` has wrong minutes `*5` | minutes are 0 to 59 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "0 0 * * monday",
            "LF038 schedule `0 0 * * monday` has wrong days of week `monday` | days of week are 0 to 7, or sun to sat; 0 and 7 are Sunday | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
        (
            "001 * * * *",
            "LF038 schedule `001 * * * *` has wrong minutes `001` | minutes are 0 to 59 | each field is `*`, numbers, ranges, or lists of them, with steps after `/`",
        ),
    ]);
}

#[test]
fn what_cron_daemons_read_differently_is_refused() {
    refuses::<Schedule>(&[
        ("1,61 * * * *", "LF038 schedule `1,61 * * * *` has wrong minutes `61` | minutes are 0 to 59"),
        ("0 20-24 * * *", "LF038 schedule `0 20-24 * * *` has wrong hours `20-24` | hours are 0 to 23"),
        (
            "5/2 * * * *",
            "LF038 schedule `5/2 * * * *` has wrong minutes `5/2` | a step needs a range or `*` before it | write `5-59/…`",
        ),
        ("*/0 * * * *", "LF038 schedule `*/0 * * * *` has wrong minutes `*/0` | steps of minutes are 1 to 59"),
        ("*/60 * * * *", "LF038 schedule `*/60 * * * *` has wrong minutes `*/60` | steps of minutes are 1 to 59"),
        ("*/90 * * * *", "LF038 schedule `*/90 * * * *` has wrong minutes `*/90` | steps of minutes are 1 to 59"),
        (
            "10-5 * * * *",
            "LF038 schedule `10-5 * * * *` has wrong minutes `10-5` | ranges ascend | write two ranges, with a comma between them",
        ),
        (
            "0 0 * * fri-mon",
            "LF038 schedule `0 0 * * fri-mon` has wrong days of week `fri-mon` | ranges ascend | write two ranges, with a comma between them",
        ),
    ]);
}

fn firings(text: &str, wall: DateTime, count: usize) -> Vec<String> {
    Schedule::parse(text).unwrap().firings_after(wall).take(count).map(|fired| fired.to_string()).collect()
}

#[test]
fn a_firing_is_later_than_the_time_asked_for() {
    let at = date(2026, 11, 20).at(2, 0, 0, 0);
    assert_eq!(firings("0 2 * * *", at, 1), ["2026-11-21T02:00:00"]);
    assert_eq!(firings("0 2 * * *", date(2026, 11, 20).at(1, 59, 59, 999), 1), ["2026-11-20T02:00:00"]);
    assert_eq!(firings("*/20 2 * * *", at, 3), ["2026-11-20T02:20:00", "2026-11-20T02:40:00", "2026-11-21T02:00:00"]);
}

#[test]
fn weekday_1_is_monday_and_both_0_and_7_are_sunday() {
    let friday = date(2026, 11, 20).at(12, 0, 0, 0);
    assert_eq!(firings("0 3 * * 1", friday, 1), ["2026-11-23T03:00:00"]);
    assert_eq!(firings("0 3 * * 0", friday, 1), ["2026-11-22T03:00:00"]);
    assert_eq!(firings("0 3 * * 7", friday, 1), ["2026-11-22T03:00:00"]);
    assert_eq!(firings("0 3 * * sun", friday, 1), ["2026-11-22T03:00:00"]);
}

#[test]
fn either_restricted_day_fires_unless_one_begins_with_a_star() {
    let friday = date(2026, 11, 20).at(12, 0, 0, 0);
    assert_eq!(firings("0 0 1 * 5", friday, 3), ["2026-11-27T00:00:00", "2026-12-01T00:00:00", "2026-12-04T00:00:00"]);
    assert_eq!(firings("0 0 */2 * 5", friday, 2), ["2026-11-27T00:00:00", "2026-12-11T00:00:00"]);
    assert_eq!(firings("0 0 31 2 5", date(2026, 1, 1).at(0, 0, 0, 0), 1), ["2026-02-06T00:00:00"]);
}

#[test]
fn what_cron_is_given_is_five_fields_of_numbers() {
    let crontab = |text| Schedule::parse(text).unwrap().crontab_text();
    assert_eq!(crontab("@hourly"), "0 * * * *");
    assert_eq!(crontab("@daily"), "0 0 * * *");
    assert_eq!(crontab("@weekly"), "0 0 * * 0");
    assert_eq!(crontab("@monthly"), "0 0 1 * *");
    assert_eq!(crontab("05-10/2,30 \t */6 1 Jan,JUL Mon-fri"), "5-10/2,30 */6 1 1,7 1-5");
}

/// The next firing in a zone that is given by its rules, so that no zone database is needed.
fn next(text: &str, rules: &str, now: &str) -> String {
    let now = now.parse::<Timestamp>().unwrap().to_zoned(TimeZone::posix(rules).unwrap());
    Schedule::parse(text).unwrap().next(&now).unwrap().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

const CENTRAL_EUROPE: &str = "CET-1CEST,M3.5.0,M10.5.0/3";
const LORD_HOWE: &str = "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0";

#[test]
fn a_time_that_the_zone_skips_fires_as_much_later() {
    let now = "2026-03-29T01:50:00+01:00";
    assert_eq!(next("30 2 * * *", CENTRAL_EUROPE, now), "2026-03-29T03:30:00+02:00");
    assert_eq!(next("15,45 2,3 * * *", CENTRAL_EUROPE, now), "2026-03-29T03:15:00+02:00");
    assert_eq!(next("0 3 29 3 *", CENTRAL_EUROPE, now), "2026-03-29T03:00:00+02:00");
    assert_eq!(next("50 2,4 29 3 *", CENTRAL_EUROPE, now), "2026-03-29T03:50:00+02:00");
}

#[test]
fn what_the_zone_skips_keeps_its_order_with_what_it_has() {
    assert_eq!(next("10,35 2 * * *", LORD_HOWE, "2026-10-04T01:50:00+10:30"), "2026-10-04T02:35:00+11:00");
    assert_eq!(next("10,35 2 * * *", LORD_HOWE, "2026-10-04T02:35:00+11:00"), "2026-10-04T02:40:00+11:00");
    assert_eq!(next("10,35 2 * * *", LORD_HOWE, "2026-10-04T02:40:00+11:00"), "2026-10-05T02:10:00+11:00");
}

#[test]
fn a_time_that_the_zone_repeats_fires_once() {
    let (first, second) = ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00");
    assert_eq!(next("45 2 * * *", CENTRAL_EUROPE, first), "2026-10-25T02:45:00+02:00");
    assert_eq!(next("45 2 * * *", CENTRAL_EUROPE, second), "2026-10-26T02:45:00+01:00");
    assert_eq!(next("*/20 * * * *", CENTRAL_EUROPE, second), "2026-10-25T03:00:00+01:00");
}

#[test]
fn the_longest_gap_spans_nights_months_and_leap_years() {
    let gap = |text| Schedule::parse(text).unwrap().longest_gap();
    let hours = |hours: u64| Duration::from_secs(hours * 3600);
    assert_eq!(gap("* * * * *"), Duration::from_secs(60));
    assert_eq!(gap("*/25 * * * *"), Duration::from_secs(25 * 60));
    assert_eq!(gap("@hourly"), hours(1));
    assert_eq!(gap("0 2,6 * * *"), hours(20));
    assert_eq!(gap("0 0,23 * * 1"), hours(6 * 24 + 1));
    assert_eq!(gap("@weekly"), hours(7 * 24));
    assert_eq!(gap("@monthly"), hours(31 * 24));
    assert_eq!(gap("0 0 29 2 *"), hours((4 * 365 + 1) * 24));
    assert_eq!(gap("0 0 1 * 0"), hours(7 * 24));
}
