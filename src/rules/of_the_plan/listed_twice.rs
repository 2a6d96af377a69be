//! Things that are listed twice. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::Plan;
use crate::rules::place::field;
use std::fmt::Display;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = twice(&Pointer::of(["requires", "commands"]), &plan.requires.commands);
    if let Some(mail) = &plan.maintenance.mail {
        findings.extend(twice(&Pointer::of(["maintenance", "mail", "to"]), &mail.to));
    }
    for (name, service) in &plan.services {
        findings.extend(twice(&field(name, "aliases"), &service.aliases));
        findings.extend(twice(&field(name, "dns"), &service.dns));
        let devices: Vec<_> = service.devices.iter().map(|device| device.container()).collect();
        findings.extend(twice(&field(name, "devices"), &devices));
    }
    for (host, registry) in &plan.registries {
        findings.extend(twice(&Pointer::of(["registries", &host.to_string(), "mirrors"]), &registry.mirrors));
    }
    for (name, key) in &plan.ssh_keys {
        let at = Pointer::of(["ssh_keys", name.as_str(), "known_hosts"]);
        findings.extend(twice(&at, &key.known_hosts));
    }
    findings
}

fn twice<T: PartialEq + Display>(list: &Pointer, values: &[T]) -> Vec<Finding> {
    let again = |(index, value): (usize, &T)| {
        let first = values.iter().position(|other| other == value).filter(|first| *first < index)?;
        Some(
            Finding::error(Code::ListedTwice, list.then(index), format!("`{value}` is listed twice"))
                .label("here again")
                .also(list.then(first), "first here")
                .help("remove one of them")
                .fix_by_removing("remove it", Place::Value(list.then(index))),
        )
    };
    values.iter().enumerate().filter_map(again).collect()
}
