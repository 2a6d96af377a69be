//! Follows every thread of a program, by ptrace, from one system call to the next, and does something at one of them.
//!
//! Programs that it starts are not followed: between `vfork` and `execve` the standard library makes none of these calls.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;

use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::call::{Call, Kind, STANDARD_ERROR, STANDARD_OUTPUT, without_numbers};

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Injected {
    /// The program dies instead of making it.
    Kill,
    /// It is not made, and fails: ENOSPC.
    NoSpace,
    /// EIO.
    BadDisk,
    /// EROFS.
    ReadOnly,
}

impl Injected {
    /// The error that the call fails with, if the program lives to see it.
    fn error(self) -> Option<Errno> {
        match self {
            Self::Kill => None,
            Self::NoSpace => Some(Errno::ENOSPC),
            Self::BadDisk => Some(Errno::EIO),
            Self::ReadOnly => Some(Errno::EROFS),
        }
    }
}

/// What a program did.
#[derive(Debug, Default)]
pub struct Traced {
    /// Every call of a kind that counts, in order.
    pub calls: Vec<Call>,
    /// Whether the call at which something was to happen was made.
    pub happened: bool,
}

/// A program that is followed.
pub struct Tracer<'a> {
    leader: Pid,
    /// At which call, and what.
    plan: Option<(&'a Call, Injected)>,
    /// How often what was done to what.
    made: BTreeMap<(Kind, String), usize>,
    /// Whether it is the program by now that is to be followed.
    began: bool,
    /// Threads whose call is not made, and the error that they get.
    failing: BTreeMap<Pid, Errno>,
    traced: Traced,
}

impl<'a> Tracer<'a> {
    /// Follows this process, which is about to call `execve`, from there on. Only the thread that made it can follow the process.
    pub fn of(leader: u32, plan: Option<(&'a Call, Injected)>) -> Self {
        let leader = Pid::from_raw(i32::try_from(leader).unwrap());
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(leader, options).unwrap();
        Self { leader, plan, began: false, made: BTreeMap::new(), failing: BTreeMap::new(), traced: Traced::default() }
    }

    /// Until all of its threads have ended.
    pub fn follow(mut self) -> Traced {
        // Without the children of other threads: those are other tests'.
        let flags = WaitPidFlag::__WALL | WaitPidFlag::__WNOTHREAD;
        loop {
            let (thread, signal) = match waitpid(None, Some(flags)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    self.at_call(thread);
                    (thread, None)
                }
                Ok(WaitStatus::PtraceEvent(thread, _, event)) => {
                    self.began |= event == libc::PTRACE_EVENT_EXEC && is_landfall(thread);
                    (thread, None)
                }
                Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
                Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) => continue,
                Ok(WaitStatus::Continued(_) | WaitStatus::StillAlive) | Err(Errno::EINTR) => continue,
                Err(Errno::ECHILD) => return self.traced,
                Err(errno) => panic!("waitpid: {errno}"),
            };
            let resumed = if self.began { ptrace::syscall(thread, signal) } else { ptrace::cont(thread, signal) };
            match resumed {
                // It was killed meanwhile.
                Ok(()) | Err(Errno::ESRCH) => {}
                Err(errno) => panic!("ptrace: {errno}"),
            }
        }
    }

    fn at_call(&mut self, thread: Pid) {
        let Ok(stop) = ptrace::syscall_info(thread) else { return };
        match stop.op {
            libc::PTRACE_SYSCALL_INFO_ENTRY => self.at_entry(thread),
            libc::PTRACE_SYSCALL_INFO_EXIT => {
                if let Some(errno) = self.failing.remove(&thread)
                    && let Ok(mut registers) = ptrace::getregs(thread)
                {
                    registers.rax = i64::from(-(errno as i32)).cast_unsigned();
                    ptrace::setregs(thread, registers).unwrap();
                }
            }
            _ => {}
        }
    }

    fn at_entry(&mut self, thread: Pid) {
        let Ok(mut registers) = ptrace::getregs(thread) else { return };
        let Some((kind, target)) = what_is_called(thread, &registers) else { return };
        let number = self.made.entry((kind, target.clone())).or_default();
        *number += 1;
        let call = Call { kind, target, number: *number };
        let injected = self.plan.filter(|(at, _)| **at == call).map(|(_, injected)| injected);
        self.traced.calls.push(call);
        let Some(injected) = injected else { return };
        self.traced.happened = true;
        let Some(error) = injected.error() else { return kill(self.leader, Signal::SIGKILL).unwrap() };
        // No call has this number: the kernel makes none.
        registers.orig_rax = u64::MAX;
        ptrace::setregs(thread, registers).unwrap();
        self.failing.insert(thread, error);
    }
}

