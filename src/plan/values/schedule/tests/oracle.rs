//! Random schedules, held against another library.

use std::time::Duration;

use chrono::NaiveDateTime;
use croner::parser::CronParser;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;

use crate::diagnostics::Code;
use crate::plan::values::Schedule;

/// One field: a star, a number, a range or a short list, some of them with a step.
fn field(lowest: u8, highest: u8) -> impl Strategy<Value = String> {
    let number = lowest..=highest;
    let range = (number.clone(), number.clone()).prop_map(|(one, other)| (one.min(other), one.max(other)));
    let item = prop_oneof![
        4 => Just("*".to_owned()),
        4 => number.clone().prop_map(|number| number.to_string()),
        2 => range.clone().prop_map(|(first, last)| format!("{first}-{last}")),
        1 => (range, 1..=highest).prop_map(|((first, last), step)| format!("{first}-{last}/{step}")),
        1 => (1..=highest).prop_map(|step| format!("*/{step}")),
    ];
    let list =
        proptest::collection::vec(number.prop_map(|number| number.to_string()), 2..4).prop_map(|list| list.join(","));
    prop_oneof![5 => item, 1 => list]
}

fn schedule() -> impl Strategy<Value = String> {
    (field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 7))
        .prop_map(|(minutes, hours, days, months, weekdays)| format!("{minutes} {hours} {days} {months} {weekdays}"))
}

/// What the other library says, told which of cron's two readings of the day fields applies.
fn oracle(text: &str, after: NaiveDateTime, count: usize) -> Vec<NaiveDateTime> {
    let starred = text.split(' ').skip(2).step_by(2).any(|field| field.starts_with('*'));
    let parsed = CronParser::builder().dom_and_dow(starred).build().parse(text).unwrap();
    let next = |from: &NaiveDateTime| parsed.find_next_occurrence(from, false).ok();
    std::iter::successors(next(&after), next).take(count).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn it_fires_when_another_library_says(text in schedule(), day in 0u32..10_000, second in 0u32..86_400) {
        let start = date(2000, 1, 1).at(0, 0, 0, 0);
        let span = jiff::Span::new().days(day).seconds(second);
        let wall = start.checked_add(span).unwrap();
        let theirs = oracle(&text, wall.to_string().parse().unwrap(), 4);
        let theirs: Vec<String> = theirs.iter().map(|fired| fired.format("%Y-%m-%dT%H:%M:%S").to_string()).collect();
        match Schedule::parse(&text) {
            Ok(schedule) => {
                let ours: Vec<String> = schedule.firings_after(wall).take(4).map(|fired| fired.to_string()).collect();
                prop_assert_eq!(&ours, &theirs);
                let crontab = schedule.crontab_text();
                prop_assert_eq!(Schedule::parse(&crontab).unwrap().firings, schedule.firings);
            }
            Err(problem) => {
                prop_assert_eq!(problem.code, Code::NeverFires);
                prop_assert_eq!(theirs, Vec::<String>::new());
            }
        }
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn no_firing_comes_later_than_the_longest_gap(text in schedule(), day in 0u32..9_000) {
        let Ok(schedule) = Schedule::parse(&text) else { return Ok(()) };
        let start = date(2001, 1, 1).at(0, 0, 0, 0).checked_add(jiff::Span::new().days(day)).unwrap();
        let fired: Vec<DateTime> = schedule.firings_after(start).take(6).collect();
        let longest = schedule.longest_gap();
        for pair in fired.windows(2) {
            let gap = Duration::try_from(pair[0].duration_until(pair[1])).unwrap();
            prop_assert!(gap <= longest, "{} after {}, not {:?}", pair[1], pair[0], longest);
        }
    }
}
