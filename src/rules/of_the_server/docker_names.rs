//! Host names that would be other services' names on Docker. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::facts::{EngineKind, Facts};
use crate::plan::model::{Plan, Service};
use crate::plan::values::ServiceName;
use crate::rules::place::field;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    if facts.engine.as_ref().is_none_or(|engine| engine.kind != EngineKind::Docker) {
        return Vec::new();
    }
    plan.services.iter().filter_map(|(name, service)| found_as_another((name, service), plan)).collect()
}

/// Docker gives the address of a container to whoever asks for its host name.
fn found_as_another((name, service): (&ServiceName, &Service), plan: &Plan) -> Option<Finding> {
    let hostname = service.hostname.as_ref()?.to_string();
    let is_found_by = |(other, described): &(&ServiceName, &Service)| {
        *other != name
            && (other.as_str() == hostname || described.aliases.iter().any(|alias| alias.to_string() == hostname))
    };
    let (other, _) = plan.services.iter().find(is_found_by)?;
    let message = format!("on Docker `{hostname}` would be `{name}` as well as `{other}`");
    let help = "Docker answers for a container by its `hostname` too: give this service another one";
    Some(Finding::error(Code::OptionNotAvailable, field(name, "hostname"), message).help(help))
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::facts::{Engine, EngineKind, Facts};
    use crate::plan::model::Plan;
    use pretty_assertions::assert_eq;
    use serde_json::json;

    fn told(kind: EngineKind) -> Vec<String> {
        let plan: Plan = serde_json::from_value(json!({
            "version": 1, "name": "shop",
            "services": {
                "web": { "image": "r.example/web:1", "hostname": "cache" },
                "front": { "image": "r.example/web:1", "hostname": "web" },
                "store": { "image": "r.example/web:1", "hostname": "store", "aliases": ["cache"] },
                "index": { "image": "r.example/web:1", "hostname": "elsewhere" },
            },
        }))
        .unwrap();
        let facts = Facts { engine: Some(Engine::assumed_of(kind)), ..Facts::of_an_empty_host(&[]) };
        findings(&plan, &facts).into_iter().map(|found| format!("{} {}", found.code, found.message)).collect()
    }

    #[test]
    fn regression_008_a_host_name_that_is_another_services_name_is_refused_on_docker_alone() {
        assert_eq!(told(EngineKind::Podman), [] as [&str; 0]);
        assert_eq!(
            told(EngineKind::Docker),
            [
                "LF129 on Docker `web` would be `front` as well as `web`",
                "LF129 on Docker `cache` would be `web` as well as `store`",
            ]
        );
    }
}
