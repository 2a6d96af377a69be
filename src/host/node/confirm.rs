//! Looks whether each action had its effect.

use super::Node;
use super::cron::confirm_file;
use super::living::ContainerState;
use super::perform::resolved;
use crate::host::files::{DirectoryLook, observe_directory};
use crate::operation::{Action, DroppedContainer, EngineChange, HostChange, Known, Learned, NewDirectory, NewSecret};
use crate::plan::values::ServiceName;
use crate::run::Failure;
use std::path::Path;

fn failure(problem: impl std::fmt::Display) -> Failure {
    Failure::new(problem.to_string())
}

fn must(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(Failure::new(otherwise())) }
}

impl Node {
    pub(super) fn confirm_action(&self, action: &Action, known: &Known) -> Result<Learned, Failure> {
        match action {
            Action::Engine(change) => return self.confirm_by_the_engine(change, known),
            Action::Host(change) => self.confirm_beside_the_engine(change, known),
            // Retrieving looks at the image that it has tagged.
            Action::Retrieve(_) | Action::Look(_) => Ok(()),
        }
        .map(|()| Learned::default())
    }

    fn confirm_by_the_engine(&self, change: &EngineChange, known: &Known) -> Result<Learned, Failure> {
        match change {
            EngineChange::StartContainer { service, container, boot_guard: _ } => {
                return self.confirm_start(service, container);
            }
            EngineChange::StopContainer { container } => {
                let runs = self.looks.container(container)?.is_some_and(|container| container.running);
                must(!runs, || "it still runs".to_owned())
            }
            EngineChange::RenameContainer { container, to } => {
                let (old, new) = (self.looks.container(container)?, self.looks.container(to)?);
                must(new.is_some() && old.is_none(), || "it does not have that name".to_owned())
            }
            EngineChange::CreateContainer(container) => must(self.looks.is_there(&container.name)?, || {
                "the container is not there after it was created".to_owned()
            }),
            EngineChange::DropContainer(DroppedContainer { container, grace_seconds: _ }) => {
                self.confirm_gone(container)
            }
            EngineChange::DropNetwork { network } => {
                let there = self.looks.networks.now()?.iter().any(|there| there.name == *network);
                must(!there, || "the network is still there".to_owned())
            }
            EngineChange::DropSecret { secret } => {
                let there = self.looks.secrets.now()?.iter().any(|there| there.name == *secret);
                must(!there, || "the secret is still there".to_owned())
            }
            EngineChange::CreateNetwork { network, subnets: _ } => {
                let there = self.looks.has_network(network.as_str())?;
                must(there, || "the network is not there after it was created".to_owned())
            }
            EngineChange::KeepNetwork { network, ranges: _ } => {
                must(self.looks.has_network(network.as_str())?, || "the network is gone".to_owned())
            }
            EngineChange::CreateSecret(NewSecret { name, text: _ }) => {
                let name = resolved(name, known)?;
                let there = self.looks.secrets.now()?.iter().any(|there| there.name == name);
                must(there, || "the secret is not there after it was created".to_owned())
            }
            EngineChange::DropTag { tag, unless_image_of } => {
                let wanted = unless_image_of
                    .as_ref()
                    .and_then(|service| known.images.get(service).map(|id| self.layout.tag(service, id)));
                let kept = wanted.as_ref() == Some(tag);
                let gone = kept
                    || self.engine.does_not_store_image(tag)
                    || self.looks.images.now()?.iter().all(|image| !image.tags.contains(tag));
                must(gone, || "the image is still there".to_owned())
            }
            EngineChange::DropImage { id } => {
                let wanted = known.images.values().any(|image| image.hex() == id);
                let gone = wanted || self.looks.images.now()?.iter().all(|image| image.id != *id);
                must(gone, || "the image is still there".to_owned())
            }
        }
        .map(|()| Learned::default())
    }

    fn confirm_beside_the_engine(&self, change: &HostChange, known: &Known) -> Result<(), Failure> {
        let gone =
            |path: &Path| must(path.symlink_metadata().is_err(), || format!("{} is still there", path.display()));
        match change {
            HostChange::ReserveCrontab => {
                let line = crate::script::boot_line(&self.layout).map_err(failure)?;
                self.confirm_crontab(Some(&[line]))
            }
            HostChange::Uncommit => gone(&self.layout.saved()),
            HostChange::WriteConfig { path, content, owner: _, mode: _ } => {
                confirm_file(Path::new(&resolved(path, known)?), &self.config_content(content)?)
            }
            HostChange::CreateDirectory(NewDirectory { path, owner: _, mode: _ }) => {
                let found = observe_directory(path.as_path()).map_err(failure)?;
                must(matches!(found, DirectoryLook::Directory { .. }), || {
                    format!("{path} is not there after it was created")
                })
            }
            HostChange::InstallKey { file, secret, known_hosts: _ } => {
                self.confirm_key(file, &self.deployment()?.key(secret)?)
            }
            HostChange::RemoveDownloads => gone(&self.layout.downloads(&known.run)),
            HostChange::WriteScripts { scripts } => self.confirm_scripts(scripts),
            HostChange::InstallCrontab { lines } | HostChange::RestoreCrontab { lines } => {
                self.confirm_crontab(Some(lines))
            }
            HostChange::RemoveCrontab => self.confirm_crontab(None),
            HostChange::Commit | HostChange::Recommit => self.confirm_commit(known),
            HostChange::Withdraw => gone(&self.layout.saved()),
            HostChange::KeepJobs => self.confirm_jobs_aside(),
            HostChange::BringJobsBack => gone(&self.layout.jobs_aside()),
            HostChange::KeepKeys => self.confirm_keys_aside(),
            HostChange::BringKeysBack { keys } => self.confirm_keys_back(keys),
            HostChange::NoteStopped { services } => must(super::stopped::read(&self.layout)? == *services, || {
                "what is stopped on purpose is not on record".to_owned()
            }),
            HostChange::EndMonitor { container: _, id } => {
                must(!self.engine.has_monitor(id)?, || "its monitor still runs".to_owned())
            }
            HostChange::RemoveKeys => gone(&self.layout.keys()),
            HostChange::RemovePath { path } => gone(path),
            // What these leave undone is found by the next deployment; nothing depends on it.
            HostChange::RemoveOldConfigs | HostChange::PruneRuns { keep: _ } | HostChange::KeepLog { container: _ } => {
                Ok(())
            }
        }
    }

    /// A container that is gone left no storage either.
    fn confirm_gone(&self, name: &str) -> Result<(), Failure> {
        must(self.is_gone(name)?, || "the container is still there".to_owned())
    }

    /// A container was started when it runs, or has ended already.
    fn confirm_start(&self, service: &ServiceName, name: &str) -> Result<Learned, Failure> {
        let container: Option<ContainerState> = self.looks.started(name)?;
        let Some(container) = container else { return Err(Failure::new("the container is gone")) };
        // Whoever changed the way to its data while it started would be found out now.
        self.data_is_in_its_place(service)?;
        must(container.running || container.exit_code.is_some(), || {
            "its process does not run after it was started".to_owned()
        })?;
        Ok(Learned { address: container.address.map(|address| (service.clone(), address)), ..Learned::default() })
    }
}
