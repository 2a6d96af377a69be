//! How to tell that a service works. Reads nothing, changes nothing.

use super::{examples, snippets};
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

/// How to tell that a service works: exactly one of `exec`, `http` and `tcp`, and how patiently.
///
/// At start the questions begin at once and become rarer, up to `interval`. A service that is not healthy after
/// `start_period` + `retries` × (`interval` + `timeout`) + `stable_for` has failed. Every published TCP port must accept
/// connections too. The image's own HEALTHCHECK is switched off.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[schemars(title = "Health check", extend("examples" = examples::healthchecks(), "defaultSnippets" = snippets::healthchecks()))]
#[schemars(rename = "Healthcheck", deny_unknown_fields, extend("oneOf" = [{"required": ["exec"]}, {"required": ["http"]}, {"required": ["tcp"]}]))]
struct Fields {
    /// A command that is run in the container: the program and its arguments, without a shell. It ends with 0 when healthy.
    ///
    /// Instead of it, `http` or `tcp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1), extend("eachValue" = {"description": "The program, or one argument.", "examples": ["pg_isready"]}))]
    #[schemars(example = ["pg_isready", "-U", "shop"], example = ["sh", "-c", "test -e /run/ready"])]
    exec: Option<Vec<String>>,
    /// A URL that is asked from the server, not from within the container: a text, or an object that says more.
    ///
    /// Any status from 200 to 299 is healthy; redirects are not followed. A service's name as the host means that
    /// container's own address, so that no port need be published. Instead of it, `exec` or `tcp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = ["http://localhost:8080/healthz", {"url": "http://web/healthz", "status": 204}]))]
    http: Option<Http>,
    /// `host:port` that must accept a TCP connection from the server.
    ///
    /// A service's name as the host means that container's own address. Instead of it, `exec` or `http`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"db:5432", example = &"localhost:8080")]
    tcp: Option<TcpTarget>,
    /// The longest time from one question to the next.
    #[serde(default = "half_a_minute")]
    #[schemars(example = &"2s", example = &"1m")]
    interval: Duration,
    /// How long an answer may take; a later one is a wrong one.
    #[serde(default = "five_seconds")]
    #[schemars(example = &"1500ms", example = &"10s")]
    timeout: Duration,
    /// How many wrong answers in a row make the service unhealthy, from 1 to 1000.
    #[serde(default = "three")]
    #[schemars(example = 5, example = 30, range(min = 1, max = 1000))]
    retries: u32,
    /// How long wrong answers don't count after the start. By default they count at once.
    #[serde(default = "no_time")]
    #[schemars(example = &"30s", example = &"2m")]
    start_period: Duration,
    /// How long the service must stay healthy without a restart before it counts as healthy.
    ///
    /// By default the first right answer is enough.
    #[serde(default = "no_time")]
    #[schemars(example = &"3s", example = &"10s")]
    stable_for: Duration,
}

/// A URL, or a URL with what is sent and what is expected of the answer.
#[derive(Clone, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
enum Http {
    /// A URL: any status of 200 to 299 is healthy.
    Url(HttpUrl),
    /// A URL with what is sent and what is expected of the answer.
    Detailed {
        /// The URL that is asked from the server. A service's name as the host means that container's own address.
        #[schemars(example = &"http://localhost:8080/healthz", example = &"https://web:8443/healthz")]
        url: HttpUrl,
        /// The one status that is healthy. Without it, any from 200 to 299 is.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = 204, example = 401, range(min = 100, max = 599))]
        status: Option<u16>,
        /// Headers of the request, by name. They stand in scripts on the server: put no password here.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        #[schemars(extend("default" = {}, "examples" = [{"Accept": "application/json"}, {"Host": "shop.example"}]))]
        #[schemars(extend("eachValue" = {"description": "The header's value, on one line; it may be empty.", "examples": ["application/json"]}))]
        headers: BTreeMap<String, String>,
        /// A PEM file beside the plan with the certificate authority to trust for this check alone. Without it, the server's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(example = &"certificates/authority.pem")]
        ca: Option<PlanPath>,
        /// Whether the server's certificate is verified. Only for `https`.
        #[serde(default = "super::on")]
        #[schemars(example = false)]
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
