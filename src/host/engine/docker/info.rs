//! What Docker says of itself. Changes nothing.

use super::super::{deadline, said};
use super::driver::Docker;
use crate::facts::{Engine, EngineKind};
use crate::host::command::Output;
use crate::run::Failure;
use serde::Deserialize;
use std::path::{Path, PathBuf};

/// Where the systemd journal takes lines.
const JOURNAL: &str = "/run/systemd/journal/socket";

/// What Docker says of its storage where that is containerd's.
const CONTAINERD: &str = "io.containerd.snapshotter.v1";

/// The part of `docker info` that is needed here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Info {
    #[serde(default)]
    server_version: String,
    #[serde(default)]
    docker_root_dir: PathBuf,
    #[serde(default)]
    plugins: Plugins,
    #[serde(default)]
    security_options: Option<Vec<String>>,
    #[serde(default)]
    driver_status: Option<Vec<(String, String)>>,
    #[serde(default)]
    server_errors: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Plugins {
    #[serde(default)]
    log: Option<Vec<String>>,
}

impl Docker {
    /// What it is. What keeps it from being used is in [`Engine::problem`].
    pub fn engine(&self) -> Engine {
        let arguments = ["info", "--format", "{{json .}}"].map(str::to_owned);
        let info = self.call(&arguments, deadline::LOOK).run_to_any_code().map_err(said::failure);
        let info = info.and_then(|Output { stdout, stderr, code: _ }| {
            serde_json::from_slice::<Info>(&stdout).map_err(|problem| {
                let said = said::gist(&stderr).unwrap_or_else(|| format!("what it printed can't be read: {problem}"));
                Failure::new(said)
            })
        });
        match info {
            Ok(info) => info.engine(self.program(), Path::new(JOURNAL).exists()),
            Err(failure) => silent(self.program(), failure.message),
        }
    }
}

/// One that does not answer, for this reason.
fn silent(program: &Path, problem: String) -> Engine {
    Engine {
        kind: EngineKind::Docker,
        program: program.to_path_buf(),
        version: String::new(),
        network_backend: "libnetwork".to_owned(),
        name_resolution: true,
        problem: Some(problem),
        graph_root: PathBuf::new(),
        journald: false,
    }
}

impl Info {
    pub(super) fn engine(self, program: &Path, journal: bool) -> Engine {
        let Self { server_version, docker_root_dir, plugins, security_options, driver_status, server_errors } = self;
        let in_containerd = driver_status.unwrap_or_default().iter().any(|(_, what)| what == CONTAINERD);
        let options = security_options.unwrap_or_default();
        let has = |name: &str| options.iter().any(|option| option.contains(name));
        let problem = match server_errors.unwrap_or_default().into_iter().next() {
            Some(problem) => Some(problem),
            None if server_version.is_empty() => Some("it does not say what version its daemon is".to_owned()),
            None if has("name=rootless") => Some("its daemon does not run as root".to_owned()),
            None if has("name=userns") => Some(
                "it maps the users of containers to others (`userns-remap`), whom no data directory belongs to"
                    .to_owned(),
            ),
            None if in_containerd => Some(
                "it keeps images in containerd's store, where an image's ID is not what archives and plans know it by: write \
                 `\"features\": { \"containerd-snapshotter\": false }` into /etc/docker/daemon.json"
                    .to_owned(),
            ),
            None => None,
        };
        let log = plugins.log.unwrap_or_default();
        Engine {
            version: server_version,
            problem,
            graph_root: docker_root_dir,
            journald: journal && log.iter().any(|driver| driver == "journald"),
            ..silent(program, String::new())
        }
    }
}
