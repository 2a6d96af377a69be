//! Runs Docker's client: each call with a deadline of its own. A client that is killed leaves the daemon at it, so that what a call
//! came to is seen by looking.

use super::super::driver::{Answer, answer, is_tag_of, is_user, resolved, texts};
use super::super::look::FirstProcess;
use super::super::written::{LOG_BYTES, last_lines};
use super::super::{brief, deadline, docker, marked, said};
use super::contents::Contents;
use super::created::Created;
use super::store::SecretFiles;
use crate::host::command::{Command, CommandProblem, Output, find, patient};
use crate::operation::{Container, DroppedContainer, EngineChange, Known, Layout, NewSecret, SecretVariable};
use crate::run::{Cancel, Failure};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// The daemon of this server; whatever root's own settings say of others.
const DAEMON: &str = "unix:///var/run/docker.sock";

/// Rooted Docker on this server, for one plan.
#[derive(Debug, Clone)]
pub struct Docker {
    program: PathBuf,
    /// The client's settings: none, for root's own could name another daemon, or proxies that it passes on to containers.
    settings: PathBuf,
    /// Held while the names of an image change.
    pub(super) images: Arc<Mutex<()>>,
    /// The names that are being pulled.
    pub(super) pulling: Arc<Mutex<BTreeSet<String>>>,
    /// What says which image an ID is, once it was asked for.
    pub(super) contents: Arc<OnceLock<Option<Contents>>>,
    pub(super) secrets: SecretFiles,
    pub(super) created: Created,
}

impl Docker {
    /// The installed one, if there is one.
    pub fn find(layout: &Layout) -> Option<Self> {
        find("docker").map(|program| Self::at(&program, layout))
    }

    /// The one at this path.
    pub fn at(program: &Path, layout: &Layout) -> Self {
        Self {
            program: program.to_path_buf(),
            settings: layout.volatile().join("docker"),
            images: Arc::default(),
            pulling: Arc::default(),
            contents: Arc::default(),
            secrets: SecretFiles::of(layout),
            created: Created::default(),
        }
    }

    /// Its program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Makes a change. See [`Engine::perform`](super::super::Engine::perform).
    ///
    /// # Errors
    /// What Docker said, or that it did not end in time; also when a part of the command isn't known yet.
    pub fn perform(&self, change: &EngineChange, known: &Known, input: &[u8]) -> Result<(), Failure> {
        let command = || resolved(&docker::command(change).unwrap_or_default(), known);
        let call = |limit| Ok(self.call(&command()?, limit));
        match change {
            EngineChange::DropContainer(dropped) => {
                self.created.forget(&[&dropped.container]);
                self.drop_container(dropped, &command()?)
            }
            EngineChange::DropTag { tag, unless_image_of } => {
                let kept = unless_image_of.as_ref().and_then(|service| known.images.get(service));
                if kept.is_some_and(|image| is_tag_of(tag, image)) { Ok(()) } else { self.drop_tag(tag) }
            }
            EngineChange::DropImage { id } => {
                let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
                self.calls_it(id)?.iter().try_for_each(|id| {
                    let change = EngineChange::DropImage { id: id.clone() };
                    let arguments = texts(&docker::command(&change).unwrap_or_default());
                    self.removed(self.call(&arguments, deadline::REMOVE))
                })
            }
            EngineChange::DropNetwork { network: _ } => self.removed(call(deadline::REMOVE)?),
            EngineChange::CreateNetwork { network: _, subnets: _ } => self.done(call(deadline::CHANGE)?).map(drop),
            // Its daemon leaves nothing on it.
            EngineChange::KeepNetwork { network: _, ranges: _ } => Ok(()),
            EngineChange::CreateSecret(NewSecret { name, text: _ }) => {
                self.secrets.create(&super::super::driver::resolved_one(name, known)?, input)
            }
            EngineChange::DropSecret { secret } => self.secrets.remove(secret),
            EngineChange::CreateContainer(container) => {
                let known = self.as_it_calls_images(known, &container.service)?;
                self.create(container, &resolved(&docker::command(change).unwrap_or_default(), &known)?, &known)
            }
            EngineChange::StopContainer { container } => self.stop_container(container, &command()?),
            EngineChange::RenameContainer { container, to } => {
                self.created.forget(&[container, to]);
                self.done(call(deadline::CHANGE)?).map(drop)
            }
            EngineChange::StartContainer { service: _, container: _, boot_guard: _ } => {
                self.done(call(deadline::CHANGE)?).map(drop)
            }
        }
    }

    /// Creates a container, once its secrets are where it mounts them; those that are variables are in the client's environment.
    fn create(&self, container: &Container, arguments: &[String], known: &Known) -> Result<(), Failure> {
        for file in &container.secret_files {
            let name = super::super::driver::resolved_one(&file.secret, known)?;
            self.secrets.place(&name, file.owner, file.mode)?;
        }
        let mut call = self.call(arguments, deadline::CHANGE);
        for SecretVariable { secret, name } in &container.secret_variables {
            let value = self.secrets.value(&super::super::driver::resolved_one(secret, known)?)?;
            let value = String::from_utf8(value)
                .map_err(|_| Failure::new(format!("the value of the variable {name} is no UTF-8 text")))?;
            call = call.env(name.as_str(), value);
        }
        let created = self.done(call)?;
        self.created.note(&container.name, &created.stdout);
        Ok(())
    }

    /// Forgets what it knows of containers that are about to be removed.
    pub(in crate::host::engine) fn forget(&self, containers: &[String]) {
        self.created.forget(&containers.iter().map(String::as_str).collect::<Vec<_>>());
    }

