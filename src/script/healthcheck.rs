//! The job that watches the services. Reads nothing, changes nothing.

use super::ScriptProblem;
use super::asked::{Asks, CheckedService};
use super::probe::{lasting, names};
use super::template::Templates;
use crate::operation::{Layout, Script};
use crate::plan::model::Plan;
use crate::plan::values::{EngineKind, Schedule};
use serde::Serialize;

/// The longest pause between two questions, in seconds: the job is to be over long before the next one.
const LONGEST_PAUSE: u64 = 10;

/// The pause for a service without a check, whose state is all there is to look at.
const PAUSE_WITHOUT_CHECK: u64 = 3;

#[derive(Serialize)]
struct Values {
    engine: &'static str,
    docker: bool,
    mail: bool,
    include_output: bool,
    /// Seconds; 0 for never.
    remind: u64,
    names: Vec<String>,
    asks: Asks,
    services: Vec<Watched>,
    /// The plan's other jobs.
    others: Vec<Other>,
}

/// Another job, which cron is to run now and then.
#[derive(Serialize)]
struct Other {
    script: String,
    /// So many seconds after it ran, it must have run again.
    longest: u64,
}

#[derive(Serialize)]
struct Watched {
    #[serde(flatten)]
    checked: CheckedService,
    retries: u32,
    /// Seconds.
    pause: u64,
    /// Seconds.
    start_period: u64,
}

/// The script `healthcheck`.
pub(super) fn healthcheck(
    plan: &Plan,
    layout: &Layout,
    engine: EngineKind,
    templates: &Templates,
) -> Result<Script, ScriptProblem> {
    let services = lasting(plan)
        .map(|(name, service)| {
            let check = service.healthcheck.as_ref();
            Watched {
                checked: CheckedService::new((name, service), plan, layout, engine),
                retries: check.map_or(3, |check| check.retries),
                pause: check.map_or(PAUSE_WITHOUT_CHECK, |check| check.interval.as_seconds()).clamp(1, LONGEST_PAUSE),
                start_period: check.map_or(0, |check| check.start_period.as_seconds()),
            }
        })
        .collect();
    let mail = plan.maintenance.mail.as_ref();
    let values = Values {
        engine: engine.program(),
        docker: engine == EngineKind::Docker,
        mail: mail.is_some(),
        include_output: super::mail::include_output(plan),
        remind: mail.and_then(|mail| mail.remind).map_or(0, |remind| remind.as_seconds()),
        names: names(plan),
        asks: Asks::of(plan),
        services,
        others: others(plan),
    };
    templates.fill("healthcheck", "healthcheck", layout, values)
}

/// So much later than it was due, a job that has not run is told of.
const LATE: u64 = 300;

/// Where as much lies between two firings, clocks that change can add an hour.
const ACROSS_A_CHANGE: u64 = 3 * 3600;

fn others(plan: &Plan) -> Vec<Other> {
    let other = |script: String, schedule: &Schedule| {
        let gap = schedule.longest_gap().as_secs();
        let change = if gap >= ACROSS_A_CHANGE { 3600 } else { 0 };
        Other { script, longest: gap + change + LATE }
    };
    let cleanup = plan.maintenance.cleanup.iter().map(|cleanup| other("cleanup".to_owned(), &cleanup.schedule));
    cleanup.chain(plan.jobs().iter().map(|(name, job)| other(format!("job-{name}"), &job.schedule))).collect()
}
