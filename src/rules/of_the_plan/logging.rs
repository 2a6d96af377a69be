//! Fields of `logging` that the chosen driver has no use for. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Source};
use crate::plan::model::{LoggingDriver, Plan};
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan, source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let (driver, without) = match service.logging.driver {
            LoggingDriver::File => ("file", ["tag"].as_slice()),
            LoggingDriver::Journald => ("journald", ["max_size", "max_files"].as_slice()),
            LoggingDriver::Syslog => ("syslog", ["max_size", "max_files"].as_slice()),
            LoggingDriver::None => ("none", ["tag", "max_size", "max_files"].as_slice()),
        };
        for without in without {
            let at = field(name, "logging").then(without);
            if source.has(&at) {
                let message = format!("`{without}` has no effect with the driver `{driver}`");
                let finding = Finding::error(Code::NoEffect, at.clone(), message)
                    .at_key()
                    .label(if *without == "tag" { "its lines are not marked" } else { "there is no file to bound" })
                    .fix_by_removing(format!("remove `{without}`"), Place::Key(at));
                findings.push(finding.help(match *without {
                    "tag" => "remove it; `journald` and `syslog` mark lines with a tag",
                    _ => "remove it; only the driver `file` has files to bound",
                }));
            }
        }
    }
    findings
}
