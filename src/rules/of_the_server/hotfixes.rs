//! Services that were replaced since the deployment, and that this one makes as they were. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{Facts, Hotfix};
use crate::plan::model::Plan;
use crate::plan::values::ServiceName;
use crate::rules::place;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let Some(saved) = facts.saved.get(&plan.name) else { return Vec::new() };
    let undone = saved.hotfixes.iter().filter(|(name, hotfix)| is_undone(plan, name, hotfix));
    undone.map(|(name, hotfix)| finding(plan, name, hotfix)).collect()
}

/// Secrets that were replaced count as undone, since nobody can tell here whether the secrets file has the new ones.
fn is_undone(plan: &Plan, name: &ServiceName, hotfix: &Hotfix) -> bool {
    let described = plan.services.get(name).and_then(|service| serde_json::to_value(service).ok());
    hotfix.secrets || described.as_ref() != Some(&hotfix.service)
}

fn finding(plan: &Plan, name: &ServiceName, hotfix: &Hotfix) -> Finding {
    let at = if plan.services.contains_key(name) { place::service(name) } else { Pointer::of(["services"]) };
    let Hotfix { run: _, at: since, by, landfall: _, from, to, from_id: _, folder: _, secrets, service: _ } = hotfix;
    let (others, cure) = if *secrets {
        (", with other secrets", "make sure that the secrets file has its new secrets")
    } else {
        ("", "to keep it, describe the service in the plan as it is now")
    };
    Finding::warning(Code::HotfixUndone, at, format!("the hotfix of `{name}` is undone"))
        .label(format!("it is {to} instead of {from}{others}, since {since:.0}, by {by}"))
        .help(format!("{cure}; `landfall diff` shows what differs"))
        .at_key()
}
