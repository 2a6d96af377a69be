//! The jobs that cron runs, and where their mail goes. Reads nothing, changes nothing.

use super::{SecretReference, examples, snippets};
use crate::plan::values::{Duration, Email, Host, JobName, PlanPath, Schedule, ServiceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The jobs that cron runs, and where their mail goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Maintenance", extend("defaultSnippets" = snippets::maintenance()))]
pub struct Maintenance {
    /// Purges entries of the syslog that are older than the cleanup frequency. Without it, nothing is purged.
    ///
    /// The logs are the server's, so only one plan of a server can have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"schedule": "@weekly"}, {"schedule": "30 3 * * *", "keep": "10d"}]))]
    pub cleanup: Option<Cleanup>,
    /// Asks every service's health check again and again, and sends a mail when one's health changes.
    ///
    /// One mail when a service becomes unhealthy, one when it is healthy again. Without it, nobody looks after the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"schedule": "*/5 * * * *"}]))]
    pub healthcheck: Option<HealthJob>,
    /// Commands that are run in a service's container on a schedule, by name: backups, clean-ups, reports.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("default" = {}, "examples" = [{"dump": examples::job()}]))]
    #[schemars(extend("propertyNames" = {"format": "landfall-job-name"}))]
    pub jobs: BTreeMap<JobName, Job>,
    /// Who is told by mail: of a service's health, of jobs that fail, of a deployment that was rolled back.
    ///
    /// Without it, no mail is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"to": ["ops@example.org"], "from": "vsn@example.org"}]))]
    pub mail: Option<Mail>,
}

/// The job that purges old entries of the syslog.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Cleanup")]
pub struct Cleanup {
    /// When it runs, by the server's clock: five crontab fields (minute, hour, day of month, month, day of week) or a word.
    #[schemars(example = &"@weekly", example = &"30 3 * * *")]
    pub schedule: Schedule,
    /// The age from which entries are purged, at least `1d`. Without it, the longest time between two runs of the schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"10d", example = &"90d")]
    pub keep: Option<Duration>,
    /// Whether the logs of authentication and audit are purged too. By default they are left alone.
    #[serde(default, skip_serializing_if = "super::off")]
    #[schemars(extend("default" = false), example = true)]
    pub include_auth: bool,
}

/// The job that watches the services' health.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Health job")]
pub struct HealthJob {
    /// When it runs, by the server's clock: five crontab fields (minute, hour, day of month, month, day of week) or a word.
    #[schemars(example = &"*/5 * * * *", example = &"@hourly")]
    pub schedule: Schedule,
}

/// A command that is run in a service's container on a schedule. It never overlaps itself.
///
/// A run that ends with anything but 0, or takes longer than `timeout`, is mailed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Job", extend("examples" = [examples::job()], "defaultSnippets" = snippets::jobs()))]
pub struct Job {
    /// When it runs, by the server's clock: five crontab fields (minute, hour, day of month, month, day of week) or a word.
    #[schemars(example = &"0 2 * * *", example = &"@daily")]
    pub schedule: Schedule,
    /// The service in whose container it runs.
    #[schemars(example = &"db")]
    pub service: ServiceName,
    /// The program and its arguments, without a shell: `%`, `$` and blanks have no meaning.
    #[schemars(length(min = 1), extend("eachValue" = {"description": "The program, or one argument.", "examples": ["pg_dump"]}))]
    #[schemars(example = ["pg_dump", "-U", "shop", "-f", "/backup/shop.sql"], example = ["sh", "-c", "rm -f /data/*.tmp"])]
    pub exec: Vec<String>,
    /// How long it may run before it is ended.
    #[serde(default = "an_hour")]
    #[schemars(example = &"10m", example = &"6h")]
    pub timeout: Duration,
}

fn an_hour() -> Duration {
    Duration::seconds(3600)
}

/// Where mail goes, and when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Mail", extend("defaultSnippets" = snippets::mail()))]
pub struct Mail {
    /// Who gets the mail: 1 to 50 addresses.
    #[schemars(example = ["ops@example.org"], length(min = 1, max = 50))]
    pub to: Vec<Email>,
    /// The address that the mail is from.
    #[schemars(example = &"vsn@example.org")]
    pub from: Email,
    /// The mail server that takes it. Without it, the system's `sendmail` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [examples::smtp()], "defaultSnippets" = snippets::smtp()))]
    pub smtp: Option<Smtp>,
    /// How often a service that stays unhealthy is reported again. Without it, once only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"24h", example = &"12h")]
    pub remind: Option<Duration>,
    /// Whether the mail has the output of the check or job that failed, at most 2 KiB. It may hold what is not for mail.
    #[serde(default, skip_serializing_if = "super::off")]
    #[schemars(extend("default" = false), example = true)]
    pub include_output: bool,
    /// Of which ends of runs mail tells: of a deployment, and of a run of `start`, `stop`, `restart` or `replace`.
    ///
    /// Without it, of every run that failed after something was stopped, whatever it fell to. An empty list is none: then mail is about
    /// the health of services and about jobs alone.
    #[serde(default = "failures", skip_serializing_if = "is_failures")]
    #[schemars(extend("uniqueItems" = true, "default" = ["rolled_back", "restored"], "examples" = [["refused", "rolled_back", "restored"], []]))]
    pub notify: BTreeSet<RunEnd>,
}

fn failures() -> BTreeSet<RunEnd> {
    BTreeSet::from([RunEnd::RolledBack, RunEnd::Restored])
}

fn is_failures(notify: &BTreeSet<RunEnd>) -> bool {
    *notify == failures()
}

/// What became of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(extend("examples" = ["rolled_back"]))]
pub enum RunEnd {
    /// It did what it was to do: what the plan says is deployed, or a service is replaced.
    Deployed,
    /// It failed before anything was stopped: an image could not be had, or a signal came. What was deployed before runs on.
    Refused,
    /// It failed, and no container of the plan is left; or not even that could be brought about.
    RolledBack,
    /// It failed, and what was deployed before runs again; or not all of it does.
    Restored,
}

impl RunEnd {
    /// The word for it in a plan.
    pub fn word(self) -> &'static str {
        match self {
            Self::Deployed => "deployed",
            Self::Refused => "refused",
            Self::RolledBack => "rolled_back",
            Self::Restored => "restored",
        }
    }
}

/// A mail server and how to log in to it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Mail server")]
pub struct Smtp {
    /// The mail server's name or address.
    #[schemars(example = &"mail.example.org")]
    pub host: Host,
    /// The mail server's port: 587 for STARTTLS, 465 for `"tls": "implicit"`.
    #[serde(default = "submission")]
    #[schemars(example = 465, range(min = 1))]
    pub port: u16,
    /// How the connection is encrypted.
    #[serde(default)]
    #[schemars(example = Tls::Implicit)]
    pub tls: Tls,
    /// The account on the mail server. Without it, mail is handed over without logging in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"vsn", length(min = 1, max = 255))]
    pub username: Option<String>,
    /// The account's password, by the name of a secret. Without it, mail is handed over without logging in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"secret": "smtp_password"}]))]
    pub password: Option<SecretReference>,
    /// A PEM file beside the plan with the certificate authority to trust for this mail server. Without it, the system's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"certificates/authority.pem")]
    pub ca: Option<PlanPath>,
}

fn submission() -> u16 {
    587
}

/// How a mail connection is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// STARTTLS, or nothing is sent.
    #[default]
    Required,
    /// TLS from the first byte.
    Implicit,
    /// Not at all; refused where a password would be sent.
    None,
}
