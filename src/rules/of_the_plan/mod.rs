//! The rules that a plan can be judged by without a server. Reads nothing, changes nothing.

mod archive_folders;
mod capabilities;
mod checks_of_services;
mod cleanup;
mod clock_changes;
mod conditions;
mod database_ports;
mod dependency_cycle;
mod digests;
mod durations;
mod going_back;
mod headers;
mod image_tags;
mod listed_twice;
mod logging;
mod login;
mod mail;
mod memory;
mod mount_in_mount;
mod names;
mod nul;
mod one_shots;
mod paths;
mod ports;
mod ports_out_of_reach;
mod registries;
mod secrets;
mod shared_volume;
mod sizes;
mod ssh_keys;
mod subnets;
mod system_directory;
mod target_reserved;
mod templates;
#[cfg(test)]
mod tests;
mod texts;
mod tls;
mod ulimits;
mod unchecked;
mod unused;
mod unverified;
mod volumes;
mod working_directory;

pub use going_back::with_on_failure;

use crate::diagnostics::{Finding, Source};
use crate::plan::model::Plan;
use crate::plan::secrets::Secrets;

/// Rules that need the plan and nothing else.
const OF_THE_PLAN: &[fn(&Plan) -> Vec<Finding>] = &[
    archive_folders::findings,
    capabilities::findings,
    cleanup::findings,
    clock_changes::findings,
    database_ports::findings,
    digests::findings,
    durations::findings,
    going_back::findings,
    headers::findings,
    image_tags::findings,
    listed_twice::findings,
    mail::findings,
    memory::findings,
    mount_in_mount::findings,
    names::findings,
    one_shots::findings,
    paths::findings,
    ports::findings,
    ports_out_of_reach::findings,
    registries::findings,
    secrets::in_environment,
    shared_volume::findings,
    sizes::findings,
    ssh_keys::findings,
    subnets::findings,
    system_directory::findings,
    target_reserved::findings,
    templates::findings,
    texts::findings,
    tls::findings,
    ulimits::findings,
    unchecked::findings,
    unused::findings,
    unverified::findings,
    working_directory::findings,
];

/// Rules that need to know what the author wrote and what was filled in.
const OF_WHAT_IS_WRITTEN: &[fn(&Plan, &Source) -> Vec<Finding>] = &[
    checks_of_services::findings,
    conditions::findings,
    dependency_cycle::findings,
    logging::findings,
    nul::findings,
    volumes::findings,
];

/// Rules that need the secrets' values.
const OF_THE_SECRETS: &[fn(&Plan, &Secrets) -> Vec<Finding>] =
    &[secrets::missing, secrets::never_used, secrets::values];

/// Every rule that the plan and its secrets can be judged by without a server.
///
/// `source` tells what the author wrote from what was filled in. Without `secrets`, no value is asked for.
pub fn of_the_plan(plan: &Plan, source: &Source, secrets: Option<&Secrets>) -> Vec<Finding> {
    let alone = OF_THE_PLAN.iter().flat_map(|rule| rule(plan));
    let written = OF_WHAT_IS_WRITTEN.iter().flat_map(|rule| rule(plan, source));
    let values = secrets.into_iter().flat_map(|secrets| OF_THE_SECRETS.iter().flat_map(|rule| rule(plan, secrets)));
    alone.chain(written).chain(values).collect()
}
