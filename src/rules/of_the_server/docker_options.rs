//! What a plan can say and Docker can't do. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{EngineKind, Facts, FileFact, RegistryTrust};
use crate::plan::model::{Environment, Image, ImageSource, Plan, Service};
use crate::plan::values::{EnvironmentName, PlanPath, RegistryName, ServiceName};
use crate::rules::place::field;

/// What the names of variables begin with that Docker's client, or what loads it, takes for its own: a secret reaches it as one.
const ITS_OWN: [&str; 3] = ["DOCKER_", "LD_", "GODEBUG"];

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    if facts.engine.as_ref().is_none_or(|engine| engine.kind != EngineKind::Docker) {
        return Vec::new();
    }
    let variables = plan.services.iter().flat_map(|(name, service)| of_variables(name, service));
    let meant = plan.services.iter().flat_map(|(name, service)| own_registry(plan, name, &service.image));
    let meant = meant.chain(mirrors(plan));
    // One entry of `registries` may stand for several services.
    let mut of_registries: Vec<Finding> = Vec::new();
    for finding in meant.filter_map(|meant| of_registry(&meant, facts)) {
        if !of_registries.contains(&finding) {
            of_registries.push(finding);
        }
    }
    of_registries.into_iter().chain(variables).collect()
}

/// A registry as the plan means it.
struct Meant<'a> {
    registry: &'a RegistryName,
    /// Where the plan names it.
    at: Pointer,
    /// Where the plan says that it is not to be verified, if it does.
    unverified: Option<Pointer>,
    /// The authority that vouches for it, and where the plan says so.
    authority: Option<(&'a PlanPath, Pointer)>,
}

/// The registry that an image comes from, if it comes from one.
fn own_registry<'a>(plan: &'a Plan, service: &ServiceName, image: &'a Image) -> Option<Meant<'a>> {
    let at = field(service, "image");
    let registry = image.reference()?.registry();
    let of_the_registry = of_its_entry(plan, registry);
    Some(match image {
        Image::Source(ImageSource::Registry { registry: _, digest: _, tls_verify, ca, id: _, timeout: _ }) => Meant {
            registry,
            at: at.then("registry"),
            unverified: (!tls_verify).then(|| at.then("tls_verify")),
            authority: ca.as_ref().map(|ca| (ca, at.then("ca"))).or(of_the_registry),
        },
        Image::Source(_) | Image::Reference(_) => Meant { registry, at, unverified: None, authority: of_the_registry },
    })
}

/// The mirrors of the registries that images come from.
fn mirrors(plan: &Plan) -> impl Iterator<Item = Meant<'_>> {
    let used = |name: &RegistryName| {
        let mut images = plan.services.values().filter_map(|service| service.image.reference());
        images.any(|reference| reference.registry() == name)
    };
    let registries = plan.registries.iter().filter(move |(name, _)| used(name));
    registries.flat_map(move |(name, entry)| {
        entry.mirrors.iter().enumerate().map(move |(index, mirror)| {
            let at = Pointer::of(["registries"]).then(name.to_string()).then("mirrors").then(index.to_string());
            let authority = of_its_entry(plan, mirror.registry());
            Meant { registry: mirror.registry(), at, unverified: None, authority }
        })
    })
}

fn of_its_entry<'a>(plan: &'a Plan, registry: &RegistryName) -> Option<(&'a PlanPath, Pointer)> {
    let ca = plan.registries.get(registry)?.ca.as_ref()?;
    Some((ca, Pointer::of(["registries"]).then(registry.to_string()).then("ca")))
}

/// What differs between how the plan means a registry and how the daemon asks it.
fn of_registry(meant: &Meant<'_>, facts: &Facts) -> Option<Finding> {
    let Meant { registry, at, unverified, authority } = meant;
    let RegistryTrust { verified, authorities } = facts.trusts.get(registry)?;
    match (verified, unverified) {
        (false, Some(_)) => None,
        (false, None) => Some(not_verified(at.clone(), registry)),
        (true, Some(at)) => {
            let message = "Docker can't be told for one image to trust a registry without TLS";
            let help = format!("write it into `insecure-registries` of /etc/docker/daemon.json as `{registry}`");
            Some(Finding::error(Code::OptionNotAvailable, at.clone(), message).help(help))
        }
        (true, None) => {
            let (ca, at) = authority.as_ref()?;
            let trusted = match facts.files.get(*ca) {
                Some(FileFact::File { sha256: Some(sha256), size: _ }) => authorities.contains(sha256),
                // It has a finding of its own.
                Some(FileFact::Missing | FileFact::Unusable { reason: _, cure: _ }) => true,
                Some(FileFact::File { sha256: None, size: _ } | FileFact::Folder) | None => false,
            };
            (!trusted).then(|| {
                let message = "Docker can't be told for one image whom to trust";
                let help =
                    format!("copy it as it is to /etc/docker/certs.d/{registry}/ca.crt, where Docker looks for it");
                Finding::error(Code::OptionNotAvailable, at.clone(), message).help(help)
            })
        }
    }
}

fn not_verified(at: Pointer, registry: &RegistryName) -> Finding {
    let message = format!("Docker does not verify the registry {registry}");
    let help = "write `\"tls_verify\": false` for the image where that is meant, or take the registry out of `insecure-registries` \
                in /etc/docker/daemon.json";
    Finding::error(Code::RegistryNotVerified, at, message).help(help)
}

