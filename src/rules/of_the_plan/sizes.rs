//! Sizes that nothing can work with. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::Plan;
use crate::plan::values::Size;
use crate::rules::place::field;

/// What both engines take at least.
const LEAST_MEMORY: u64 = 6 << 20;

/// Less than a long line or two.
const LEAST_LOG: u64 = 64 << 10;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let too_little = |at: Pointer, what: &str, size: Size, least: &str| {
            Finding::error(Code::TooLittle, at.clone(), format!("`{what}` of {size} is too little"))
                .label(format!("at least `{least}`"))
                .fix(format!("write `{least}`"), Place::Value(at), format!("\"{least}\""))
        };
        if let Some(memory) = service.memory.filter(|memory| memory.bytes() < LEAST_MEMORY) {
            findings.push(too_little(field(name, "memory"), "memory", memory, "6MiB").help("engines refuse less"));
        }
        let size = service.logging.max_size;
        if size.bytes() < LEAST_LOG {
            let at = field(name, "logging").then("max_size");
            findings
                .push(too_little(at, "max_size", size, "64KiB").help("the last lines are what a failure is found by"));
        }
    }
    findings
}
