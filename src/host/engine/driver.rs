//! Runs Podman: each call with a deadline of its own.

use super::graces::Graces;
use super::held::Held;
use super::look::{Memory, Storage};
use super::lost::exits::Exits;
use super::podman::{self, command};
use super::ports::Leaving;
use super::scratch::Scratch;
use super::written::{LOG_BYTES, last_lines};
use super::{SecretStore, brief, deadline, marked, said};
use crate::facts::ContainerFact;
use crate::host::command::{Command, CommandProblem, Output, find, patient};
use crate::operation::{Argument, DroppedContainer, EngineChange, Known, Layout};
use crate::plan::values::ImageId;
use crate::run::{Cancel, Failure};
use std::path::{Path, PathBuf};
use std::slice;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

/// How much of a command's output in a container is kept, in bytes.
const ANSWER_BYTES: usize = 16 * 1024;

/// Calls that read an image's configuration by way of a file in `TMPDIR`, seen in Podman 4.3.
const LOOKS_AT_IMAGES: [&str; 6] = ["create", "image", "images", "rmi", "tag", "untag"];

/// Rooted Podman on this server.
#[derive(Debug, Clone)]
pub struct Podman {
    program: PathBuf,
    /// Held while the names of an image change. Podman reads all of them and writes them back, so that one of two changes at
    /// once is lost; of two that remove its last two tags, each takes the other's for the last, and the image stays without any.
    pub(super) images: Arc<Mutex<()>>,
    secrets: Arc<SecretStore>,
    pub(super) graces: Graces,
    pub(super) exits: Exits,
    /// Once that is known.
    pub(super) storage: Arc<OnceLock<Storage>>,
    /// What it said in earlier runs.
    pub(super) memory: Memory,
    pub(super) held: Arc<Held>,
    pub(super) leaving: Leaving,
    /// Once an image was looked at, unless the system refused it.
    scratch: Arc<OnceLock<Option<Scratch>>>,
}

/// How a command in a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its exit code.
    pub code: i32,
    /// The last 16 KiB of what it wrote to standard output and standard error, in the order written.
    pub output: String,
}

impl Podman {
    /// The installed one, if there is one.
    pub fn find() -> Option<Self> {
        find("podman").map(|program| Self {
            scratch: Arc::default(),
            memory: Memory::of_this_boot(),
            ..Self::at(&program)
        })
    }

    /// The one at this path, which gets no folder of this process, and of which nothing is kept: its `/run` may be another one than ours.
    pub fn at(program: &Path) -> Self {
        Self {
            program: program.to_path_buf(),
            images: Arc::default(),
            secrets: Arc::default(),
            graces: Graces::default(),
            exits: Exits::default(),
            storage: Arc::default(),
            memory: Memory::default(),
            held: Arc::default(),
            leaving: Leaving::default(),
            scratch: Arc::new(OnceLock::from(None)),
        }
    }

    /// Its program.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Makes a change.
    ///
    /// `input` is what creating a secret reads; other calls read nothing. What is to be removed and isn't there counts as
    /// removed. Success is what Podman says: whether it is so must be seen by looking.
    ///
    /// # Errors
    /// What Podman said, or that it did not end in time; also when a part of the command isn't known yet.
    pub fn perform(&self, change: &EngineChange, known: &Known, input: Vec<u8>) -> Result<(), Failure> {
        let arguments = resolved(&command(change).unwrap_or_default(), known)?;
        match change {
            EngineChange::DropContainer(dropped) => self.drop_container(dropped, &arguments),
            EngineChange::DropTag { tag, unless_image_of } => {
                let kept = unless_image_of.as_ref().and_then(|service| known.images.get(service));
                if kept.is_some_and(|image| is_tag_of(tag, image)) { Ok(()) } else { self.drop_tag(tag, &arguments) }
            }
            EngineChange::DropImage { id: _ } => {
                let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
                self.removed(self.call(&arguments, deadline::REMOVE))
            }
            EngineChange::DropSecret { secret: _ } => {
                self.secrets.change(|| self.removed(self.call(&arguments, deadline::REMOVE)))
            }
            EngineChange::DropNetwork { network } => {
                self.let_go();
                self.disconnect_the_lost(network)?;
                self.removed(self.call(&arguments, deadline::REMOVE))?;
                self.clear_remains(network)
            }
            EngineChange::CreateNetwork { network, subnets: _ } => {
                self.clear_remains(network.as_str())?;
                self.done(self.call(&arguments, deadline::CHANGE)).map(drop)
            }
            EngineChange::KeepNetwork { network, ranges } => self.clear_kept(network.as_str(), ranges),
            EngineChange::CreateSecret(_) => {
                let call = || self.done(self.call(&arguments, deadline::CHANGE).stdin_bytes(input)).map(drop);
                self.secrets.change(call)
            }
            EngineChange::StopContainer { container } => self.stop_container(container, &arguments),
            EngineChange::StartContainer { service: _, container, boot_guard: _ } => self.start(container, &arguments),
            EngineChange::CreateContainer(_) | EngineChange::RenameContainer { container: _, to: _ } => {
                self.done(self.call(&arguments, deadline::CHANGE).stdin_bytes(input)).map(drop)
            }
        }
    }

