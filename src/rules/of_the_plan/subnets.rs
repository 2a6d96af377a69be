//! The address ranges of the plan's network. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::Plan;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let at = |index: usize| Pointer::of(["network", "subnets"]).then(index);
    let [first, second] = plan.network.subnets.as_slice() else { return Vec::new() };
    let family = if second.network().addr().is_ipv4() { "IPv4" } else { "IPv6" };
    if first.network().addr().is_ipv4() != second.network().addr().is_ipv4() {
        return Vec::new();
    }
    vec![
        Finding::error(Code::SubnetsConflict, at(1), format!("two {family} subnets"))
            .label("a network has at most one IPv4 and one IPv6 subnet")
            .also(at(0), "the other one")
            .help("remove one of them")
            .fix_by_removing(format!("remove `{second}`"), Place::Value(at(1)))
            .fix_by_removing(format!("remove `{first}`"), Place::Value(at(0))),
    ]
}
