//! Fields of a volume that have no effect where it is a mounted disk. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Source};
use crate::plan::model::Plan;
use crate::rules::place::element;

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, _) in service.volumes.iter().enumerate().filter(|(_, volume)| volume.mountpoint) {
            let volume = element(name, "volumes", index);
            for without in ["owner", "mode"] {
                if source.has(&volume.then(without)) {
                    findings.push(
                        Finding::error(Code::NoEffect, volume.then(without), format!("`{without}` has no effect"))
                            .at_key()
                            .label("a disk's own directory is used exactly as it is")
                            .also(volume.then("mountpoint"), "never created")
                            .help("remove it, and set it once on the disk itself")
                            .fix_by_removing(format!("remove `{without}`"), Place::Key(volume.then(without))),
                    );
                }
            }
        }
    }
    findings
}
