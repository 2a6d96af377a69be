//! Starts a program and stays with it until it, and on a kill its whole process group, has ended.
//!
//! The leader is waited for without being reaped: as long as it is there, even as a zombie, its process group's number
//! can't be given to a stranger, and a kill reaches nobody else.

use super::capture::Capture;
use super::problem::tail;
use super::{Command, CommandName, CommandProblem, Input, Output, Writer};
use duct::Handle;
use nix::errno::Errno;
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitStatus;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

/// How often the cancel flag is looked at.
const TICK: Duration = Duration::from_millis(20);
/// How long after the end of the program a descendant that still holds its output is listened to.
const DRAIN: Duration = Duration::from_secs(2);

enum Event {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    StreamClosed,
    Input(io::Result<()>, PipeWriter),
    Exited,
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
    events: Receiver<Event>,
    capture: Capture,
    open_streams: usize,
    input_pending: bool,
    /// A failed writer's end of the pipe: open until the program is dead, so that it sees no end of file.
    held_input: Option<PipeWriter>,
    exited: Option<Instant>,
    stop: Option<(Stop, Instant)>,
    killed: bool,
}

/// Runs `command` to its end.
pub(super) fn run(command: Command) -> Result<Output, CommandProblem> {
    let name = command.name();
    let seconds = command.deadline.as_secs();
    let limit = match command.stdout_bound {
        super::StdoutBound::AtMost(limit) | super::StdoutBound::Last(limit) => limit,
    };
    let grace = command.grace;
    let cancel = command.cancel.clone();
    let deadline = Instant::now().checked_add(command.deadline);
    let (handle, mut supervised) = start(command)
        .map_err(|error| CommandProblem::NotStarted { command: name.clone(), reason: error.to_string() })?;
    supervised.follow(
        || match deadline {
            _ if cancel.is_cancelled() => Some(Stop::Cancelled),
            Some(deadline) if Instant::now() >= deadline => Some(Stop::Deadline),
            Some(_) | None => None,
        },
        grace,
    );
    let status = reap(&handle);
    let Supervised {
        group: _,
        events: _,
        capture,
        open_streams: _,
        input_pending: _,
        held_input: _,
        exited: _,
        stop,
        killed: _,
    } = supervised;
    let (stdout, stderr) = capture.finish();
    let command = name;
    match stop.map(|(stop, _)| stop) {
        Some(Stop::Deadline) => Err(CommandProblem::Deadline { command, seconds, stderr_tail: tail(&stderr) }),
        Some(Stop::Cancelled) => Err(CommandProblem::Cancelled { command }),
        Some(Stop::TooMuchOutput) => Err(CommandProblem::TooMuchOutput { command, limit }),
        Some(Stop::Input(reason)) => Err(CommandProblem::Input { command, reason }),
        None => judge(command, status, stdout, stderr),
    }
}

fn judge(
    command: CommandName,
    status: Result<ExitStatus, io::Error>,
    stdout: Vec<u8>,
    stderr: String,
) -> Result<Output, CommandProblem> {
    let status =
        status.map_err(|error| CommandProblem::NotStarted { command: command.clone(), reason: error.to_string() })?;
    match (status.code(), status.signal()) {
        (Some(code), _) => Ok(Output { stdout, stderr, code }),
        (None, signal) => {
            Err(CommandProblem::Signalled { command, signal: signal.unwrap_or_default(), stderr_tail: tail(&stderr) })
        }
    }
}

fn reap(handle: &Handle) -> Result<ExitStatus, io::Error> {
    handle.wait().map(|output| output.status)
}

