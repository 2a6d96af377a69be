//! What the commands of every day take. Reads nothing, changes nothing.

use super::{Format, plan_name};
use crate::plan::values::{Duration, PlanName, ServiceName};
use clap::Args;
use jiff::{SignedDuration, Timestamp};
use std::ffi::OsString;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Logs {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// Its services; all of them if not said.
    #[arg(value_name = "SERVICE", value_parser = service_name)]
    pub services: Vec<ServiceName>,
    /// Go on with what they write from now on, over restarts, until Ctrl-C.
    #[arg(short, long)]
    pub follow: bool,
    /// Only what was written since: so long ago (`90s`, `1h`, `2d`), or a time (`2026-11-21T20:00:00Z`).
    #[arg(long, value_name = "TIME", value_parser = since)]
    pub since: Option<Since>,
    /// How it is told; `json` is one object a line.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

/// From when on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// So long ago.
    Ago(Duration),
    /// A time.
    Time(Timestamp),
}

impl Since {
    /// The time, where it is `now`.
    pub fn before(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Ago(ago) => {
                let ago = SignedDuration::try_from(ago.as_std()).unwrap_or(SignedDuration::MAX);
                now.checked_sub(ago).unwrap_or(Timestamp::UNIX_EPOCH)
            }
            Self::Time(time) => time,
        }
    }
}

#[derive(Debug, Args)]
pub struct Health {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// Its services; all of them if not said.
    #[arg(value_name = "SERVICE", value_parser = service_name)]
    pub services: Vec<ServiceName>,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Exec {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// The service.
    #[arg(value_name = "SERVICE", value_parser = service_name)]
    pub service: ServiceName,
    /// The command with its arguments, after `--`. Its exit status is passed on.
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub command: Vec<OsString>,
}

#[derive(Debug, Args)]
pub struct Jobs {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// Run this job now, as cron does: `cleanup`, `healthcheck`, or one of the plan's own.
    #[arg(long, value_name = "JOB")]
    pub run: Option<String>,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Data {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct History {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// How it is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Support {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// The file to write (`tar`, compressed by `zstd`), or `-` for standard output. An existing file is never replaced.
    #[arg(long, value_name = "FILE")]
    pub output: PathBuf,
    /// How far back the logs of containers go: so long ago (`90s`, `1h`, `2d`), or a time (`2026-11-21T20:00:00Z`).
    #[arg(long, value_name = "TIME", value_parser = since, default_value = "1h")]
    pub since: Since,
    /// The secrets file, or `-` for standard input: its values are taken out, too. Without it, what could hold a value that is
    /// not on this server any more is left out.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
}

fn service_name(text: &str) -> Result<ServiceName, String> {
    ServiceName::parse(text).map_err(|problem| problem.to_string())
}

fn since(text: &str) -> Result<Since, String> {
    if let Ok(ago) = Duration::parse(text) {
        return Ok(Since::Ago(ago));
    }
    let time = text.parse().map(Since::Time);
    time.map_err(|_| {
        "neither a length of time such as `90s`, `1h` or `2d`, nor a time such as `2026-11-21T20:00:00Z`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::{Since, since};
    use jiff::Timestamp;
    use pretty_assertions::assert_eq;

    #[test]
    fn since_is_so_long_ago_or_a_time() {
        let now: Timestamp = "2026-11-21T20:00:00Z".parse().unwrap();
        let told = |text| since(text).map(|since: Since| since.before(now).to_string());
        assert_eq!(told("1h"), Ok("2026-11-21T19:00:00Z".to_owned()));
        assert_eq!(told("2026-11-20T00:00:00+01:00"), Ok("2026-11-19T23:00:00Z".to_owned()));
        assert_eq!(told("3650d"), Ok("2016-11-23T20:00:00Z".to_owned()));
        assert!(told("yesterday").unwrap_err().starts_with("neither a length of time"));
    }
}
