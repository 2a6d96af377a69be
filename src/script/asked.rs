//! What is asked of a plan's services, as the templates of the jobs take it. Reads nothing, changes nothing.

use super::probe::{
    STABLE_WITHOUT_CHECK, TIMEOUT_WITHOUT_CHECK, accepts_for_containers, check_authority, curl_arguments, lasting,
    published, resolve_argument,
};
use crate::operation::Layout;
use crate::plan::model::{Plan, Probe, Service};
use crate::plan::values::{Duration, EngineKind, Host, ServiceName};
use serde::Serialize;

/// Which kinds of questions are asked of the services of a plan.
#[derive(Serialize)]
pub(super) struct Asks {
    exec: bool,
    http: bool,
    tcp: bool,
}

impl Asks {
    /// What is asked of this plan's services.
    pub(super) fn of(plan: &Plan) -> Self {
        let mut asks = Self { exec: false, http: false, tcp: false };
        for (_, service) in lasting(plan) {
            asks.tcp |= !published(&service.ports).is_empty();
            match service.healthcheck.as_ref().map(|check| &check.probe) {
                None => {}
                Some(Probe::Exec(_)) => asks.exec = true,
                Some(Probe::Http(_)) => asks.http = true,
                Some(Probe::Tcp(_)) => asks.tcp = true,
            }
        }
        asks
    }
}

/// A service as the template of its check takes it.
#[derive(Serialize)]
pub(super) struct CheckedService {
    name: String,
    container: String,
    /// Seconds that it must have run since a restart.
    stable: u64,
    /// Seconds, maybe with a fraction.
    timeout: String,
    exec: Vec<String>,
    http: Option<AskedUrl>,
    tcp: Option<AskedTarget>,
    ports: Vec<PublishedPort>,
    /// Ports of the container that are asked at its own address.
    within: Vec<u16>,
}

#[derive(Serialize)]
struct AskedUrl {
    arguments: Vec<String>,
    /// A regular expression.
    status: String,
    /// The container that the host stands for; empty if it is no service's name.
    container: String,
    resolve: String,
}

#[derive(Serialize)]
struct AskedTarget {
    host: String,
    port: u16,
    /// The container that the host stands for; empty if it is no service's name.
    container: String,
}

#[derive(Serialize)]
struct PublishedPort {
    host: String,
    port: u16,
}

impl CheckedService {
    /// What is asked of this service of the plan.
    pub(super) fn new(
        (name, service): (&ServiceName, &Service),
        plan: &Plan,
        layout: &Layout,
        engine: EngineKind,
    ) -> Self {
        let check = service.healthcheck.as_ref();
        let timeout = check.map_or(Duration::seconds(TIMEOUT_WITHOUT_CHECK), |check| check.timeout);
        let container_of = |host: &Host| {
            let named = plan.services.keys().find(|service| service.to_string() == host.to_string());
            named.map_or_else(String::new, |service| layout.container(service))
        };
        let mut checked = Self {
            name: name.to_string(),
            container: layout.container(name),
            stable: u64::from(STABLE_WITHOUT_CHECK),
            timeout: timeout.as_std().as_secs_f64().to_string(),
            exec: Vec::new(),
            http: None,
            tcp: None,
            ports: published(&service.ports)
                .into_iter()
                .map(|(host, port, _)| PublishedPort { host: host.to_string(), port })
                .collect(),
            within: published(&service.ports)
                .into_iter()
                .filter(|_| accepts_for_containers(engine))
                .map(|(_, _, within)| within)
                .collect(),
        };
        match check.map(|check| &check.probe) {
            None => {}
            Some(Probe::Exec(command)) => checked.exec.clone_from(command),
            Some(Probe::Http(check)) => {
                let authority = check.ca.as_ref().map(|_| check_authority(layout, name));
                checked.http = Some(AskedUrl {
                    arguments: curl_arguments(check, timeout, authority.as_deref(), None),
                    status: check.status.map_or_else(|| "2..".to_owned(), |status| status.to_string()),
                    container: container_of(check.url.host()),
                    resolve: resolve_argument(check),
                });
            }
            Some(Probe::Tcp(target)) => {
                let (host, port) = (target.host().to_string(), target.port());
                checked.tcp = Some(AskedTarget { container: container_of(target.host()), host, port });
            }
        }
        checked
    }
}
