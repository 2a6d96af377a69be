//! Names on the plan's network that would mean two things. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Plan, Service};
use crate::plan::values::{HostsEntry, ServiceName};
use crate::rules::place::{element, service};
use std::net::IpAddr;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let both = |(name, service)| aliases(plan, name, service).into_iter().chain(hosts(plan, name, service));
    plan.services.iter().flat_map(both).collect()
}

fn aliases(plan: &Plan, name: &ServiceName, described: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, alias) in described.aliases.iter().enumerate() {
        let at = element(name, "aliases", index);
        let place = Place::Value(at.clone());
        if alias.as_str() == name.as_str() {
            let finding = Finding::error(Code::NoEffect, at, format!("the alias `{alias}` has no effect"));
            let finding = finding.label("it is the service's own name").help("remove it");
            findings.push(finding.fix_by_removing("remove it", place));
        } else if alias.as_str() == "localhost" {
            let finding = Finding::error(Code::ReservedName, at, "the alias `localhost` is taken")
                .label("in every container this name means the container itself")
                .help("remove it");
            findings.push(finding.fix_by_removing("remove it", place));
        } else if let Some((other, what)) = holder(plan, name, alias.as_str()) {
            let message = format!("the alias `{alias}` already means another service");
            findings.push(
                Finding::error(Code::NameUsedTwice, at, message)
                    .label("connections would go to either of the two")
                    .also_key(other, what)
                    .help("choose another name"),
            );
        }
    }
    findings
}

/// Where another service has this name: as its own, or as an alias in a service that comes earlier.
fn holder(plan: &Plan, name: &ServiceName, wanted: &str) -> Option<(Pointer, &'static str)> {
    if let Some((other, _)) = plan.services.iter().find(|(other, _)| other.as_str() == wanted) {
        return Some((service(other), "a service of this name"));
    }
    plan.services.iter().take_while(|(other, _)| *other != name).find_map(|(other, described)| {
        let index = described.aliases.iter().position(|alias| alias.as_str() == wanted)?;
        Some((element(other, "aliases", index), "also its alias"))
    })
}

fn hosts(plan: &Plan, name: &ServiceName, described: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, entry) in described.extra_hosts.iter().enumerate() {
        let (at, host) = (element(name, "extra_hosts", index), entry.name().as_str());
        let finding = |message: String| Finding::error(Code::NameUsedTwice, at.clone(), message);
        let alias = |(other, described): (&ServiceName, &Service)| {
            let index = described.aliases.iter().position(|alias| alias.as_str() == host)?;
            Some((element(other, "aliases", index), "its alias"))
        };
        let taken = plan.services.keys().find(|other| other.as_str() == host);
        let taken = taken.map(|other| (service(other), "a service of this name"));
        if let Some((other, what)) = taken.or_else(|| plan.services.iter().find_map(alias)) {
            findings.push(
                finding(format!("`{host}` already means a service"))
                    .label("this line would hide the service")
                    .also_key(other, what)
                    .help("remove it: services find one another by name")
                    .fix_by_removing("remove it", Place::Value(at)),
            );
            continue;
        }
        if host == "localhost" {
            let finding = Finding::error(Code::ReservedName, at.clone(), "the host name `localhost` is taken")
                .label("in every container this name means the container itself")
                .help("remove it");
            findings.push(finding.fix_by_removing("remove it", Place::Value(at)));
            continue;
        }
        let family = |address: Option<IpAddr>| address.map(|address| address.is_ipv4());
        let same =
            |other: &HostsEntry| other.name() == entry.name() && family(other.address()) == family(entry.address());
        if let Some(first) = described.extra_hosts.iter().position(same).filter(|first| *first < index) {
            findings.push(
                finding(format!("`{host}` has two addresses"))
                    .label("only the first one counts")
                    .also(element(name, "extra_hosts", first), "the first one")
                    .help("remove one of them")
                    .fix_by_removing("remove it", Place::Value(at)),
            );
        }
    }
    findings
}
