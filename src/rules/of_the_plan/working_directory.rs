//! A working directory below a mount: the engine would create it in the data. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::plan::model::Plan;
use crate::plan::values::ContainerPath;
use crate::rules::place::{field, mounts};
use serde_json::Value;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let Some(directory) = &service.working_dir else { continue };
        let below = |target: &ContainerPath| directory != target && target.contains(directory);
        if let Some(mount) = mounts(name, service).into_iter().find(|mount| below(mount.target)) {
            let message =
                format!("the working directory `{directory}` lies below the {} `{}`", mount.what, mount.target);
            findings.push(
                Finding::error(Code::WorkingDirectoryInMount, field(name, "working_dir"), message)
                    .label("the engine would create it there")
                    .also(mount.pointer, format!("this {}", mount.what))
                    .help("use the target itself, or a directory outside")
                    .fix(
                        format!("write `{}`", mount.target),
                        Place::Value(field(name, "working_dir")),
                        Value::from(mount.target.as_str()),
                    ),
            );
        }
    }
    findings
}