fn of_variables(name: &ServiceName, service: &Service) -> Vec<Finding> {
    let secret = |(name, value): (&EnvironmentName, &Environment)| match value {
        Environment::Text(_) => None,
        Environment::Secret { secret: _ } | Environment::Template { template: _ } => {
            ITS_OWN.iter().any(|own| name.as_str().starts_with(own)).then(|| name.clone())
        }
    };
    let variables = service.environment.iter().filter_map(secret);
    variables
        .map(|variable| {
            let message = format!("Docker's client would take the variable {variable} for its own");
            let at = field(name, "environment").then(variable.to_string());
            Finding::error(Code::OptionNotAvailable, at, message).help("give the secret to the service as a file")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::facts::{Engine, EngineKind, Facts, FileFact, RegistryTrust, RegistryTrusts};
    use crate::plan::model::Plan;
    use crate::plan::values::{PlanPath, RegistryName};
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};

    const OF_A_PEM: &str = "aa";

    /// What is told of a plan with this image, where the daemon asks every registry so.
    fn told(kind: EngineKind, image: &Value, trust: &RegistryTrust) -> Vec<String> {
        let plan: Plan = serde_json::from_value(json!({
            "version": 1, "name": "shop",
            "services": { "web": {
                "image": image, "environment": { "DOCKER_HOST": { "secret": "host" }, "TOKEN": { "secret": "token" } }
            } },
            "registries": { "r.example:5000": { "ca": "a.pem", "mirrors": ["m.example/copies"] } },
        }))
        .unwrap();
        let trusts = ["r.example:5000", "m.example"].map(|name| (RegistryName::parse(name).unwrap(), trust.clone()));
        let file = FileFact::File { sha256: Some(OF_A_PEM.to_owned()), size: 1 };
        let facts = Facts {
            engine: Some(Engine::assumed_of(kind)),
            trusts: if kind == EngineKind::Docker { trusts.into() } else { RegistryTrusts::new() },
            files: [(PlanPath::parse("a.pem").unwrap(), file)].into(),
            ..Facts::of_an_empty_host(&[])
        };
        let told = |finding: &crate::diagnostics::Finding| match &finding.place {
            crate::diagnostics::Place::Value(at) => format!("{} {at}: {}", finding.code, finding.message),
            place => format!("{place:?}"),
        };
        findings(&plan, &facts).iter().map(told).collect()
    }

    fn trust(verified: bool, authorities: &[&str]) -> RegistryTrust {
        RegistryTrust { verified, authorities: authorities.iter().map(|&authority| authority.to_owned()).collect() }
    }

    const VARIABLE: &str =
        "LF129 /services/web/environment/DOCKER_HOST: Docker's client would take the variable DOCKER_HOST for its own";

    #[test]
    fn what_docker_can_not_do_is_refused_by_its_name_and_not_on_podman() {
        let plain = json!({ "registry": "r.example:5000/web:1", "tls_verify": false });
        let trusting = json!({ "registry": "r.example:5000/web:1", "ca": "a.pem" });
        assert_eq!(told(EngineKind::Podman, &plain, &trust(true, &[])), [] as [&str; 0]);
        assert_eq!(
            told(EngineKind::Docker, &plain, &trust(true, &[])),
            [
                "LF129 /services/web/image/tls_verify: Docker can't be told for one image to trust a registry without TLS",
                VARIABLE
            ]
        );
        let untrusted = |at: &str| format!("LF129 {at}: Docker can't be told for one image whom to trust");
        assert_eq!(
            told(EngineKind::Docker, &trusting, &trust(true, &["bb"])),
            [untrusted("/services/web/image/ca"), VARIABLE.to_owned()]
        );
        assert_eq!(
            told(EngineKind::Docker, &json!("r.example:5000/web:1"), &trust(true, &[])),
            [untrusted("/registries/r.example:5000/ca"), VARIABLE.to_owned()]
        );
    }

    #[test]
    fn what_docker_was_told_of_a_registry_may_stand_in_the_plan_as_well() {
        let plain = json!({ "registry": "r.example:5000/web:1", "tls_verify": false });
        let told_of = |image: &Value, trust: &RegistryTrust| {
            let told = told(EngineKind::Docker, image, trust);
            told.into_iter().filter(|told| !told.contains("/mirrors/")).collect::<Vec<_>>()
        };
        assert_eq!(told_of(&plain, &trust(false, &[])), [VARIABLE]);
        let trusting = json!({ "registry": "r.example:5000/web:1", "ca": "a.pem" });
        assert_eq!(told_of(&trusting, &trust(true, &["00", OF_A_PEM])), [VARIABLE]);
        assert_eq!(told_of(&json!("r.example:5000/web:1"), &trust(true, &[OF_A_PEM])), [VARIABLE]);
    }

    #[test]
    fn regression_068_a_registry_that_docker_does_not_verify_is_refused_unless_the_plan_says_so_too() {
        let not_verified = |at: &str, name: &str| format!("LF135 {at}: Docker does not verify the registry {name}");
        assert_eq!(
            told(EngineKind::Docker, &json!("r.example:5000/web:1"), &trust(false, &[])),
            [
                not_verified("/services/web/image", "r.example:5000"),
                not_verified("/registries/r.example:5000/mirrors/0", "m.example"),
                VARIABLE.to_owned()
            ]
        );
    }
}
