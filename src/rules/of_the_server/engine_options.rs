//! Fields that this server's engine does not have, or has with an effect that nobody expects. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::facts::{EngineKind, Facts};
use crate::plan::model::{Plan, Service};
use crate::plan::values::{HostsEntry, ServiceName};
use crate::rules::place::field;

/// The first Podman in which `host-gateway` stands for the server's address.
const HOST_GATEWAY: (u32, u32) = (4, 7);

/// The first Podman that was seen to have the network's name server ask those of a service for what it does not know itself.
const ASKED_BESIDE: (u32, u32) = (5, 4);

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let Some(engine) = facts.engine.as_ref().filter(|engine| engine.kind == EngineKind::Podman) else {
        return Vec::new();
    };
    let is_before = |first| super::engine::parts(&engine.version).is_some_and(|version| version < first);
    let old = is_before(HOST_GATEWAY).then_some(&engine.version);
    let of_service = |(name, service)| {
        let mut findings = of_hosts(name, service, old);
        findings.extend(of_name_servers(name, service).filter(|_| is_before(ASKED_BESIDE)));
        findings
    };
    plan.services.iter().flat_map(of_service).collect()
}

fn of_hosts(name: &ServiceName, service: &Service, old: Option<&String>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, entry) in service.extra_hosts.iter().enumerate() {
        if let (None, Some(version)) = (HostsEntry::address(entry), old) {
            let message = format!("Podman {version} does not know `host-gateway`");
            findings.push(
                Finding::error(Code::OptionNotAvailable, field(name, "extra_hosts").then(number), message)
                    .label("the container could not be created")
                    .help("remove it, and reach the server as `host.containers.internal`")
                    .fix_by_removing("remove it", Place::Value(field(name, "extra_hosts").then(number))),
            );
        }
    }
    findings
}

fn of_name_servers(name: &ServiceName, service: &Service) -> Option<Finding> {
    (!service.dns.is_empty()).then(|| {
        let message = format!("`{name}` will not find the other services by name");
        Finding::warning(Code::OptionSurprises, field(name, "dns"), message)
            .label("Podman asks these name servers instead of the network's own")
            .help(
                "remove `dns` unless the service needs no other; the network's own asks the server's name servers too",
            )
    })
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::diagnostics::{Code, Pointer, Severity};
    use crate::facts::{Engine, Facts};
    use crate::plan::model::Plan;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn told(version: &str) -> Vec<(Code, Severity, String)> {
        let service = json!({
            "image": "registry.example/web:1", "dns": ["10.0.0.1"], "extra_hosts": ["a:10.0.0.2", "b:host-gateway"]
        });
        let plan: Plan =
            serde_json::from_value(json!({ "version": 1, "name": "shop", "services": { "web": service } })).unwrap();
        let engine = Some(Engine { version: version.to_owned(), ..Engine::assumed() });
        let facts = Facts { engine, ..Facts::of_an_empty_host(&[]) };
        let place = |finding: &crate::diagnostics::Finding| match &finding.place {
            crate::diagnostics::Place::Value(pointer) => Pointer::to_string(pointer),
            other => format!("{other:?}"),
        };
        findings(&plan, &facts).iter().map(|finding| (finding.code, finding.severity, place(finding))).collect()
    }

    #[test]
    fn what_this_podman_does_not_have_is_refused_and_what_surprises_is_warned_of() {
        let dns = (Code::OptionSurprises, Severity::Warning, "/services/web/dns".to_owned());
        let gateway = (Code::OptionNotAvailable, Severity::Error, "/services/web/extra_hosts/1".to_owned());
        assert_eq!(told("4.3.1"), [gateway, dns.clone()]);
        assert_eq!(told("4.7.0"), [dns]);
        assert_eq!(told("5.4.2"), []);
    }
}
