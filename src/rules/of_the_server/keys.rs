//! The keys of the plan in `/root/.ssh`. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{Facts, KeyFact};
use crate::plan::model::Plan;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    for name in plan.ssh_keys.keys() {
        match facts.keys.get(name) {
            Some(KeyFact::Foreign) => findings.push(
                Finding::error(
                    Code::ForeignKey,
                    Pointer::of(["ssh_keys", name.as_str()]),
                    format!("there is another key at `/root/.ssh/{name}` already"),
                )
                .at_key()
                .label("somebody else put it there, so it is not replaced")
                .help("give this key another name, or remove the other one yourself"),
            ),
            Some(KeyFact::Missing | KeyFact::Ours | KeyFact::Same) | None => {}
        }
    }
    findings
}
