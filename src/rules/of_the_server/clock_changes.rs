//! Schedules that fire in an hour that this server's clock skips or repeats. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::facts::{ClockChange, Facts, Zone};
use crate::plan::model::Plan;
use crate::plan::values::Schedule;
use crate::rules::place::schedules;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let Some(zone) = &facts.machine.zone else { return Vec::new() };
    let Zone { name, changes } = zone;
    let mut findings = Vec::new();
    for (at, schedule) in schedules(plan).into_iter().filter(|(_, schedule)| schedule.hours().is_some()) {
        let Some(change) = changes.iter().find(|change| fires_in(schedule, change)) else { continue };
        let ClockChange { skips, from, until: _ } = change;
        let does = if *skips { "skips" } else { "repeats" };
        let message = format!("schedule `{schedule}` fires in an hour that {name} {does} on {}", from.date());
        let (label, help) = match (schedule.at_fixed_times(), skips) {
            (true, true) => ("cron runs it right after the change", "choose another hour if the time matters"),
            (true, false) => ("cron runs it once", "choose another hour if the time matters"),
            (false, true) => (
                "it does not run in that hour",
                "write the minutes as numbers, so that cron makes up for it, or choose another hour",
            ),
            (false, false) => (
                "it runs in both hours",
                "write the minutes as numbers, so that cron does not repeat it, or choose another hour",
            ),
        };
        findings.push(Finding::warning(Code::ScheduleInClockChange, at, message).label(label).help(help));
    }
    findings
}

fn fires_in(schedule: &Schedule, change: &ClockChange) -> bool {
    let ClockChange { skips: _, from, until } = change;
    let before = from.saturating_sub(jiff::Span::new().seconds(1));
    schedule.fires_after(before).is_some_and(|fires| fires < *until)
}
