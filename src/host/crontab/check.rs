//! Asks this server's cron whether it would take a crontab, if it can be asked. Changes nothing.

use super::{Crontab, CrontabProblem, said};
use crate::host::command::Output;
use std::io::Write;
use std::path::Path;

/// How `crontab` checks a file without installing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checking {
    /// Debian's `-n FILE`. Elsewhere `-n` names the host that runs the crontabs of a cluster, and changes that.
    DryRun,
    /// cronie's `-T FILE`.
    Test,
    /// It can't.
    Unknown,
}

impl Checking {
    /// From the help text, which says what each option means.
    pub(super) fn from_usage(usage: &str) -> Self {
        let says = |option: &str, word: &str| {
            usage.lines().map(str::trim).any(|line| {
                line.strip_prefix(option).is_some_and(|meaning| {
                    meaning.starts_with(|first: char| first.is_whitespace()) && meaning.contains(word)
                })
            })
        };
        if says("-T", "syntax") {
            Self::Test
        } else if says("-n", "syntax") {
            Self::DryRun
        } else {
            Self::Unknown
        }
    }
}

/// Checks `text`; `None` if this `crontab` has no way to ask.
pub(super) fn check(crontab: &Crontab, text: &[u8]) -> Result<Option<()>, CrontabProblem> {
    // `-?` is an option of none, so all print their usage and end; should one ignore it, `-l` makes it harmless.
    let Output { stdout, stderr, code: _ } = crontab.command().args(["-l", "-?"]).run_to_any_code()?;
    let usage = format!("{}\n{stderr}", String::from_utf8_lossy(&stdout));
    let option = match Checking::from_usage(&usage) {
        Checking::DryRun => "-n",
        Checking::Test => "-T",
        Checking::Unknown => return Ok(None),
    };
    let mut file = tempfile::NamedTempFile::new().map_err(CrontabProblem::TemporaryFile)?;
    file.write_all(text).map_err(CrontabProblem::TemporaryFile)?;
    let path: &Path = file.path();
    let Output { stdout: _, stderr, code } = crontab.command().arg(option).arg(path).run_to_any_code()?;
    let complaint = said(&stderr).replace(&format!("\"{}\":", path.display()), "line ");
    if code == 0 { Ok(Some(())) } else { Err(CrontabProblem::Refused { said: complaint }) }
}
