//! Follows Landfall from one call that matters to the disk to the next, in all its threads, and stops all of it at one of them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use nix::libc;
use nix::sys::ptrace;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

/// Which moments count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moments {
    /// Before and after each wait for the disk.
    Waits,
    /// Also after each change of what a folder holds.
    Changes,
    /// After each record in a journal: what is going to be done, and what was done.
    Records,
}

/// What a call does to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Wait,
    Change,
    Record,
}

impl Moments {
    fn have(self, sort: Sort) -> bool {
        match (self, sort) {
            (Self::Waits | Self::Changes, Sort::Wait)
            | (Self::Changes, Sort::Change)
            | (Self::Records, Sort::Record) => true,
            (Self::Waits | Self::Records, Sort::Change)
            | (Self::Waits | Self::Changes, Sort::Record)
            | (Self::Records, Sort::Wait) => false,
        }
    }
}

/// A call that matters: its number, its name, its sort, and which of its arguments is a path and which the folder that it starts from,
/// or the file itself.
struct Kind {
    number: i64,
    name: &'static str,
    sort: Sort,
    folder: Option<usize>,
    path: Option<usize>,
}

const fn kind(number: i64, name: &'static str, sort: Sort, folder: Option<usize>, path: Option<usize>) -> Kind {
    Kind { number, name, sort, folder, path }
}

const KINDS: &[Kind] = &[
    kind(libc::SYS_fsync, "fsync", Sort::Wait, Some(0), None),
    kind(libc::SYS_fdatasync, "fdatasync", Sort::Wait, Some(0), None),
    kind(libc::SYS_syncfs, "syncfs", Sort::Wait, Some(0), None),
    kind(libc::SYS_write, "write", Sort::Record, Some(0), None),
    kind(libc::SYS_renameat, "rename", Sort::Change, Some(0), Some(1)),
    kind(libc::SYS_renameat2, "rename", Sort::Change, Some(0), Some(1)),
    kind(libc::SYS_unlinkat, "unlink", Sort::Change, Some(0), Some(1)),
    kind(libc::SYS_mkdirat, "mkdir", Sort::Change, Some(0), Some(1)),
    kind(libc::SYS_linkat, "link", Sort::Change, Some(0), Some(1)),
    #[cfg(target_arch = "x86_64")]
    kind(libc::SYS_rename, "rename", Sort::Change, None, Some(0)),
    #[cfg(target_arch = "x86_64")]
    kind(libc::SYS_unlink, "unlink", Sort::Change, None, Some(0)),
    #[cfg(target_arch = "x86_64")]
    kind(libc::SYS_rmdir, "rmdir", Sort::Change, None, Some(0)),
    #[cfg(target_arch = "x86_64")]
    kind(libc::SYS_mkdir, "mkdir", Sort::Change, None, Some(0)),
    #[cfg(target_arch = "x86_64")]
    kind(libc::SYS_link, "link", Sort::Change, None, Some(1)),
];

/// Folders in which a change matters.
const FOLDERS: [&str; 3] = ["/var/lib/landfall", "/var/spool/cron", "/root/.ssh"];

/// A program that is followed.
pub struct Traced {
    reached: Receiver<Option<String>>,
    tracer: JoinHandle<()>,
}

impl Traced {
    /// Follows the process until moment number `number`, from 1, where all of it stands still until it is killed.
    pub fn follow(process: u32, moments: Moments, number: usize) -> Self {
        let (tell, reached) = channel();
        let (ready, is_followed) = channel();
        let tracer = thread::spawn(move || {
            let process = Pid::from_raw(i32::try_from(process).unwrap());
            let options = ptrace::Options::PTRACE_O_TRACESYSGOOD | ptrace::Options::PTRACE_O_TRACECLONE;
            ptrace::seize(process, options).unwrap();
            ptrace::interrupt(process).unwrap();
            ready.send(()).unwrap();
            let mut tracer = Tracer { moments, left: number, calls: BTreeMap::new() };
            let at = tracer.run();
            let stands_still = at.is_some();
            tell.send(at).unwrap();
            if stands_still {
                Tracer::bury();
            }
        });
        is_followed.recv().unwrap();
        Self { reached, tracer }
    }