    /// Takes a container off a network; one that is not on it counts as taken off.
    ///
    /// # Errors
    /// What Podman said, or that it did not end in time.
    pub fn disconnect(&self, container: &str, network: &str) -> Result<(), Failure> {
        self.removed(self.call(&texts(&podman::disconnect(container, network)), deadline::REMOVE))
    }

    /// The last lines of what a container wrote, to both outputs; nothing where its output is thrown away.
    ///
    /// # Errors
    /// What Podman said, or that it did not end in time.
    pub fn last_lines(&self, container: &str) -> Result<Vec<u8>, Failure> {
        let call =
            self.call(&texts(&podman::logs(container)), deadline::LOOK).keep_the_last(LOG_BYTES).stderr_into_stdout();
        let Output { stdout, stderr: _, code } = call.run_to_any_code().map_err(said::failure)?;
        let text = String::from_utf8_lossy(&stdout);
        match code {
            0 => Ok(last_lines(&stdout).to_vec()),
            _ if text.contains("container is not logging output") => Ok(Vec::new()),
            _ => Err(Failure::new(said::gist(&text).unwrap_or_else(|| "podman said nothing".to_owned()))),
        }
    }

    /// Runs a command in a container, to whatever exit code.
    ///
    /// # Errors
    /// The command can't be run, does not end within `timeout`, or `cancel` was set. Podman ends with 125 to 127 where it
    /// could not run the command; a command may do that as well, so those are exit codes here.
    pub fn exec(
        &self,
        container: &str,
        command: &[String],
        timeout: Duration,
        cancel: &Cancel,
    ) -> Result<Answer, Failure> {
        let mark = marked::new_mark();
        let arguments = texts(&podman::exec(&mark, container, command.iter().map(String::as_str)));
        answer(self.call(&arguments, timeout).cancel(cancel), &mark, timeout)
    }

    /// A call that has not begun, and usually takes no longer than `limit`.
    pub(super) fn call(&self, arguments: &[String], limit: Duration) -> Command {
        let caller = std::process::id().to_string();
        let call = Command::new(&self.program).args(arguments).deadline(patient(limit)).env(marked::CALLER, caller);
        // Podman 5 warns in each call of an old layout of cgroups, also in the output of a command in a container.
        let call = call.env("PODMAN_IGNORE_CGROUPSV1_WARNING", "1");
        // `podman info` has `dpkg` search the lists of all packages, three times, for versions that nobody here asks about.
        let call = brief::spared(call.env("DPKG_ADMINDIR", "/nonexistent"), arguments);
        match arguments.first().filter(|verb| LOOKS_AT_IMAGES.contains(&verb.as_str())).and_then(|_| self.scratch()) {
            Some(scratch) => call.env("TMPDIR", scratch),
            None => call,
        }
    }

    fn scratch(&self) -> Option<&Path> {
        let make = || Scratch::make().inspect_err(|problem| tracing::warn!(%problem, "the engine gets no folder")).ok();
        self.scratch.get_or_init(make).as_ref().map(Scratch::path)
    }

    /// Runs a call that must succeed.
    pub(super) fn done(&self, call: Command) -> Result<Output, Failure> {
        call.run().map_err(said::failure)
    }

    /// Runs a call that removes something, which may be gone already.
    fn removed(&self, call: Command) -> Result<(), Failure> {
        match call.run() {
            Ok(_) => Ok(()),
            Err(CommandProblem::Failed { command: _, code: _, stderr_tail }) if said::is_gone(&stderr_tail) => Ok(()),
            Err(problem) => Err(said::failure(problem)),
        }
    }

    /// Stops and removes a container. A container that its restart policy starts again at that very moment makes the first
    /// attempt fail, so there is a second one.
    fn drop_container(&self, dropped: &DroppedContainer, arguments: &[String]) -> Result<(), Failure> {
        let DroppedContainer { container, grace_seconds } = dropped;
        let own = self.graces.take(container).or_else(|| self.grace(container));
        if own.is_none() {
            self.clear_folders(container)?;
        }
        let grace = grace_seconds.map(Duration::from_secs).or(own).unwrap_or(deadline::GRACE);
        let limit = grace.saturating_add(patient(deadline::AFTER_GRACE));
        let attempt = || self.removed(self.call(arguments, limit).deadline(limit));
        self.taking_ports_back(slice::from_ref(container), |_| match attempt() {
            Err(Failure { message: _, lingering: false }) => attempt(),
            ended => ended,
        })
    }

