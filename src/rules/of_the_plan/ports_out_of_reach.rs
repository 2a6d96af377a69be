//! Ports published on IPv6 addresses that lead to no container. Reads nothing, changes nothing.
//!
//! Seen with Podman 4.3 and netavark 1.4: the engine listens at such an address, so that a connection may even be accepted,
//! but no packet is passed on.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::Plan;
use crate::plan::values::{Port, Subnet};
use crate::rules::place::element;
use serde_json::Value;
use std::net::{IpAddr, Ipv4Addr};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let subnets = &plan.network.subnets;
    let both_families = subnets.iter().any(|subnet| subnet.network().addr().is_ipv6());
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, port) in service.ports.iter().enumerate() {
            let Some(address @ IpAddr::V6(_)) = port.address() else { continue };
            let at = element(name, "ports", index);
            if address.is_loopback() {
                findings.push(of_loopback(at, *port));
            } else if !both_families {
                findings.push(without_subnet(at, address, subnets));
            } else if address.is_unspecified() {
                findings.push(of_all(at, *port));
            }
        }
    }
    findings
}

/// The kernel lets no packet from `::1` leave for a container.
fn of_loopback(at: Pointer, port: Port) -> Finding {
    let meant = port.at(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let message = format!("nobody can reach port {} at `[::1]`", port.host());
    Finding::error(Code::PortOutOfReach, at.clone(), message)
        .label("no packet from `::1` leaves for a container")
        .help(format!("write `{meant}`"))
        .fix(format!("write `{meant}`"), Place::Value(at), Value::from(meant.to_string()))
}

fn without_subnet(at: Pointer, address: IpAddr, subnets: &[Subnet]) -> Finding {
    let message = format!("the container has no IPv6 address that `[{address}]` could lead to");
    let finding = Finding::error(Code::PortOutOfReach, at, message)
        .label("the plan's network has no IPv6 subnet")
        .help("add one to `network.subnets`, such as `fd00:90::/64`, or publish the port on an IPv4 address");
    let list = Pointer::of(["network", "subnets"]);
    (0..subnets.len()).fold(finding, |finding, index| finding.also(list.then(index), "IPv4"))
}

fn of_all(at: Pointer, port: Port) -> Finding {
    let meant = port.everywhere();
    Finding::warning(Code::PortOutOfReach, at.clone(), format!("port {} may be out of reach at `[::]`", port.host()))
        .label("Podman 4.3 passes nothing on that comes to this address")
        .help(format!("write `{meant}` for all addresses, IPv4 as well, or one IPv6 address of the VSN"))
        .fix(format!("write `{meant}`"), Place::Value(at), Value::from(meant.to_string()))
}
