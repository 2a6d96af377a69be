//! Services that nobody asks whether they work. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::Plan;
use crate::rules::place;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let unchecked = plan.services.iter().filter(|(_, service)| service.healthcheck.is_none() && !service.one_shot());
    let finding = |name| {
        Finding::warning(Code::NoHealthcheck, place::service(name), format!("`{name}` has no health check"))
            .at_key()
            .label("it counts as healthy while its process runs")
            .help("add `healthcheck` with one of `exec`, `http` and `tcp`")
    };
    unchecked.map(|(name, _)| finding(name)).collect()
}
