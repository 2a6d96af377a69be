//! The container engine. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding};
use crate::facts::{Engine, EngineKind, Facts};
use crate::plan::model::{EngineChoice, Plan};

/// The oldest version that everything here was tried with.
const OLDEST_PODMAN: (u32, u32) = (4, 3);

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    let Some(engine) = &facts.engine else {
        let finding = Finding::host(Code::NoEngine, "there is no container engine");
        return vec![finding.help("install Podman 4.3 or newer, with netavark and aardvark-dns")];
    };
    let Engine { kind, program, version, network_backend, name_resolution, problem, graph_root: _, journald: _ } =
        engine;
    match (kind, plan.engine) {
        (EngineKind::Podman, _) => {}
        // The plan itself says so already.
        (EngineKind::Docker, EngineChoice::Docker) => return Vec::new(),
        (EngineKind::Docker, EngineChoice::Auto | EngineChoice::Podman) => {
            let message = "the only container engine is Docker, which is not available yet";
            return vec![Finding::host(Code::DockerNotYet, message).help("install Podman 4.3 or newer")];
        }
    }
    if let Some(problem) = problem {
        let message = format!("`{}` does not answer as it must: {problem}", program.display());
        let help = "run `podman info` as root, and cure what it complains of; where it hangs, `lslocks` shows who holds its locks";
        return vec![Finding::host(Code::EngineProblem, message).help(help)];
    }
    let mut findings = Vec::new();
    match parts(version) {
        Some(parts) if parts >= OLDEST_PODMAN => {}
        Some(_) => {
            let finding = Finding::host(Code::EngineTooOld, format!("Podman {version} is too old"));
            findings.push(finding.label("at least 4.3").help("install a newer one"));
        }
        None => {
            let message = format!("Podman says that its version is `{}`", version.escape_debug());
            findings.push(Finding::host(Code::EngineProblem, message).label("a version such as 4.3.1 is expected"));
        }
    }
    if !name_resolution {
        let message = format!("containers would not find one another by name (network backend `{network_backend}`)");
        let help = match network_backend.as_str() {
            "netavark" => "install aardvark-dns",
            _ => {
                "install netavark and aardvark-dns, and write `network_backend = \"netavark\"` below `[network]` in \
                  /etc/containers/containers.conf; Podman takes it up after `podman system reset`, which deletes all containers"
            }
        };
        findings.push(Finding::host(Code::NoNameResolution, message).help(help));
    }
    findings
}

/// Major and minor number of a version.
pub(super) fn parts(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(['.', '-', '+']).map(|part| part.parse().ok());
    Some((numbers.next()??, numbers.next()??))
}
