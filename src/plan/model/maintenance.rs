//! The jobs that cron runs, and where their mail goes. Reads nothing, changes nothing.

use super::SecretReference;
use crate::plan::values::{Duration, Email, Host, JobName, PlanPath, Schedule, ServiceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The jobs that cron runs, and where their mail goes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Maintenance {
    /// Purges syslog entries that are older than the cleanup frequency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cleanup: Option<Cleanup>,
    /// Watches the services and sends a mail when one's health changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<HealthJob>,
    /// Commands that are run in a service's container, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {"format": "landfall-job-name"}))]
    pub jobs: BTreeMap<JobName, Job>,
    /// Where mail goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<Mail>,
}

/// The job that purges old syslog entries.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Cleanup {
    /// When it runs.
    pub schedule: Schedule,
    /// The age from which entries are purged; the longest time between two firings unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep: Option<Duration>,
    /// Whether authentication and audit logs are purged too.
    #[serde(default, skip_serializing_if = "super::off")]
    pub include_auth: bool,
}

/// The job that watches the services.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct HealthJob {
    /// When it runs.
    pub schedule: Schedule,
}

/// A command that is run in a service's container; it never overlaps itself.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Job {
    /// When it runs.
    pub schedule: Schedule,
    /// The service in whose container it runs.
    pub service: ServiceName,
    /// The command and its arguments.
    #[schemars(length(min = 1))]
    pub exec: Vec<String>,
    /// How long it may run.
    #[serde(default = "an_hour")]
    pub timeout: Duration,
}

fn an_hour() -> Duration {
    Duration::seconds(3600)
}

/// Where mail goes, and when.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Mail {
    /// Who gets it.
    #[schemars(length(min = 1, max = 50))]
    pub to: Vec<Email>,
    /// Who it is from.
    pub from: Email,
    /// The server that takes it; without one, the system's `sendmail` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub smtp: Option<Smtp>,
    /// How often an unhealthy service is reported again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remind: Option<Duration>,
    /// Whether a check's output goes into the mail (at most 2 KiB).
    #[serde(default, skip_serializing_if = "super::off")]
    pub include_output: bool,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Smtp {
    /// Its host name or address.
    pub host: Host,
    /// Its port.
    #[serde(default = "submission")]
    #[schemars(range(min = 1))]
    pub port: u16,
    /// How the connection is encrypted.
    #[serde(default)]
    pub tls: Tls,
    /// The account, if one is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255))]
    pub username: Option<String>,
    /// Its password, by the name of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretReference>,
    /// A certificate authority to trust for this server alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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
    /// None; refused where a password would be sent.
    None,
}
