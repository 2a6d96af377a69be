//! Performs each action.

use super::Node;
use crate::host::command::{Command, find};
use crate::host::files;
use crate::host::system;
use crate::operation::{Action, Known, Learned, NewDirectory};
use crate::run::{Cancel, Failure};
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
    pub(super) fn perform_action(&self, action: &Action, known: &Known, cancel: &Cancel) -> Result<Learned, Failure> {
        let nothing_learned = |()| Learned::default();
        match action {
            Action::RetrieveImage(retrieved) => return self.retrieve(retrieved, known, cancel),
            Action::VerifyImage(expected) => self.verify_image(expected, known),
            Action::AwaitService(service) => self.await_service(service, known, cancel),
            Action::CheckService(service) => self.check_service(service, known, cancel),
            Action::CreateSecret(secret) => {
                let bytes = self.deployment()?.secret_bytes(&secret.text)?;
                self.engine.perform(action, known, &self.layout, bytes.expose_secret().to_vec())
            }
            Action::StartContainer { service: _, container: _, boot_guard } => {
                self.guard(boot_guard).and_then(|()| self.engine.perform(action, known, &self.layout, Vec::new()))
            }
            Action::DropNetwork { network } => {
                self.disconnect(network)?;
                self.engine.perform(action, known, &self.layout, Vec::new())
            }
            Action::DropImage { id } if known.images.values().any(|image| image.hex() == id) => Ok(()),
            // The engine wants to see what a container mounts when it creates it, too.
            Action::CreateContainer(container) => self
                .guard(&container.boot_guard)
                .and_then(|()| self.engine.perform(action, known, &self.layout, Vec::new())),
            Action::DropContainer(_)
            | Action::DropTag { tag: _, unless_image_of: _ }
            | Action::DropImage { id: _ }
            | Action::DropSecret { secret: _ }
            | Action::CreateNetwork { network: _, subnets: _ } => {
                self.engine.perform(action, known, &self.layout, Vec::new())
            }
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
            | Action::RemoveCrontab => self.perform_on_files(action, known),
        }
        .map(nothing_learned)
    }

    /// Actions that need no engine.
    fn perform_on_files(&self, action: &Action, known: &Known) -> Result<(), Failure> {
        match action {
            Action::ReserveCrontab => self.reserve_crontab(known),
            Action::Uncommit => self.uncommit(),
            Action::WriteConfig { path, content, owner, mode } => {
                let content = self.config_content(content)?;
                self.write_config(Path::new(&resolved(path, known)?), &content, *owner, *mode)
            }
            Action::CreateDirectory(directory) => create_directory(directory),
            Action::InstallKey { file, secret, known_hosts } => {
                self.install_key(file, &self.deployment()?.key(secret)?, known_hosts)
            }
            Action::RemoveDownloads => super::state::remove(&self.layout.downloads(&known.run)),
            Action::WriteScripts { scripts } => self.write_scripts(scripts),
            Action::InstallCrontab { lines } | Action::RestoreCrontab { lines } => self.install_crontab(lines),
            Action::Commit => self.commit(known),
            Action::RemoveOldConfigs => self.remove_old_configs(known),
            Action::PruneRuns { keep } => self.prune_runs(*keep, known),
            Action::KeepLog { container } => {
                let lines = self.engine.last_lines(container)?;
                super::state::write(&self.layout.container_log(&known.run, container), &lines, 0o600)
            }
            Action::RemoveKeys => self.remove_keys(),
            Action::RemovePath { path } => self.remove_path(path),
            Action::RemoveCrontab => self.remove_crontab(),
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
                Err(Failure::new(format!("`{action}` needs the engine, which is a defect of Landfall")))
            }
        }
    }

    /// The file without which no engine starts the container at boot.
    fn guard(&self, path: &Path) -> Result<(), Failure> {
        let folders: Vec<_> = path.ancestors().skip(1).take_while(|folder| *folder != Path::new("/run")).collect();
        for folder in folders.into_iter().rev() {
            files::create_private_directory(folder).map_err(failure)?;
        }
        super::state::write(path, b"", 0o400)
    }

    /// Takes what is left of our containers off a network: with one of them on it, an engine keeps it.
    fn disconnect(&self, network: &str) -> Result<(), Failure> {
        let look = self.engine.look()?;
        let left = look.containers.iter().filter(|container| container.networks.iter().any(|name| name == network));
        for container in left.filter(|container| container.plan() == Some(self.layout.plan().as_str())) {
            self.engine.disconnect(&container.name, network)?;
        }
        Ok(())
    }
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