    /// Waits for the moment: what it is, or `None` if the program has ended before.
    pub fn reached(&self) -> Option<String> {
        self.reached.recv().unwrap()
    }

    /// Waits until all of the program is gone.
    pub fn gone(self) {
        self.tracer.join().unwrap();
    }
}

/// What follows the threads of one program. All of it happens in one thread: no other one may.
struct Tracer {
    moments: Moments,
    /// How many moments there are still to come, the one at which it ends included.
    left: usize,
    /// The call that each thread is in, with what to call it where it matters.
    calls: BTreeMap<Pid, Option<(Sort, String)>>,
}

impl Tracer {
    /// The moment, or `None` at the program's end.
    fn run(&mut self) -> Option<String> {
        loop {
            match waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    if let Some(moment) = self.call(thread) {
                        self.left -= 1;
                        if self.left == 0 {
                            return Some(moment);
                        }
                    }
                    go_on(thread, None);
                }
                Ok(WaitStatus::PtraceEvent(thread, _, _)) => go_on(thread, None),
                Ok(WaitStatus::Stopped(thread, signal)) => go_on(thread, Some(signal)),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    /// A call begins or ends; what to call the moment if it is one.
    fn call(&mut self, thread: Pid) -> Option<String> {
        match self.calls.remove(&thread) {
            Some(call) => call.map(|(_, what)| format!("after {what}")),
            None => {
                let call = call_of(thread).filter(|(sort, _)| self.moments.have(*sort));
                let moment = call.clone().filter(|(sort, _)| *sort == Sort::Wait);
                self.calls.insert(thread, call);
                moment.map(|(_, what)| format!("before {what}"))
            }
        }
    }

    /// Takes note of the ends of what is killed now: nobody else is told before.
    fn bury() {
        while waitpid(None, Some(WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD)).is_ok() {}
    }
}

/// A thread that was killed meanwhile can't go on.
fn go_on(thread: Pid, signal: Option<Signal>) {
    let _ = ptrace::syscall(thread, signal);
}

/// The call that a thread is about to make, if it matters.
fn call_of(thread: Pid) -> Option<(Sort, String)> {
    let text = fs::read_to_string(format!("/proc/{thread}/syscall")).ok()?;
    let mut words = text.split_whitespace();
    let number: i64 = words.next()?.parse().ok()?;
    let kind = KINDS.iter().find(|kind| kind.number == number)?;
    let arguments: Vec<u64> = words.filter_map(|word| u64::from_str_radix(word.strip_prefix("0x")?, 16).ok()).collect();
    let folder = || {
        let descriptor = *arguments.get(kind.folder?)? & u64::from(u32::MAX);
        fs::read_link(format!("/proc/{thread}/fd/{descriptor}")).ok()
    };
    let path = match kind.path {
        None => folder()?,
        Some(at) => folder().unwrap_or_default().join(text_at(thread, *arguments.get(at)?)?),
    };
    if !FOLDERS.iter().any(|folder| path.starts_with(folder)) {
        return None;
    }
    let what = match kind.sort {
        Sort::Wait | Sort::Change => path.display().to_string(),
        Sort::Record => record_at(thread, *arguments.get(1)?).filter(|_| path.ends_with("journal"))?,
    };
    Some((kind.sort, format!("{} {what}", kind.name)))
}

/// The record that begins at an address, shortened; room that is made for records is none.
fn record_at(thread: Pid, address: u64) -> Option<String> {
    let line = text_at(thread, address)?.into_os_string().into_string().ok()?;
    let (_, record) = line.lines().next()?.split_once(' ')?;
    Some(record.chars().take(80).collect())
}

/// The text at an address of the thread's memory, up to its zero.
fn text_at(thread: Pid, address: u64) -> Option<PathBuf> {
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let mut bytes = [0; 4096];
    let read = memory.read_at(&mut bytes, address).ok()?;
    let text = bytes[..read].split(|byte| *byte == 0).next()?;
    String::from_utf8(text.to_vec()).ok().map(PathBuf::from)
}
