//! What a program removes, and what it leaves alone. Reads nothing, changes nothing.

use crate::facts::{DirectoryFact, ImageFact};
use crate::few::Few;
use crate::operation::{Action, DroppedContainer, EngineChange, HostChange, Program};
use crate::plan::model::Plan;
use crate::plan::values::{HostPath, ServiceName};
use crate::steps::Given;
use std::collections::BTreeSet;

/// Something that is gone afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destroyed {
    /// A container, with everything that was written in it outside of data directories.
    Container(String),
    /// A network.
    Network(String),
    /// An image, by its tag or ID.
    Image {
        /// Its tag or ID.
        name: String,
        /// The service that keeps it if it uses the same image again.
        unless_image_of: Option<ServiceName>,
    },
    /// A secret of the engine's store.
    Secret(String),
    /// The keys that an earlier deployment installed in `/root/.ssh`.
    Keys,
    /// The records of all but the newest runs.
    Records {
        /// How many stay.
        keep: u32,
    },
}

/// What is left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The data directories of the plan and of what is deployed now.
    pub directories: Vec<KeptDirectory>,
    /// Images, by their tags, or by their ID where they have none.
    pub images: Vec<String>,
    /// Containers that are not the plan's.
    pub containers: Vec<String>,
}

/// A data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptDirectory {
    /// Its path.
    pub path: HostPath,
    /// What becomes of it.
    pub later: DirectoryLater,
}

/// What becomes of a data directory. No data is ever removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DirectoryLater {
    /// It is there, and is used as it is.
    Used,
    /// It is missing, and is created.
    Created,
    /// The plan does not use it any more; it stays as it is.
    Unused,
}

pub(super) fn destroyed(program: &Program) -> Vec<Destroyed> {
    let destroyed = |action: &Action| match action {
        Action::Engine(change) => by_the_engine(change),
        Action::Host(change) => beside_the_engine(change),
        Action::Retrieve(_) | Action::Look(_) => None,
    };
    program.operations().filter_map(|operation| destroyed(&operation.action)).collect()
}

fn by_the_engine(change: &EngineChange) -> Option<Destroyed> {
    match change {
        EngineChange::DropContainer(DroppedContainer { container, grace_seconds: _ }) => {
            Some(Destroyed::Container(container.clone()))
        }
        EngineChange::DropNetwork { network } => Some(Destroyed::Network(network.clone())),
        EngineChange::DropTag { tag, unless_image_of } => {
            Some(Destroyed::Image { name: tag.clone(), unless_image_of: unless_image_of.clone() })
        }
        EngineChange::DropImage { id } => Some(Destroyed::Image { name: id.clone(), unless_image_of: None }),
        EngineChange::DropSecret { secret } => Some(Destroyed::Secret(secret.clone())),
        EngineChange::CreateNetwork { network: _, subnets: _ }
        | EngineChange::KeepNetwork { network: _, ranges: _ }
        | EngineChange::CreateSecret(_)
        | EngineChange::CreateContainer(_)
        | EngineChange::StopContainer { container: _ }
        | EngineChange::RenameContainer { container: _, to: _ }
        | EngineChange::StartContainer { service: _, container: _, boot_guard: _ } => None,
    }
}

fn beside_the_engine(change: &HostChange) -> Option<Destroyed> {
    match change {
        HostChange::RemoveKeys => Some(Destroyed::Keys),
        HostChange::PruneRuns { keep } => Some(Destroyed::Records { keep: *keep }),
        // What a deployment writes anew takes the place of what it had written.
        HostChange::RemoveOldConfigs
        | HostChange::RemoveDownloads
        | HostChange::WriteScripts { scripts: _ }
        | HostChange::InstallCrontab { lines: _ }
        | HostChange::ReserveCrontab
        | HostChange::Uncommit
        | HostChange::Commit
        | HostChange::Withdraw
        | HostChange::KeepJobs
        | HostChange::KeepKeys
        | HostChange::BringJobsBack
        | HostChange::BringKeysBack { keys: _ }
        | HostChange::Recommit
        | HostChange::WriteConfig { path: _, content: _, owner: _, mode: _ }
        | HostChange::CreateDirectory(_)
        | HostChange::InstallKey { file: _, secret: _, known_hosts: _ }
        // No deployment has these.
        | HostChange::NoteStopped { services: _ }
        | HostChange::KeepLog { container: _ }
        | HostChange::EndMonitor { container: _, id: _ }
        | HostChange::RemovePath { path: _ }
        | HostChange::RestoreCrontab { lines: _ }
        | HostChange::RemoveCrontab => None,
    }
}

pub(super) fn kept(given: Given<'_>, saved: Option<&Plan>, program: &Program) -> Kept {
    let gone: BTreeSet<String> = destroyed(program).into_iter().filter_map(certainly).gathered();
    let containers = given.facts.look.containers.iter().map(|container| container.name.clone());
    Kept {
        directories: directories(given, saved),
        images: given.facts.look.images.iter().flat_map(|image| names(image, &gone)).collect(),
        containers: containers.filter(|name| !gone.contains(name)).collect(),
    }
}

/// The name of what is gone whatever the images turn out to be.
fn certainly(destroyed: Destroyed) -> Option<String> {
    match destroyed {
        Destroyed::Container(name) | Destroyed::Image { name, unless_image_of: None } => Some(name),
        Destroyed::Image { name: _, unless_image_of: Some(_) }
        | Destroyed::Network(_)
        | Destroyed::Secret(_)
        | Destroyed::Keys
        | Destroyed::Records { keep: _ } => None,
    }
}

fn names(image: &ImageFact, gone: &BTreeSet<String>) -> Vec<String> {
    let ImageFact { id, tags } = image;
    let names = if tags.is_empty() { vec![id.clone()] } else { tags.clone() };
    if gone.contains(id) { Vec::new() } else { names.into_iter().filter(|name| !gone.contains(name)).collect() }
}

fn directories(given: Given<'_>, saved: Option<&Plan>) -> Vec<KeptDirectory> {
    let of = |plan: &Plan| -> BTreeSet<HostPath> {
        let volumes = plan.services.values().flat_map(|service| &service.volumes);
        volumes.map(|volume| volume.source.clone()).gathered()
    };
    let used = of(given.plan);
    let unused: Vec<_> = saved.map(of).unwrap_or_default().difference(&used).cloned().collect();
    let used = used.into_iter().map(|path| {
        let there = matches!(given.facts.directories.get(&path), Some(DirectoryFact::Present { .. }));
        KeptDirectory { path, later: if there { DirectoryLater::Used } else { DirectoryLater::Created } }
    });
    used.chain(unused.into_iter().map(|path| KeptDirectory { path, later: DirectoryLater::Unused })).collect()
}
