//! The jobs of a plan: when each is due, when it ran, and whether cron has forgotten it. Changes nothing.

use crate::cli::deployed::Deployed;
use crate::host::crontab::{Crontab, block};
use crate::host::job_runs::{self, JobRun};
use crate::host::system;
use crate::plan::model::{Cleanup, HealthJob, Maintenance};
use crate::plan::values::Schedule;
use crate::run::Failure;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::Serialize;

/// So much later than it was due, a job that has not run is told of: cron is never on time to the second, and a server may be busy.
const LATE: SignedDuration = SignedDuration::from_mins(5);

/// A job, and how it is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobStatus {
    /// What it is called: `cleanup`, `healthcheck`, `boot`, or as the plan says.
    pub name: String,
    /// The script that cron runs.
    pub script: String,
    /// When it runs, as the plan says it; nothing for what runs at boot.
    pub schedule: Option<String>,
    /// When it is due next, by the server's clock.
    pub next: Option<String>,
    /// Its last run.
    pub last: Option<JobRun>,
    /// Why cron does not run it any more, if so.
    pub stopped: Option<String>,
}

/// What is to be known of every job.
struct Known {
    /// The lines that root's crontab has for the plan; none where it can't be read.
    installed: Option<Vec<String>>,
    /// No firing before this time counts.
    since: Timestamp,
    now: Zoned,
}

/// All jobs of a plan.
///
/// # Errors
/// A record is there and can't be read.
pub fn of_plan(deployed: &Deployed) -> Result<Vec<JobStatus>, Failure> {
    let now = system::now();
    let booted = system::booted_at().unwrap_or(Timestamp::UNIX_EPOCH);
    let known = Known { installed: installed(deployed), since: deployed.saved.deployed_at.max(booted), now };
    let boot = one(deployed, ("boot", "boot".to_owned()), None, &known)?;
    let Some(plan) = &deployed.plan else { return Ok(vec![boot]) };
    let Maintenance { cleanup, healthcheck, jobs, mail: _ } = &plan.maintenance;
    let cleanup = cleanup
        .iter()
        .map(|Cleanup { schedule, keep: _, include_auth: _ }| ("cleanup", "cleanup".to_owned(), schedule));
    let healthcheck =
        healthcheck.iter().map(|HealthJob { schedule }| ("healthcheck", "healthcheck".to_owned(), schedule));
    let jobs = jobs.iter().map(|(name, job)| (name.as_str(), format!("job-{name}"), &job.schedule));
    let scheduled = cleanup.chain(healthcheck).chain(jobs);
    let scheduled = scheduled.map(|(name, script, schedule)| one(deployed, (name, script), Some(schedule), &known));
    [Ok(boot)].into_iter().chain(scheduled).collect()
}

/// What is wrong with these jobs, a line each.
pub fn troubles(jobs: &[JobStatus]) -> Vec<String> {
    let stopped = |job: &JobStatus| Some(format!("the job {} {}", job.name, job.stopped.as_ref()?));
    jobs.iter().filter_map(stopped).collect()
}

fn one(
    deployed: &Deployed,
    (name, script): (&str, String),
    schedule: Option<&Schedule>,
    known: &Known,
) -> Result<JobStatus, Failure> {
    let last = job_runs::last(&deployed.layout, &script)?;
    let path = match schedule {
        Some(_) => deployed.layout.job(&script),
        None => deployed.layout.recover(),
    };
    let path = path.display().to_string();
    let installed = known.installed.as_ref().is_none_or(|lines| lines.iter().any(|line| line.ends_with(&path)));
    let stopped = if installed {
        schedule.and_then(|schedule| silent(schedule, last.as_ref(), known))
    } else {
        Some("is not in root's crontab any more: deploying the plan again puts it back".to_owned())
    };
    Ok(JobStatus {
        name: name.to_owned(),
        schedule: schedule.map(ToString::to_string),
        next: schedule.and_then(|schedule| schedule.next(&known.now)).map(|next| written(&next)),
        script,
        last,
        stopped,
    })
}

/// That a job has not run although it was due, if so.
fn silent(schedule: &Schedule, last: Option<&JobRun>, known: &Known) -> Option<String> {
    let Known { installed: _, since, now } = known;
    let last = last.map(|last| last.began);
    // By a clock that was set back since, it began ahead of now: that tells nothing.
    let heard = last.filter(|last| *last <= now.timestamp()).unwrap_or(*since).max(*since);
    let due = schedule.next(&heard.to_zoned(now.time_zone().clone()))?;
    let late = now.timestamp().duration_since(due.timestamp()) > LATE;
    let since = last.map_or_else(|| "has never run".to_owned(), |last| format!("has not run since {last:.0}"));
    late.then(|| {
        format!("{since}, although it was due at {}: does cron run, and is its script as it was made?", written(&due))
    })
}

fn installed(deployed: &Deployed) -> Option<Vec<String>> {
    let crontab = Crontab::find().ok()?.read().ok()?.unwrap_or_default();
    let lines = block::lines(&crontab, deployed.layout.plan().as_str()).ok()?.unwrap_or_default();
    Some(lines.into_iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect())
}

fn written(at: &Zoned) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

#[cfg(test)]
mod tests {
    use super::{Known, silent};
    use crate::host::job_runs::{JobResult, JobRun};
    use crate::plan::values::Schedule;
    use jiff::{Timestamp, tz::TimeZone};
    use pretty_assertions::assert_eq;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-21T{text}Z").parse().unwrap()
    }

    /// What is told of a job at this time that is due every ten minutes, on a server that was deployed to at 08:00.
    fn told(last: Option<&str>, now: &str) -> Option<String> {
        let run = |began| JobRun { began: at(began), ended: None, result: JobResult::Done, output: String::new() };
        let known = Known { installed: None, since: at("08:00:00"), now: at(now).to_zoned(TimeZone::UTC) };
        silent(&Schedule::parse("*/10 * * * *").unwrap(), last.map(run).as_ref(), &known)
    }

    #[test]
    fn a_job_that_was_due_and_has_not_run_is_told_once_it_is_late() {
        assert_eq!(told(None, "08:09:00"), None);
        assert_eq!(told(None, "08:14:59"), None);
        let never = "has never run, although it was due at 2026-11-21T08:10:00+00:00: does cron run, and is its script as it was made?";
        assert_eq!(told(None, "08:16:00").as_deref(), Some(never));
        assert_eq!(told(Some("08:10:01"), "08:24:00"), None);
        assert!(
            told(Some("08:10:01"), "08:26:00")
                .unwrap()
                .starts_with("has not run since 2026-11-21T08:10:01Z, although it was due at 2026-11-21T08:20:00")
        );
    }

    #[test]
    fn what_was_missed_before_a_boot_or_by_a_clock_that_was_set_back_does_not_count() {
        assert_eq!(told(Some("03:10:01"), "08:09:00"), None);
        assert_eq!(told(Some("11:10:01"), "08:09:00"), None);
    }
}
