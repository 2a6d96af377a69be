//! The plan as it is deployed now: as it was accepted, with its hotfixes.

use crate::facts::{Hotfix, Saved};
use crate::few::Few;
use crate::host::engine::Engine;
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::plan::reading;
use crate::plan::values::ServiceName;
use crate::steps;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The plan that is on record, with the services that were replaced since; none where this version can't read it.
pub fn plan(saved: &Saved) -> Option<Plan> {
    let plan = reading::plan("the saved plan", saved.plan.as_bytes()).content?;
    Some(steps::with_hotfixes(plan, saved))
}

/// How a service deviates from the plan that was deployed.
pub fn deviation(name: &ServiceName, hotfix: &Hotfix) -> String {
    let Hotfix { run: _, at, by, landfall: _, from, to, from_id: _, folder: _, secrets, service: _ } = hotfix;
    let secrets = if *secrets { ", with other secrets" } else { "" };
    format!("{name} is {to} instead of {from}{secrets}, since {at:.0}, by {by}")
}

/// The address of each of its services that runs.
///
/// # Errors
/// When the engine can't tell.
pub fn addresses(plan: &Plan, layout: &Layout, engine: &Engine) -> Result<BTreeMap<ServiceName, IpAddr>, String> {
    let names: Vec<_> = plan.services.keys().map(|name| layout.container(name)).collect();
    let there = engine.containers_named(&names).map_err(|failure| failure.message)?;
    let address = |name: &ServiceName| {
        there.iter().find(|container| container.name == layout.container(name)).and_then(|container| container.address)
    };
    Ok(plan.services.keys().filter_map(|name| Some((name.clone(), address(name)?))).gathered())
}
