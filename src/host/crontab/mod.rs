//! root's crontab: reads it to the byte, and puts in or takes out our block without losing what others change at the same time.

pub mod block;
#[cfg(test)]
mod block_tests;
mod check;
mod noticed;
mod place;
mod spool;
#[cfg(test)]
mod tests;

pub use block::BlockProblem;

use place::{Place, Replaced};
use spool::complaint;

use super::command::{Cancel, Command, CommandProblem, Output, patient, require};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a change is tried when others change the crontab at the same time.
const ATTEMPTS: usize = 10;
/// How often is looked until `crontab` shows what the file holds.
const LOOKS: usize = 4;

/// What one call usually may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// Removes what a run that was killed has left beside root's crontab. No run may be under way.
///
/// # Errors
/// The system's refusal.
pub fn remove_unfinished() -> std::io::Result<()> {
    place::remove_unfinished()
}

/// The `crontab` program of this server.
#[derive(Debug, Clone)]
pub struct Crontab {
    program: PathBuf,
    /// Where its files may lie.
    folders: Vec<PathBuf>,
    cancel: Cancel,
}

/// Why the crontab was not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum CrontabProblem {
    /// The program is missing, hung, or was interrupted.
    #[error(transparent)]
    Command(#[from] CommandProblem),
    /// Our block's markers, or its new lines, are not as they must be.
    #[error(transparent)]
    Block(#[from] BlockProblem),
    /// `crontab -l` neither shows a crontab nor says that there is none.
    #[error("root's crontab can't be read: {said}")]
    Unreadable {
        /// What the program said.
        said: String,
    },
    /// `crontab` does not take the new text.
    #[error("`crontab` refuses the new crontab: {said}")]
    Refused {
        /// What the program said.
        said: String,
    },
    /// Others changed it again and again.
    #[error(
        "root's crontab was changed by someone else at the same time, {ATTEMPTS} times over: find out who does that"
    )]
    Contended,
    /// `crontab` does not take a line.
    #[error("`crontab` refuses the line `{line}`: {said}")]
    LineRefused {
        /// The line.
        line: String,
        /// What the program said.
        said: String,
    },
    /// What it was could not be kept.
    #[error("{0}")]
    NotKept(String),
    /// A private temporary file could not be written.
    #[error("a temporary file for checking the crontab could not be written: {0}")]
    TemporaryFile(std::io::Error),
}

/// What a change did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The crontab as it was last read before it was written, or found to be right; `None` if there was none.
    pub before: Option<Vec<u8>>,
    /// Whether it was written at all.
    pub written: bool,
}

/// The crontab at one moment.
struct Seen {
    /// Every byte of it.
    held: Option<Vec<u8>>,
    /// The file, if it was found.
    place: Option<Place>,
}

impl Crontab {
    /// The installed `crontab` program.
    ///
    /// # Errors
    /// [`CommandProblem::NotFound`].
    pub fn find() -> Result<Self, CommandProblem> {
        Ok(Self::at(require("crontab")?, place::FOLDERS.map(PathBuf::from).to_vec()))
    }

    /// The `crontab` program at this absolute path, which keeps its files in one of these folders, or elsewhere.
    pub fn at(program: PathBuf, folders: Vec<PathBuf>) -> Self {
        Self { program, folders, cancel: Cancel::never() }
    }

    /// Gives up when `cancel` says so; without this, only at the deadline of each call.
    #[must_use]
    pub fn cancel(mut self, cancel: &Cancel) -> Self {
        self.cancel = cancel.clone();
        self
    }

    /// root's crontab, every byte of it but the header that Debian's `crontab` puts in front at each installation; `None`
    /// if there is none, which is not the same as an empty one.
    ///
    /// # Errors
    /// See [`CrontabProblem`].
    pub fn read(&self) -> Result<Option<Vec<u8>>, CrontabProblem> {
        let Seen { held, place: _ } = self.look()?;
        Ok(held.map(|held| spool::without_header(&held).to_vec()))
    }

