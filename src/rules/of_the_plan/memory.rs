//! Services that could take all memory of the server. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::Plan;
use crate::rules::place;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let unlimited = plan.services.iter().filter(|(_, service)| service.memory.is_none() && !service.one_shot());
    let finding = |name| {
        Finding::warning(Code::NoMemoryLimit, place::service(name), format!("`{name}` has no memory limit"))
            .at_key()
            .label("if it leaks, the kernel may end another service instead")
            .help("add for example `\"memory\": \"512MiB\"`: what it needs at most")
    };
    unlimited.map(|(name, _)| finding(name)).collect()
}