    /// What is to be seen of a container that this process created and that has been started, without asking.
    pub fn started_process(&self, container: &str) -> Option<FirstProcess> {
        self.created.first_process(container)
    }

    /// Takes a container off a network; one that is not on it counts as taken off.
    ///
    /// # Errors
    /// What Docker said, or that it did not end in time.
    pub fn disconnect(&self, container: &str, network: &str) -> Result<(), Failure> {
        self.removed(self.call(&texts(&docker::disconnect(container, network)), deadline::REMOVE))
    }

    /// The last lines of what a container wrote, to both outputs; nothing where its output goes elsewhere.
    ///
    /// # Errors
    /// What Docker said, or that it did not end in time.
    pub fn last_lines(&self, container: &str) -> Result<Vec<u8>, Failure> {
        let call =
            self.call(&texts(&docker::logs(container)), deadline::LOOK).keep_the_last(LOG_BYTES).stderr_into_stdout();
        let Output { stdout, stderr: _, code } = call.run_to_any_code().map_err(said::failure)?;
        let text = String::from_utf8_lossy(&stdout);
        match code {
            0 => Ok(last_lines(&stdout).to_vec()),
            _ if text.contains("configured logging driver does not support reading") => Ok(Vec::new()),
            _ => Err(Failure::new(said::gist(&text).unwrap_or_else(|| "docker said nothing".to_owned()))),
        }
    }

    /// Runs a command in a container, to whatever exit code.
    ///
    /// # Errors
    /// The command can't be run, does not end within `timeout`, or `cancel` was set.
    pub fn exec(
        &self,
        container: &str,
        command: &[String],
        timeout: Duration,
        cancel: &Cancel,
    ) -> Result<Answer, Failure> {
        let mark = marked::new_mark();
        let arguments = texts(&docker::exec(&mark, container, command.iter().map(String::as_str)));
        answer(self.call(&arguments, timeout).cancel(cancel), &mark, timeout)
    }

    /// A call that has not begun, and usually takes no longer than `limit`.
    pub(in crate::host::engine) fn call(&self, arguments: &[String], limit: Duration) -> Command {
        let caller = std::process::id().to_string();
        let call = Command::new(&self.program).args(arguments).deadline(patient(limit)).env(marked::CALLER, caller);
        brief::spared(call.env("DOCKER_HOST", DAEMON).env("DOCKER_CONFIG", &self.settings), arguments)
    }

    /// Ends the calls whose caller was a process of ours that did not live to wait for them.
    pub fn end_orphans(&self) {
        marked::end_orphans("docker", patient(deadline::ORPHAN));
    }

    /// Runs a call that must succeed.
    pub(in crate::host::engine) fn done(&self, call: Command) -> Result<Output, Failure> {
        call.run().map_err(said::failure)
    }

    /// Runs a call that removes something, which may be gone already.
    pub(super) fn removed(&self, call: Command) -> Result<(), Failure> {
        match call.run() {
            Ok(_) => Ok(()),
            Err(CommandProblem::Failed { command: _, code: _, stderr_tail }) if said::is_gone(&stderr_tail) => Ok(()),
            Err(problem) => Err(said::failure(problem)),
        }
    }

    /// Stops a container as it asks to be stopped, and removes it.
    fn drop_container(&self, dropped: &DroppedContainer, arguments: &[String]) -> Result<(), Failure> {
        let DroppedContainer { container, grace_seconds } = dropped;
        let grace = grace_seconds.map(Duration::from_secs).or_else(|| self.grace(container)).unwrap_or(deadline::GRACE);
        let limit = grace.saturating_add(patient(deadline::AFTER_GRACE));
        self.removed(self.call(&texts(&docker::stop(dropped)), limit).deadline(limit))?;
        self.removed(self.call(arguments, deadline::REMOVE))
    }

    /// Stops a container as it asks to be stopped.
    fn stop_container(&self, container: &str, arguments: &[String]) -> Result<(), Failure> {
        let grace = self.grace(container).unwrap_or(deadline::GRACE);
        let limit = grace.saturating_add(patient(deadline::AFTER_GRACE));
        self.done(self.call(arguments, limit).deadline(limit)).map(drop)
    }

    /// A container's own grace period.
    fn grace(&self, container: &str) -> Option<Duration> {
        let arguments = ["container", "inspect", "--format", "{{.Config.StopTimeout}}", container].map(str::to_owned);
        let output = self.done(self.call(&arguments, deadline::LOOK)).ok()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().ok().map(Duration::from_secs)
    }

    /// Removes tags in one call, and images with their last ones.
    ///
    /// # Errors
    /// What Docker said of any of them, or that it did not end in time.
    pub fn drop_tags(&self, tags: &[String]) -> Result<(), Failure> {
        let arguments: Vec<String> = ["rmi".to_owned()].into_iter().chain(tags.iter().cloned()).collect();
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        self.done(self.call(&arguments, deadline::REMOVE)).map(drop)
    }

    /// Removes a tag, and the image with its last tag; where a container of somebody else's uses the image, the tag alone. Where one of
    /// ours does, nothing: without a tag, nobody would know the image for ours once the container is gone.
    pub(super) fn drop_tag(&self, tag: &str) -> Result<(), Failure> {
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        match self.removed(self.call(&["rmi", tag].map(str::to_owned), deadline::REMOVE)) {
            Err(Failure { message, lingering: false }) if message.contains("is using its referenced image") => {
                if let Some(ours) = self.containers()?.into_iter().find(|container| is_user(container, tag)) {
                    return Err(Failure::new(format!("its container {} is not gone yet", ours.name)));
                }
                self.removed(self.call(&["rmi", "--force", tag].map(str::to_owned), deadline::REMOVE))
            }
            ended => ended,
        }
    }
}
