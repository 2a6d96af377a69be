//! A mount at or below another one's target: the engine would create its place in the other's data. Reads nothing, changes
//! nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::Plan;
use crate::rules::place::{Mounted, mounts};
use std::collections::BTreeMap;
use std::path::Path;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    plan.services.iter().flat_map(|(name, service)| of_container(&mounts(name, service))).collect()
}

fn of_container(mounts: &[Mounted<'_>]) -> Vec<Finding> {
    // The first mount at each target: looking up every folder above one is quicker than comparing all with all.
    let mut first_at: BTreeMap<&Path, usize> = BTreeMap::new();
    for (index, mounted) in mounts.iter().enumerate() {
        first_at.entry(mounted.target.as_path()).or_insert(index);
    }
    let mut findings = Vec::new();
    for (index, inner) in mounts.iter().enumerate() {
        let around =
            inner.target.as_path().ancestors().filter_map(|path| first_at.get(path)).filter(|other| **other != index);
        if let Some(outer) = around.min().and_then(|outer| mounts.get(*outer)) {
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
