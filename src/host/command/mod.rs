//! The only place that starts programs: each gets a clean environment, a process group of its own and a deadline.

mod account;
mod capture;
mod launch;
mod patience;
mod problem;
mod search;
mod streams;
mod supervise;
mod terminal;
#[cfg(test)]
mod tests;
mod visible;

pub use crate::run::Cancel;
pub use account::{Ran, account, keep_account, on_behalf_of};
pub use capture::Pieces;
pub use patience::{patient, take_patience};
pub use problem::{CommandName, CommandProblem};
pub use search::{SEARCH_PATH, find, require};
pub use visible::visible;

use crate::few::Few;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// What a program that has ended left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output<Stdout = Vec<u8>> {
    /// Everything that it wrote to standard output, or the end of it if [`Command::keep_the_last`] asked for that.
    pub stdout: Stdout,
    /// The last 64 KiB of what it wrote to standard error, control characters replaced.
    pub stderr: String,
    /// Its exit code.
    pub code: i32,
}

impl Output<Pieces> {
    fn whole(self) -> Output {
        let Self { stdout, stderr, code } = self;
        Output { stdout: stdout.whole(), stderr, code }
    }
}

/// What to do with more standard output than expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StdoutBound {
    /// More than this many bytes: the program is killed, and that is the problem.
    AtMost(usize),
    /// Only the last so many bytes are kept.
    Last(usize),
}

impl StdoutBound {
    fn bytes(self) -> usize {
        match self {
            Self::AtMost(bytes) | Self::Last(bytes) => bytes,
        }
    }
}

/// Who hears each piece of standard output as it comes.
type Hearer = Box<dyn FnMut(&[u8]) + Send + 'static>;

type Writer = Box<dyn FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static>;

/// Who takes standard output, piece by piece; false ends the program.
type Taker = Box<dyn FnMut(&[u8]) -> bool + Send + 'static>;

/// What the program reads on standard input.
enum Input {
    Nothing,
    Bytes(Vec<u8>),
    Whole(Vec<u8>),
    Stream(Writer),
}

/// One call of a program, as a value.
///
/// Arguments may hold what no message may show: an error names the program and its subcommand, never the arguments.
pub struct Command {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: BTreeMap<OsString, OsString>,
    directory: PathBuf,
    input: Input,
    stdout_bound: StdoutBound,
    taker: Option<Taker>,
    merge_stderr: bool,
    terminal: Option<Hearer>,
    deadline: Duration,
    grace: Duration,
    cancel: Cancel,
}

impl Command {
    /// A call of `program`, an absolute path (see [`find`]).
    ///
    /// The environment is `PATH` ([`SEARCH_PATH`]), `LC_ALL=C` and `HOME=/root`, the working folder `/`, standard input
    /// empty, the deadline one minute, standard output at most 16 MiB.
    pub fn new(program: &Path) -> Self {
        let environment = [("PATH", SEARCH_PATH), ("LC_ALL", "C"), ("HOME", "/root")];
        Self {
            program: program.to_path_buf(),
            arguments: Vec::new(),
            environment: environment.into_iter().map(|(name, value)| (name.into(), value.into())).gathered(),
            directory: PathBuf::from("/"),
            input: Input::Nothing,
            stdout_bound: StdoutBound::AtMost(16 * 1024 * 1024),
            taker: None,
            merge_stderr: false,
            terminal: None,
            deadline: Duration::from_secs(60),
            grace: Duration::from_secs(5),
            cancel: Cancel::never(),
        }
    }

