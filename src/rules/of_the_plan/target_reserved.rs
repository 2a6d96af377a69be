//! Mounts that would hide what a container can't be without. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::plan::model::Plan;
use crate::plan::values::ContainerPath;
use crate::rules::place::mounts;
use std::path::Path;

const ELSEWHERE: &str = "choose another target";

/// What can't be a target itself: the path, the reason, the cure.
const ITSELF: [(&str, &str, &str); 9] = [
    ("/", "it would hide the image itself", ELSEWHERE),
    (
        "/etc",
        "the engine puts the container's host names and name servers there",
        "mount what the service needs below it",
    ),
    ("/run", "the engine puts files of its own there", "mount what the service needs below it, such as `/run/web`"),
    ("/etc/hosts", "the engine writes this file", "use `extra_hosts`"),
    ("/etc/hostname", "the engine writes this file", "use `hostname`"),
    ("/etc/resolv.conf", "the engine writes this file", "use `dns`"),
    ("/run/.containerenv", "the engine writes this file", ELSEWHERE),
    ("/.dockerenv", "the engine writes this file", ELSEWHERE),
    ("/.landfall-boot", "Landfall keeps the order of the boot by this file", ELSEWHERE),
];

/// What nothing can be mounted below either.
const BELOW: [(&str, &str, &str); 4] = [
    ("/dev/shm", "the engine makes this directory", "use `shm_size`"),
    ("/dev", "the container's devices", "use `devices`"),
    ("/proc", "a window to the kernel", ELSEWHERE),
    ("/sys", "a window to the kernel", "use `sysctls`"),
];

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for mount in mounts(name, service) {
            let Some((reason, cure)) = reason(mount.target) else { continue };
            let message = format!("nothing can be mounted at `{}`", mount.target);
            let finding = Finding::error(Code::TargetReserved, mount.pointer, message).label(reason);
            findings.push(finding.help(cure));
        }
    }
    findings
}

fn reason(target: &ContainerPath) -> Option<(&'static str, &'static str)> {
    let target = target.as_path();
    let itself = ITSELF.iter().find(|(path, _, _)| target == Path::new(path));
    let below = BELOW.iter().find(|(path, _, _)| target.starts_with(path));
    itself.or(below).map(|(_, reason, cure)| (*reason, *cure))
}
