//! The lines of our block in root's crontab: a schedule and one fixed path each. Reads nothing, changes nothing.

use super::ScriptProblem;
use crate::operation::Layout;
use crate::plan::model::Plan;
use std::path::{Path, PathBuf};

/// The lines between the marks for a plan that is deployed: [`boot_line`], and what the plan's `maintenance` asks for.
///
/// # Errors
/// [`ScriptProblem::Path`].
pub fn crontab(plan: &Plan, layout: &Layout) -> Result<Vec<String>, ScriptProblem> {
    let maintenance = &plan.maintenance;
    let mut lines = vec![boot_line(layout)?];
    if let Some(cleanup) = &maintenance.cleanup {
        lines.push(line(&cleanup.schedule.crontab_text(), layout.job("cleanup"))?);
    }
    if let Some(healthcheck) = &maintenance.healthcheck {
        lines.push(line(&healthcheck.schedule.crontab_text(), layout.job("healthcheck"))?);
    }
    for (name, job) in plan.jobs() {
        lines.push(line(&job.schedule.crontab_text(), layout.job(&format!("job-{name}")))?);
    }
    Ok(lines)
}

/// The line that finishes an interrupted run at boot and then starts what is deployed; while a run is under way, the only one.
///
/// It is the same before and after the commit: whenever the power fails, the next boot finds out what there is to do.
///
/// # Errors
/// [`ScriptProblem::Path`].
pub fn boot_line(layout: &Layout) -> Result<String, ScriptProblem> {
    line("@reboot", layout.recover())
}

fn line(schedule: &str, path: PathBuf) -> Result<String, ScriptProblem> {
    if is_plain(&path) { Ok(format!("{schedule} {}", path.display())) } else { Err(ScriptProblem::Path { path }) }
}

/// Whether cron and Bash both take the path as it stands.
fn is_plain(path: &Path) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._+-".contains(&byte);
    path.is_absolute() && path.to_str().is_some_and(|text| text.bytes().all(plain))
}
