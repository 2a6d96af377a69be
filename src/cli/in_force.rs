//! The plan as it is deployed now: as it was accepted, with its hotfixes.

use crate::facts::{Facts, Hotfix, Saved};
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

/// A line for each hotfix that a deployment of this plan undoes.
pub fn undone(plan: &Plan, facts: &Facts) -> Vec<String> {
    let saved = facts.saved.get(&plan.name);
    let undone = saved.map(|saved| steps::undone(plan, saved)).unwrap_or_default();
    undone
        .into_iter()
        .map(|(name, hotfix)| {
            let cure = if hotfix.secrets {
                "make sure that the secrets file has its new secrets"
            } else {
                "to keep it, describe the service in the plan as it is now"
            };
            format!("the hotfix of `{name}` is undone ({}): {cure}", deviation(name, hotfix))
        })
        .collect()
}

/// How a service deviates from the plan that was deployed.
pub fn deviation(name: &ServiceName, hotfix: &Hotfix) -> String {
    let Hotfix { run: _, at, by, landfall: _, from, to, from_id: _, secrets, service: _ } = hotfix;
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
    Ok(plan.services.keys().filter_map(|name| Some((name.clone(), address(name)?))).collect())
}
