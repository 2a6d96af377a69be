//! Asks this server's cron whether it would take a crontab, if it can be asked. Changes nothing.

use super::spool::complaint;
use super::{Crontab, CrontabProblem};
use crate::host::command::Output;
use std::io::Write;

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

/// Checks `lines`, one by one; `None` if this `crontab` has no way to ask.
pub(super) fn check(crontab: &Crontab, lines: &[String]) -> Result<Option<()>, CrontabProblem> {
    // `-?` is an option of none, so all print their usage and end; should one ignore it, `-l` makes it harmless.
    let Output { stdout, stderr, code: _ } = crontab.command().args(["-l", "-?"]).run_to_any_code()?;
    let usage = format!("{}\n{stderr}", String::from_utf8_lossy(&stdout));
    let option = match Checking::from_usage(&usage) {
        Checking::DryRun => "-n",
        Checking::Test => "-T",
        Checking::Unknown => return Ok(None),
    };
    for line in lines {
        check_line(crontab, option, line)?;
    }
    Ok(Some(()))
}

fn check_line(crontab: &Crontab, option: &str, line: &str) -> Result<(), CrontabProblem> {
    let mut file = tempfile::NamedTempFile::new().map_err(CrontabProblem::TemporaryFile)?;
    writeln!(file, "{line}").map_err(CrontabProblem::TemporaryFile)?;
    let Output { stdout: _, stderr, code } = crontab.command().arg(option).arg(file.path()).run_to_any_code()?;
    if code == 0 {
        return Ok(());
    }
    Err(CrontabProblem::LineRefused { line: line.to_owned(), said: complaint(&stderr) })
}
