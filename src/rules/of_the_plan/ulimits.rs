//! Resource limits of a process. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::plan::model::{Plan, Ulimit};
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (limit, bounds) in &service.ulimits {
            let Ulimit::Apart { soft, hard } = *bounds else { continue };
            let above = |limit: i64| if limit == -1 { i64::MAX } else { limit };
            if above(soft) > above(hard) {
                let at = field(name, "ulimits").then(limit);
                let shown = |limit: i64| if limit == -1 { "unlimited".to_owned() } else { limit.to_string() };
                let message = format!("the soft limit of `{limit}` is above its hard limit");
                findings.push(
                    Finding::error(Code::SoftAboveHard, at.then("soft"), message)
                        .fix(format!("write {hard}"), Place::Value(at.then("soft")), hard)
                        .label(shown(soft))
                        .also(at.then("hard"), shown(hard))
                        .help("a process may raise its soft limit up to the hard one, never above"),
                );
            }
        }
    }
    findings
}
