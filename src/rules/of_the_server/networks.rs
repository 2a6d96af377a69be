//! The plan's network among those of the server. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{ContainerFact, Facts, NetworkFact};
use crate::plan::model::Plan;
use ipnet::IpNet;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let name = plan.name.as_str();
    let recorded = facts.saved.get(&plan.name).is_some_and(|saved| saved.network == name);
    let labelled = |network: &NetworkFact| network.labels.get(ContainerFact::PLAN).is_some_and(|owner| owner == name);
    let mut findings = Vec::new();
    if facts.look.networks.iter().any(|network| network.name == name && !labelled(network) && !recorded) {
        findings.push(
            Finding::error(Code::ForeignNetwork, Pointer::of(["name"]), format!("there is a network `{name}` already"))
                .label("it does not belong to this plan, so it is not touched")
                .help(format!("rename the plan, or remove the network yourself: `podman network rm {name}`")),
        );
    }
    for (index, subnet) in plan.network.subnets.iter().enumerate() {
        let network = subnet.network();
        let overlaps = |other: &IpNet| network.contains(other) || other.contains(&network);
        let mut others = facts.look.networks.iter().filter(|other| other.name != name);
        let of_network = others.find(|other| other.subnets.iter().any(overlaps));
        let held = match (of_network, facts.machine.subnets.iter().find(|other| overlaps(other))) {
            (Some(other), _) => format!("the engine's network `{}`", other.name),
            (None, Some(other)) => format!("an interface or a route of this server (`{other}`)"),
            (None, None) => continue,
        };
        let at = Pointer::of(["network", "subnets"]).then(index);
        findings.push(
            Finding::error(Code::SubnetHeld, at, format!("the subnet `{subnet}` is in use"))
                .label(format!("by {held}"))
                .help("choose another private range, or leave `subnets` out: then the engine chooses"),
        );
    }
    findings
}
