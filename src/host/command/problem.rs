//! Why a program gave no result, without a word of its arguments. Reads nothing, changes nothing.

use super::SEARCH_PATH;
use std::ffi::OsStr;
use std::fmt;
use std::path::Path;

const TAIL_BYTES: usize = 2048;

/// Program and subcommand, as in `podman run`: what messages may show of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandName(String);

impl CommandName {
    /// The file name of `program`, and `first_argument` if it looks like a subcommand (lower-case letters and hyphens).
    pub fn new(program: &Path, first_argument: Option<&OsStr>) -> Self {
        let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
        match first_argument.and_then(OsStr::to_str).filter(|argument| is_subcommand(argument)) {
            Some(subcommand) => Self(format!("{program} {subcommand}")),
            None => Self(program.into_owned()),
        }
    }
}

fn is_subcommand(argument: &str) -> bool {
    argument.len() <= 20
        && argument.starts_with(|first: char| first.is_ascii_lowercase())
        && argument.chars().all(|letter| letter.is_ascii_lowercase() || letter == '-')
}

impl fmt::Display for CommandName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why a program gave no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommandProblem {
    /// It is not installed.
    #[error("`{command}` is not installed: it is in none of {SEARCH_PATH}")]
    NotFound {
        /// Which program.
        command: CommandName,
    },
    /// The system refused to start it.
    #[error("`{command}` could not be started: {reason}")]
    NotStarted {
        /// Which program.
        command: CommandName,
        /// What the system said.
        reason: String,
    },
    /// It ended with an exit code other than 0.
    #[error("`{command}` failed with exit code {code}{}", said(stderr_tail))]
    Failed {
        /// Which program.
        command: CommandName,
        /// The exit code.
        code: i32,
        /// The end of its standard error, at most 2 KiB.
        stderr_tail: String,
    },
    /// A signal that we didn't send ended it.
    #[error("`{command}` was ended by signal {signal}{}", said(stderr_tail))]
    Signalled {
        /// Which program.
        command: CommandName,
        /// The signal's number.
        signal: i32,
        /// The end of its standard error, at most 2 KiB.
        stderr_tail: String,
    },
    /// It took too long and was killed.
    #[error("`{command}` had not ended after {seconds} s and was killed{}", said(stderr_tail))]
    Deadline {
        /// Which program.
        command: CommandName,
        /// How long it was given.
        seconds: u64,
        /// The end of its standard error, at most 2 KiB.
        stderr_tail: String,
    },
    /// It was killed because the run was interrupted.
    #[error("`{command}` was interrupted")]
    Cancelled {
        /// Which program.
        command: CommandName,
    },
    /// It wrote more than expected and was killed.
    #[error("`{command}` wrote more than {limit} bytes and was killed")]
    TooMuchOutput {
        /// Which program.
        command: CommandName,
        /// The bound, in bytes.
        limit: usize,
    },
    /// What it was to read on standard input could not be provided; it was killed.
    #[error("`{command}` could not be given its input: {reason}")]
    Input {
        /// Which program.
        command: CommandName,
        /// What the writer said.
        reason: String,
    },
}

fn said(stderr_tail: &str) -> String {
    if stderr_tail.is_empty() { String::new() } else { format!(": {stderr_tail}") }
}

/// The last whole lines of `text` that fit into 2 KiB, trimmed.
pub(super) fn tail(text: &str) -> String {
    let text = text.trim();
    if text.len() <= TAIL_BYTES {
        return text.to_owned();
    }
    let mut start = text.len() - TAIL_BYTES;
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let end = text.get(start..).unwrap_or_default();
    end.split_once('\n').map_or(end, |(_, whole_lines)| whole_lines).to_owned()
}