    /// Adds an argument.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_os_string());
        self
    }

    /// Adds arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.arguments.extend(arguments.into_iter().map(|argument| argument.as_ref().to_os_string()));
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.insert(name.as_ref().to_os_string(), value.as_ref().to_os_string());
        self
    }

    /// Sets the working folder.
    #[must_use]
    pub fn directory(mut self, directory: &Path) -> Self {
        self.directory = directory.to_path_buf();
        self
    }

    /// Gives these bytes on standard input.
    #[must_use]
    pub fn stdin_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Bytes(bytes.into());
        self
    }

    /// As [`Command::stdin_bytes`], but in a file in memory that is complete before the program starts: were this process to die
    /// while it writes to a pipe, the program would take a part of the input, or none, for the whole. Not every program takes a file.
    #[must_use]
    pub fn stdin_whole(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = Input::Whole(bytes.into());
        self
    }

    /// Gives on standard input what `writer` writes, on a thread of its own.
    ///
    /// If the writer fails, the program is killed before it can see an end of file, so that it can't take a part for the
    /// whole. A writer that meets a broken pipe passes the error on, or goes on without it (to finish a hash); then the
    /// program's own exit code decides.
    #[must_use]
    pub fn stdin_writer(mut self, writer: impl FnOnce(&mut dyn Write) -> io::Result<()> + Send + 'static) -> Self {
        self.input = Input::Stream(Box::new(writer));
        self
    }

    /// How long it may take, whatever the operator's patience ([`patient`]). After that its process group gets SIGTERM, and SIGKILL after the grace period.
    #[must_use]
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How long after SIGTERM comes SIGKILL: 5 seconds unless set.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Ends the program when `cancel` says so, as at the deadline.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// More standard output than this many bytes is an error.
    #[must_use]
    pub fn stdout_limit(mut self, bytes: usize) -> Self {
        self.stdout_bound = StdoutBound::AtMost(bytes);
        self
    }

    /// Keeps only the last so many bytes of standard output.
    #[must_use]
    pub fn keep_the_last(mut self, bytes: usize) -> Self {
        self.stdout_bound = StdoutBound::Last(bytes);
        self
    }

    /// Hands standard output to `taker` as it comes, and keeps none of it. Once `taker` returns false the program is ended, as at a
    /// [`Command::cancel`]; while it takes its time, the program waits.
    #[must_use]
    pub fn stdout_to(mut self, taker: impl FnMut(&[u8]) -> bool + Send + 'static) -> Self {
        self.taker = Some(Box::new(taker));
        self
    }

    /// Sends standard error where standard output goes, in the order written.
    #[must_use]
    pub fn stderr_into_stdout(mut self) -> Self {
        self.merge_stderr = true;
        self
    }

    /// Becomes the program, with this process's own standard input and outputs; what was said of those, of a deadline and of the
    /// process group does not count. It comes back only where the system refuses.
    pub fn become_it(self) -> CommandProblem {
        let command = self.name();
        let mut becoming = std::process::Command::new(&self.program);
        becoming.args(&self.arguments).env_clear().envs(&self.environment).current_dir(&self.directory);
        CommandProblem::NotStarted { command, reason: becoming.exec().to_string() }
    }

    /// Gives it a terminal for standard output, where the system has one, and tells what it shows there as it comes.
    #[must_use]
    pub fn on_a_terminal(mut self, hear: impl FnMut(&[u8]) + Send + 'static) -> Self {
        self.terminal = Some(Box::new(hear));
        self
    }

    /// Program and subcommand: what messages call it.
    pub fn name(&self) -> CommandName {
        CommandName::new(&self.program, self.arguments.first().map(OsString::as_os_str))
    }

    /// Runs it to its end; any exit code but 0 is a problem.
    ///
    /// # Errors
    /// See [`CommandProblem`].
    pub fn run(self) -> Result<Output, CommandProblem> {
        self.run_in_pieces().map(Output::whole)
    }

    /// As [`Command::run`], where there may be much on standard output.
    ///
    /// # Errors
    /// See [`CommandProblem`].
    pub fn run_in_pieces(self) -> Result<Output<Pieces>, CommandProblem> {
        let name = self.name();
        let output = self.run_in_pieces_to_any_code()?;
        if output.code == 0 {
            return Ok(output);
        }
        Err(CommandProblem::Failed { command: name, code: output.code, stderr_tail: problem::tail(&output.stderr) })
    }

    /// Runs it to its end and leaves the judgement of the exit code to the caller.
    ///
    /// # Errors
    /// See [`CommandProblem`]; all but `Failed`.
    pub fn run_to_any_code(self) -> Result<Output, CommandProblem> {
        self.run_in_pieces_to_any_code().map(Output::whole)
    }

    /// As [`Command::run_to_any_code`], where there may be much on standard output.
    ///
    /// # Errors
    /// As there.
    pub fn run_in_pieces_to_any_code(self) -> Result<Output<Pieces>, CommandProblem> {
        let name = self.name();
        let (began, told) = (Instant::now(), account::told(&self.program, &self.arguments));
        let result = supervise::run(self);
        account::note(told, began);
        let milliseconds = began.elapsed().as_millis();
        match &result {
            Ok(output) => tracing::debug!(%name, code = output.code, milliseconds, "ran"),
            Err(problem) => tracing::debug!(%name, %problem, milliseconds, "did not run to its end"),
        }
        result
    }
}
