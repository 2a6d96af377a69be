//! What happens to a program that runs, heard by one who waits for all of it at once: its outputs, its input, its end. A thread for each
//! would be a stack and a part of the heap for each.

use super::Hearer;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;
use rustix::process::{PidfdFlags, pidfd_open};
use std::fs::File;
use std::io::{self, ErrorKind, PipeReader, PipeWriter, Read};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::Receiver;

/// How much is read at first, and at most, at a time.
const PIECES: [usize; 2] = [4 * 1024, 64 * 1024];

/// What happens to a program.
pub(super) enum Event<'a> {
    Stdout(&'a [u8]),
    Stderr(&'a [u8]),
    /// Its input is written, or could not be; comes with the pipe, whose end the program sees when this is dropped.
    Input(io::Result<()>, PipeWriter),
    /// It has ended and waits to be reaped.
    Exited,
}

/// Where its output is read.
pub(super) enum Source {
    Stdout(PipeReader),
    Stderr(PipeReader),
    /// Its standard output, and who hears what is shown there. A panic of who hears it keeps nothing from going on.
    Terminal(File, Hearer),
}

/// Input that is being written by a thread.
pub(super) struct Pending {
    /// Ends when there is a result.
    pub(super) told: PipeReader,
    pub(super) result: Receiver<(io::Result<()>, PipeWriter)>,
}

/// The end of a program.
pub(super) struct Ending {
    leader: Pid,
    /// Readable when it has ended. Where the system gives none, its end is noticed whenever it is looked for.
    noticed: Option<OwnedFd>,
}

/// All of it, as far as it is still to come.
pub(super) struct Streams {
    sources: Vec<Source>,
    pending: Option<Pending>,
    ending: Option<Ending>,
    buffer: Vec<u8>,
}

impl Ending {
    pub(super) fn of(leader: Pid) -> Self {
        let known = rustix::process::Pid::from_raw(leader.as_raw());
        Self { leader, noticed: known.and_then(|leader| pidfd_open(leader, PidfdFlags::empty()).ok()) }
    }

    /// Whether it has ended; it stays unreaped.
    fn is_there(&self) -> bool {
        let now = WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT | WaitPidFlag::WNOHANG;
        // Of what can't be waited for no end would ever be heard.
        !matches!(waitid(Id::Pid(self.leader), now), Ok(WaitStatus::StillAlive) | Err(Errno::EINTR))
    }
}

impl Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(pipe) | Self::Stderr(pipe) => pipe.read(buffer),
            Self::Terminal(shown, _) => shown.read(buffer),
        }
    }

    fn tell(&mut self, piece: &[u8], tell: &mut impl FnMut(Event<'_>)) {
        match self {
            Self::Stdout(_) => tell(Event::Stdout(piece)),
            Self::Stderr(_) => tell(Event::Stderr(piece)),
            Self::Terminal(_, hear) => {
                let _ = catch_unwind(AssertUnwindSafe(|| hear(piece)));
                tell(Event::Stdout(piece));
            }
        }
    }
}

impl AsFd for Source {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Stdout(pipe) | Self::Stderr(pipe) => pipe.as_fd(),
            Self::Terminal(shown, _) => shown.as_fd(),
        }
    }
}

impl Streams {
    pub(super) fn of(ending: Ending, sources: Vec<Source>, pending: Option<Pending>) -> Self {
        let [first, _] = PIECES;
        Self { sources, pending, ending: Some(ending), buffer: vec![0; first] }
    }

    /// Whether any output has not ended.
    pub(super) fn are_open(&self) -> bool {
        !self.sources.is_empty()
    }

    /// Whether input is still to be written.
    pub(super) fn input_is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// Waits for so long, or until something happens, and tells all that has.
    pub(super) fn hear(&mut self, at_most: PollTimeout, mut tell: impl FnMut(Event<'_>)) {
        let mut ready = self.ready(at_most).into_iter();
        let mut is_ready = || ready.next().unwrap_or_default();
        let Self { sources, pending, ending, buffer } = self;
        let mut filled = false;
        sources.retain_mut(|source| {
            if !is_ready() {
                return true;
            }
            match source.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => true,
                Ok(0) | Err(_) => false,
                Ok(length) => {
                    filled |= length == buffer.len();
                    source.tell(buffer.get(..length).unwrap_or_default(), &mut tell);
                    true
                }
            }
        });
        if let Some((written, pipe)) = pending.take_if(|_| is_ready()).and_then(|pending| pending.result.recv().ok()) {
            tell(Event::Input(written, pipe));
        }
        if ending.take_if(|ending| (is_ready() || ending.noticed.is_none()) && ending.is_there()).is_some() {
            tell(Event::Exited);
        }
        let [_, most] = PIECES;
        if filled && buffer.len() < most {
            buffer.resize(buffer.len() * 2, 0);
        }
    }

    /// Which of what is still to come is there now, or has ended: the sources, then the input, then the end.
    fn ready(&self, at_most: PollTimeout) -> Vec<bool> {
        let sources = self.sources.iter().map(AsFd::as_fd);
        let pending = self.pending.iter().map(|pending| pending.told.as_fd());
        let noticed = self.ending.iter().filter_map(|ending| ending.noticed.as_ref()).map(AsFd::as_fd);
        let asked = sources.chain(pending).chain(noticed).map(|one| PollFd::new(one, PollFlags::POLLIN));
        let mut asked: Vec<_> = asked.collect();
        // After a refusal or a signal nothing is known to be there.
        match poll(&mut asked, at_most) {
            Ok(_) => asked.iter().map(|one| one.any().unwrap_or_default()).collect(),
            Err(_) => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Ending, Event, Pid, Streams};
    use pretty_assertions::assert_eq;
    use std::process::{Command, Stdio};
    use std::time::{Duration, Instant};

    /// A program that ends when its input does: whether its end was heard before it could be and after, and its exit code.
    fn heard(ending: impl FnOnce(Pid) -> Ending) -> (bool, bool, Option<i32>) {
        let mut program = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        let mut streams = Streams::of(ending(Pid::from_raw(program.id().try_into().unwrap())), Vec::new(), None);
        let mut hears = || {
            let mut heard = false;
            streams.hear(20_u8.into(), |event| heard |= matches!(event, Event::Exited));
            heard
        };
        let before = hears();
        drop(program.stdin.take());
        let began = Instant::now();
        let after =
            std::iter::repeat_with(hears).take_while(|_| began.elapsed() < Duration::from_secs(20)).any(|it| it);
        (before, after, program.wait().unwrap().code())
    }

    #[test]
    fn an_end_is_heard_once_also_where_the_system_tells_of_none_and_leaves_the_program_to_be_reaped() {
        assert_eq!(heard(Ending::of), (false, true, Some(0)));
        assert_eq!(heard(|leader| Ending { leader, noticed: None }), (false, true, Some(0)));
    }
}
