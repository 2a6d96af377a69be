//! What Docker says of itself. Changes nothing.

use super::super::{deadline, said};
use super::contents::Contents;
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

/// Why images in a store that lies elsewhere can't be told apart.
const NO_CONTENTS: &str = "it keeps images in containerd's store, which is neither in /var/lib/containerd nor in Docker's folder: without it \
    nobody can tell which image an ID is. Move it there, or write `\"features\": { \"containerd-snapshotter\": false }` into \
    /etc/docker/daemon.json";

/// Why those that keep images there, and are older than [`LISTS_ALL`], can't be used.
const LOSES_IMAGES: &str = "it keeps images in containerd's store, where a Docker before 28 loses an image whose last name another one gets by \
    a pull, and does not list all that it has: update Docker, or write `\"features\": { \"containerd-snapshotter\": false }` into \
    /etc/docker/daemon.json";

/// The first generation that was seen to keep and to list every image in containerd's store.
const LISTS_ALL: u32 = 28;

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
        match self.info() {
            Ok(info) => {
                let contents = info.contents();
                info.engine(self.program(), Path::new(JOURNAL).exists(), contents.is_some())
            }
            Err(failure) => silent(self.program(), failure.message),
        }
    }

    /// The folder in which it keeps images.
    ///
    /// # Errors
    /// It can't be used.
    pub fn images_folder(&self) -> Result<PathBuf, Failure> {
        let info = self.info()?;
        let (contents, in_containerd) = (info.contents(), info.is_in_containerd());
        let Engine { problem, graph_root, .. } = info.engine(self.program(), false, contents.is_some());
        let of_containerd =
            contents.as_ref().filter(|_| in_containerd).and_then(Contents::folder).map(Path::to_path_buf);
        match problem {
            Some(problem) => Err(Failure::new(problem)),
            None => Ok(of_containerd.unwrap_or(graph_root)),
        }
    }

    fn info(&self) -> Result<Info, Failure> {
        let arguments = ["info", "--format", "{{json .}}"].map(str::to_owned);
        let call = self.call(&arguments, deadline::LOOK);
        let Output { stdout, stderr, code: _ } = call.run_to_any_code().map_err(said::failure)?;
        serde_json::from_slice::<Info>(&stdout).map_err(|problem| {
            let said = said::gist(&stderr).unwrap_or_else(|| format!("what it printed can't be read: {problem}"));
            Failure::new(said)
        })
    }

    /// Where it says what images are known by; `None` where it calls them so itself.
    pub(super) fn contents(&self) -> Result<Option<&Contents>, Failure> {
        if let Some(contents) = self.contents.get() {
            return Ok(contents.as_ref());
        }
        let info = self.info()?;
        let contents = match (info.is_in_containerd(), info.contents()) {
            (true, None) => return Err(Failure::new(NO_CONTENTS)),
            (true, contents) => contents,
            (false, _) => None,
        };
        Ok(self.contents.get_or_init(|| contents).as_ref())
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
    fn is_in_containerd(&self) -> bool {
        self.driver_status.iter().flatten().any(|(_, what)| what == CONTAINERD)
    }

    fn contents(&self) -> Option<Contents> {
        Contents::of_docker_in(&self.docker_root_dir)
    }

    /// The engine, where `journal` says whether systemd's takes lines, and `contents` whether containerd's content is where it usually is.
    pub(super) fn engine(self, program: &Path, journal: bool, contents: bool) -> Engine {
        let in_containerd = self.is_in_containerd();
        let unknown = in_containerd && !contents;
        let Self { server_version, docker_root_dir, plugins, security_options, driver_status: _, server_errors } = self;
        let generation = server_version.split('.').next().and_then(|number| number.parse::<u32>().ok());
        let loses_images = in_containerd && generation.is_some_and(|generation| generation < LISTS_ALL);
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
            None if unknown => Some(NO_CONTENTS.to_owned()),
            None if loses_images => Some(LOSES_IMAGES.to_owned()),
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
