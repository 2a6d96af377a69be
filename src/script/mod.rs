//! Turns a plan into the texts of the Bash scripts that cron runs, and the argument lists that these scripts and a
//! deployment share. Reads nothing, changes nothing.
//!
//! The scripts are made from the templates in `templates/`. What they may rely on is cron's: root, and an environment
//! with next to nothing in it. They hold no secret, they never run over themselves, they are silent when nothing is wrong,
//! and they say what they do through `logger`.

mod asked;
mod boot;
mod cleanup;
mod command_line;
mod crontab;
mod healthcheck;
mod job;
mod mail;
mod probe;
mod problem;
mod quote;
mod template;

pub use boot::recover;
pub use command_line::{RUN, archive_variable, command_line, image_variable, insisted, secret_variable, typed};
pub use crontab::{boot_line, crontab};
pub use mail::{Letter, curl_mail_arguments, mail_account, mail_authority};
pub use probe::{
    accepts_for_containers, check_authority, curl_arguments, host_of, published, resolve_argument, stable_for,
    status_counts,
};
pub use problem::ScriptProblem;
pub use quote::quoted;

use crate::operation::{Layout, Script};
use crate::plan::model::Plan;
use crate::plan::values::EngineKind;
use template::Templates;

/// Parses the templates, for who waits for something else and will need scripts.
///
/// # Errors
/// [`ScriptProblem::Template`], which whoever asks for a script is told, too.
pub fn prepare() -> Result<(), ScriptProblem> {
    Templates::all().map(drop)
}

/// Every script of the plan's jobs folder, for this engine: `boot` always; `mail`, `cleanup`, `healthcheck` and `job-<name>` where the
/// plan asks for them.
///
/// # Errors
/// See [`ScriptProblem`].
pub fn scripts(plan: &Plan, layout: &Layout, engine: EngineKind) -> Result<Vec<Script>, ScriptProblem> {
    let templates = Templates::all()?;
    let mut scripts = vec![boot::boot(plan, layout, engine, templates)?];
    if let Some(mail) = &plan.maintenance.mail {
        scripts.push(mail::mail(mail, layout, templates)?);
    }
    if let Some(cleanup) = &plan.maintenance.cleanup {
        scripts.push(cleanup::cleanup(cleanup, layout, templates)?);
    }
    if plan.maintenance.healthcheck.is_some() {
        scripts.push(healthcheck::healthcheck(plan, layout, engine, templates)?);
    }
    for (name, job) in plan.jobs() {
        scripts.push(job::job((name, job), (plan, engine), layout, templates)?);
    }
    Ok(scripts)
}
