//! The file that the records live in. The only place outside `host` that touches the system.
#![allow(clippy::disallowed_methods, reason = "the journal's store writes and reads its own file")]

use super::{Line, Record, Story};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A journal that is being written. Its blocks are allocated when it is created, so a disk that fills up later does not stop
/// the records of a rollback.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: File,
    story: Option<Story>,
    written: u64,
}

/// What keeps a journal from being written or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalProblem {
    /// The system refused.
    #[error("the journal {path} can't be used: {source}")]
    System {
        /// Which journal.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A record may not follow those before it.
    #[error("the journal {path} is not in order: {breach}")]
    Breach {
        /// Which journal.
        path: PathBuf,
        /// How.
        breach: super::Breach,
    },
}

impl Journal {
    /// Creates a journal with room for a program of this many operations; file and folder are on disk when it returns.
    ///
    /// # Errors
    /// When the file exists, or the system refuses: a full disk shows here, before anything was done.
    pub fn create(path: &Path, operations: usize) -> Result<Self, JournalProblem> {
        let problem = |source| JournalProblem::System { path: path.to_owned(), source };
        let room = (64 * 1024 + operations.saturating_mul(4096)) as u64;
        let open = || -> io::Result<File> {
            let mut file = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path)?;
            io::copy(&mut io::repeat(0).take(room), &mut file)?;
            file.seek(SeekFrom::Start(0))?;
            file.sync_all()?;
            if let Some(folder) = path.parent() {
                File::open(folder)?.sync_all()?;
            }
            Ok(file)
        };
        let file = open().map_err(problem)?;
        Ok(Self { path: path.to_owned(), file, story: None, written: 0 })
    }

    /// Opens a journal that a crash left, to go on writing after its last whole record.
    ///
    /// # Errors
    /// When it can't be read, or its records are not in order.
    pub fn resume(path: &Path) -> Result<Self, JournalProblem> {
        let problem = |source| JournalProblem::System { path: path.to_owned(), source };
        let mut file = OpenOptions::new().read(true).write(true).open(path).map_err(problem)?;
        let room = file.metadata().map_err(problem)?.len();
        let (records, written) = whole_records(&mut BufReader::new(&file)).map_err(problem)?;
        let mut story = None;
        for record in records {
            let next = Story::next(story, record);
            story = Some(next.map_err(|breach| JournalProblem::Breach { path: path.to_owned(), breach })?);
        }
        // A torn record is zeroed, so that what is written next is not followed by its remains.
        let wipe = |file: &mut File| -> io::Result<()> {
            file.seek(SeekFrom::Start(written))?;
            io::copy(&mut io::repeat(0).take(room.saturating_sub(written)), file)?;
            file.seek(SeekFrom::Start(written))?;
            file.sync_data()
        };
        wipe(&mut file).map_err(problem)?;
        Ok(Self { path: path.to_owned(), file, story, written })
    }

    /// Reads what a journal tells; `None` when it holds no whole record.
    ///
    /// # Errors
    /// When it can't be read, or its records are not in order.
    pub fn story(path: &Path) -> Result<Option<Story>, JournalProblem> {
        let records = Self::records(path).map_err(|source| JournalProblem::System { path: path.to_owned(), source })?;
        records.into_iter().try_fold(None, |story, record| {
            Story::next(story, record)
                .map(Some)
                .map_err(|breach| JournalProblem::Breach { path: path.to_owned(), breach })
        })
    }

    /// Writes records and waits until they are on disk: one wait, however many.
    ///
    /// # Errors
    /// When a record may not follow those before it, or the system refuses.
    pub fn append_durably(&mut self, records: Vec<Record>) -> Result<(), JournalProblem> {
        for record in records {
            self.append(record)?;
        }
        self.file.sync_data().map_err(|source| JournalProblem::System { path: self.path.clone(), source })
    }

    /// Writes a record without waiting for the disk: losing it costs a look at the host, nothing else.
    ///
    /// # Errors
    /// When the record may not follow those before it, or the system refuses.
    pub fn append(&mut self, record: Record) -> Result<(), JournalProblem> {
        let path = &self.path;
        let system = |source| JournalProblem::System { path: path.clone(), source };
        let line = Line::write(&record).map_err(|error| system(io::Error::other(error)))?;
        let breach = |breach| JournalProblem::Breach { path: path.clone(), breach };
        if let Some(story) = &self.story {
            story.may_be_followed_by(&record).map_err(breach)?;
        }
        // After a half-written line the next one goes in its place: nothing behind a torn line is ever read.
        self.file.seek(SeekFrom::Start(self.written)).map_err(system)?;
        self.file.write_all(line.as_bytes()).map_err(system)?;
        self.written = self.written.saturating_add(line.len() as u64);
        // Only what is in the file counts: a record that could not be written has not happened.
        self.story = Some(Story::next(self.story.take(), record).map_err(breach)?);
        Ok(())
    }

    /// The whole records of a journal, whether they are in order or not.
    ///
    /// # Errors
    /// The system's.
    pub fn records(path: &Path) -> io::Result<Vec<Record>> {
        Ok(whole_records(&mut BufReader::new(File::open(path)?))?.0)
    }

    /// What the journal tells so far.
    pub fn told(&self) -> Option<&Story> {
        self.story.as_ref()
    }
}

