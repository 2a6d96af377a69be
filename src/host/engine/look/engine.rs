//! Reads what Podman says of itself.

use super::super::driver::Podman;
use crate::facts::{Engine, EngineKind};
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Where the systemd journal takes lines.
const JOURNAL: &str = "/run/systemd/journal/socket";

/// Where the programs lie that resolve names on Podman's networks.
const AARDVARK: [&str; 3] =
    ["/usr/lib/podman/aardvark-dns", "/usr/libexec/podman/aardvark-dns", "/usr/local/libexec/podman/aardvark-dns"];
const DNSNAME: [&str; 3] = ["/usr/lib/cni/dnsname", "/usr/libexec/cni/dnsname", "/opt/cni/bin/dnsname"];

/// The part of `podman info --format json` that is needed here.
#[derive(Debug, Deserialize)]
pub(super) struct Info {
    host: Host,
    store: Store,
    version: Version,
    #[serde(default)]
    plugins: Plugins,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Host {
    #[serde(default)]
    network_backend: String,
    #[serde(default)]
    service_is_remote: bool,
    security: Security,
}

#[derive(Debug, Deserialize)]
struct Security {
    rootless: bool,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Store {
    graph_root: PathBuf,
    #[serde(default)]
    run_root: PathBuf,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Version {
    version: String,
}

#[derive(Debug, Default, Deserialize)]
struct Plugins {
    #[serde(default)]
    log: Vec<String>,
}

/// Where Podman has its storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Storage {
    /// What it keeps for good.
    pub graph: PathBuf,
    /// What it keeps until the server boots.
    pub run: PathBuf,
}

/// What Podman is, and where it has its storage if it can be used.
pub(super) fn engine(podman: &Podman) -> (Engine, Option<Storage>) {
    match podman.told(&["info", "--format", "json"], |printed| serde_json::from_slice::<Info>(&printed.whole())) {
        Ok(info) => {
            let run = info.store.run_root.clone();
            let engine = info.engine(podman.program(), &|path| path.exists());
            let storage = Storage { graph: engine.graph_root.clone(), run };
            let usable = engine.problem.is_none().then_some(storage);
            (engine, usable)
        }
        Err(failure) => (silent(podman.program(), failure.message), None),
    }
}

/// One that does not answer, for this reason.
fn silent(program: &Path, problem: String) -> Engine {
    Engine {
        kind: EngineKind::Podman,
        program: program.to_path_buf(),
        version: String::new(),
        network_backend: String::new(),
        name_resolution: false,
        problem: Some(problem),
        graph_root: PathBuf::new(),
        journald: false,
    }
}

impl Info {
    /// The engine, where `exists` says which files the server has.
    pub(super) fn engine(self, program: &Path, exists: &dyn Fn(&Path) -> bool) -> Engine {
        let Self { host, store, version, plugins } = self;
        let Host { network_backend, service_is_remote, security: Security { rootless } } = host;
        let any = |paths: &[&str]| paths.iter().any(|path| exists(Path::new(path)));
        let problem = if rootless {
            Some("it runs without root".to_owned())
        } else if service_is_remote {
            Some("it runs on another server".to_owned())
        } else {
            None
        };
        Engine {
            kind: EngineKind::Podman,
            program: program.to_path_buf(),
            version: version.version,
            name_resolution: match network_backend.as_str() {
                "netavark" => any(&AARDVARK),
                "cni" => any(&DNSNAME),
                _ => false,
            },
            network_backend,
            problem,
            graph_root: store.graph_root,
            journald: plugins.log.iter().any(|driver| driver == "journald") && exists(Path::new(JOURNAL)),
        }
    }
}
