//! Containers of somebody else's in the plan's way: they are never deleted. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{ContainerFact, Facts};
use crate::plan::model::{Plan, Teardown};
use crate::plan::values::ServiceName;
use crate::rules::place::service;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    match plan.teardown {
        // All containers of the server go first.
        Teardown::Node => return Vec::new(),
        Teardown::Plan => {}
    }
    let mut findings = Vec::new();
    for container in facts.look.containers.iter().filter(|container| is_foreign(container, plan, facts)) {
        let ours = |name: &&ServiceName| container.name == format!("{}-{name}", plan.name);
        let owner = container.plan().map_or_else(String::new, |plan| format!(" of the plan `{plan}`"));
        if let Some(name) = plan.services.keys().find(ours) {
            let message = format!("there is a container `{}`{owner} already", container.name);
            findings.push(
                Finding::error(Code::ForeignContainer, service(name), message)
                    .at_key()
                    .label("it does not belong to this plan, so it is not touched")
                    .help(format!(
                        "remove or rename it yourself (`podman rename {} …`), or rename the service",
                        container.name
                    )),
            );
        } else if container.networks.iter().any(|network| network == plan.name.as_str()) {
            let message = format!("the container `{}`{owner} is on the network `{}`", container.name, plan.name);
            findings.push(
                Finding::error(Code::ForeignOnNetwork, Pointer::of(["name"]), message)
                    .label("it does not belong to this plan, so the network can't be made again")
                    .help(format!("disconnect it: `podman network disconnect {} {}`", plan.name, container.name)),
            );
        }
    }
    findings
}

/// What is left of a killed creation has no labels; it is nobody's.
fn is_foreign(container: &ContainerFact, plan: &Plan, facts: &Facts) -> bool {
    let saved = facts.saved.get(&plan.name);
    let recorded = saved.is_some_and(|saved| saved.services.values().any(|of_it| of_it.container == container.name));
    !container.storage_only && container.plan() != Some(plan.name.as_str()) && !recorded
}
