//! How to tell that a service works. Reads nothing, changes nothing.

use crate::plan::values::{Duration, HttpUrl, PlanPath, TcpTarget};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How to tell that a service works, and how patiently.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Healthcheck {
    /// What is asked.
    pub probe: Probe,
    /// The longest time between two questions.
    pub interval: Duration,
    /// How long an answer may take.
    pub timeout: Duration,
    /// How many wrong answers in a row make a service unhealthy.
    pub retries: u32,
    /// How long a service may take to come up before wrong answers count.
    pub start_period: Duration,
    /// How long it must stay healthy without a restart before it counts as healthy.
    pub stable_for: Duration,
}

/// What a health check asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// A command in the container that ends with 0.
    Exec(Vec<String>),
    /// An HTTP request from the server.
    Http(HttpCheck),
    /// A TCP connection from the server.
    Tcp(TcpTarget),
}

/// An HTTP request and the answer that counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HttpCheck {
    /// The URL as the server sees it.
    pub url: HttpUrl,
    /// The status that counts; any of 200 to 299 if not said.
    pub status: Option<u16>,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// A certificate authority to trust for this check alone.
    pub ca: Option<PlanPath>,
    /// Whether the certificate is verified.
    pub tls_verify: bool,
}

/// How to tell that a service works: exactly one of `exec`, `http` and `tcp`.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(rename = "Healthcheck", deny_unknown_fields, extend("oneOf" = [{"required": ["exec"]}, {"required": ["http"]}, {"required": ["tcp"]}]))]
struct Fields {
    /// A command that is run in the container; 0 is healthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    exec: Option<Vec<String>>,
    /// A URL as the server sees it; a service's name as host means that container's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    http: Option<Http>,
    /// `host:port` to connect to; a service's name as host means that container's address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tcp: Option<TcpTarget>,
    /// The longest time between two questions.
    #[serde(default = "half_a_minute")]
    interval: Duration,
    /// How long an answer may take.
    #[serde(default = "five_seconds")]
    timeout: Duration,
    /// How many wrong answers in a row make the service unhealthy.
    #[serde(default = "three")]
    #[schemars(range(min = 1, max = 1000))]
    retries: u32,
    /// How long the service may take to come up before wrong answers count.
    #[serde(default = "no_time")]
    start_period: Duration,
    /// How long it must stay healthy without a restart before it counts as healthy.
    #[serde(default = "no_time")]
    stable_for: Duration,
}

/// A URL, or a URL with what is expected of the answer.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
enum Http {
    /// Any status of 200 to 299 is healthy.
    Url(HttpUrl),
    /// With what is expected of the answer.
    Detailed {
        /// The URL as the server sees it.
        url: HttpUrl,
        /// The status that counts, instead of any of 200 to 299.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 100, max = 599))]
        status: Option<u16>,
        /// Request headers by name.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// A certificate authority to trust for this check alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        ca: Option<PlanPath>,
        /// Whether the certificate is verified.
        #[serde(default = "super::on")]
        tls_verify: bool,
    },
}

fn half_a_minute() -> Duration {
    Duration::seconds(30)
}

fn five_seconds() -> Duration {
    Duration::seconds(5)
}

fn no_time() -> Duration {
    Duration::seconds(0)
}

fn three() -> u32 {
    3
}

impl TryFrom<Fields> for Healthcheck {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let Fields { exec, http, tcp, interval, timeout, retries, start_period, stable_for } = fields;
        let probe = match (exec, http, tcp) {
            (Some(command), None, None) => Probe::Exec(command),
            (None, Some(http), None) => Probe::Http(http.into()),
            (None, None, Some(target)) => Probe::Tcp(target),
            (None | Some(_), None | Some(_), None | Some(_)) => {
                return Err("a health check needs exactly one of `exec`, `http` and `tcp`");
            }
        };
        Ok(Self { probe, interval, timeout, retries, start_period, stable_for })
    }
}

impl From<Healthcheck> for Fields {
    fn from(check: Healthcheck) -> Self {
        let Healthcheck { probe, interval, timeout, retries, start_period, stable_for } = check;
        let (exec, http, tcp) = match probe {
            Probe::Exec(command) => (Some(command), None, None),
            Probe::Http(check) => (None, Some(check.into()), None),
            Probe::Tcp(target) => (None, None, Some(target)),
        };
        Self { exec, http, tcp, interval, timeout, retries, start_period, stable_for }
    }
}

impl From<Http> for HttpCheck {
    fn from(http: Http) -> Self {
        match http {
            Http::Url(url) => Self { url, status: None, headers: BTreeMap::new(), ca: None, tls_verify: true },
            Http::Detailed { url, status, headers, ca, tls_verify } => Self { url, status, headers, ca, tls_verify },
        }
    }
}

impl From<HttpCheck> for Http {
    fn from(check: HttpCheck) -> Self {
        let HttpCheck { url, status, headers, ca, tls_verify } = check;
        Self::Detailed { url, status, headers, ca, tls_verify }
    }
}

impl JsonSchema for Healthcheck {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        Fields::schema_name()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        Fields::json_schema(generator)
    }
}
