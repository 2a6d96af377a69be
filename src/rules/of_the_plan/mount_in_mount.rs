//! A mount at or below another one's target: the engine would create its place in the other's data. Reads nothing, changes
//! nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::Plan;
use crate::rules::place::{Mounted, mounts};

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    plan.services.iter().flat_map(|(name, service)| of_container(&mounts(name, service))).collect()
}

fn of_container(mounts: &[Mounted<'_>]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (index, inner) in mounts.iter().enumerate() {
        let around = |(other, outer): &(usize, &Mounted<'_>)| {
            let same = outer.target == inner.target;
            outer.target.contains(inner.target) && (!same || *other < index)
        };
        if let Some((_, outer)) = mounts.iter().enumerate().find(around) {
            findings.push(one(inner, outer));
        }
    }
    findings
}

fn one(inner: &Mounted<'_>, outer: &Mounted<'_>) -> Finding {
    let (target, at) = (inner.target, inner.pointer.clone());
    if target == outer.target {
        return Finding::error(Code::MountInMount, at, format!("two mounts at `{target}`"))
            .label(format!("this {} would hide the other", inner.what))
            .also(outer.pointer.clone(), format!("a {} already", outer.what))
            .help("give one of them another target");
    }
    let message = format!("the {} `{target}` lies below the {} `{}`", inner.what, outer.what, outer.target);
    let (label, help) = match outer.what {
        "config" | "secret" => ("nothing can lie below a file", "give one of them another target"),
        _ => ("the engine would create this entry in it", "choose a target outside, and let the program find it there"),
    };
    Finding::error(Code::MountInMount, at, message)
        .label(label)
        .also(outer.pointer.clone(), format!("this {}", outer.what))
        .help(help)
}
