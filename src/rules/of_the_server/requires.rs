//! What the plan requires of its server. Reads nothing, changes nothing.

use super::disk::shown;
use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::Facts;
use crate::plan::model::Plan;
use crate::plan::values::HostName;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    let at = Pointer::of(["requires"]);
    let here = facts.machine.hostname.to_ascii_lowercase();
    let short = here.split('.').next().unwrap_or_default();
    let other = |wanted: &&HostName| wanted.as_str() != here && wanted.as_str() != short;
    // Offline, no name is assumed.
    if let Some(wanted) = plan.requires.hostname.as_ref().filter(other).filter(|_| !here.is_empty()) {
        findings.push(
            Finding::error(Code::WrongServer, at.then("hostname"), format!("this server is `{here}`, not `{wanted}`"))
                .help("log in to the right server, or correct the name"),
        );
    }
    if let Some(wanted) = plan.requires.free_memory.filter(|wanted| wanted.bytes() > facts.machine.free_memory) {
        let message = format!("{} of memory are available, {wanted} are required", shown(facts.machine.free_memory));
        findings.push(Finding::error(Code::NotEnoughMemory, at.then("free_memory"), message).help("free some memory"));
    }
    findings
}
