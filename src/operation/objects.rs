//! What an operation may bring into existence: the names that its intent puts on record. Reads nothing, changes nothing.

use super::{Action, Known, NewDirectory, NewSecret};

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
    pub fn objects(&self, known: &Known, layout: &super::Layout) -> Vec<Object> {
        let resolved = |argument: &super::Argument| argument.resolve(known).unwrap_or_else(|| argument.to_string());
        match self {
            Self::RetrieveImage(super::RetrievedImage { image: _, services }) => {
                services.iter().map(|service| Object::Images(layout.repository(service))).collect()
            }
            Self::ReserveCrontab | Self::InstallCrontab { lines: _ } | Self::RestoreCrontab { lines: _ } => {
                vec![Object::CrontabBlock]
            }
            Self::CreateNetwork { network, subnets: _ } => vec![Object::Network(network.to_string())],
            Self::CreateSecret(NewSecret { name, text: _ }) => vec![Object::Secret(resolved(name))],
            Self::WriteConfig { path, content: _, owner: _, mode: _ } => vec![Object::Path(resolved(path))],
            Self::CreateDirectory(NewDirectory { path, owner: _, mode: _ }) => {
                vec![Object::Directory(path.to_string())]
            }
            Self::InstallKey { file, secret: _, known_hosts: _ } => vec![Object::Key(file.to_string())],
            Self::CreateContainer(container) => vec![Object::Container(container.name.clone())],
            Self::StartContainer { service: _, container: _, boot_guard } => {
                vec![Object::Path(boot_guard.display().to_string())]
            }
            Self::WriteScripts { scripts: _ } => vec![Object::Path(layout.jobs().display().to_string())],
            Self::Commit => vec![Object::Path(layout.saved().display().to_string())],
            Self::KeepLog { container } => {
                vec![Object::Path(layout.container_log(&known.run, container).display().to_string())]
            }
            Self::VerifyImage(_)
            | Self::Uncommit
            | Self::DropContainer(_)
            | Self::DropNetwork { network: _ }
            | Self::DropTag { tag: _, unless_image_of: _ }
            | Self::DropImage { id: _ }
            | Self::DropSecret { secret: _ }
            | Self::AwaitService(_)
            | Self::RemoveDownloads
            | Self::CheckService(_)
            | Self::RemoveOldConfigs
            | Self::PruneRuns { keep: _ }
            | Self::RemoveKeys
            | Self::RemovePath { path: _ }
            | Self::RemoveCrontab => Vec::new(),
        }
    }
}
