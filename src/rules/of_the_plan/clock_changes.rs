//! Schedules in hours that daylight saving may skip or repeat. Reads nothing, changes nothing.
//!
//! A plan names no time zone. Where clocks change at all, they nearly always do so between one and four o'clock: these hours
//! are told of here. On a server whose time zone is known, its rule of the same name judges instead.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::Plan;
use crate::rules::place::schedules;

const CHANGING: std::ops::RangeInclusive<u8> = 1..=3;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, schedule) in schedules(plan) {
        if !schedule.hours().is_some_and(|mut hours| hours.any(|hour| CHANGING.contains(&hour))) {
            continue;
        }
        let finding = Finding::warning(
            Code::ScheduleInClockChange,
            at,
            format!("schedule `{schedule}` fires in hours that daylight saving skips or repeats"),
        );
        findings.push(if schedule.at_fixed_times() {
            finding
                .label("skipped, cron runs it right after the change; repeated, it runs once")
                .help("choose an hour before 1 or from 4 on if the time matters; a server on UTC has no such hours")
        } else {
            finding
                .label("skipped, it does not run that day; repeated, it runs in both hours")
                .help("write the minutes as numbers, so that cron makes up for it, or choose an hour from 4 on")
        });
    }
    findings
}