fn start(command: Command) -> io::Result<(Handle, Supervised)> {
    let Command {
        program,
        arguments,
        environment,
        directory,
        input,
        stdout_bound,
        merge_stderr,
        deadline: _,
        grace: _,
        cancel: _,
    } = command;
    let (sender, events) = channel();
    let (stdout_reader, stdout_writer) = io::pipe()?;
    let mut expression =
        duct::cmd(program, arguments).full_env(environment).dir(directory).unchecked().before_spawn(|command| {
            command.process_group(0);
            Ok(())
        });
    let mut open_streams = 1;
    if merge_stderr {
        expression = expression.stderr_file(stdout_writer.try_clone()?);
    } else {
        let (stderr_reader, stderr_writer) = io::pipe()?;
        expression = expression.stderr_file(stderr_writer);
        read_on_thread(stderr_reader, sender.clone(), Event::Stderr)?;
        open_streams += 1;
    }
    expression = expression.stdout_file(stdout_writer);
    read_on_thread(stdout_reader, sender.clone(), Event::Stdout)?;
    let writer = writer(input);
    let stdin = if writer.is_some() { Some(io::pipe()?) } else { None };
    let (expression, stdin_writer) = match stdin {
        Some((stdin_reader, stdin_writer)) => (expression.stdin_file(stdin_reader), Some(stdin_writer)),
        None => (expression.stdin_null(), None),
    };
    let handle = expression.start()?;
    // Our copies of the child's ends must be closed, or its streams never end.
    drop(expression);
    let group = group_of(&handle)?;
    let supervised = Supervised {
        group,
        events,
        capture: Capture::new(stdout_bound),
        open_streams,
        input_pending: writer.is_some(),
        held_input: None,
        exited: None,
        stop: None,
        killed: false,
    };
    let helpers = watch_on_thread(group, sender.clone())
        .and_then(|()| writer.zip(stdin_writer).map_or(Ok(()), |(writer, pipe)| write_on_thread(writer, pipe, sender)));
    if let Err(error) = helpers {
        let _ = killpg(group, Signal::SIGKILL);
        let _ = reap(&handle);
        return Err(error);
    }
    Ok((handle, supervised))
}

fn writer(input: Input) -> Option<Writer> {
    match input {
        Input::Nothing => None,
        Input::Bytes(bytes) => Some(Box::new(move |pipe: &mut dyn Write| pipe.write_all(&bytes))),
        Input::Stream(writer) => Some(writer),
    }
}

fn group_of(handle: &Handle) -> io::Result<Pid> {
    let leader = handle.pids().first().copied().and_then(|pid| i32::try_from(pid).ok());
    leader.map(Pid::from_raw).ok_or_else(|| io::Error::other("it has no process id"))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

fn read_on_thread(mut pipe: PipeReader, sender: Sender<Event>, event: fn(Vec<u8>) -> Event) -> io::Result<()> {
    spawn("output", move || {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match pipe.read(&mut buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => break,
                Ok(length) => {
                    let piece = buffer.get(..length).unwrap_or_default().to_vec();
                    if sender.send(event(piece)).is_err() {
                        return;
                    }
                }
            }
        }
        let _ = sender.send(Event::StreamClosed);
    })
}

fn write_on_thread(writer: Writer, mut pipe: PipeWriter, sender: Sender<Event>) -> io::Result<()> {
    spawn("input", move || {
        let written = catch_unwind(AssertUnwindSafe(|| writer(&mut pipe)))
            .unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
        // Sent with its pipe: who receives it decides when the program may see the end of its input.
        let _ = sender.send(Event::Input(written, pipe));
    })
}

fn watch_on_thread(leader: Pid, sender: Sender<Event>) -> io::Result<()> {
    spawn("wait", move || {
        while waitid(Id::Pid(leader), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(Errno::EINTR) {}
        let _ = sender.send(Event::Exited);
    })
}

impl Supervised {
    /// Follows it until it has ended; returns with the leader not yet reaped.
    fn follow(&mut self, reason_to_stop: impl Fn() -> Option<Stop>, grace: Duration) {
        while !self.is_over() {
            match self.events.recv_timeout(TICK) {
                Ok(event) => self.take(event),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let ended = self.exited.is_some() && !self.input_pending;
            if self.stop.is_none()
                && !ended
                && let Some(stop) = reason_to_stop()
            {
                self.stop(stop);
            }
            self.kill_after(grace);
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Stdout(piece) => {
                if !self.capture.stdout(&piece) {
                    self.stop(Stop::TooMuchOutput);
                }
            }
            Event::Stderr(piece) => self.capture.stderr(&piece),
            Event::StreamClosed => self.open_streams = self.open_streams.saturating_sub(1),
            Event::Input(written, pipe) => {
                self.input_pending = false;
                if let Err(error) = written
                    && error.kind() != io::ErrorKind::BrokenPipe
                {
                    self.held_input = Some(pipe);
                    self.stop(Stop::Input(error.to_string()));
                }
            }
            Event::Exited => self.exited = Some(Instant::now()),
        }
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

    fn is_over(&self) -> bool {
        let Some(exited) = self.exited else { return false };
        let settled = self.open_streams == 0 && (self.stop.is_some() || !self.input_pending);
        let group_ended = self.stop.is_none() || self.killed;
        // A descendant that left the group may hold the streams for as long as it lives.
        let given_up = exited.elapsed() >= DRAIN && (self.stop.is_some() || !self.input_pending);
        group_ended && (settled || given_up)
    }
}
