//! Fetches image archives from other servers into a private folder, and goes on where it was cut off.

mod sftp;
mod web;

pub use sftp::{SshAccess, size_by_ssh};
pub use web::size_by_web;

use super::awake;
use super::command::{Command, CommandProblem};
use super::engine::{self, CALLER};
use super::threads::beside;
use crate::run::{Cancel, Failure};
use std::convert::Infallible;
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// How often in a row nothing at all arrives until it is given up.
const ATTEMPTS: u32 = 5;

/// The pause after the first of them; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// A connection over which nothing comes for so long is as good as cut.
const SILENCE: Duration = Duration::from_secs(60);

/// How long after it was asked to end a call is killed that only asks for a size.
const GRACE: Duration = Duration::from_millis(500);

/// How often it is looked whether something has come.
const LOOK: Duration = Duration::from_secs(1);

/// Where an archive goes, and what it may take.
#[derive(Debug, Clone, Copy)]
pub struct Goal<'a> {
    /// The file, in a folder that nobody else can enter.
    pub file: &'a Path,
    /// How many bytes it may have.
    pub room: u64,
    /// How long it may take.
    pub limit: Duration,
    /// Ends the work early.
    pub cancel: &'a Cancel,
}

/// Why an attempt did not get the whole file.
struct Trouble {
    message: String,
    then: Then,
}

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    /// Nothing that can be done here.
    GiveUp,
    /// Asking once more, for the rest.
    GoOn,
    /// Asking once more, for all of it: the other side can't give the rest alone.
    BeginAgain,
}

/// The programs that fetch.
const CLIENTS: [&str; 2] = ["curl", "sftp"];

/// Ends downloads, and questions to other servers, whose caller was a process of ours that did not live to wait for them: they would
/// go on to the end, for nobody.
pub fn end_orphans() {
    for client in CLIENTS {
        engine::end_orphans(client, Duration::ZERO);
    }
}

/// A call that is known for ours when this process is gone.
pub(super) fn known(call: Command) -> Command {
    call.env(CALLER, std::process::id().to_string())
}

/// How much longer than we wait for it curl may take: where nobody waits any more, it ends by itself.
const ALONE: Duration = Duration::from_secs(30);

/// A call of curl that may take so long, whoever waits for it.
pub(super) fn within(call: Command, limit: Duration) -> Command {
    let alone = limit.saturating_add(ALONE).as_secs().to_string();
    call.args(["--max-time", &alone]).deadline(limit)
}

/// Makes attempts until the file is whole. As long as some of it arrives each time, there is no end to them but the limit.
fn fetched(goal: Goal<'_>, attempt: &dyn Fn(Duration) -> Result<(), Trouble>) -> Result<File, Failure> {
    let Goal { file, room: _, limit, cancel } = goal;
    let until = awake::now() + limit;
    let create = || OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(file);
    let refused = |error| Failure::new(format!("{} can't be written: {error}", file.display()));
    create().map_err(refused)?;
    let (mut fruitless, mut pause) = (0, FIRST_PAUSE);
    loop {
        let before = size(file);
        let left = until.saturating_sub(awake::now());
        let Err(Trouble { message, then }) = attempt(left) else {
            return File::open(file)
                .map_err(|error| Failure::new(format!("{} can't be read: {error}", file.display())));
        };
        if cancel.is_cancelled() {
            return Err(Failure::new("interrupted"));
        }
        (fruitless, pause) = if size(file) > before { (0, FIRST_PAUSE) } else { (fruitless + 1, pause) };
        if then == Then::BeginAgain {
            create().map_err(refused)?;
        }
        let left = until.saturating_sub(awake::now());
        if then == Then::GiveUp || fruitless == ATTEMPTS || left <= pause {
            return Err(Failure::new(message));
        }
        tracing::info!(
            bytes = size(file),
            seconds = pause.as_secs(),
            cause = message,
            "the archive is asked for again"
        );
        awake::wait(pause, cancel);
        pause *= 2;
    }
}

