//! What a health check asks, as argument lists; the jobs and a deployment use the same. Reads nothing, changes nothing.

use crate::operation::Layout;
use crate::plan::model::{Healthcheck, HttpCheck, Plan, Probe, Service};
use crate::plan::values::{Duration, EngineKind, Host, Port, Protocol, ServiceName};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::path::{Path, PathBuf};

/// How long a service without a check must run before it counts as healthy.
pub(super) const STABLE_WITHOUT_CHECK: u32 = 3;

/// How long a service without a check, or a connection to a published port, may take.
pub(super) const TIMEOUT_WITHOUT_CHECK: u32 = 5;

/// How long a service without a check may take to come up.
const PATIENCE_WITHOUT_CHECK: u64 = 30;

/// The arguments with which curl asks: it prints the status (`200`) and nothing else, or fails and says why.
///
/// `authority` is where the check's `ca` lies on this server. `address` is the address that the URL's host stands for, where
/// that is a service's name; the request is the same otherwise, `Host` header and certificate name included. Whether the
/// status counts is for [`status_counts`].
pub fn curl_arguments(
    check: &HttpCheck,
    timeout: Duration,
    authority: Option<&Path>,
    address: Option<IpAddr>,
) -> Vec<String> {
    let HttpCheck { url, status: _, headers, ca: _, tls_verify } = check;
    // The first one keeps root's own .curlrc out of it.
    let fixed = ["--disable", "--silent", "--show-error", "--globoff", "--path-as-is", "--noproxy", "*"];
    let mut arguments: Vec<String> =
        fixed.into_iter().chain(["--proto", "=http,https", "--output", "/dev/null"]).map(str::to_owned).collect();
    let mut add = |option: &str, value: String| arguments.extend([option.to_owned(), value]);
    add("--write-out", "%{http_code}".to_owned());
    add("--max-time", timeout.as_std().as_secs_f64().to_string());
    if let Some(authority) = authority {
        add("--cacert", authority.display().to_string());
    }
    for (name, value) in headers {
        // Without a value, the colon would take the header away.
        add("--header", if value.is_empty() { format!("{name};") } else { format!("{name}: {value}") });
    }
    if let Some(address) = address {
        add("--resolve", format!("{}{address}", resolve_argument(check)));
    }
    if !tls_verify {
        arguments.push("--insecure".to_owned());
    }
    arguments.extend(["--url".to_owned(), url.to_string()]);
    arguments
}

/// What curl's `--resolve` takes before the address, colon included: `web:8080:`.
pub fn resolve_argument(check: &HttpCheck) -> String {
    format!("{}:{}:", check.url.host(), check.url.port())
}

/// Whether this status is the one that the check expects.
pub fn status_counts(check: &HttpCheck, status: u16) -> bool {
    check.status.map_or((200..300).contains(&status), |expected| status == expected)
}

/// The host that a check asks from the server; where it is a service's name, it means that container's own address.
pub fn host_of(probe: &Probe) -> Option<&Host> {
    match probe {
        Probe::Exec(_) => None,
        Probe::Http(check) => Some(check.url.host()),
        Probe::Tcp(target) => Some(target.host()),
    }
}

/// Where each published TCP port accepts connections, as seen from the server, and the port of the container that it leads to.
pub fn published(ports: &[Port]) -> Vec<(IpAddr, u16, u16)> {
    let tcp = ports.iter().filter(|port| port.protocol() == Protocol::Tcp);
    tcp.flat_map(|port| port.pairs().map(|(number, within)| (reachable(port.address()), number, within))).collect()
}

/// Whether a published port of this engine accepts every connection by itself, and closes those that nobody in the container takes: then
/// the container's own port must be asked as well.
pub fn accepts_for_containers(engine: EngineKind) -> bool {
    match engine {
        EngineKind::Podman => false,
        EngineKind::Docker => true,
    }
}

fn reachable(address: Option<IpAddr>) -> IpAddr {
    match address {
        None => Ipv4Addr::LOCALHOST.into(),
        Some(IpAddr::V4(address)) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        Some(IpAddr::V6(address)) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        Some(address) => address,
    }
}

