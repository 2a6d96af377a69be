//! Tells people of jobs. Reads nothing, changes nothing.

use super::watched::JobStatus;
use crate::cli::table::Table;
use crate::host::job_runs::{JobResult, JobRun};

/// The jobs, a line each, and below it what their last run said.
pub(super) fn table(jobs: &[JobStatus]) -> String {
    let mut table = Table::new(&["job", "schedule", "next", "last", "result"]);
    for JobStatus { name, script: _, schedule, next, last, stopped } in jobs {
        let schedule = schedule.as_deref().unwrap_or("at boot");
        let began = last.as_ref().map_or_else(|| "never".to_owned(), |last| format!("{:.0}", last.began));
        let result = last.as_ref().map_or_else(String::new, result);
        table.row([name, schedule, next.as_deref().unwrap_or("-"), &began, &result]);
        let output = last.iter().filter(|last| last.result != JobResult::Done).flat_map(|last| last.output.lines());
        output.for_each(|line| table.below(line));
        if let Some(stopped) = stopped {
            table.below(&format!("it {stopped}"));
        }
    }
    table.finish()
}

/// What a run that was asked for came to.
pub(super) fn ended(name: &str, last: Option<&JobRun>) -> String {
    let Some(last) = last else { return format!("{name}: it has put nothing on record\n") };
    let output: String = last.output.lines().map(|line| format!("  {line}\n")).collect();
    format!("{name}: {}\n{output}", result(last))
}

fn result(JobRun { began, ended, result, output: _ }: &JobRun) -> String {
    let word = match result {
        JobResult::Done => "done",
        JobResult::Failed => "failed",
        JobResult::Skipped => "skipped",
        JobResult::Running => return "running".to_owned(),
        JobResult::Killed => return "was killed".to_owned(),
    };
    let took = ended.map(|ended| ended.duration_since(*began).as_secs()).unwrap_or_default();
    format!("{word} in {took} s")
}
