//! Reads what Podman says of itself.

use super::super::driver::Podman;
use super::memory::{Answer, STORE, Told};
use crate::facts::{Engine, EngineKind};
use crate::run::Failure;
use serde::Deserialize;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Where the systemd journal takes lines.
const JOURNAL: &str = "/run/systemd/journal/socket";

/// Where the programs lie that resolve names on Podman's networks.
const AARDVARK: [&str; 3] =
    ["/usr/lib/podman/aardvark-dns", "/usr/libexec/podman/aardvark-dns", "/usr/local/libexec/podman/aardvark-dns"];
const DNSNAME: [&str; 3] = ["/usr/lib/cni/dnsname", "/usr/libexec/cni/dnsname", "/opt/cni/bin/dnsname"];

const INFO: [&str; 3] = ["info", "--format", "json"];

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
    #[serde(default)]
    graph_driver_name: String,
    #[serde(default)]
    graph_options: Value,
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
    /// What the names begin with of the folders in which it has records of anything: `overlay`.
    pub driver: String,
    /// Whether all images are known to be on record in it, and not elsewhere, too.
    pub has_all_images: bool,
}

impl Storage {
    /// The usual one, at these places.
    pub fn at(graph: &Path, run: &Path) -> Self {
        let [graph, run] = [graph, run].map(Path::to_owned);
        Self { graph, run, driver: "overlay".to_owned(), has_all_images: true }
    }

    /// The folder of the records of what is `layers`, `images` or `containers`, if there is one.
    pub fn records(&self, what: &str) -> Option<PathBuf> {
        self.folder_in(&self.graph, what)
    }

    /// The folder of what is gone with the next boot.
    pub fn volatile_records(&self, what: &str) -> Option<PathBuf> {
        self.folder_in(&self.run, what)
    }

    fn folder_in(&self, root: &Path, what: &str) -> Option<PathBuf> {
        Some(root.join(format!("{}-{what}", self.driver))).filter(|folder| folder.is_dir())
    }

    /// Whether it is where no administrator has moved it.
    pub(super) fn is_as_usual(&self) -> bool {
        self.graph == Path::new(STORE)
    }
}

/// What Podman is, and where it has its storage if it can be used.
pub(super) fn engine(podman: &Podman) -> (Engine, Option<Storage>) {
    described(podman, podman.told_as_before(Answer::Itself, &INFO))
}

/// The same, whatever it said before.
pub(super) fn engine_now(podman: &Podman) -> (Engine, Option<Storage>) {
    described(podman, podman.told_now(&INFO))
}

fn described(podman: &Podman, told: Result<Told, Failure>) -> (Engine, Option<Storage>) {
    match told.and_then(|told| Ok((info(podman, &told)?, told.is_clear()))) {
        Ok((info, is_clear)) => {
            let storage = info.storage(is_clear);
            let engine = info.engine(podman.program(), &|path| path.exists());
            let usable = engine.problem.is_none().then_some(storage);
            (engine, usable)
        }
        Err(failure) => (silent(podman.program(), failure.message), None),
    }
}

fn info(podman: &Podman, told: &Told) -> Result<Info, Failure> {
    let info: Info = told.read()?;
    if info.can_be_used() && info.storage(told.is_clear()).is_as_usual() {
        podman.keep(Answer::Itself, told);
    }
    Ok(info)
}

/// Where its storage is by what it said of itself in an earlier run.
pub(super) fn recalled_storage(podman: &Podman) -> Option<Storage> {
    serde_json::from_slice(&podman.recalled(Answer::Itself)?).ok().map(|info: Info| info.storage(true))
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
    fn can_be_used(&self) -> bool {
        let Host { network_backend: _, service_is_remote, security: Security { rootless } } = &self.host;
        !service_is_remote && !rootless
    }

    /// Where it has its storage; `is_clear` says whether nothing in its configuration may say something else of images.
    pub(super) fn storage(&self, is_clear: bool) -> Storage {
        let Store { graph_root, run_root, graph_driver_name, graph_options } = &self.store;
        // Of `additionalimagestores`: `overlay.imagestore`; of Podman 5, `overlay.additionalImageStores`, too.
        let is_of_another = |option: &str| option.to_ascii_lowercase().contains("imagestore");
        let has_others = graph_options.as_object().into_iter().flatten().any(|(option, _)| is_of_another(option));
        Storage {
            graph: graph_root.clone(),
            run: run_root.clone(),
            driver: graph_driver_name.clone(),
            has_all_images: is_clear && !has_others,
        }
    }

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
