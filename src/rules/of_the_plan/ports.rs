//! Published ports: one server has each of them once. Reads nothing, changes nothing.

use super::database_ports;
use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Plan, Service};
use crate::plan::values::{Port, ServiceName};
use crate::rules::place::element;
use serde_json::Value;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let numbered = |(name, service): (&ServiceName, &Service)| {
        let name = name.clone();
        service.ports.clone().into_iter().enumerate().map(move |(index, port)| (element(&name, "ports", index), port))
    };
    let ports: Vec<(Pointer, Port)> = plan.services.iter().flat_map(numbered).collect();
    let mut findings = Vec::new();
    for (index, (at, port)) in ports.iter().enumerate() {
        if let Some((other_at, other)) = ports.iter().take(index).find(|(_, other)| port.conflicts_with(*other)) {
            findings.push(twice((at, *port), (other_at, *other)));
        }
        if port.address().is_none() && database_ports::database(*port).is_none() {
            findings.push(everywhere(at, *port));
        }
    }
    findings
}

fn twice((at, port): (&Pointer, Port), (other_at, other): (&Pointer, Port)) -> Finding {
    let first = port.host().first().max(other.host().first());
    let protocol = port.protocol().text();
    let finding =
        Finding::error(Code::PortUsedTwice, at.clone(), format!("port {first}/{protocol} is published twice"))
            .label("here again")
            .also(other_at.clone(), "already here");
    finding.help("choose another port, or other addresses of the VSN for each")
}

fn everywhere(at: &Pointer, port: Port) -> Finding {
    let host = port.host();
    let message = format!("port {host}/{} is published on every interface", port.protocol().text());
    let finding =
        Finding::warning(Code::PortOnAllInterfaces, at.clone(), message).label("also past firewalld's zones").help(
            format!("write `127.0.0.1:{port}`, or the address that it is meant for; `0.0.0.0:{port}` if all are meant"),
        );
    ["127.0.0.1", "0.0.0.0"].into_iter().fold(finding, |finding, address| {
        let text = format!("{address}:{port}");
        finding.fix(format!("write `{text}`"), Place::Value(at.clone()), Value::from(text))
    })
}
