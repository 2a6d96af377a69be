//! What the scripts that cron runs put on record of themselves, and running one of them as cron does.

use super::command::{Cancel, Command};
use super::files;
use crate::operation::Layout;
use crate::plan::values::ServiceName;
use crate::run::Failure;
use jiff::Timestamp;
use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// How a run of a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum JobResult {
    /// It did what it is for, and found nothing wrong.
    Done,
    /// It failed, or found something wrong.
    Failed,
    /// It left everything to its next run.
    Skipped,
    /// It is under way.
    Running,
    /// It was ended before it could say how it ended.
    Killed,
}

/// A run of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobRun {
    /// When it began.
    pub began: Timestamp,
    /// When it ended, if it has.
    pub ended: Option<Timestamp>,
    /// What it came to.
    pub result: JobResult,
    /// What it says about it: the reason, or what its command printed.
    pub output: String,
}

/// The last run of a script; none if it has not run since the plan was first deployed.
///
/// # Errors
/// The record is there and can't be read.
pub fn last(layout: &Layout, script: &str) -> Result<Option<JobRun>, Failure> {
    let mut runs = Vec::new();
    for path in layout.job_records(script) {
        let bytes = files::read_if_there(&path).map_err(|problem| Failure::new(problem.to_string()))?;
        runs.extend(bytes.and_then(|bytes| read(&String::from_utf8_lossy(&bytes))));
    }
    Ok(runs.into_iter().max_by_key(|run| (run.began, run.ended)).map(|run| match run.result {
        JobResult::Running if !is_running(layout, script) => JobRun { result: JobResult::Killed, ..run },
        JobResult::Running | JobResult::Done | JobResult::Failed | JobResult::Skipped | JobResult::Killed => run,
    }))
}

/// Whether a script runs at this moment.
pub fn is_running(layout: &Layout, script: &str) -> bool {
    super::lock::is_held(&layout.job_lock(script))
}

/// Runs a script as cron does, to its end.
///
/// # Errors
/// It is not there, or was interrupted.
pub fn run(layout: &Layout, script: &str, cancel: &Cancel) -> Result<(), Failure> {
    let path = layout.job(script);
    if !path.is_file() {
        return Err(Failure::new(format!("{} is gone: deploying the plan again makes it anew", path.display())));
    }
    let call = Command::new(&path).directory(Path::new("/root")).deadline(Duration::MAX).cancel(cancel);
    call.keep_the_last(16 * 1024).run_to_any_code().map(drop).map_err(|problem| Failure::new(problem.to_string()))
}

/// Since when a service has been healthy, as the health check job remembers it; none where it remembers nothing or another state.
pub fn healthy_since(layout: &Layout, service: &ServiceName) -> Option<Timestamp> {
    let bytes = files::read_if_there(&layout.health().join(service.as_str())).ok()??;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let mut words = text.split_whitespace();
    words.next().filter(|state| *state == "healthy").and_then(|_| time(words.next()?))
}

/// Whether the health check job remembers that a service is unhealthy.
pub fn is_remembered_unhealthy(layout: &Layout, service: &ServiceName) -> bool {
    let bytes = files::read_if_there(&layout.health().join(service.as_str()));
    bytes.ok().flatten().is_some_and(|bytes| bytes.starts_with(b"unhealthy"))
}

fn read(text: &str) -> Option<JobRun> {
    let (head, output) = text.split_once('\n').unwrap_or((text, ""));
    let mut words = head.split(' ');
    let began = time(words.next()?)?;
    let ended = time(words.next()?);
    let result = match words.next()? {
        "done" => JobResult::Done,
        "failed" => JobResult::Failed,
        "skipped" => JobResult::Skipped,
        "running" => JobResult::Running,
        _ => return None,
    };
    Some(JobRun { began, ended, result, output: super::command::visible(output.trim_end()) })
}

fn time(seconds: &str) -> Option<Timestamp> {
    Timestamp::from_second(seconds.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::{JobResult, JobRun, read};
    use jiff::Timestamp;
    use pretty_assertions::assert_eq;

    #[test]
    fn a_record_of_a_script_is_read_back() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let run =
            |ended, result, output: &str| Some(JobRun { began: at(100), ended, result, output: output.to_owned() });
        assert_eq!(read("100 103 done\ntwo\nlines\n"), run(Some(at(103)), JobResult::Done, "two\nlines"));
        assert_eq!(read("100 - running\n\n"), run(None, JobResult::Running, ""));
        assert_eq!(read("100 101 failed\n\u{1b}[2J"), run(Some(at(101)), JobResult::Failed, "\u{fffd}[2J"));
        assert_eq!(["", "100", "x 1 done", "100 101 wonderful"].map(read), [const { None }; 4]);
    }
}
