//! Whether this process and its program may do what a deployment does. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::facts::Facts;
use crate::plan::model::Plan;

pub(super) fn findings(_: &Plan, facts: &Facts) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !facts.machine.root {
        findings.push(Finding::host(Code::NotRoot, "not running as root").help("run it with `sudo`"));
    }
    if let Some(problem) = &facts.machine.program_problem {
        let message = format!("`{}` is not safe to be run at boot: {problem}", facts.machine.program.display());
        findings.push(
            Finding::host(Code::ProgramNotTrusted, message)
                .label("root runs it at boot, to finish what was interrupted")
                .help("install it where only root can write: `install -m 0755 landfall /usr/local/bin/`"),
        );
    }
    findings
}