/// Makes a call that writes the file, and ends it where nothing comes for so long; `None` then.
fn unless_silent<T>(goal: Goal<'_>, silence: Duration, call: impl FnOnce(&Cancel) -> T) -> Result<Option<T>, Failure> {
    let cancel = &goal.cancel.within();
    let (ended, end) = mpsc::channel::<Infallible>();
    std::thread::scope(|scope| {
        let watcher = beside(scope, move || {
            let (mut bytes, mut since) = (size(goal.file), awake::now());
            while end.recv_timeout(LOOK.min(silence)) == Err(RecvTimeoutError::Timeout) {
                let (there, now) = (size(goal.file), awake::now());
                if there != bytes {
                    (bytes, since) = (there, now);
                } else if now.saturating_sub(since) >= silence {
                    cancel.cancel();
                    return true;
                }
            }
            false
        })?;
        let result = call(cancel);
        drop(ended);
        let silent = watcher.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok((!silent).then_some(result))
    })
}

fn size(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |metadata| metadata.len())
}

/// The trouble that a program's problem is which did not even fail.
fn of_the_program(problem: &CommandProblem, who: &str) -> Trouble {
    match problem {
        CommandProblem::Deadline { command: _, seconds: _, stderr_tail: _ } => {
            let message = format!(
                "{who} did not deliver the archive in time: see whether it works, or raise the image's `timeout`"
            );
            Trouble { message, then: Then::GiveUp }
        }
        // By somebody else: what has come is there.
        CommandProblem::Signalled { command: _, signal: _, stderr_tail: _ } => {
            Trouble { message: problem.to_string(), then: Then::GoOn }
        }
        other => Trouble { message: other.to_string(), then: Then::GiveUp },
    }
}

#[cfg(test)]
mod tests {
    use super::{Goal, Then, Trouble, fetched, unless_silent};
    use crate::run::{Cancel, Failure};
    use pretty_assertions::assert_eq;
    use std::cell::Cell;
    use std::fs::OpenOptions;
    use std::io::{Read, Write};
    use std::path::Path;
    use std::time::Duration;

    fn append(file: &Path, text: &str) {
        OpenOptions::new().append(true).open(file).unwrap().write_all(text.as_bytes()).unwrap();
    }

    /// What is in the file after these attempts, each of which adds a text and ends so.
    fn after(attempts: &[(&str, Option<Then>)]) -> Result<String, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("archive");
        let goal = Goal { file: &file, room: 0, limit: Duration::from_secs(3600), cancel: &Cancel::never() };
        let made = Cell::new(0);
        let fetched = fetched(goal, &|_| {
            let (text, then) = attempts[made.replace(made.get() + 1)];
            append(&file, text);
            then.map_or(Ok(()), |then| Err(Trouble { message: format!("trouble {}", made.get()), then }))
        })?;
        assert_eq!(made.get(), attempts.len());
        let mut text = String::new();
        { fetched }.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    #[test]
    fn a_file_that_was_cut_off_is_gone_on_with_or_begun_again() {
        assert_eq!(after(&[("whole", None)]), Ok("whole".to_owned()));
        assert_eq!(after(&[("ab", Some(Then::GoOn)), ("cd", None)]), Ok("abcd".to_owned()));
        assert_eq!(after(&[("ab", Some(Then::BeginAgain)), ("abcd", None)]), Ok("abcd".to_owned()));
        assert_eq!(after(&[("ab", Some(Then::GiveUp))]), Err(Failure::new("trouble 1")));
    }

    /// Without the end that it puts to the call, this test would never end.
    #[test]
    fn a_call_over_which_nothing_comes_is_ended_and_another_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let (file, cancel) = (folder.path().join("archive"), Cancel::never());
        std::fs::write(&file, "").unwrap();
        let goal = Goal { file: &file, room: 0, limit: Duration::MAX / 2, cancel: &cancel };
        let silent = unless_silent(goal, Duration::from_millis(20), |cancel| {
            while !cancel.is_cancelled() {
                std::thread::yield_now();
            }
        });
        assert_eq!((silent, cancel.is_cancelled()), (Ok(None), false));
        let heard = unless_silent(goal, Duration::from_secs(3600), |cancel| cancel.is_cancelled());
        assert_eq!(heard, Ok(Some(false)));
    }

    #[test]
    fn an_interrupted_run_asks_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let (file, cancel) = (folder.path().join("archive"), Cancel::never());
        let goal = Goal { file: &file, room: 0, limit: Duration::MAX / 2, cancel: &cancel };
        let ended = fetched(goal, &|_| {
            cancel.cancel();
            Err(Trouble { message: "killed".to_owned(), then: Then::GoOn })
        });
        assert_eq!(ended.map(drop), Err(Failure::new("interrupted")));
    }
}
