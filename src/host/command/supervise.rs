//! Stays with a program until it, and on a kill its whole process group, has ended.
//!
//! The leader is waited for without being reaped: as long as it is there, even as a zombie, its process group's number
//! can't be given to a stranger, and a kill reaches nobody else.

use super::capture::{Capture, Pieces};
use super::launch::{Launched, launch};
use super::problem::tail;
use super::streams::{Event, Streams};
use super::{Cancel, Command, CommandName, CommandProblem, Output, StdoutBound, Taker};
use crate::host::awake;
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::io::{self, PipeWriter};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

/// How often the cancel flag is looked at, in milliseconds.
const TICK: u8 = 20;
/// How long after the end of the program a descendant that still holds its output is listened to.
const DRAIN: Duration = Duration::from_secs(2);

/// When a program is not waited for any longer.
struct Limits {
    /// By [`awake::now`]; `None` is too far away for the clock.
    deadline: Option<Duration>,
    seconds: u64,
    grace: Duration,
    cancel: Cancel,
    stdout_bound: StdoutBound,
}

/// Why we end it.
enum Stop {
    Deadline,
    Cancelled,
    TooMuchOutput,
    Input(String),
}

struct Supervised {
    group: Pid,
    capture: Capture,
    taker: Option<Taker>,
    /// A failed writer's end of the pipe: open until the program is dead, so that it sees no end of file.
    held_input: Option<PipeWriter>,
    exited: Option<Instant>,
    stop: Option<(Stop, Instant)>,
    killed: bool,
}

/// Runs `command` to its end.
pub(super) fn run(mut command: Command) -> Result<Output<Pieces>, CommandProblem> {
    let name = command.name();
    if command.cancel.is_cancelled() {
        return Err(CommandProblem::Cancelled { command: name });
    }
    let limits = Limits {
        deadline: awake::now().checked_add(command.deadline),
        seconds: command.deadline.as_secs(),
        grace: command.grace,
        cancel: command.cancel.clone(),
        stdout_bound: command.stdout_bound,
    };
    let taker = command.taker.take();
    let not_started =
        |error: io::Error| CommandProblem::NotStarted { command: name.clone(), reason: error.to_string() };
    let Launched { handle, group, mut streams } = launch(command).map_err(not_started)?;
    let mut supervised = Supervised {
        group,
        capture: Capture::new(limits.stdout_bound),
        taker,
        held_input: None,
        exited: None,
        stop: None,
        killed: false,
    };
    supervised.follow(&mut streams, &limits);
    let status = handle.wait().map(|output| output.status).map_err(not_started)?;
    judge(name, &limits, supervised, status)
}

fn judge(
    command: CommandName,
    limits: &Limits,
    supervised: Supervised,
    status: ExitStatus,
) -> Result<Output<Pieces>, CommandProblem> {
    let Supervised { group: _, capture, taker: _, held_input: _, exited: _, stop, killed: _ } = supervised;
    let Limits { deadline: _, seconds, grace: _, cancel: _, stdout_bound } = limits;
    let (stdout, stderr) = capture.finish();
    match stop.map(|(stop, _)| stop) {
        Some(Stop::Deadline) => {
            Err(CommandProblem::Deadline { command, seconds: *seconds, stderr_tail: tail(&stderr) })
        }
        Some(Stop::Cancelled) => Err(CommandProblem::Cancelled { command }),
        Some(Stop::TooMuchOutput) => Err(CommandProblem::TooMuchOutput { command, limit: stdout_bound.bytes() }),
        Some(Stop::Input(reason)) => Err(CommandProblem::Input { command, reason }),
        None => match (status.code(), status.signal()) {
            (Some(code), _) => Ok(Output { stdout, stderr, code }),
            (None, signal) => {
                let signal = signal.unwrap_or_default();
                Err(CommandProblem::Signalled { command, signal, stderr_tail: tail(&stderr) })
            }
        },
    }
}

impl Limits {
    fn reason_to_stop(&self) -> Option<Stop> {
        if self.cancel.is_cancelled() {
            return Some(Stop::Cancelled);
        }
        self.deadline.filter(|deadline| awake::now() >= *deadline).map(|_| Stop::Deadline)
    }
}

impl Supervised {
    /// Follows it until it has ended; returns with the leader not yet reaped.
    fn follow(&mut self, streams: &mut Streams, limits: &Limits) {
        while !self.is_over(streams) {
            streams.hear(TICK.into(), |event| self.take(event, limits));
            let ended = self.exited.is_some() && !streams.input_is_pending();
            if self.stop.is_none()
                && !ended
                && let Some(stop) = limits.reason_to_stop()
            {
                self.stop(stop);
            }
            self.kill_after(limits.grace);
        }
    }

    fn take(&mut self, event: Event<'_>, limits: &Limits) {
        match event {
            Event::Stdout(piece) => self.take_stdout(piece),
            Event::Stderr(piece) => self.capture.stderr(piece),
            Event::Input(written, pipe) => {
                if let Err(error) = written
                    && error.kind() != io::ErrorKind::BrokenPipe
                {
                    self.held_input = Some(pipe);
                    // Who writes heeds the interruption too, and may be faster.
                    self.stop(limits.reason_to_stop().unwrap_or_else(|| Stop::Input(error.to_string())));
                }
            }
            Event::Exited => self.exited = Some(Instant::now()),
        }
    }

    fn take_stdout(&mut self, piece: &[u8]) {
        let Some(taker) = &mut self.taker else {
            if !self.capture.stdout(piece) {
                self.stop(Stop::TooMuchOutput);
            }
            return;
        };
        if !taker(piece) {
            self.stop(Stop::Cancelled);
        }
        // Who takes it may be slower than the program that has ended: the rest is still to come.
        self.exited = self.exited.map(|_| Instant::now());
    }

    /// Asks the group to end; the first reason is the one that counts.
    fn stop(&mut self, stop: Stop) {
        if self.stop.is_none() {
            let _ = killpg(self.group, Signal::SIGTERM);
            self.stop = Some((stop, Instant::now()));
        }
    }

    /// Once stopped, the whole group goes with its leader, or when the grace period is over.
    fn kill_after(&mut self, grace: Duration) {
        let due = self.stop.as_ref().is_some_and(|(_, since)| self.exited.is_some() || since.elapsed() >= grace);
        if due && !self.killed {
            let _ = killpg(self.group, Signal::SIGKILL);
            self.killed = true;
        }
    }

    fn is_over(&self, streams: &Streams) -> bool {
        let Some(exited) = self.exited else { return false };
        let input_settled = self.stop.is_some() || !streams.input_is_pending();
        let group_ended = self.stop.is_none() || self.killed;
        // A descendant that left the group may hold the streams for as long as it lives.
        let output_settled = !streams.are_open() || exited.elapsed() >= DRAIN;
        group_ended && input_settled && output_settled
    }
}
