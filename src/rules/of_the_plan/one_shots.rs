//! What has no effect on a service that runs once and is done. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::plan::model::Plan;
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in plan.services.iter().filter(|(_, service)| service.one_shot()) {
        let finding = |what: &str, label: &str| {
            Finding::error(
                Code::NoEffect,
                field(name, what),
                format!("`{what}` has no effect on the one-shot `{name}`"),
            )
            .at_key()
            .label(label)
            .also(field(name, "restart"), "a one-shot")
            .help("remove it, or let the service stay up: `\"restart\": \"always\"`")
            .fix_by_removing(format!("remove `{what}`"), Place::Key(field(name, what)))
            .fix("write \"always\"", Place::Value(field(name, "restart")), "\"always\"")
        };
        if service.healthcheck.is_some() {
            findings.push(finding("healthcheck", "a one-shot is judged by how it ends"));
        }
        if !service.ports.is_empty() {
            findings.push(finding("ports", "nobody answers there once it is done"));
        }
    }
    findings
}