    /// Stops a container as it asks to be stopped.
    pub(super) fn stop_container(&self, container: &str, arguments: &[String]) -> Result<(), Failure> {
        let grace = self.grace(container).unwrap_or(deadline::GRACE);
        let limit = grace.saturating_add(patient(deadline::AFTER_GRACE));
        self.done(self.call(arguments, limit).deadline(limit)).map(drop)
    }

    /// A container's own grace period; none where Podman can't tell it: it has no storage, or is nothing else.
    fn grace(&self, container: &str) -> Option<Duration> {
        let arguments = ["container", "inspect", "--format", "{{.Config.StopTimeout}}", container].map(str::to_owned);
        let seconds = self.done(self.call(&arguments, deadline::LOOK)).ok();
        let seconds = seconds.and_then(|output| String::from_utf8_lossy(&output.stdout).trim().parse().ok());
        seconds.map(Duration::from_secs)
    }

    /// Removes a tag, and the image with its last tag; where a container of somebody else's uses the image, the tag alone. Where one of
    /// ours does, nothing: without a tag, nobody would know the image for ours once the container is gone.
    pub(super) fn drop_tag(&self, tag: &str, arguments: &[String]) -> Result<(), Failure> {
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        match self.removed(self.call(arguments, deadline::REMOVE)) {
            Err(Failure { message, lingering: false }) if message.contains("in use") => {
                if let Some(ours) = self.user_of_ours(tag)? {
                    return Err(Failure::new(format!("its container {ours} is not gone yet")));
                }
                self.removed(self.call(&texts(&podman::untag(tag, tag)), deadline::CHANGE))
            }
            ended => ended,
        }
    }

    /// Removes tags in one call, and images with their last ones.
    ///
    /// # Errors
    /// What Podman said of any of them, or that it did not end in time.
    pub fn drop_tags(&self, tags: &[String]) -> Result<(), Failure> {
        let arguments: Vec<String> = ["rmi".to_owned()].into_iter().chain(tags.iter().cloned()).collect();
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        self.done(self.call(&arguments, deadline::REMOVE)).map(drop)
    }

    /// Removes an image unless a container uses it.
    pub(super) fn drop_unused(&self, image: &str) -> Result<(), Failure> {
        let _alone = self.images.lock().unwrap_or_else(PoisonError::into_inner);
        self.removed(self.call(&["rmi", image].map(str::to_owned), deadline::REMOVE))
    }

    /// A container of the plan that a tag belongs to, if one has its image.
    fn user_of_ours(&self, tag: &str) -> Result<Option<String>, Failure> {
        Ok(self.containers()?.into_iter().find(|container| is_user(container, tag)).map(|container| container.name))
    }
}

/// What a command in a container answers that has this mark; it is ended where that takes longer.
pub(super) fn answer(call: Command, mark: &str, timeout: Duration) -> Result<Answer, Failure> {
    // As the plan says it.
    let call = call.deadline(timeout).grace(deadline::AFTER_EXEC).keep_the_last(ANSWER_BYTES).stderr_into_stdout();
    let Output { stdout, stderr: _, code } = call.run_to_any_code().map_err(|problem| {
        // Ending the engine's client leaves the command itself running.
        marked::end(mark);
        said::failure(problem)
    })?;
    Ok(Answer { code, output: String::from_utf8_lossy(&stdout).into_owned() })
}

/// Whether a container belongs to the plan that a tag belongs to, and has its image.
pub(super) fn is_user(container: &ContainerFact, tag: &str) -> bool {
    let is_of = |plan: &str| tag.starts_with(&Layout::repositories_of(plan));
    // What is left of a container has no labels any more.
    let by_name = || container.name.match_indices('-').any(|(at, _)| is_of(container.name.split_at(at).0));
    let of_the_plan = container.plan().is_some_and(is_of) || (container.storage_only && by_name());
    of_the_plan && tag.rsplit_once(':').is_some_and(|(_, short)| container.image_id.starts_with(short))
}

/// Whether a tag of ours is the one that this image has.
pub(super) fn is_tag_of(tag: &str, image: &ImageId) -> bool {
    tag.rsplit_once(':').is_some_and(|(_, short)| short == image.short())
}

/// The arguments with everything filled in.
pub(super) fn resolved(arguments: &[Argument], known: &Known) -> Result<Vec<String>, Failure> {
    arguments.iter().map(|argument| resolved_one(argument, known)).collect()
}

/// The argument with everything filled in.
pub(super) fn resolved_one(argument: &Argument, known: &Known) -> Result<String, Failure> {
    let defect = || Failure::new(format!("`{argument}` is not known yet: a defect of Landfall"));
    argument.resolve(known).ok_or_else(defect)
}

/// Arguments that are known from the start, as texts.
pub(super) fn texts(arguments: &[Argument]) -> Vec<String> {
    arguments.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
#[path = "driver_tests.rs"]
mod tests;
