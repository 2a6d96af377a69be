//! Where containers can log to on this server's engine. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::facts::{EngineKind, Facts};
use crate::plan::model::{LoggingDriver, Plan};
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let Some(engine) = &facts.engine else { return Vec::new() };
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        let at = |what: &str| field(name, "logging").then(what);
        let error = |what, message: &str| Finding::error(Code::LoggingNotAvailable, at(what), message);
        match (service.logging.driver, engine.kind) {
            (LoggingDriver::Syslog, EngineKind::Podman) => findings.push(
                error("driver", "Podman has no logging driver `syslog`")
                    .help("write `journald`, or `file`")
                    .fix("write \"journald\"", Place::Value(at("driver")), "\"journald\"")
                    .fix("write \"file\"", Place::Value(at("driver")), "\"file\""),
            ),
            (LoggingDriver::Journald, EngineKind::Podman | EngineKind::Docker) if !engine.journald => findings.push(
                error("driver", "there is no systemd journal on this server")
                    .label("containers could not be started")
                    .help("write `file`")
                    .fix("write \"file\"", Place::Value(at("driver")), "\"file\""),
            ),
            (LoggingDriver::File, EngineKind::Podman) if service.logging.max_files.is_some_and(|files| files > 1) => {
                findings.push(
                    error("max_files", "Podman keeps one log file for a container")
                        .label("older lines are dropped when it is full")
                        .help("remove `max_files`, and write as much `max_size` as you need")
                        .fix_by_removing("remove `max_files`", Place::Key(at("max_files"))),
                );
            }
            (
                LoggingDriver::File | LoggingDriver::Journald | LoggingDriver::Syslog | LoggingDriver::None,
                EngineKind::Podman | EngineKind::Docker,
            ) => {}
        }
    }
    findings
}
