//! Data directories that several services would write to. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::{Plan, Volume};
use crate::plan::values::ServiceName;
use crate::rules::place::element;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut volumes: Vec<(&ServiceName, usize, &Volume)> = Vec::new();
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, volume) in service.volumes.iter().enumerate() {
            let shares = |(other, _, earlier): &&(&ServiceName, usize, &Volume)| {
                let nested = || earlier.source.contains(&volume.source) || volume.source.contains(&earlier.source);
                *other != name && !(earlier.read_only && volume.read_only) && nested()
            };
            if let Some((other, other_index, earlier)) = volumes.iter().find(shares) {
                let same = earlier.source == volume.source;
                let what = if same {
                    "is the data of two services"
                } else if earlier.source.contains(&volume.source) {
                    "lies within the data of another service"
                } else {
                    "holds the data of another service"
                };
                findings.push(
                    Finding::error(
                        Code::SharedVolume,
                        element(name, "volumes", index).then("source"),
                        format!("`{}` {what}", volume.source),
                    )
                    .label(format!("`{name}`"))
                    .also(element(other, "volumes", *other_index).then("source"), format!("`{other}`"))
                    .help("give each service a directory of its own, or make all of them `\"read_only\": true`"),
                );
            }
            volumes.push((name, index, volume));
        }
    }
    findings
}
