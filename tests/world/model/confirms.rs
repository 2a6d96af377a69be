//! Whether each action had its effect: the same looks as on a real server.

use super::acts::resolved;
use super::{Model, State};
use landfall::operation::{
    Action, DroppedContainer, EngineChange, HostChange, Known, Layout, Learned, NewDirectory, NewSecret,
};
use landfall::run::Failure;
use landfall::script;
use std::path::Path;

pub fn confirm(model: &Model, state: &State, action: &Action, known: &Known) -> Result<Learned, Failure> {
    let holds = match action {
        // Retrieving looks at the image that it has tagged, so it can't say that it worked without an image.
        Action::Retrieve(retrieved) => retrieved
            .services
            .iter()
            .all(|service| known.images.get(service).is_some_and(|id| state.images.contains_key(id.hex()))),
        Action::Engine(change) => by_the_engine(&model.layout, state, change, known),
        Action::Host(change) => beside_the_engine(&model.layout, state, change, known),
        Action::Look(_) => true,
    };
    if holds { Ok(Learned::default()) } else { Err(Failure::new("it had no effect")) }
}

fn by_the_engine(layout: &Layout, state: &State, change: &EngineChange, known: &Known) -> bool {
    match change {
        EngineChange::DropImage { id } => {
            known.images.values().any(|image| image.hex() == id) || !state.images.contains_key(id)
        }
        EngineChange::DropContainer(DroppedContainer { container, grace_seconds: _ }) => {
            !state.containers.contains_key(container)
        }
        EngineChange::DropNetwork { network } => !state.networks.contains_key(network),
        EngineChange::DropTag { tag, unless_image_of } => {
            let wanted =
                unless_image_of.as_ref().and_then(|service| Some(layout.tag(service, known.images.get(service)?)));
            wanted.as_ref() == Some(tag) || !state.images.values().any(|tags| tags.contains(tag))
        }
        EngineChange::StopContainer { container } => {
            !state.containers.get(container).is_some_and(|there| there.running)
        }
        EngineChange::RenameContainer { container, to } => {
            state.containers.contains_key(to) && !state.containers.contains_key(container)
        }
        EngineChange::DropSecret { secret } => !state.secrets.contains(secret),
        EngineChange::CreateNetwork { network, subnets: _ } | EngineChange::KeepNetwork { network, ranges: _ } => {
            state.networks.contains_key(network.as_str())
        }
        EngineChange::CreateSecret(NewSecret { name, text: _ }) => state.secrets.contains(&resolved(name, known)),
        EngineChange::CreateContainer(container) => state.containers.contains_key(&container.name),
        EngineChange::StartContainer { service: _, container, boot_guard: _ } => {
            state.containers.get(container).is_some_and(|there| there.running || there.exit_code.is_some())
        }
    }
}

fn beside_the_engine(layout: &Layout, state: &State, change: &HostChange, known: &Known) -> bool {
    let there = |path: &Path| state.paths.iter().any(|file| file.starts_with(path));
    match change {
        HostChange::RemoveOldConfigs | HostChange::PruneRuns { keep: _ } | HostChange::KeepLog { container: _ } => true,
        HostChange::ReserveCrontab => state.crontab.block == Some(vec![script::boot_line(layout).unwrap()]),
        HostChange::Uncommit => state.saved.is_none(),
        HostChange::WriteConfig { path, content: _, owner: _, mode: _ } => there(Path::new(&resolved(path, known))),
        HostChange::CreateDirectory(NewDirectory { path, owner: _, mode: _ }) => state.data.contains(path.as_path()),
        HostChange::InstallKey { file, secret: _, known_hosts: _ } => state.keys.contains(file.as_str()),
        HostChange::RemoveDownloads => !there(&layout.downloads(&known.run)),
        HostChange::WriteScripts { scripts: _ } => there(&layout.jobs()),
        HostChange::InstallCrontab { lines } | HostChange::RestoreCrontab { lines } => {
            state.crontab.block.as_ref() == Some(lines)
        }
        HostChange::RemoveCrontab => state.crontab.block.is_none(),
        HostChange::Withdraw => state.saved.is_none(),
        HostChange::KeepJobs => there(&layout.jobs_aside()),
        HostChange::BringJobsBack => !there(&layout.jobs_aside()),
        HostChange::KeepKeys => state.keys.iter().all(|file| there(&layout.keys_aside().join(file))),
        HostChange::BringKeysBack { keys } => keys.keys().all(|file| state.keys.contains(file.as_str())),
        HostChange::Commit | HostChange::Recommit => state.saved.as_ref().is_some_and(|saved| {
            saved.run == known.run || saved.services.values().any(|service| service.run.as_ref() == Some(&known.run))
        }),
        HostChange::NoteStopped { services } => state.stopped == *services,
        // Whoever is killed here leaves none.
        HostChange::EndMonitor { container: _, id: _ } => true,
        HostChange::RemoveKeys => state.keys.is_empty(),
        HostChange::RemovePath { path } => !there(path) && (*path != layout.stopped() || state.stopped.is_empty()),
    }
}
