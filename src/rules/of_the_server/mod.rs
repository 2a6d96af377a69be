//! The rules that a plan can be judged by on a server. Reads nothing, changes nothing.

mod archive_folders;
mod clock_changes;
mod commands;
mod containers;
mod crontab;
mod directories;
mod disk;
mod docker_names;
mod docker_options;
mod engine;
mod engine_options;
mod hotfixes;
mod keys;
mod logging;
mod mail;
mod networks;
mod other_plans;
mod ports;
mod requires;
mod root;
#[cfg(test)]
mod tests;

use super::files;
use crate::diagnostics::{Code, Finding, Severity};
use crate::facts::Facts;
use crate::plan::model::Plan;

pub use commands::needed_commands;
pub use disk::shown as size_shown;

const RULES: &[fn(&Plan, &Facts) -> Vec<Finding>] = &[
    root::findings,
    engine::findings,
    engine_options::findings,
    docker_names::findings,
    docker_options::findings,
    commands::findings,
    requires::findings,
    archive_folders::findings,
    disk::findings,
    ports::findings,
    containers::findings,
    networks::findings,
    directories::findings,
    other_plans::findings,
    keys::findings,
    crontab::findings,
    clock_changes::findings,
    mail::findings,
    logging::findings,
    hotfixes::findings,
];

/// Every rule that the plan can be judged by on a server, the plan's own files included.
pub fn of_the_server(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let of_the_files = files::of_the_files(plan, &facts.files, Severity::Error);
    RULES.iter().flat_map(|rule| rule(plan, facts)).chain(of_the_files).collect()
}

/// Every rule that needs to know of the server only which engine it has.
pub fn of_the_engine(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    docker_options::findings(plan, facts)
}

/// Whether a finding of the plan alone is judged again, and better, on a server.
pub fn waits_for_the_server(finding: &Finding) -> bool {
    finding.code == Code::ScheduleInClockChange
}

/// Whether a finding of the plan alone gives way to what is known of this server.
pub fn known_better(finding: &Finding, facts: &Facts) -> bool {
    waits_for_the_server(finding) && facts.machine.zone.is_some()
}