fn is_landfall(process: Pid) -> bool {
    fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|program| program.ends_with("landfall"))
}

/// What a call that counts is done to.
fn what_is_called(thread: Pid, registers: &libc::user_regs_struct) -> Option<(Kind, String)> {
    let (first, second, third) = (registers.rdi, registers.rsi, registers.rdx);
    let at_descriptor = || Some(descriptor(thread, first));
    let here = libc::AT_FDCWD as u32 as u64;
    let (kind, target) = match registers.orig_rax as libc::c_long {
        libc::SYS_openat => {
            let flags = OFlag::from_bits_truncate(third as i32);
            let writes = flags.intersects(OFlag::O_WRONLY | OFlag::O_RDWR | OFlag::O_CREAT);
            (if writes { Kind::OpenToWrite } else { Kind::OpenToRead }, path(thread, first, second))
        }
        libc::SYS_open => {
            let flags = OFlag::from_bits_truncate(second as i32);
            let writes = flags.intersects(OFlag::O_WRONLY | OFlag::O_RDWR | OFlag::O_CREAT);
            (if writes { Kind::OpenToWrite } else { Kind::OpenToRead }, path(thread, here, first))
        }
        libc::SYS_write | libc::SYS_pwrite64 | libc::SYS_writev | libc::SYS_ftruncate | libc::SYS_fallocate => {
            (Kind::Write, at_descriptor())
        }
        libc::SYS_sendfile => (Kind::Write, at_descriptor()),
        libc::SYS_copy_file_range | libc::SYS_splice => (Kind::Write, Some(descriptor(thread, third))),
        libc::SYS_fsync | libc::SYS_fdatasync => (Kind::Sync, at_descriptor()),
        libc::SYS_rename => (Kind::Rename, path(thread, here, second)),
        libc::SYS_renameat | libc::SYS_renameat2 => (Kind::Rename, path(thread, third, registers.r10)),
        libc::SYS_mkdir => (Kind::MakeFolder, path(thread, here, first)),
        libc::SYS_mkdirat => (Kind::MakeFolder, path(thread, first, second)),
        libc::SYS_unlink | libc::SYS_rmdir => (Kind::Remove, path(thread, here, first)),
        libc::SYS_unlinkat => (Kind::Remove, path(thread, first, second)),
        _ => return None,
    };
    Some((kind, without_numbers(&target?)))
}

/// The path that this address holds, seen from the folder with this descriptor.
fn path(thread: Pid, folder: u64, address: u64) -> Option<String> {
    let mut bytes = vec![0; 4096];
    let memory = File::open(format!("/proc/{thread}/mem")).ok()?;
    let read = memory.read_at(&mut bytes, address).ok()?;
    let text = String::from_utf8_lossy(bytes[..read].split(|byte| *byte == 0).next()?).into_owned();
    if text.starts_with('/') || folder as u32 as i32 == libc::AT_FDCWD {
        return Some(text);
    }
    Some(format!("{}/{text}", descriptor(thread, folder).trim_end_matches('/')))
}

/// What is open there.
fn descriptor(thread: Pid, number: u64) -> String {
    match number {
        1 => return STANDARD_OUTPUT.to_owned(),
        2 => return STANDARD_ERROR.to_owned(),
        _ => {}
    }
    let target = fs::read_link(format!("/proc/{thread}/fd/{}", number as u32));
    target.map_or_else(|error| error.to_string(), |target| target.to_string_lossy().into_owned())
}
