//! Looks whether each action had its effect.

use super::Node;
use super::cron::confirm_file;
use super::perform::resolved;
use crate::facts::ContainerFact;
use crate::host::files::{DirectoryLook, observe_directory};
use crate::operation::{Action, DroppedContainer, Known, Learned, NewDirectory, NewSecret};
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
            Action::StartContainer { service, container, boot_guard: _ } => {
                return self.confirm_start(service, container);
            }
            Action::CreateContainer(container) => self.confirm_container(&container.name, true),
            Action::DropContainer(DroppedContainer { container, grace_seconds: _ }) => self.confirm_gone(container),
            Action::DropNetwork { network } => {
                let there = self.looks.networks.now()?.iter().any(|there| there.name == *network);
                must(!there, || "the network is still there".to_owned())
            }
            Action::DropSecret { secret } => {
                let there = self.looks.secrets.now()?.iter().any(|there| there.name == *secret);
                must(!there, || "the secret is still there".to_owned())
            }
            Action::CreateNetwork { network, subnets: _ } => {
                let there = self.looks.networks.now()?.iter().any(|there| there.name == network.as_str());
                must(there, || "the network is not there after it was created".to_owned())
            }
            Action::CreateSecret(NewSecret { name, text: _ }) => {
                let name = resolved(name, known)?;
                let there = self.looks.secrets.now()?.iter().any(|there| there.name == name);
                must(there, || "the secret is not there after it was created".to_owned())
            }
            Action::DropTag { tag, unless_image_of } => {
                let wanted = unless_image_of
                    .as_ref()
                    .and_then(|service| known.images.get(service).map(|id| self.layout.tag(service, id)));
                let kept = wanted.as_ref() == Some(tag);
                let gone = kept || self.looks.images.now()?.iter().all(|image| !image.tags.contains(tag));
                must(gone, || "the image is still there".to_owned())
            }
            // Retrieving looks at the image it has tagged, verifying and judging are looks themselves; an image that is in
            // use, or wanted again, stays.
            Action::RetrieveImage(_)
            | Action::VerifyImage(_)
            | Action::AwaitService(_)
            | Action::CheckService(_)
            | Action::DropImage { id: _ } => Ok(()),
            Action::ReserveCrontab
            | Action::Uncommit
            | Action::WriteConfig { path: _, content: _, owner: _, mode: _ }
            | Action::CreateDirectory(_)
            | Action::InstallKey { file: _, secret: _, known_hosts: _ }
            | Action::RemoveDownloads
            | Action::WriteScripts { scripts: _ }
            | Action::InstallCrontab { lines: _ }
            | Action::Commit
            | Action::RemoveOldConfigs
            | Action::PruneRuns { keep: _ }
            | Action::KeepLog { container: _ }
            | Action::RemoveKeys
            | Action::RemovePath { path: _ }
            | Action::RestoreCrontab { lines: _ }
            | Action::RemoveCrontab => self.confirm_on_files(action, known),
        }
        .map(|()| Learned::default())
    }

    fn confirm_on_files(&self, action: &Action, known: &Known) -> Result<(), Failure> {
        let gone =
            |path: &Path| must(path.symlink_metadata().is_err(), || format!("{} is still there", path.display()));
        match action {
            Action::ReserveCrontab => {
                let line = crate::script::boot_line(&self.layout).map_err(failure)?;
                self.confirm_crontab(Some(&[line]))
            }
            Action::Uncommit => gone(&self.layout.saved()),
            Action::WriteConfig { path, content, owner: _, mode: _ } => {
                confirm_file(Path::new(&resolved(path, known)?), &self.config_content(content)?)
            }
            Action::CreateDirectory(NewDirectory { path, owner: _, mode: _ }) => {
                let found = observe_directory(path.as_path()).map_err(failure)?;
                must(matches!(found, DirectoryLook::Directory { .. }), || {
                    format!("{path} is not there after it was created")
                })
            }
            Action::InstallKey { file, secret, known_hosts: _ } => {
                self.confirm_key(file, &self.deployment()?.key(secret)?)
            }
            Action::RemoveDownloads => gone(&self.layout.downloads(&known.run)),
            Action::WriteScripts { scripts } => self.confirm_scripts(scripts),
            Action::InstallCrontab { lines } | Action::RestoreCrontab { lines } => self.confirm_crontab(Some(lines)),
            Action::RemoveCrontab => self.confirm_crontab(None),
            Action::Commit => self.confirm_commit(known),
            Action::RemoveKeys => gone(&self.layout.keys()),
            Action::RemovePath { path } => gone(path),
            // What these leave undone is found by the next deployment; nothing depends on it.
            Action::RemoveOldConfigs | Action::PruneRuns { keep: _ } | Action::KeepLog { container: _ } => Ok(()),
            Action::RetrieveImage(_)
            | Action::VerifyImage(_)
            | Action::DropContainer(_)
            | Action::DropNetwork { network: _ }
            | Action::DropTag { tag: _, unless_image_of: _ }
            | Action::DropImage { id: _ }
            | Action::DropSecret { secret: _ }
            | Action::CreateNetwork { network: _, subnets: _ }
            | Action::CreateSecret(_)
            | Action::CreateContainer(_)
            | Action::StartContainer { service: _, container: _, boot_guard: _ }
            | Action::AwaitService(_)
            | Action::CheckService(_) => {
                Err(Failure::new(format!("`{action}` is confirmed by the engine, which is a defect of Landfall")))
            }
        }
    }

    fn confirm_container(&self, name: &str, expected: bool) -> Result<(), Failure> {
        let found = self.looks.planned.container(name)?;
        must(found.is_some() == expected, || {
            if expected {
                "the container is not there after it was created".to_owned()
            } else {
                "the container is still there".to_owned()
            }
        })
    }

    /// A container that is gone left no storage either, which only the look at all containers shows.
    fn confirm_gone(&self, name: &str) -> Result<(), Failure> {
        let there = self.looks.containers.now()?.iter().any(|there| there.name == name || there.id == name);
        must(!there, || "the container is still there".to_owned())
    }

    /// A container was started when it runs, or has ended already.
    fn confirm_start(&self, service: &ServiceName, name: &str) -> Result<Learned, Failure> {
        let container: Option<ContainerFact> = self.looks.planned.container(name)?;
        let Some(container) = container else { return Err(Failure::new("the container is gone")) };
        must(container.running || container.exit_code.is_some(), || {
            "its process does not run after it was started".to_owned()
        })?;
        Ok(Learned { address: container.address.map(|address| (service.clone(), address)), ..Learned::default() })
    }
}
