//! Ports and addresses of the server, and whom root of the server asks or writes to. Reads nothing, changes nothing.

use super::{Case, only};
use crate::diagnostics::{Code, Finding, Pointer};
use crate::plan::model::{HttpCheck, Mail, Maintenance, Plan, Probe, Smtp, Tls};
use crate::plan::values::{AllowedPorts, Host, Port, Protocol, ServiceName};
use crate::rules::place::{element, field};
use std::net::IpAddr;

pub(super) fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = published(case);
    findings.extend(subnets(case));
    findings.extend(checks(case));
    findings.extend(mail(case));
    findings
}

fn published(case: &Case<'_>) -> Vec<Finding> {
    let Some(allowed) = &case.site.policy.host_ports else { return Vec::new() };
    let mut findings = Vec::new();
    for (name, service) in &case.plan.services {
        for (index, port) in service.ports.iter().enumerate() {
            let Some(first) = first_uncovered(*port, allowed) else { continue };
            let message = match (port.address(), everywhere(*port, allowed)) {
                (None, true) => format!("port {first} may be published here, but not on all interfaces"),
                (None | Some(_), _) => format!("the site lets no plan publish `{}`", one(*port, first)),
            };
            let at = (Code::PortNotAllowed, element(name, "ports", index));
            let cure = "publish it at a port and address that is allowed";
            findings.push(case.forbidden("host_ports", at, message, cure).label(only(allowed)));
        }
    }
    findings
}

/// The lowest port that nothing covers. Several entries can share a range between them.
fn first_uncovered(port: Port, allowed: &[AllowedPorts]) -> Option<u16> {
    let covered = |number: &u16| allowed.iter().any(|entry| entry.covers(port.address(), *number, port.protocol()));
    port.host().numbers().find(|number| !covered(number))
}

/// Whether some address would do.
fn everywhere(port: Port, allowed: &[AllowedPorts]) -> bool {
    let at_its_own = |number, entry: &AllowedPorts| entry.covers(entry.address(), number, port.protocol());
    port.host().numbers().all(|number| allowed.iter().any(|entry| at_its_own(number, entry)))
}

/// One port of the server as a policy would allow it.
fn one(port: Port, number: u16) -> String {
    let address = match port.address() {
        None => String::new(),
        Some(IpAddr::V4(address)) => format!("{address}:"),
        Some(IpAddr::V6(address)) => format!("[{address}]:"),
    };
    match port.protocol() {
        Protocol::Tcp => format!("{address}{number}"),
        Protocol::Udp => format!("{address}{number}/udp"),
    }
}

/// Whoever has the addresses of another server on this one answers here in its place.
fn subnets(case: &Case<'_>) -> Vec<Finding> {
    let Some(allowed) = &case.site.policy.subnets else { return Vec::new() };
    let inside = |network: &ipnet::IpNet| allowed.iter().any(|allowed| allowed.network().contains(network));
    let outside = case.plan.network.subnets.iter().enumerate().filter(|(_, subnet)| !inside(&subnet.network()));
    let finding = |(index, subnet): (usize, &crate::plan::values::Subnet)| {
        let at = (Code::PortNotAllowed, Pointer::of(["network", "subnets"]).then(index));
        let message = format!("the site lets no plan have the addresses `{subnet}`");
        case.forbidden("subnets", at, message, "choose a range that is allowed").label(only(allowed))
    };
    outside.map(finding).collect()
}

fn checks(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &case.plan.services {
        let Some(check) = &service.healthcheck else { continue };
        let at = field(name, "healthcheck");
        let (asked, at) = match &check.probe {
            Probe::Exec(_) => continue,
            Probe::Http(HttpCheck { url, status: _, headers: _, ca: _, tls_verify }) => {
                findings.extend(unverified(case, *tls_verify, &at.then("http")));
                ((url.host(), url.port()), at.then("http"))
            }
            Probe::Tcp(target) => ((target.host(), target.port()), at.then("tcp")),
        };
        findings.extend(asks(case, asked, at));
    }
    findings
}