/// The records up to the first line that is torn, altered or not written yet, and where they end. What comes behind is not read: the room
/// that nothing was written to yet is most of a journal.
fn whole_records(bytes: &mut impl BufRead) -> io::Result<(Vec<Record>, u64)> {
    let mut records = Vec::new();
    let mut end = 0;
    let mut line = Vec::new();
    while read_line(bytes, &mut line)? {
        let Some(record) = std::str::from_utf8(&line).ok().and_then(Line::read) else { break };
        records.push(record);
        end += line.len() as u64 + 1;
    }
    Ok((records, end))
}

/// Reads the next line, without its end; false where there is none that has one. In no line is there a zero.
fn read_line(bytes: &mut impl BufRead, line: &mut Vec<u8>) -> io::Result<bool> {
    line.clear();
    loop {
        let there = match bytes.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            there => there?,
        };
        let (length, ends) = (there.len(), there.iter().position(|byte| matches!(byte, b'\n' | 0)));
        let (piece, rest) = there.split_at(ends.unwrap_or(length));
        let whole = rest.first() == Some(&b'\n');
        line.extend_from_slice(piece);
        bytes.consume(ends.map_or(length, |ends| ends + 1));
        if ends.is_some() || length == 0 {
            return Ok(whole);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Journal, whole_records};
    use crate::facts::{FallsTo, Outcome, RunKind};
    use crate::journal::{Phase, Record};
    use crate::operation::OperationId;
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;
    use std::fs;

    fn records() -> Vec<Record> {
        vec![
            Record::Began {
                run: RunId::parse("20261121t101112").unwrap(),
                plan: PlanName::parse("shop").unwrap(),
                kind: RunKind::Deploy,
                at: jiff::Timestamp::UNIX_EPOCH,
                landfall: "0.1.0".to_owned(),
                plan_sha256: Some("ab".to_owned()),
                goes_back: false,
                rollback_to: None,
            },
            Record::Intent { operation: OperationId::of("a"), objects: Vec::new() },
        ]
    }

    #[test]
    fn a_journal_torn_anywhere_tells_its_whole_records_and_can_go_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path, 1).unwrap();
        journal.append_durably(records()).unwrap();
        let whole = fs::read(&path).unwrap();
        let length = whole.iter().position(|byte| *byte == 0).unwrap();
        let first = whole.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        for cut in first..length {
            let torn: Vec<u8> = whole[..cut].iter().copied().chain(std::iter::repeat_n(0, whole.len() - cut)).collect();
            fs::write(&path, &torn).unwrap();
            let mut journal = Journal::resume(&path).unwrap();
            journal.append(Record::Falling { cause: "power".to_owned(), to: FallsTo::AsBefore }).unwrap();
            journal.append(Record::Ended { outcome: Outcome::RolledBack, left: Vec::new() }).unwrap();
            let story = Journal::story(&path).unwrap().unwrap();
            let told = (story.phase, story.falls_to);
            assert_eq!(told, (Phase::Ended(Outcome::RolledBack), Some(FallsTo::AsBefore)), "cut at {cut}");
        }
        // Of the room that nothing was written to, as good as nothing is read.
        let mut left = whole.as_slice();
        assert_eq!(whole_records(&mut left).unwrap(), (records(), length as u64));
        assert_eq!(whole.len() - left.len(), length + 1);
    }

    #[test]
    fn a_second_journal_of_the_same_run_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        Journal::create(&path, 1).unwrap();
        let message = Journal::create(&path, 1).map_err(|problem| problem.to_string()).err();
        assert_eq!(message, Some(format!("the journal {} can't be used: File exists (os error 17)", path.display())));
    }
}
