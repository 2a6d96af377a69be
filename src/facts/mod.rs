//! What a host looks like, as plain data. Reads nothing, changes nothing.
//!
//! `host` fills these in by looking; `rules` judges them, `steps` turns them into operations.

mod engine;
mod files;
mod machine;
mod registries;
mod remote;
mod saved;

pub use engine::{ContainerFact, Engine, EngineKind, EngineLook, ImageFact, MonitorFact, NetworkFact, SecretFact};
pub use files::{ArchiveFact, CrontabFact, DirectoryFact, FileFact, KeyFact};
pub use machine::{ClockChange, Disk, HeldPort, KEPT_FREE, Machine, MailPath, Protocol, Zone};
pub use registries::{RegistryTrust, RegistryTrusts};
pub use remote::{RemoteImage, RemoteSize};
pub use saved::{Beneath, FallsTo, Hotfix, LastRun, Outcome, RunKind, Saved, SavedService, Unfinished};

use crate::few::Few;
use crate::plan::values::{HostPath, KeyFileName, PlanName, PlanPath, ServiceName};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Everything about a host that a deployment of one plan depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The machine.
    pub machine: Machine,
    /// Where each command that is needed was found; `None` where it was not.
    pub commands: BTreeMap<String, Option<PathBuf>>,
    /// The engine, where there is one.
    pub engine: Option<Engine>,
    /// The engine that the plan is deployed on now.
    pub deployed_on: Option<EngineKind>,
    /// What the engine has.
    pub look: EngineLook,
    /// Every data directory of the plan.
    pub directories: BTreeMap<HostPath, DirectoryFact>,
    /// Every file and folder that the plan names, relative to the plan file.
    pub files: BTreeMap<PlanPath, FileFact>,
    /// Of each service whose archive is to be found in a folder, which one that is; none where the folder was not searched.
    pub archives: BTreeMap<ServiceName, ArchiveFact>,
    /// How the engine's daemon asks the registries of the plan.
    pub trusts: RegistryTrusts,
    /// The images on other servers, as far as those have told what they take.
    pub remote: Vec<RemoteImage>,
    /// The crontab of root.
    pub crontab: CrontabFact,
    /// Every key of the plan, as it is in `/root/.ssh`, and those that an earlier deployment of it installed.
    pub keys: BTreeMap<KeyFileName, KeyFact>,
    /// What is deployed on this host, by plan.
    pub saved: BTreeMap<PlanName, Saved>,
}

impl Facts {
    /// Which engine performs a plan here; where there is none, what is told is told of Podman.
    pub fn engine_kind(&self) -> EngineKind {
        self.engine.as_ref().map_or(EngineKind::Podman, |engine| engine.kind)
    }

    /// A host with nothing on it that has everything that it needs: what an offline dry run assumes.
    pub fn of_an_empty_host(commands: &[String]) -> Self {
        Self {
            machine: Machine::assumed(),
            commands: commands.iter().map(|name| (name.clone(), Some(PathBuf::from("/usr/bin").join(name)))).gathered(),
            engine: Some(Engine::assumed()),
            deployed_on: None,
            look: EngineLook::default(),
            directories: BTreeMap::new(),
            files: BTreeMap::new(),
            archives: BTreeMap::new(),
            trusts: RegistryTrusts::new(),
            remote: Vec::new(),
            crontab: CrontabFact::Absent,
            keys: BTreeMap::new(),
            saved: BTreeMap::new(),
        }
    }
}

/// What there is of one plan on a host: what rollback and recovery look at, and `status`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observed {
    /// What the engine has, of this plan and of others.
    pub look: EngineLook,
    /// Whether a network of the plan's name that the engine does not have left rules, names or an interface behind.
    pub network_remains: bool,
    /// The monitors that run on without a container that the engine knows, of this plan and of others.
    pub monitors: Vec<MonitorFact>,
    /// The files and folders of ours that are there, of those that a containerless host does not have.
    pub paths: Vec<PathBuf>,
    /// Whether keys of ours are installed.
    pub keys: bool,
    /// The lines of our block of the crontab, if there is one.
    pub crontab_block: Option<Vec<String>>,
    /// What is deployed.
    pub saved: Option<Saved>,
    /// The services that are stopped on purpose.
    pub stopped: BTreeSet<ServiceName>,
    /// The services that were started since the last boot: the files are there without which no engine starts them.
    pub guarded: BTreeSet<ServiceName>,
    /// The IDs of the containers that this run has seen become healthy, and that run on.
    pub healthy: BTreeSet<String>,
}
