//! What people ask of a container between two deployments: what it wrote, and to run a command of theirs in it.

use super::super::driver::texts;
use super::super::look::Life;
use super::super::written::{Lines, LogLine};
use super::super::{docker, podman, said};
use super::Engine;
use crate::facts::ContainerFact;
use crate::host::command::{Command, Output};
use crate::operation::Argument;
use crate::run::{Cancel, Failure};
use jiff::Timestamp;
use std::ffi::OsString;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What is wanted of a container's output.
pub struct Wanted<'a> {
    /// The container.
    pub container: &'a str,
    /// Only what was written at this time or later.
    pub since: Option<Timestamp>,
    /// To wait for more at the end, until the container ends.
    pub follow: bool,
}

impl Engine {
    /// Those of these containers that exist, by name, with what lives of each.
    ///
    /// # Errors
    /// The engine can't tell, or not in time.
    pub fn living(&self, names: &[String]) -> Result<Vec<(ContainerFact, Life)>, Failure> {
        match self {
            Self::Podman(podman) => podman.living(names),
            Self::Docker(docker) => docker.living(names),
        }
    }

    /// Hands on each line of a container's output, oldest first, until there is no more, `take` returns false or `cancel` is set.
    /// A container whose output is thrown away, or goes where the engine can't read it, has none.
    ///
    /// # Errors
    /// What the engine said; that there is no such container.
    pub fn log(
        &self,
        wanted: &Wanted<'_>,
        cancel: &Cancel,
        take: impl FnMut(LogLine) -> bool + Send + 'static,
    ) -> Result<(), Failure> {
        let Wanted { container, since, follow } = wanted;
        let since = since.map(|since| since.to_string());
        let arguments = match self {
            Self::Podman(_) => podman::timed_logs(container, since.as_deref(), *follow),
            Self::Docker(_) => docker::timed_logs(container, since.as_deref(), *follow),
        };
        let taking = Arc::new(Mutex::new(Taking { lines: Lines::default(), take, enough: false }));
        let taken = Arc::clone(&taking);
        let call = self.unbounded(&arguments).cancel(cancel).stderr_into_stdout();
        let ended = call.stdout_to(move |piece| locked(&taken).piece(piece)).run_to_any_code();
        let mut taking = locked(&taking);
        if cancel.is_cancelled() || taking.enough {
            return Ok(());
        }
        let Output { stdout: _, stderr: _, code } = ended.map_err(said::failure)?;
        let said = taking.finish();
        let unreadable = ["container is not logging output", "configured logging driver does not support reading"];
        match code {
            0 => Ok(()),
            _ if unreadable.iter().any(|told| said.contains(told)) => Ok(()),
            _ => Err(Failure::new(said::gist(&said).unwrap_or_else(|| format!("exit code {code}, without a word")))),
        }
    }

    /// Becomes the engine's client that runs a command in a container, with this process's own standard input, outputs and, if
    /// `terminal` says so, its terminal. The exit status is then the command's.
    ///
    /// # Errors
    /// It comes back only where the client can't be started.
    pub fn become_command(&self, container: &str, command: &[OsString], terminal: bool) -> Failure {
        let arguments = match self {
            Self::Podman(_) => podman::attached(container, terminal),
            Self::Docker(_) => docker::attached(container, terminal),
        };
        Failure::new(self.unbounded(&arguments).args(command).become_it().to_string())
    }

    /// A call that takes as long as it takes.
    fn unbounded(&self, arguments: &[Argument]) -> Command {
        let call = match self {
            Self::Podman(podman) => podman.call(&texts(arguments), Duration::ZERO),
            Self::Docker(docker) => docker.call(&texts(arguments), Duration::ZERO),
        };
        call.deadline(Duration::MAX)
    }
}

/// Lines on their way to who takes them.
struct Taking<T> {
    lines: Lines,
    take: T,
    /// Nobody wants more.
    enough: bool,
}

impl<T: FnMut(LogLine) -> bool> Taking<T> {
    fn piece(&mut self, piece: &[u8]) -> bool {
        self.enough = !self.lines.take(piece, &mut self.take);
        !self.enough
    }

    fn finish(&mut self) -> String {
        std::mem::take(&mut self.lines).finish(&mut self.take)
    }
}

fn locked<T>(taking: &Mutex<T>) -> MutexGuard<'_, T> {
    taking.lock().unwrap_or_else(PoisonError::into_inner)
}
