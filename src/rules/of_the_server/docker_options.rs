//! What a plan can say and Docker can't do. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{EngineKind, Facts};
use crate::plan::model::{Environment, Image, ImageSource, Plan, Service};
use crate::plan::values::{EnvironmentName, ServiceName};
use crate::rules::place::field;

/// What the names of variables begin with that Docker's client, or what loads it, takes for its own: a secret reaches it as one.
const ITS_OWN: [&str; 3] = ["DOCKER_", "LD_", "GODEBUG"];

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    if facts.engine.as_ref().is_none_or(|engine| engine.kind != EngineKind::Docker) {
        return Vec::new();
    }
    let of_services = plan.services.iter().flat_map(|(name, service)| of_service(name, service));
    let registries = plan.registries.iter().filter(|(_, registry)| registry.ca.is_some());
    let of_registries = registries
        .map(|(name, _)| authority(Pointer::of(["registries"]).then(name.to_string()).then("ca"), &name.to_string()));
    of_services.chain(of_registries).collect()
}

fn of_service(name: &ServiceName, service: &Service) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Image::Source(ImageSource::Registry { registry, digest: _, tls_verify, ca, id: _, timeout: _ }) =
        &service.image
    {
        let registry = registry.registry().to_string();
        if ca.is_some() {
            findings.push(authority(field(name, "image").then("ca"), &registry));
        }
        if !tls_verify {
            let at = field(name, "image").then("tls_verify");
            let message = "Docker can't be told for one image to trust a registry without TLS";
            let help = format!(
                "write it into `insecure-registries` of /etc/docker/daemon.json as `{registry}`, and remove `tls_verify`"
            );
            findings.push(Finding::error(Code::OptionNotAvailable, at, message).help(help));
        }
    }
    let secret = |(name, value): (&EnvironmentName, &Environment)| match value {
        Environment::Text(_) => None,
        Environment::Secret { secret: _ } | Environment::Template { template: _ } => {
            ITS_OWN.iter().any(|own| name.as_str().starts_with(own)).then(|| name.clone())
        }
    };
    findings.extend(service.environment.iter().filter_map(secret).map(|variable| {
        let message = format!("Docker's client would take the variable {variable} for its own");
        let at = field(name, "environment").then(variable.to_string());
        Finding::error(Code::OptionNotAvailable, at, message).help("give the secret to the service as a file")
    }));
    findings
}

fn authority(at: Pointer, registry: &str) -> Finding {
    let message = "Docker can't be told for one image whom to trust";
    let help = format!("copy it to /etc/docker/certs.d/{registry}/ca.crt, and remove `ca`");
    Finding::error(Code::OptionNotAvailable, at, message).help(help)
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::facts::{Engine, EngineKind, Facts};
    use crate::plan::model::Plan;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn told(kind: EngineKind) -> Vec<String> {
        let image = json!({ "registry": "r.example:5000/web:1", "tls_verify": false, "ca": "a.pem" });
        let plan: Plan = serde_json::from_value(json!({
            "version": 1, "name": "shop",
            "services": { "web": {
                "image": image, "environment": { "DOCKER_HOST": { "secret": "host" }, "TOKEN": { "secret": "token" } }
            } },
            "registries": { "r.example:5000": { "ca": "a.pem" } },
        }))
        .unwrap();
        let facts = Facts { engine: Some(Engine::assumed_of(kind)), ..Facts::of_an_empty_host(&[]) };
        findings(&plan, &facts).into_iter().map(|finding| format!("{} {}", finding.code, finding.message)).collect()
    }

    #[test]
    fn what_docker_can_not_do_is_refused_by_its_name_and_not_on_podman() {
        assert_eq!(told(EngineKind::Podman), [] as [&str; 0]);
        assert_eq!(
            told(EngineKind::Docker),
            [
                "LF129 Docker can't be told for one image whom to trust",
                "LF129 Docker can't be told for one image to trust a registry without TLS",
                "LF129 Docker's client would take the variable DOCKER_HOST for its own",
                "LF129 Docker can't be told for one image whom to trust",
            ]
        );
    }
}
