//! Lengths of time that make no sense where they stand. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place, Pointer};
use crate::plan::model::{Healthcheck, Plan, Service};
use crate::plan::values::{Duration, ServiceName};
use crate::rules::place::field;

/// How long a process may take to end.
const LONGEST_GRACE: u64 = 60 * 60;

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings: Vec<_> = plan.services.iter().flat_map(|(name, service)| of_service(name, service)).collect();
    for (name, job) in plan.jobs() {
        let at = Pointer::of(["maintenance", "jobs", name.as_str(), "timeout"]);
        findings.extend(zero(at, job.timeout, "the job could never end in time"));
    }
    if let Some(remind) = plan.maintenance.mail.as_ref().and_then(|mail| mail.remind) {
        findings.extend(zero(
            Pointer::of(["maintenance", "mail", "remind"]),
            remind,
            "it would remind at every firing",
        ));
    }
    findings
}

fn of_service(name: &ServiceName, service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(check) = &service.healthcheck {
        let Healthcheck { probe: _, interval, timeout, retries: _, start_period: _, stable_for: _ } = check;
        let at = field(name, "healthcheck");
        findings.extend(zero(at.then("interval"), *interval, "the check would be asked without a pause"));
        findings.extend(zero(at.then("timeout"), *timeout, "no check could ever answer in time"));
    }
    for (other, dependency) in service.depends_on.iter() {
        if let Some(timeout) = dependency.timeout {
            let at = field(name, "depends_on").then(other).then("timeout");
            findings.extend(zero(at, timeout, "no one-shot could ever end in time"));
        }
    }
    if let Some(timeout) = service.image.timeout() {
        findings.extend(zero(
            field(name, "image").then("timeout"),
            timeout,
            "no image could ever be retrieved in time",
        ));
    }
    findings.extend(grace(field(name, "stop_grace_period"), service.stop_grace_period));
    findings
}

fn zero(at: Pointer, time: Duration, consequence: &str) -> Option<Finding> {
    let field = at.last().unwrap_or_default().to_owned();
    let message = format!("`{field}` is zero");
    time.is_zero()
        .then(|| Finding::error(Code::DurationUnsuitable, at, message).label(consequence).help("write more than zero"))
}

/// Engines count in whole seconds, and a deployment waits for the slowest.
fn grace(at: Pointer, time: Duration) -> Option<Finding> {
    let place = Place::Value(at.clone());
    let finding = |message: String| Finding::error(Code::DurationUnsuitable, at, message);
    let write = |time: &str| (format!("write `{time}`"), place, format!("\"{time}\""));
    if time.as_std().subsec_nanos() != 0 {
        let seconds = time.as_seconds();
        let finding = finding(format!("`stop_grace_period` of {time} is not in whole seconds"));
        let (title, place, text) = write(&format!("{seconds}s"));
        return Some(finding.label("engines count in seconds").help(title.as_str()).fix(title, place, text));
    }
    (time.as_seconds() > LONGEST_GRACE).then(|| {
        let (title, place, text) = write("1h");
        finding(format!("`stop_grace_period` of {time} is too long"))
            .fix(title, place, text)
            .label("at most `1h`")
            .help("every deployment and every rollback waits as long as this for a process that does not end")
    })
}
