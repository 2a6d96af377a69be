//! Capabilities that cancel one another, or that change nothing. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Plan, Service};
use crate::plan::values::{Capability, ServiceName};
use crate::rules::place::element;

/// What every container starts with.
const COMMON: [&str; 11] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let service = |(name, service)| dropped(name, service).into_iter().chain(added(name, service));
    plan.services.iter().flat_map(service).collect()
}

fn dropped(name: &ServiceName, service: &Service) -> Vec<Finding> {
    let (cap_add, cap_drop) = (&service.cap_add, &service.cap_drop);
    let one = |(index, capability): (usize, &Capability)| {
        let at = element(name, "cap_drop", index);
        if let Some(added) = cap_add.iter().position(|added| added == capability) {
            let message = format!("the capability `{capability}` is added and dropped");
            return Some(
                Finding::error(Code::CapabilityTwice, at.clone(), message)
                    .label("dropped here")
                    .also(element(name, "cap_add", added), "added here")
                    .help("remove one of them")
                    .fix_by_removing("add it only", Place::Value(at))
                    .fix_by_removing("drop it only", Place::Value(element(name, "cap_add", added))),
            );
        }
        if let Some(first) = cap_drop.iter().position(|other| other == capability).filter(|first| *first < index) {
            return Some(twice(capability, at, element(name, "cap_drop", first)));
        }
        let has =
            COMMON.contains(&capability.as_str()) || capability.is_all() || cap_add.iter().any(Capability::is_all);
        (!has).then(|| {
            Finding::error(Code::NoEffect, at.clone(), format!("dropping `{capability}` has no effect"))
                .label("no container starts with it")
                .help(format!("remove it; containers start with {}", COMMON.join(", ")))
                .fix_by_removing(format!("remove `{capability}`"), Place::Value(at))
        })
    };
    cap_drop.iter().enumerate().filter_map(one).collect()
}

fn added(name: &ServiceName, service: &Service) -> Vec<Finding> {
    let (cap_add, cap_drop) = (&service.cap_add, &service.cap_drop);
    let one = |(index, capability): (usize, &Capability)| {
        let at = element(name, "cap_add", index);
        if let Some(first) = cap_add.iter().position(|other| other == capability).filter(|first| *first < index) {
            return Some(twice(capability, at, element(name, "cap_add", first)));
        }
        let has = COMMON.contains(&capability.as_str());
        (has && !cap_drop.iter().any(Capability::is_all)).then(|| {
            Finding::error(Code::NoEffect, at.clone(), format!("adding `{capability}` has no effect"))
                .label("every container starts with it")
                .help("remove it, or drop `ALL` first: `\"cap_drop\": [\"ALL\"]`")
                .fix_by_removing(format!("remove `{capability}`"), Place::Value(at))
        })
    };
    cap_add.iter().enumerate().filter_map(one).collect()
}

fn twice(capability: &Capability, at: Pointer, first: Pointer) -> Finding {
    Finding::error(Code::ListedTwice, at.clone(), format!("the capability `{capability}` is listed twice"))
        .label("here again")
        .also(first, "first here")
        .help("remove one of them")
        .fix_by_removing("remove it", Place::Value(at))
}