    /// The crontab with its header: the file itself where it is found, for `crontab` does not show every byte as it is.
    fn look(&self) -> Result<Seen, CrontabProblem> {
        let is_known = self.folders.iter().any(|folder| folder.is_dir());
        let mut shown = self.shown()?;
        for _ in 1..if is_known { LOOKS } else { 1 } {
            if let Some((place, held)) = Place::of(&self.folders, shown.as_deref()) {
                return Ok(Seen { held, place: Some(place) });
            }
            // It may have been changed in between; or `crontab` has not told the truth.
            shown = self.shown()?;
        }
        // Whoever believed it would write a crontab without the lines of others.
        if self.hides_lines(shown.as_deref()) {
            return Err(CrontabProblem::Unreadable { said: "it shows nothing, and its file is not empty".to_owned() });
        }
        Ok(match Place::of(&self.folders, shown.as_deref()) {
            Some((place, held)) => Seen { held, place: Some(place) },
            None => Seen { held: shown, place: None },
        })
    }

    fn shown(&self) -> Result<Option<Vec<u8>>, CrontabProblem> {
        let Output { stdout, stderr, code } = self.command().arg("-l").run_to_any_code()?;
        match code {
            0 => Ok(Some(stdout)),
            _ if stderr.contains("no crontab for") => Ok(None),
            _ => Err(CrontabProblem::Unreadable { said: complaint(&stderr) }),
        }
    }

    /// Whether `crontab -l` says that there is nothing in a crontab whose file has something in it.
    fn hides_lines(&self, shown: Option<&[u8]>) -> bool {
        let filled =
            |folder: &PathBuf| folder.join("root").metadata().is_ok_and(|file| file.is_file() && file.len() > 0);
        shown.unwrap_or_default().is_empty() && self.folders.iter().any(filled)
    }

    /// Makes `lines` the block of `plan`, or removes the block if `None`; every byte outside it stays.
    ///
    /// It is read, replaced if it is still what was read, and read once more; the whole is repeated until the block is as asked, so that
    /// what others change meanwhile is kept. Where cron keeps its files in a place that is not known, `crontab` replaces it, which can't
    /// be kept from overwriting a change of the same moment.
    ///
    /// # Errors
    /// See [`CrontabProblem`]; after `Block` and `Refused` the crontab is as before.
    pub fn install(&self, plan: &str, lines: Option<&[String]>) -> Result<Changed, CrontabProblem> {
        self.install_keeping(plan, lines, |_| Ok(()))
    }

    /// The same, where `keep` gets the crontab as it is before it is changed, or `None` if there is none; once more if others change it
    /// meanwhile.
    ///
    /// # Errors
    /// `NotKept` if `keep` could not: the crontab is as before then, or as others have left it. Otherwise see [`Crontab::install`].
    pub fn install_keeping(
        &self,
        plan: &str,
        lines: Option<&[String]>,
        keep: impl Fn(Option<&[u8]>) -> Result<(), String>,
    ) -> Result<Changed, CrontabProblem> {
        let (mut replaced, mut exchanges) = (None, true);
        for _ in 0..ATTEMPTS {
            let Seen { held, place } = self.look()?;
            let now = held.as_deref().map(spool::without_header);
            let wanted = match lines {
                Some(lines) => Some(block::replace(now, plan, lines)?),
                None => block::remove(now, plan)?,
            };
            let now = now.map(<[u8]>::to_vec);
            if replaced.is_none() || wanted != now {
                keep(now.as_deref()).map_err(CrontabProblem::NotKept)?;
            }
            if wanted == now {
                make_durable();
                let written = replaced.is_some();
                return Ok(Changed { before: replaced.unwrap_or(now), written });
            }
            if let Some(place) = place.as_ref().filter(|_| exchanges) {
                match exchange(place, held.as_deref(), wanted.as_deref()) {
                    Ok(Replaced::Done) => replaced = Some(now),
                    Ok(Replaced::Changed) => {}
                    Err(error) => {
                        // A read-only or full disk, or one that can't exchange: `crontab` tries it next, and says why not.
                        tracing::debug!(%error, "root's crontab can't be exchanged");
                        exchanges = false;
                    }
                }
            } else if self.look()?.held == held {
                self.write_noticed(place.as_ref(), wanted.as_deref())?;
                replaced = Some(now);
            }
        }
        Err(CrontabProblem::Contended)
    }

