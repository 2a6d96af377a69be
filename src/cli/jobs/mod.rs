//! `landfall jobs`: what cron does for a plan, when it did so last, and what came of it; and having it done now.

mod told;
mod watched;

pub use watched::{JobStatus, of_plan, troubles};

use super::arguments::{Format, Jobs};
use super::deployed::{self, Deployed, Refusal};
use super::screen::Screen;
use crate::exit::Exit;
use crate::host::job_runs::{self, JobResult};
use crate::host::lock;
use crate::host::signals::Interrupts;
use crate::run::Cancel;
use serde_json::json;
use std::path::Path;

/// Shows the jobs of a plan, or runs one of them.
pub fn jobs(arguments: &Jobs, state_dir: &Path, screen: &Screen) -> Exit {
    perform(arguments, state_dir, screen).unwrap_or_else(|refusal| refusal.tell(screen))
}

fn perform(Jobs { name, run, format }: &Jobs, state_dir: &Path, screen: &Screen) -> Result<Exit, Refusal> {
    let deployed = deployed::find(state_dir, name)?;
    let all = watched::of_plan(&deployed)?;
    let Some(asked) = run else {
        screen.result(&match format {
            Format::Human => told::table(&all),
            Format::Json => format!("{:#}\n", json!({ "plan": name, "jobs": all })),
        });
        return Ok(Exit::Done);
    };
    let Some(job) = all.iter().find(|job| job.name == *asked || job.script == *asked) else {
        let names: Vec<&str> = all.iter().map(|job| job.name.as_str()).collect();
        return Err(Refusal::new(format!("{name} has no job called {asked}: it has {}", names.join(", "))));
    };
    run_now(&deployed, job, (*format, screen))
}

/// Runs a job as cron does, and tells what came of it.
fn run_now(deployed: &Deployed, job: &JobStatus, (format, screen): (Format, &Screen)) -> Result<Exit, Refusal> {
    let Deployed { layout, saved: _, plan: _, engine: _ } = deployed;
    let name = layout.plan();
    if let Some(holder) = lock::held_by() {
        return Err(Refusal::busy(format!(
            "jobs wait while a run of Landfall is under way: {holder}; `landfall status` tells when it has ended"
        )));
    }
    if job_runs::is_running(layout, &job.script) {
        return Err(Refusal::busy(format!(
            "the job {} is running already, and never runs over itself: `landfall jobs {name}` tells when it has ended",
            job.name
        )));
    }
    let interrupts =
        Interrupts::install().map_err(|error| Refusal::new(format!("signals can't be handled: {error}")))?;
    job_runs::run(layout, &job.script, &Cancel::from(interrupts.flag()))?;
    let last = job_runs::last(layout, &job.script)?;
    screen.result(&match format {
        Format::Human => told::ended(&job.name, last.as_ref()),
        Format::Json => format!("{:#}\n", json!({ "plan": name, "job": job.name, "run": last })),
    });
    Ok(match last.map(|last| last.result) {
        Some(JobResult::Done) => Exit::Done,
        Some(JobResult::Skipped) => Exit::Refused,
        Some(JobResult::Failed | JobResult::Running | JobResult::Killed) | None => Exit::Failed,
    })
}
