//! Whether each action had its effect: the same looks as on a real server.

use super::acts::resolved;
use super::{Model, State};
use landfall::operation::{Action, DroppedContainer, Known, Learned, NewDirectory, NewSecret};
use landfall::run::Failure;
use landfall::script;
use std::path::Path;

pub fn confirm(model: &Model, state: &State, action: &Action, known: &Known) -> Result<Learned, Failure> {
    let layout = &model.layout;
    let there = |path: &Path| state.paths.iter().any(|file| file.starts_with(path));
    let holds = match action {
        // Retrieving looks at the image that it has tagged, so it can't say that it worked without an image.
        Action::RetrieveImage(retrieved) => retrieved
            .services
            .iter()
            .all(|service| known.images.get(service).is_some_and(|id| state.images.contains_key(id.hex()))),
        Action::VerifyImage(_)
        | Action::AwaitService(_)
        | Action::CheckService(_)
        | Action::DropImage { id: _ }
        | Action::RemoveOldConfigs
        | Action::PruneRuns { keep: _ }
        | Action::KeepLog { container: _ } => true,
        Action::ReserveCrontab => state.crontab.block == Some(vec![script::boot_line(layout).unwrap()]),
        Action::Uncommit => state.saved.is_none(),
        Action::DropContainer(DroppedContainer { container, grace_seconds: _ }) => {
            !state.containers.contains_key(container)
        }
        Action::DropNetwork { network } => !state.networks.contains_key(network),
        Action::DropTag { tag, unless_image_of } => {
            let wanted =
                unless_image_of.as_ref().and_then(|service| Some(layout.tag(service, known.images.get(service)?)));
            wanted.as_ref() == Some(tag) || !state.images.values().any(|tags| tags.contains(tag))
        }
        Action::DropSecret { secret } => !state.secrets.contains(secret),
        Action::CreateNetwork { network, subnets: _ } => state.networks.contains_key(network.as_str()),
        Action::CreateSecret(NewSecret { name, text: _ }) => state.secrets.contains(&resolved(name, known)),
        Action::WriteConfig { path, content: _, owner: _, mode: _ } => there(Path::new(&resolved(path, known))),
        Action::CreateDirectory(NewDirectory { path, owner: _, mode: _ }) => state.data.contains(path.as_path()),
        Action::InstallKey { file, secret: _, known_hosts: _ } => state.keys.contains(file.as_str()),
        Action::CreateContainer(container) => state.containers.contains_key(&container.name),
        Action::StartContainer { service: _, container, boot_guard: _ } => {
            state.containers.get(container).is_some_and(|there| there.running || there.exit_code.is_some())
        }
        Action::RemoveDownloads => !there(&layout.downloads(&known.run)),
        Action::WriteScripts { scripts: _ } => there(&layout.jobs()),
        Action::InstallCrontab { lines } | Action::RestoreCrontab { lines } => {
            state.crontab.block.as_ref() == Some(lines)
        }
        Action::RemoveCrontab => state.crontab.block.is_none(),
        Action::Commit => state.saved.as_ref().is_some_and(|saved| saved.run == known.run),
        Action::RemoveKeys => state.keys.is_empty(),
        Action::RemovePath { path } => !there(path),
    };
    if holds { Ok(Learned::default()) } else { Err(Failure::new("it had no effect")) }
}