    /// Whether this server's cron would take `lines`; `None` if its `crontab` has no way to ask.
    ///
    /// # Errors
    /// `LineRefused` with what it said, or see [`CrontabProblem`].
    pub fn check(&self, lines: &[String]) -> Result<Option<()>, CrontabProblem> {
        block::check_lines(lines)?;
        check::check(self, lines)
    }

    /// Has `crontab` write it, and cron notice it if the file is known.
    fn write_noticed(&self, place: Option<&Place>, crontab: Option<&[u8]>) -> Result<(), CrontabProblem> {
        let seen = place.map(|place| (place, place.seen()));
        self.write(crontab)?;
        if let Some((place, Ok(seen))) = seen {
            place.make_noticed(seen);
        }
        Ok(())
    }

    fn write(&self, crontab: Option<&[u8]>) -> Result<(), CrontabProblem> {
        let Some(bytes) = crontab else {
            let Output { stdout: _, stderr, code } = self.command().arg("-r").run_to_any_code()?;
            // Someone else may just have removed it; the next look tells.
            let done = code == 0 || stderr.contains("no crontab for");
            return if done { Ok(()) } else { Err(CrontabProblem::Refused { said: complaint(&stderr) }) };
        };
        let problem = match self.replace(bytes)? {
            None => return Ok(()),
            Some(problem) => problem,
        };
        if bytes.is_empty() || bytes.ends_with(b"\n") {
            return Err(problem);
        }
        tracing::warn!("`crontab` refuses a last line without a newline; root's crontab gets one");
        match self.replace(&[bytes, b"\n"].concat())? {
            None => Ok(()),
            Some(problem) => Err(problem),
        }
    }

    /// Replaces the crontab; the refusal, if it is refused.
    fn replace(&self, bytes: &[u8]) -> Result<Option<CrontabProblem>, CrontabProblem> {
        let Output { stdout: _, stderr, code } = self.command().arg("-").stdin_whole(bytes).run_to_any_code()?;
        Ok((code != 0).then(|| CrontabProblem::Refused { said: complaint(&stderr) }))
    }

    fn command(&self) -> Command {
        // Debian's drops the first comment lines otherwise, also when they are the user's own.
        Command::new(&self.program).env("CRONTAB_NOHEADER", "N").deadline(patient(DEADLINE)).cancel(&self.cancel)
    }
}

/// Replaces the file, below the header that it has.
fn exchange(place: &Place, held: Option<&[u8]>, wanted: Option<&[u8]>) -> std::io::Result<Replaced> {
    let header = match held {
        Some(held) => spool::header(held).to_vec(),
        None if place.wants_header() => spool::new_header(&jiff::Zoned::now()).into_bytes(),
        None => Vec::new(),
    };
    place.replace(held, wanted.map(|wanted| [&header, wanted].concat()).as_deref())
}

/// `crontab` renames without asking for the disk. Where the file lies differs; what can't be opened is left to the system.
fn make_durable() {
    for folder in place::FOLDERS.map(Path::new) {
        for path in [&folder.join("root"), folder] {
            if let Ok(file) = File::open(path)
                && let Err(error) = file.sync_all()
            {
                tracing::debug!(path = %path.display(), %error, "not synchronised with the disk");
            }
        }
    }
}
