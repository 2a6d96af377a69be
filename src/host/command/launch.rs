//! Starts a program, with a thread for each thing that can happen to it.

use super::terminal::{self, Heard};
use super::{Command, Hearer, Input, Writer};
use duct::{Expression, Handle};
use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, PipeWriter, Read, Seek, Write};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// What happens to a program.
pub(super) enum Event {
    Stdout(Vec<u8>),
    Stderr(Vec<u8>),
    StreamClosed,
    /// Its input is written, or could not be; comes with the pipe, whose end the program sees when this is dropped.
    Input(io::Result<()>, PipeWriter),
    /// It has ended and waits to be reaped.
    Exited,
}

/// A program that was started.
pub(super) struct Launched {
    pub(super) handle: Handle,
    pub(super) group: Pid,
    pub(super) events: Receiver<Event>,
    pub(super) open_streams: usize,
    pub(super) input_pending: bool,
}

/// Starts `command` in a process group of its own.
pub(super) fn launch(command: Command) -> io::Result<Launched> {
    let Command {
        program,
        arguments,
        environment,
        directory,
        input,
        stdout_bound: _,
        taker: _,
        merge_stderr,
        terminal,
        deadline: _,
        grace: _,
        cancel: _,
    } = command;
    // Bounded: a program that writes faster than it is read waits, as at any full pipe.
    let (sender, events) = sync_channel(64);
    let expression =
        duct::cmd(program, arguments).full_env(environment).dir(directory).unchecked().before_spawn(|command| {
            command.process_group(0);
            Ok(())
        });
    let (expression, open_streams) = attach_output(expression, (merge_stderr, terminal), &sender)?;
    let (expression, writer, pipe) = attach_input(expression, input)?;
    let handle = expression.start()?;
    // Our copies of the child's ends must be closed, or its streams never end.
    drop(expression);
    let group = group_of(&handle)?;
    let input_pending = writer.is_some();
    let watched = watch_on_thread(group, sender.clone())
        .and_then(|()| writer.zip(pipe).map_or(Ok(()), |(writer, pipe)| write_on_thread(writer, pipe, sender)));
    if let Err(error) = watched {
        let _ = killpg(group, Signal::SIGKILL);
        let _ = handle.wait();
        return Err(error);
    }
    Ok(Launched { handle, group, events, open_streams, input_pending })
}

fn attach_output(
    expression: Expression,
    (merge_stderr, terminal): (bool, Option<Hearer>),
    sender: &SyncSender<Event>,
) -> io::Result<(Expression, usize)> {
    if let Some((hear, (shown, stdout))) = terminal.and_then(|hear| Some((hear, terminal::open().ok()?))) {
        let (stderr_reader, stderr) = io::pipe()?;
        read_on_thread(stderr_reader, sender.clone(), Event::Stderr)?;
        read_on_thread(Heard { from: shown, hear }, sender.clone(), Event::Stdout)?;
        return Ok((expression.stderr_file(stderr).stdout_file(stdout), 2));
    }
    let (stdout_reader, stdout) = io::pipe()?;
    let (expression, streams) = if merge_stderr {
        (expression.stderr_file(stdout.try_clone()?), 1)
    } else {
        let (stderr_reader, stderr) = io::pipe()?;
        read_on_thread(stderr_reader, sender.clone(), Event::Stderr)?;
        (expression.stderr_file(stderr), 2)
    };
    read_on_thread(stdout_reader, sender.clone(), Event::Stdout)?;
    Ok((expression.stdout_file(stdout), streams))
}

fn attach_input(expression: Expression, input: Input) -> io::Result<(Expression, Option<Writer>, Option<PipeWriter>)> {
    let writer: Writer = match input {
        Input::Nothing => return Ok((expression.stdin_null(), None, None)),
        Input::Whole(bytes) => return Ok((expression.stdin_file(in_memory(&bytes)?), None, None)),
        Input::Bytes(bytes) => Box::new(move |pipe: &mut dyn Write| pipe.write_all(&bytes)),
        Input::Stream(writer) => writer,
    };
    let (stdin, pipe) = io::pipe()?;
    Ok((expression.stdin_file(stdin), Some(writer), Some(pipe)))
}

/// A file without a name that holds these bytes, to be read from its beginning.
fn in_memory(bytes: &[u8]) -> io::Result<File> {
    let mut file = File::from(memfd_create("landfall-input", MFdFlags::MFD_CLOEXEC)?);
    file.write_all(bytes)?;
    file.rewind()?;
    Ok(file)
}

fn group_of(handle: &Handle) -> io::Result<Pid> {
    let leader = handle.pids().first().copied().and_then(|pid| i32::try_from(pid).ok());
    leader.map(Pid::from_raw).ok_or_else(|| io::Error::other("it has no process id"))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map(drop)
}

fn read_on_thread(
    mut pipe: impl Read + Send + 'static,
    sender: SyncSender<Event>,
    event: fn(Vec<u8>) -> Event,
) -> io::Result<()> {
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

fn write_on_thread(writer: Writer, mut pipe: PipeWriter, sender: SyncSender<Event>) -> io::Result<()> {
    spawn("input", move || {
        let written = catch_unwind(AssertUnwindSafe(|| writer(&mut pipe)))
            .unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
        // Sent with its pipe: who receives it decides when the program may see the end of its input.
        let _ = sender.send(Event::Input(written, pipe));
    })
}

fn watch_on_thread(leader: Pid, sender: SyncSender<Event>) -> io::Result<()> {
    spawn("wait", move || {
        while waitid(Id::Pid(leader), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT) == Err(Errno::EINTR) {}
        let _ = sender.send(Event::Exited);
    })
}