/// How long a service must stay as it should be before it counts as healthy.
pub fn stable_for(service: &Service) -> Duration {
    service.healthcheck.as_ref().map_or(Duration::seconds(STABLE_WITHOUT_CHECK), |check| check.stable_for)
}

/// The certificate authority of a service's health check: a copy of its `ca`, in the jobs folder.
pub fn check_authority(layout: &Layout, service: &ServiceName) -> PathBuf {
    layout.job(&format!("check-{service}.ca"))
}

/// The services that are to run for good: all but the one-shots.
pub(super) fn lasting(plan: &Plan) -> impl Iterator<Item = (&ServiceName, &Service)> {
    plan.services.iter().filter(|(_, service)| !service.one_shot())
}

/// The names of these services.
pub(super) fn names(plan: &Plan) -> Vec<String> {
    lasting(plan).map(|(name, _)| name.to_string()).collect()
}

/// After how many seconds a service that is not healthy has failed, and the longest time between two questions.
pub(super) fn patience(service: &Service) -> (u64, std::time::Duration) {
    match &service.healthcheck {
        Some(Healthcheck { probe: _, interval, timeout, retries, start_period, stable_for }) => {
            let once = interval.as_std() + timeout.as_std();
            let all = start_period.as_std() + once * *retries + stable_for.as_std();
            (all.as_secs() + 1, interval.as_std())
        }
        None => (PATIENCE_WITHOUT_CHECK, std::time::Duration::from_secs(1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    fn http(check: &str) -> HttpCheck {
        let check: Healthcheck = serde_json::from_str(&format!(r#"{{"http": {check}}}"#)).unwrap();
        let Probe::Http(check) = check.probe else { panic!("this is an HTTP check") };
        check
    }

    const FIXED: &str = "--disable --silent --show-error --globoff --path-as-is --noproxy * --proto =http,https \
                         --output /dev/null --write-out %{http_code} --max-time ";

    #[test]
    fn curl_gets_the_url_and_a_deadline() {
        let arguments = curl_arguments(&http(r#""http://localhost:8080/healthz""#), Duration::seconds(5), None, None);
        assert_eq!(arguments.join(" "), format!("{FIXED}5 --url http://localhost:8080/healthz"));
    }

    #[test]
    fn curl_gets_the_address_for_the_host_and_all_that_the_check_says() {
        let check = http(
            r#"{"url": "https://web:8443/", "status": 204, "headers": {"A": "b c", "X": ""}, "ca": "ca.pem", "tls_verify": false}"#,
        );
        let timeout = Duration::parse("1500ms").unwrap();
        let arguments =
            curl_arguments(&check, timeout, Some("/jobs/check-web.ca".as_ref()), Some("fd00::7".parse().unwrap()));
        let expected = format!(
            "{FIXED}1.5 --cacert /jobs/check-web.ca --header A: b c --header X; --resolve web:8443:fd00::7 --insecure \
             --url https://web:8443/"
        );
        assert_eq!(arguments.join(" "), expected);
    }

    #[test]
    fn any_status_of_200_to_299_counts_unless_the_check_names_one() {
        let counts = |check: &HttpCheck| {
            [199, 200, 204, 299, 300, 404]
                .into_iter()
                .filter(|status| status_counts(check, *status))
                .collect::<Vec<_>>()
        };
        assert_eq!(counts(&http(r#""http://localhost/""#)), [200, 204, 299]);
        assert_eq!(counts(&http(r#"{"url": "http://localhost/", "status": 404}"#)), [404]);
    }

    #[test]
    fn a_port_of_all_interfaces_is_asked_on_the_server_itself() {
        let texts = ["80:8080", "0.0.0.0:81:81", "[::]:82:82", "192.0.2.1:83-84:93-94", "85:85/udp", "[fd00::1]:86:86"];
        let ports: Vec<Port> = texts.into_iter().map(|text| Port::parse(text).unwrap()).collect();
        let seen: Vec<String> =
            published(&ports).iter().map(|(at, port, within)| format!("{at} {port} {within}")).collect();
        assert_eq!(
            seen,
            [
                "127.0.0.1 80 8080",
                "127.0.0.1 81 81",
                "::1 82 82",
                "192.0.2.1 83 93",
                "192.0.2.1 84 94",
                "fd00::1 86 86"
            ]
        );
    }
}