fn asks(case: &Case<'_>, (host, port): (&Host, u16), at: Pointer) -> Option<Finding> {
    let allowed = case.site.policy.check_hosts.as_ref()?;
    if is_own(case.plan, host, port) || allowed.iter().any(|allowed| allowed.covers(host, port)) {
        return None;
    }
    let message = format!("the site lets no health check ask `{}:{port}`", host.before_port());
    let at = (Code::ReachNotAllowed, at);
    let finding = case.forbidden("check_hosts", at, message, "ask a service of this plan, or a port that it publishes");
    Some(finding.label(match allowed.as_slice() {
        [] => "nobody but the plan's own services may be asked here".to_owned(),
        _ => only(allowed),
    }))
}

/// Whether it is a service of the plan, or a port that the plan publishes at this address.
fn is_own(plan: &Plan, host: &Host, port: u16) -> bool {
    let publishes = |at: fn(IpAddr, &Port) -> bool, address| {
        let ports = plan.services.values().flat_map(|service| &service.ports);
        ports.into_iter().any(|published| {
            published.protocol() == Protocol::Tcp
                && published.host().numbers().contains(&port)
                && at(address, published)
        })
    };
    // The server itself: at another of its addresses, somebody else may listen at the same port.
    let here: fn(IpAddr, &Port) -> bool = |asked, published| match published.address() {
        None => true,
        Some(address) => address == asked || address.is_unspecified() && address.is_ipv4() == asked.is_ipv4(),
    };
    let there: fn(IpAddr, &Port) -> bool = |asked, published| published.address() == Some(asked);
    let is_service = |name: &str| plan.services.keys().any(|service: &ServiceName| service.as_str() == name);
    match host {
        Host::Name(name) if name == "localhost" => {
            publishes(here, IpAddr::from([127, 0, 0, 1])) || publishes(here, IpAddr::from([0, 0, 0, 0, 0, 0, 0, 1]))
        }
        Host::Name(name) => is_service(name),
        Host::Address(address) if address.is_loopback() => publishes(here, *address),
        Host::Address(address) => publishes(there, *address),
    }
}

/// A finding about a connection whose other end is not known to be who it says.
pub(super) fn unverified(case: &Case<'_>, verified: bool, at: &Pointer) -> Option<Finding> {
    (!verified && !case.site.policy.unverified_tls).then(|| {
        let message = "the site lets no plan do without verified certificates".to_owned();
        let at = (Code::ReachNotAllowed, at.then("tls_verify"));
        case.forbidden("unverified_tls", at, message, "name the authority with `ca`").label("nothing is verified")
    })
}

fn mail(case: &Case<'_>) -> Vec<Finding> {
    let Maintenance { cleanup: _, healthcheck: _, jobs: _, mail } = &case.plan.maintenance;
    let Some(Mail { to, from: _, smtp, remind: _, include_output: _, notify: _ }) = mail else { return Vec::new() };
    let at = Pointer::of(["maintenance", "mail"]);
    let mut findings = Vec::new();
    if let Some(allowed) = &case.site.policy.mail_to {
        let others = to.iter().enumerate().filter(|(_, to)| !allowed.iter().any(|allowed| allowed.covers(to)));
        findings.extend(others.map(|(index, to)| {
            let at = (Code::ReachNotAllowed, at.then("to").then(index));
            let message = format!("the site lets no plan send mail to `{to}`");
            case.forbidden("mail_to", at, message, "send it to somebody who is allowed").label(only(allowed))
        }));
    }
    findings.extend(smtp.iter().flat_map(|smtp| server(case, smtp, &at.then("smtp"))));
    findings
}

fn server(case: &Case<'_>, smtp: &Smtp, at: &Pointer) -> Vec<Finding> {
    let Smtp { host, port, tls, username: _, password: _, ca: _ } = smtp;
    let mut findings = Vec::new();
    if let Some(allowed) = &case.site.policy.smtp_hosts
        && !allowed.iter().any(|allowed| allowed.covers(host, *port))
    {
        let message = format!("the site lets no plan hand mail to `{}:{port}`", host.before_port());
        let at = (Code::ReachNotAllowed, at.then("host"));
        let cure = "use a mail server that is allowed, or the system's `sendmail`";
        findings.push(case.forbidden("smtp_hosts", at, message, cure).label(only(allowed)));
    }
    if *tls == Tls::None && !case.site.policy.unverified_tls {
        let message = "the site lets no plan send mail without encryption".to_owned();
        let at = (Code::ReachNotAllowed, at.then("tls"));
        let finding = case.forbidden("unverified_tls", at, message, "write `\"required\"` or `\"implicit\"`");
        findings.push(finding.label("everybody on the way can read and change it"));
    }
    findings
}
