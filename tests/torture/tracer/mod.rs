//! Follows every thread of Landfall, by ptrace, from one of its system calls to the next; what to do at them is its users' business.
//!
//! Programs that it starts are not followed: between `vfork` and `execve` the standard library makes none of the calls that count.

pub mod call;

use std::fs;

use nix::errno::Errno;
use nix::libc;
use nix::sys::ptrace::{self, Options};
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use call::Made;

/// Without the children of other threads: those are other tests'.
const OURS: WaitPidFlag = WaitPidFlag::__WALL.union(WaitPidFlag::__WNOTHREAD);

/// Where a thread stands still.
#[derive(Debug)]
pub enum Stop {
    /// It is about to make a call; with what it does, if it is one that counts.
    Before(Option<Made>),
    /// The call was made.
    After,
}

/// A process that is followed from the moment at which it becomes Landfall, by the thread that made this and no other one. If that thread
/// ends, so does the process.
#[derive(Debug)]
pub struct Followed {
    leader: Pid,
    /// Whether it is Landfall by now.
    began: bool,
}

impl Followed {
    /// Follows this process, which is going to call `execve`.
    pub fn seize(leader: u32) -> Self {
        let leader = Pid::from_raw(i32::try_from(leader).unwrap());
        let options = Options::PTRACE_O_TRACESYSGOOD
            | Options::PTRACE_O_TRACECLONE
            | Options::PTRACE_O_TRACEEXEC
            | Options::PTRACE_O_EXITKILL;
        ptrace::seize(leader, options).unwrap();
        Self { leader, began: false }
    }

    /// The process itself, which is also its first thread.
    pub fn leader(&self) -> Pid {
        self.leader
    }

    /// Lets it run until `at`, which is asked at each stop of each thread, answers something: from then on all of it stands still. `None`
    /// once all of its threads have ended.
    pub fn until<T>(&mut self, mut at: impl FnMut(Pid, Stop) -> Option<T>) -> Option<T> {
        loop {
            let (thread, signal) = match waitpid(None, Some(OURS)) {
                Ok(WaitStatus::PtraceSyscall(thread)) => {
                    if let Some(answer) = stop_of(thread).and_then(|stop| at(thread, stop)) {
                        return Some(answer);
                    }
                    (thread, None)
                }
                Ok(WaitStatus::PtraceEvent(thread, _, event)) => {
                    self.began |= event == libc::PTRACE_EVENT_EXEC && is_landfall(thread);
                    (thread, None)
                }
                Ok(WaitStatus::Stopped(thread, signal)) => (thread, Some(signal)),
                Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) => continue,
                Ok(WaitStatus::Continued(_) | WaitStatus::StillAlive) | Err(Errno::EINTR) => continue,
                Err(Errno::ECHILD) => return None,
                Err(errno) => panic!("waitpid: {errno}"),
            };
            self.resume(thread, signal);
        }
    }

    /// Takes note of the ends of what stands still and is killed now: nobody else is told before.
    pub fn bury(self) {
        while waitpid(None, Some(OURS)).is_ok() {}
    }

    fn resume(&self, thread: Pid, signal: Option<Signal>) {
        let resumed = if self.began { ptrace::syscall(thread, signal) } else { ptrace::cont(thread, signal) };
        match resumed {
            // It was killed meanwhile.
            Ok(()) | Err(Errno::ESRCH) => {}
            Err(errno) => panic!("ptrace: {errno}"),
        }
    }
}

/// Where a thread stands still at a call, unless it was killed meanwhile.
fn stop_of(thread: Pid) -> Option<Stop> {
    match ptrace::syscall_info(thread).ok()?.op {
        libc::PTRACE_SYSCALL_INFO_ENTRY => Some(Stop::Before(Made::by(thread))),
        libc::PTRACE_SYSCALL_INFO_EXIT => Some(Stop::After),
        _ => None,
    }
}

fn is_landfall(process: Pid) -> bool {
    fs::read_link(format!("/proc/{process}/exe")).is_ok_and(|program| program.ends_with("landfall"))
}
