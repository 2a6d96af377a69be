//! The jobs that run at boot: start everything in order, or first finish what was interrupted. Reads nothing, changes nothing.

use super::ScriptProblem;
use super::asked::{Asks, CheckedService};
use super::probe::{lasting, names};
use super::template::Templates;
use crate::few::Few;
use crate::operation::{Layout, Script};
use crate::plan::model::{Condition, Dependency, Plan};
use crate::plan::values::{EngineKind, ServiceName};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;

#[derive(Serialize)]
struct Values {
    engine: &'static str,
    docker: bool,
    mail: bool,
    include_output: bool,
    mountpoints: BTreeSet<String>,
    names: Vec<String>,
    containers: Vec<String>,
    asks: Asks,
    services: Vec<Started>,
    secrets: String,
}

#[derive(Serialize)]
struct Started {
    #[serde(flatten)]
    checked: CheckedService,
    guard: String,
    after: BTreeSet<String>,
    /// Seconds after which it has failed.
    deadline: u64,
    /// Milliseconds.
    interval: u128,
    stable_for: u64,
}

/// The script `boot`.
pub(super) fn boot(
    plan: &Plan,
    layout: &Layout,
    engine: EngineKind,
    templates: &Templates,
) -> Result<Script, ScriptProblem> {
    let services = lasting(plan)
        .map(|(name, service)| {
            let (deadline, interval) = super::probe::patience(service);
            Started {
                checked: CheckedService::new((name, service), plan, layout, engine),
                guard: layout.boot_guard(name).display().to_string(),
                after: lasting_dependencies(name, plan).iter().map(ToString::to_string).gathered(),
                deadline,
                interval: interval.as_millis().max(20),
                stable_for: super::probe::stable_for(service).as_seconds(),
            }
        })
        .collect();
    let volumes = plan.services.values().filter(|service| !service.one_shot()).flat_map(|service| &service.volumes);
    let values = Values {
        engine: engine.program(),
        docker: engine == EngineKind::Docker,
        mail: plan.maintenance.mail.is_some(),
        include_output: super::mail::include_output(plan),
        mountpoints: volumes.filter(|volume| volume.mountpoint).map(|volume| volume.source.to_string()).gathered(),
        names: names(plan),
        containers: lasting(plan).map(|(name, _)| layout.container(name)).collect(),
        asks: Asks::of(plan),
        services,
        secrets: layout.secrets().display().to_string(),
    };
    templates.fill("boot", "boot", layout, values)
}

/// The script that finishes an interrupted run at boot with `program recover`, and starts what is deployed then; on Docker, it first
/// gives back the ports that the daemon holds for nobody.
///
/// # Errors
/// See [`ScriptProblem`].
pub fn recover(layout: &Layout, engine: EngineKind, program: &Path) -> Result<Script, ScriptProblem> {
    #[derive(Serialize)]
    struct Values {
        docker: bool,
        ports_looked_at: &'static str,
        program: String,
        state_folder: String,
        boot: String,
    }
    let text =
        |path: &Path| path.to_str().map(str::to_owned).ok_or_else(|| ScriptProblem::Path { path: path.to_owned() });
    let values = Values {
        docker: engine == EngineKind::Docker,
        ports_looked_at: Layout::PORTS_LOOKED_AT,
        program: text(program)?,
        state_folder: text(layout.state().parent().unwrap_or(layout.state()))?,
        boot: text(&layout.job("boot"))?,
    };
    Templates::all()?.fill("recover", "recover", layout, values)
}

/// The services that a service waits for at boot. A one-shot is done for good: what it waited for counts in its place.
fn lasting_dependencies<'a>(name: &'a ServiceName, plan: &'a Plan) -> BTreeSet<&'a ServiceName> {
    let mut found = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut ahead = vec![name];
    while let Some(dependent) = ahead.pop() {
        let Some(service) = plan.services.get(dependent).filter(|_| seen.insert(dependent)) else { continue };
        for (dependency, Dependency { condition, timeout: _ }) in service.depends_on.iter() {
            match condition {
                Condition::ServiceHealthy => drop(found.insert(dependency)),
                Condition::ServiceCompletedSuccessfully => ahead.push(dependency),
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn behind_a_one_shot_stands_what_it_waited_for() {
        let plan: Plan = serde_json::from_str(
            r#"{ "version": 1, "name": "shop", "services": {
                "db": { "image": "localhost/a:1" },
                "cache": { "image": "localhost/a:1" },
                "prepare": { "image": "localhost/a:1", "restart": "no", "depends_on": ["db"] },
                "migrate": { "image": "localhost/a:1", "restart": "no",
                             "depends_on": { "prepare": { "condition": "service_completed_successfully" } } },
                "web": { "image": "localhost/a:1", "depends_on": { "cache": {}, "migrate": { "condition": "service_completed_successfully" } } }
            } }"#,
        )
        .unwrap();
        let after = |name: &str| -> Vec<String> {
            let name = ServiceName::parse(name).unwrap();
            lasting_dependencies(&name, &plan).iter().map(ToString::to_string).collect()
        };
        assert_eq!(after("web"), ["cache", "db"]);
        assert_eq!(after("db"), [] as [&str; 0]);
    }
}
