//! What an operation may bring into existence: the names that its intent puts on record. Reads nothing, changes nothing.

use super::{Action, Argument, EngineChange, HostChange, Known, Layout, NewDirectory, NewSecret, RetrievedImage};

/// A thing of the host that may come to exist, by its name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "snake_case", deny_unknown_fields)]
pub enum Object {
    /// A container.
    Container(String),
    /// A network.
    Network(String),
    /// A secret of the engine's store.
    Secret(String),
    /// The images of a service, by what their tags begin with.
    Images(String),
    /// A data directory; it is never removed.
    Directory(String),
    /// A file or folder of ours.
    Path(String),
    /// A key in `/root/.ssh`.
    Key(String),
    /// Our block of the crontab.
    CrontabBlock,
}

impl Action {
    /// Every thing that may exist once this was tried.
    pub fn objects(&self, known: &Known, layout: &Layout) -> Vec<Object> {
        match self {
            Self::Retrieve(RetrievedImage { image: _, services, places: _ }) => {
                services.iter().map(|service| Object::Images(layout.repository(service))).collect()
            }
            Self::Engine(change) => change.object(known).into_iter().collect(),
            Self::Host(change) => change.object(known, layout).into_iter().collect(),
            Self::Look(_) => Vec::new(),
        }
    }
}

impl EngineChange {
    fn object(&self, known: &Known) -> Option<Object> {
        match self {
            Self::CreateNetwork { network, subnets: _ } => Some(Object::Network(network.to_string())),
            Self::CreateSecret(NewSecret { name, text: _ }) => Some(Object::Secret(resolved(name, known))),
            Self::CreateContainer(container) => Some(Object::Container(container.name.clone())),
            Self::StartContainer { service: _, container: _, boot_guard } => {
                Some(Object::Path(boot_guard.display().to_string()))
            }
            // What it concerns must be known to whoever finishes the run.
            Self::StopContainer { container } => Some(Object::Container(container.clone())),
            Self::RenameContainer { container: _, to } => Some(Object::Container(to.clone())),
            Self::DropContainer(_)
            | Self::DropNetwork { network: _ }
            | Self::KeepNetwork { network: _, ranges: _ }
            | Self::DropTag { tag: _, unless_image_of: _ }
            | Self::DropImage { id: _ }
            | Self::DropSecret { secret: _ } => None,
        }
    }
}

impl HostChange {
    fn object(&self, known: &Known, layout: &Layout) -> Option<Object> {
        match self {
            Self::ReserveCrontab | Self::InstallCrontab { lines: _ } | Self::RestoreCrontab { lines: _ } => {
                Some(Object::CrontabBlock)
            }
            Self::WriteConfig { path, content: _, owner: _, mode: _ } => Some(Object::Path(resolved(path, known))),
            Self::CreateDirectory(NewDirectory { path, owner: _, mode: _ }) => {
                Some(Object::Directory(path.to_string()))
            }
            Self::InstallKey { file, secret: _, known_hosts: _ } => Some(Object::Key(file.to_string())),
            Self::WriteScripts { scripts: _ } => Some(Object::Path(layout.jobs().display().to_string())),
            Self::Commit | Self::Recommit => Some(Object::Path(layout.saved().display().to_string())),
            Self::KeepJobs => Some(Object::Path(layout.jobs_aside().display().to_string())),
            Self::KeepKeys => Some(Object::Path(layout.keys_aside().display().to_string())),
            Self::BringJobsBack => Some(Object::Path(layout.jobs().display().to_string())),
            Self::KeepLog { container } => {
                Some(Object::Path(layout.container_log(&known.run, container).display().to_string()))
            }
            Self::NoteStopped { services: _ } => Some(Object::Path(layout.stopped().display().to_string())),
            Self::Uncommit
            | Self::Withdraw
            // What it puts back is ours already.
            | Self::BringKeysBack { keys: _ }
            | Self::RemoveDownloads
            | Self::RemoveOldConfigs
            | Self::PruneRuns { keep: _ }
            | Self::EndMonitor { container: _, id: _ }
            | Self::RemoveKeys
            | Self::RemovePath { path: _ }
            | Self::RemoveCrontab => None,
        }
    }
}

fn resolved(argument: &Argument, known: &Known) -> String {
    argument.resolve(known).unwrap_or_else(|| argument.to_string())
}
