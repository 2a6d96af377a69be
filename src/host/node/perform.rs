//! Performs each action.

use super::Node;
use crate::host::command::{Command, find};
use crate::host::files::{self, DirectoryLook};
use crate::host::system;
use crate::operation::{Action, EngineChange, HostChange, Known, Learned, Look, NewDirectory};
use crate::plan::values::{HostPath, ServiceName};
use crate::run::{Cancel, Failure, Tell};
use secrecy::ExposeSecret;
use std::path::Path;
use std::time::Duration;

fn failure(problem: impl std::fmt::Display) -> Failure {
    Failure::new(problem.to_string())
}

/// The argument as the run knows it by now.
pub(super) fn resolved(argument: &crate::operation::Argument, known: &Known) -> Result<String, Failure> {
    let defect = || Failure::new(format!("`{argument}` is not known yet, which is a defect of Landfall"));
    argument.resolve(known).ok_or_else(defect)
}

impl Node {
    pub(super) fn perform_action(
        &self,
        action: &Action,
        known: &Known,
        (cancel, stopped): (&Cancel, Tell<'_>),
    ) -> Result<Learned, Failure> {
        match action {
            Action::Retrieve(retrieved) => return self.retrieve(retrieved, known, cancel),
            Action::Engine(change) => self.change_by_the_engine(change, known, stopped),
            Action::Host(change) => self.change_beside_the_engine(change, known),
            Action::Look(Look::VerifyImage(expected)) => self.verify_image(expected, known),
            Action::Look(Look::AwaitService(service)) => self.await_service(service, known, cancel),
            Action::Look(Look::CheckService(service)) => self.check_service(service, known, cancel),
        }
        .map(|()| Learned::default())
    }

    /// Makes a change of the engine's, after what must be there for it.
    fn change_by_the_engine(&self, change: &EngineChange, known: &Known, stopped: Tell<'_>) -> Result<(), Failure> {
        let mut input = Vec::new();
        match change {
            EngineChange::CreateSecret(secret) => {
                input = self.deployment()?.secret_bytes(&secret.text)?.expose_secret().to_vec();
            }
            // The engine wants to see what a container mounts when it creates it, too.
            EngineChange::CreateContainer(container) => {
                self.guard(&container.boot_guard)?;
                return self.create_container(change, known);
            }
            EngineChange::StartContainer { service, container, boot_guard } => {
                self.data_is_in_its_place(service)?;
                self.guard(boot_guard)?;
                self.forget_health(container);
            }
            EngineChange::StopContainer { container } => self.forget_health(container),
            EngineChange::RenameContainer { container, to } => {
                [container, to].iter().for_each(|name| self.forget_health(name))
            }
            EngineChange::DropContainer(dropped) => {
                self.forget_health(&dropped.container);
                return self.drop_container(dropped, change, known, stopped);
            }
            EngineChange::DropNetwork { network } => return self.drop_network(network, change, known),
            EngineChange::DropImage { id } if known.images.values().any(|image| image.hex() == id) => return Ok(()),
            EngineChange::DropImage { id } => return self.drop_image(id, change, known),
            EngineChange::DropTag { tag, unless_image_of } => {
                let kept = unless_image_of
                    .as_ref()
                    .and_then(|service| Some(self.layout.tag(service, known.images.get(service)?)));
                return if kept.as_ref() == Some(tag) { Ok(()) } else { self.drop_tag(tag, known) };
            }
            EngineChange::DropSecret { secret: _ }
            | EngineChange::CreateNetwork { network: _, subnets: _ }
            | EngineChange::KeepNetwork { network: _, ranges: _ } => {}
        }
        self.engine.perform(change, known, input)
    }

    fn change_beside_the_engine(&self, change: &HostChange, known: &Known) -> Result<(), Failure> {
        match change {
            HostChange::ReserveCrontab => self.reserve_crontab(known),
            HostChange::Uncommit => self.uncommit(known),
            HostChange::WriteConfig { path, content, owner, mode } => {
                let content = self.config_content(content)?;
                self.write_config(Path::new(&resolved(path, known)?), &content, *owner, *mode)
            }
            HostChange::CreateDirectory(directory) => create_directory(directory),
            HostChange::InstallKey { file, secret, known_hosts } => {
                self.install_key(file, &self.deployment()?.key(secret)?, known_hosts)
            }
            HostChange::RemoveDownloads => super::state::remove(&self.layout.downloads(&known.run)),
            HostChange::WriteScripts { scripts } => self.write_scripts(scripts),
            HostChange::InstallCrontab { lines } | HostChange::RestoreCrontab { lines } => self.install_crontab(lines),
            HostChange::Commit => self.commit(known),
            HostChange::Withdraw => self.withdraw(),
            HostChange::KeepJobs => self.keep_jobs(),
            HostChange::KeepKeys => self.keep_keys(),
            HostChange::BringJobsBack => self.bring_jobs_back(),
            HostChange::BringKeysBack { keys } => self.bring_keys_back(keys),
            HostChange::Recommit => self.recommit(known),
            HostChange::NoteStopped { services } => super::stopped::write(&self.layout, services),
            HostChange::RemoveOldConfigs => self.remove_old_configs(known),
            HostChange::PruneRuns { keep } => super::state::prune_runs(&self.layout, *keep, &known.run),
            HostChange::KeepLog { container } => {
                let lines = self.engine.last_lines(container)?;
                super::state::write(&self.log_to_keep(known, container), &lines, 0o600)
            }
            HostChange::EndMonitor { container: _, id } => self.engine.end_monitor(id),
            HostChange::RemoveKeys => self.remove_keys(),
            HostChange::RemovePath { path } => self.remove_path(path),
            HostChange::RemoveCrontab => self.remove_crontab(),
        }
    }

    /// Whether the data directories of a service are reached without symbolic links, now: an engine follows them.
    pub(super) fn data_is_in_its_place(&self, service: &ServiceName) -> Result<(), Failure> {
        let Some(described) = self.described(service) else { return Ok(()) };
        for volume in &described.volumes {
            let what = match files::observe_directory(volume.source.as_path()).map_err(failure)? {
                // An empty directory in place of a disk must never be taken for the data.
                DirectoryLook::Directory { .. } if volume.mountpoint && !is_mounted(&volume.source)? => {
                    "no disk is mounted there now".to_owned()
                }
                DirectoryLook::Directory { .. } => continue,
                DirectoryLook::SymbolicLink { at } => format!("{} is a symbolic link now", at.display()),
                DirectoryLook::Missing { .. } => "it is gone".to_owned(),
                DirectoryLook::NotADirectory { at, kind } => format!("{} is {kind} now", at.display()),
            };
            return Err(Failure::new(format!("the data directory {} was changed meanwhile: {what}", volume.source)));
        }
        Ok(())
    }

    /// The file without which no engine starts the container at boot.
    fn guard(&self, path: &Path) -> Result<(), Failure> {
        let folders: Vec<_> = path.ancestors().skip(1).take_while(|folder| *folder != Path::new("/run")).collect();
        for folder in folders.into_iter().rev() {
            files::create_private_directory(folder).map_err(failure)?;
        }
        super::state::write(path, b"", 0o400)
    }

    /// Removes a network, with nobody of ours on it. As a rule nobody is: where the engine keeps one that somebody is on, it is asked
    /// first, and who is on it is looked at where it refuses.
    fn drop_network(&self, network: &str, change: &EngineChange, known: &Known) -> Result<(), Failure> {
        let drop = || self.engine.perform(change, known, Vec::new());
        if self.engine.keeps_networks_in_use() {
            match drop() {
                Err(Failure { message: _, lingering: false }) => {}
                ended => return ended,
            }
        }
        self.disconnect(network)?;
        drop()
    }

    /// Takes what is left of our containers off a network: with one of them on it, an engine keeps it. Whoever else is on it keeps it.
    fn disconnect(&self, network: &str) -> Result<(), Failure> {
        let look = self.engine.look()?;
        let on_it = look.containers.iter().filter(|container| container.networks.iter().any(|name| name == network));
        let (ours, others): (Vec<_>, Vec<_>) =
            on_it.partition(|container| container.plan() == Some(self.layout.plan().as_str()));
        for container in ours {
            self.engine.disconnect(&container.name, network)?;
        }
        others.first().map_or(Ok(()), |other| {
            let (name, program) = (&other.name, self.engine.kind().program());
            Err(Failure::new(format!(
                "the container {name} is on it, and does not belong to this plan: take it off with \
                 `{program} network disconnect {network} {name}`, then run `landfall recover`"
            )))
        })
    }
}

fn is_mounted(path: &HostPath) -> Result<bool, Failure> {
    system::is_mountpoint(path.as_path()).map_err(failure)
}

fn create_directory(directory: &NewDirectory) -> Result<(), Failure> {
    let NewDirectory { path, owner, mode } = directory;
    let owner = files::Owner { uid: owner.uid(), gid: owner.gid() };
    let created = files::create_directories(path.as_path(), owner, mode.bits()).map_err(failure)?;
    if system::selinux_enforcing() && created.iter().any(|created| created == path.as_path()) {
        let label = find("chcon").ok_or_else(|| Failure::new("chcon is not installed, and SELinux is enforcing"))?;
        let call = Command::new(&label).args(["--type", "container_file_t"]).arg(path.as_path());
        call.deadline(Duration::from_secs(30)).run().map_err(failure)?;
    }
    Ok(())
}
