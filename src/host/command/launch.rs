//! Starts a program, and opens what tells what happens to it.

use super::streams::{Ending, Pending, Source, Streams};
use super::terminal;
use super::{Command, Hearer, Input, Writer};
use duct::{Expression, Handle};
use nix::sys::memfd::{MFdFlags, memfd_create};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Seek, Write};
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Sender, channel};

/// A program that was started.
pub(super) struct Launched {
    pub(super) handle: Handle,
    pub(super) group: Pid,
    pub(super) streams: Streams,
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
    let expression =
        duct::cmd(program, arguments).full_env(environment).dir(directory).unchecked().before_spawn(|command| {
            command.process_group(0);
            Ok(())
        });
    let (expression, sources) = attach_output(expression, merge_stderr, terminal)?;
    let (expression, writing) = attach_input(expression, input)?;
    let handle = expression.start()?;
    // Our copies of the child's ends must be closed, or its streams never end.
    drop(expression);
    let group = group_of(&handle)?;
    let pending = match writing.map(Writing::begin).transpose() {
        Ok(pending) => pending,
        Err(error) => {
            let _ = killpg(group, Signal::SIGKILL);
            let _ = handle.wait();
            return Err(error);
        }
    };
    Ok(Launched { handle, group, streams: Streams::of(Ending::of(group), sources, pending) })
}

fn attach_output(
    expression: Expression,
    merge_stderr: bool,
    terminal: Option<Hearer>,
) -> io::Result<(Expression, Vec<Source>)> {
    if let Some((hear, (shown, stdout))) = terminal.and_then(|hear| Some((hear, terminal::open().ok()?))) {
        let (stderr_reader, stderr) = io::pipe()?;
        let sources = vec![Source::Terminal(shown, hear), Source::Stderr(stderr_reader)];
        return Ok((expression.stderr_file(stderr).stdout_file(stdout), sources));
    }
    let (stdout_reader, stdout) = io::pipe()?;
    let mut sources = vec![Source::Stdout(stdout_reader)];
    let expression = if merge_stderr {
        expression.stderr_file(stdout.try_clone()?)
    } else {
        let (stderr_reader, stderr) = io::pipe()?;
        sources.push(Source::Stderr(stderr_reader));
        expression.stderr_file(stderr)
    };
    Ok((expression.stdout_file(stdout), sources))
}

/// Input that is written while the program runs.
struct Writing {
    writer: Writer,
    pipe: PipeWriter,
    tell: Sender<(io::Result<()>, PipeWriter)>,
    /// Closed once that was told.
    telling: PipeWriter,
    pending: Pending,
}

impl Writing {
    fn new(writer: Writer, pipe: PipeWriter) -> io::Result<Self> {
        let (told, telling): (PipeReader, PipeWriter) = io::pipe()?;
        let (tell, result) = channel();
        Ok(Self { writer, pipe, tell, telling, pending: Pending { told, result } })
    }

    /// Writes on a thread: a program may read its input after its output was read.
    fn begin(self) -> io::Result<Pending> {
        let Self { writer, mut pipe, tell, telling, pending } = self;
        let work = move || {
            let written = catch_unwind(AssertUnwindSafe(|| writer(&mut pipe)))
                .unwrap_or_else(|_| Err(io::Error::other("the writer panicked")));
            // Sent with its pipe: who receives it decides when the program may see the end of its input.
            let _ = tell.send((written, pipe));
            drop(telling);
        };
        std::thread::Builder::new().name("input".to_owned()).spawn(work)?;
        Ok(pending)
    }
}

fn attach_input(expression: Expression, input: Input) -> io::Result<(Expression, Option<Writing>)> {
    let writer: Writer = match input {
        Input::Nothing => return Ok((expression.stdin_null(), None)),
        Input::Whole(bytes) => return Ok((expression.stdin_file(in_memory(&bytes)?), None)),
        Input::Bytes(bytes) => Box::new(move |pipe: &mut dyn Write| pipe.write_all(&bytes)),
        Input::Stream(writer) => writer,
    };
    let (stdin, pipe) = io::pipe()?;
    Ok((expression.stdin_file(stdin), Some(Writing::new(writer, pipe)?)))
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
