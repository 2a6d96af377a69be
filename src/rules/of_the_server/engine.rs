//! The container engine. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{Engine, EngineKind, Facts};
use crate::plan::model::{EngineChoice, Plan};

/// The oldest version that everything here was tried with.
const OLDEST_PODMAN: (u32, u32) = (4, 3);

/// The oldest Docker that everything here was tried with.
const OLDEST_DOCKER: (u32, u32) = (20, 10);

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let Some(engine) = &facts.engine else { return vec![missing(plan.engine)] };
    let mut findings: Vec<Finding> = deployed_elsewhere(plan, facts, engine.kind).into_iter().collect();
    let Engine { kind, program, version, network_backend: _, name_resolution, problem, graph_root: _, journald: _ } =
        engine;
    if let Some(problem) = problem {
        let message = format!("`{}` does not answer as it must: {problem}", program.display());
        findings.push(Finding::host(Code::EngineProblem, message).help(match kind {
            EngineKind::Podman => {
                "run `podman info` as root, and cure what it complains of; where it hangs, `lslocks` shows who holds its locks"
            }
            EngineKind::Docker => {
                "run `docker info` as root, and cure what it complains of; where the daemon does not run, start it"
            }
        }));
        return findings;
    }
    let oldest = match kind {
        EngineKind::Podman => OLDEST_PODMAN,
        EngineKind::Docker => OLDEST_DOCKER,
    };
    match parts(version) {
        Some(parts) if parts >= oldest => {}
        Some(_) => {
            let finding = Finding::host(Code::EngineTooOld, format!("{kind} {version} is too old"));
            findings.push(finding.label(format!("at least {}.{}", oldest.0, oldest.1)).help("install a newer one"));
        }
        None => {
            let message = format!("{kind} says that its version is `{}`", version.escape_debug());
            findings.push(Finding::host(Code::EngineProblem, message).label("a version such as 4.3.1 is expected"));
        }
    }
    if !name_resolution {
        findings.push(no_names(&engine.network_backend));
    }
    findings
}

fn missing(choice: EngineChoice) -> Finding {
    match choice {
        EngineChoice::Podman | EngineChoice::Auto => Finding::host(Code::NoEngine, "there is no container engine")
            .help("install Podman 4.3 or newer, with netavark and aardvark-dns"),
        EngineChoice::Docker => {
            Finding::host(Code::NoEngine, "there is no Docker here").help("install Docker 20.10 or newer")
        }
    }
}

/// What runs on one engine can't be replaced by another: the first would keep the containers, and their ports.
fn deployed_elsewhere(plan: &Plan, facts: &Facts, kind: EngineKind) -> Option<Finding> {
    let there = facts.deployed_on.filter(|there| *there != kind)?;
    let message = format!("the plan `{}` is deployed on {there}, and would be deployed on {kind} now", plan.name);
    let help = format!("write `{}`, or run `landfall teardown {}` first", there.program(), plan.name);
    Some(Finding::error(Code::DeployedOnOtherEngine, Pointer::of(["engine"]), message).help(help))
}

fn no_names(network_backend: &str) -> Finding {
    let message = format!("containers would not find one another by name (network backend `{network_backend}`)");
    let help = match network_backend {
        "netavark" => "install aardvark-dns",
        _ => {
            "install netavark and aardvark-dns, and write `network_backend = \"netavark\"` below `[network]` in \
              /etc/containers/containers.conf; Podman takes it up after `podman system reset`, which deletes all containers"
        }
    };
    Finding::host(Code::NoNameResolution, message).help(help)
}

/// Major and minor number of a version.
pub(super) fn parts(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}
