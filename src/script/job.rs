//! A command of the plan's own in a service's container. Reads nothing, changes nothing.

use super::ScriptProblem;
use super::template::Templates;
use crate::operation::{Layout, Script};
use crate::plan::model::{Job, Plan};
use crate::plan::values::{EngineKind, JobName};
use serde::Serialize;

#[derive(Serialize)]
struct Values<'a> {
    engine: &'static str,
    docker: bool,
    job: String,
    service: String,
    container: String,
    exec: &'a [String],
    timeout: u64,
    mail: bool,
    include_output: bool,
}

/// The script `job-<name>`.
pub(super) fn job(
    (name, job): (&JobName, &Job),
    (plan, engine): (&Plan, EngineKind),
    layout: &Layout,
    templates: &Templates,
) -> Result<Script, ScriptProblem> {
    let Job { schedule: _, service, exec, timeout } = job;
    let values = Values {
        engine: engine.program(),
        docker: engine == EngineKind::Docker,
        job: name.to_string(),
        service: service.to_string(),
        container: layout.container(service),
        exec,
        timeout: timeout.as_seconds().max(1),
        mail: plan.maintenance.mail.is_some(),
        include_output: super::mail::include_output(plan),
    };
    templates.fill("job", &format!("job-{name}"), layout, values)
}
