//! Tells people how a plan is. Reads nothing, changes nothing.

use super::more::More;
use super::{PlanStatus, ServiceStatus, State, under};
use crate::cli::in_force;
use crate::cli::jobs;
use crate::cli::sizes::bytes;
use crate::cli::table::Table;
use crate::facts::LastRun;
use crate::host::command::visible;

/// How much is shown of what a check said, in characters.
const LONGEST: usize = 160;

/// The state of a plan, its services, and what else there is to know.
pub(super) fn human(plan: &PlanStatus) -> String {
    let PlanStatus { name, state, under_way, deployed_at, plan_sha256: _, last_run, hotfixes, services, jobs, under } =
        plan;
    let words = match state {
        State::Deployed => "deployed".to_owned(),
        State::Containerless => "containerless, on purpose".to_owned(),
        State::Failed => "containerless, after a failure".to_owned(),
        State::Interrupted => "interrupted: `landfall recover` finishes it".to_owned(),
        State::Stopped => format!("stopped, on purpose: `landfall start {name}` starts it"),
        State::InProgress => format!("in progress: {}", under_way.as_deref().unwrap_or("a run")),
    };
    let since = deployed_at.map(|at| format!(", since {at:.0}")).unwrap_or_default();
    let mut text = format!("{name}: {words}{since}\n");
    if !services.is_empty() {
        text.push_str(&table(services));
    }
    text.push_str(&under.as_ref().map(under::told).unwrap_or_default());
    for (name, hotfix) in hotfixes {
        text.push_str(&format!("  hotfix: {}\n", in_force::deviation(name, hotfix)));
    }
    let next = jobs.iter().filter_map(|job| Some(format!("{} {}", job.name, job.next.as_ref()?)));
    let next = next.collect::<Vec<_>>().join(", ");
    if !next.is_empty() {
        text.push_str(&format!("  next jobs: {next}\n"));
    }
    for trouble in jobs::troubles(jobs) {
        text.push_str(&format!("  {trouble}\n"));
    }
    if let Some(LastRun { run, kind: _, outcome: _, ended_at: _, cause: Some(cause), left }) = last_run {
        text.push_str(&format!("  the last run, {run}, failed: {cause}\n"));
        left.iter().for_each(|left| text.push_str(&format!("    left: {left}\n")));
    }
    text
}

fn table(services: &[ServiceStatus]) -> String {
    let titles = ["service", "health", "since", "version", "ports", "memory", "cpu", "disk", "restarts"];
    let mut table = Table::new(&titles);
    for ServiceStatus { name, container: _, image_id, running, healthy, restarts, stopped, reason, more } in services {
        let More { healthy_since, running_since, version, ports, memory_bytes, .. } = more;
        let by_purpose = *stopped && !running;
        let health = match (healthy, running) {
            _ if by_purpose => "stopped",
            (true, true) => "healthy",
            (true, false) => "completed",
            (false, _) => "unhealthy",
        };
        let since = if *healthy { healthy_since } else { running_since };
        let since = since.map(|since| format!("{since:.0}")).unwrap_or_default();
        let version = version.clone().unwrap_or_else(|| image_id.chars().take(12).collect());
        let limit = more.memory_limit_bytes.map(|limit| format!(" of {}", bytes(limit))).unwrap_or_default();
        let memory = memory_bytes.map(|memory| format!("{}{limit}", bytes(memory))).unwrap_or_default();
        let cpu = more.cpu_percent.map(|percent| format!("{percent} %")).unwrap_or_default();
        let at_least = if more.disk_at_least { "over " } else { "" };
        let disk = more.disk_bytes.map(|disk| format!("{at_least}{}", bytes(disk))).unwrap_or_default();
        let restarts = if *restarts == 0 { String::new() } else { restarts.to_string() };
        let ports = ports.join(" ");
        table.row([name.as_str(), health, &since, &version, &ports, &memory, &cpu, &disk, &restarts]);
        let said = more.output.lines().rev().find(|line| !line.trim().is_empty()).filter(|_| *healthy);
        if let Some(said) = said {
            table.below(&format!("last check: {}", visible(&said.chars().take(LONGEST).collect::<String>())));
        }
        if let Some(reason) = reason.as_ref().filter(|_| !by_purpose) {
            table.below(&format!("unhealthy: {reason}"));
        }
    }
    table.finish()
}
