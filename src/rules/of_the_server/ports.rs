//! Ports that something else on the server holds. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::facts::{self, Facts, HeldPort};
use crate::plan::model::{Plan, Teardown};
use crate::plan::values::{Port, Protocol};
use crate::rules::place::element;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    // Without an engine that answers, the plan's own containers can't be told from strangers.
    if facts.engine.as_ref().is_none_or(|engine| engine.problem.is_some()) {
        return Vec::new();
    }
    let containers = match plan.teardown {
        // All containers of the server go first.
        Teardown::Node => Vec::new(),
        Teardown::Plan => of_other_containers(plan, facts),
    };
    let goes = |held: &&HeldPort| plan.teardown == Teardown::Node && !held.holder.is_empty();
    let machine = facts.machine.ports.iter().filter(|held| !goes(held)).cloned();
    // A container is told by its name, where the same port is also seen as a process's.
    let held: Vec<HeldPort> = containers.into_iter().chain(machine).collect();
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, port) in service.ports.iter().enumerate() {
            let Some(other) = held.iter().find(|held| conflicts(*port, held)) else { continue };
            let HeldPort { address: _, port: number, protocol: _, holder } = other;
            let message = format!("port {number}/{} of this server is in use", port.protocol().text());
            let label = if holder.is_empty() { String::new() } else { format!("`{holder}` holds it") };
            findings.push(Finding::error(Code::PortHeld, element(name, "ports", index), message).label(label).help(
                format!("`ss -tulpn 'sport = :{number}'` shows who holds it; stop that, or choose another port"),
            ));
        }
    }
    findings
}

fn of_other_containers(plan: &Plan, facts: &Facts) -> Vec<HeldPort> {
    let others = facts.look.containers.iter();
    let others = others.filter(|container| container.running && container.plan() != Some(plan.name.as_str()));
    others
        .flat_map(|container| {
            container.ports.iter().map(|held| HeldPort { holder: container.name.clone(), ..held.clone() })
        })
        .collect()
}

fn conflicts(port: Port, held: &HeldPort) -> bool {
    let protocol = match held.protocol {
        facts::Protocol::Tcp => Protocol::Tcp,
        facts::Protocol::Udp => Protocol::Udp,
    };
    let address = match (port.address(), held.address) {
        (None, _) | (_, None) => true,
        (Some(ours), Some(theirs)) => {
            ours == theirs || ours.is_ipv4() == theirs.is_ipv4() && (ours.is_unspecified() || theirs.is_unspecified())
        }
    };
    address && protocol == port.protocol() && port.host().numbers().contains(&held.port)
}
