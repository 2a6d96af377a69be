//! Follows Landfall, notes what it calls, and does something at one of the calls.

use std::collections::BTreeMap;

use nix::errno::Errno;
use nix::sys::ptrace;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::call::{Call, without_numbers};
use crate::tracer::call::{Kind, Made};
use crate::tracer::{Followed, Stop};

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
    followed: Followed,
    calls: Calls<'a>,
}

/// What it calls.
struct Calls<'a> {
    leader: Pid,
    /// At which call, and what.
    plan: Option<(&'a Call, Injected)>,
    /// How often what was done to what.
    made: BTreeMap<(Kind, String), usize>,
    /// Threads whose call is not made, and the error that they get.
    failing: BTreeMap<Pid, Errno>,
    traced: Traced,
}

impl<'a> Tracer<'a> {
    /// Follows this process, which is about to call `execve`, from there on. Only the thread that made it can follow the process.
    pub fn of(leader: u32, plan: Option<(&'a Call, Injected)>) -> Self {
        let followed = Followed::seize(leader);
        let leader = followed.leader();
        let calls = Calls { leader, plan, made: BTreeMap::new(), failing: BTreeMap::new(), traced: Traced::default() };
        Self { followed, calls }
    }

    /// Until all of its threads have ended.
    pub fn follow(self) -> Traced {
        let Self { mut followed, mut calls } = self;
        followed.until(|thread, stop| {
            calls.stop(thread, stop);
            None::<()>
        });
        calls.traced
    }
}

impl Calls<'_> {
    fn stop(&mut self, thread: Pid, stop: Stop) {
        match stop {
            Stop::Before(Some(made)) => self.before(thread, made),
            Stop::Before(None) => {}
            Stop::After => {
                if let Some(errno) = self.failing.remove(&thread)
                    && let Ok(mut registers) = ptrace::getregs(thread)
                {
                    registers.rax = i64::from(-(errno as i32)).cast_unsigned();
                    ptrace::setregs(thread, registers).unwrap();
                }
            }
        }
    }

    fn before(&mut self, thread: Pid, made: Made) {
        let Made { kind, target, from: _, written: _ } = made;
        let target = without_numbers(&target);
        let number = self.made.entry((kind, target.clone())).or_default();
        *number += 1;
        let call = Call { kind, target, number: *number };
        let injected = self.plan.filter(|(at, _)| **at == call).map(|(_, injected)| injected);
        self.traced.calls.push(call);
        let Some(injected) = injected else { return };
        self.traced.happened = true;
        let Some(error) = injected.error() else { return kill(self.leader, Signal::SIGKILL).unwrap() };
        let Ok(mut registers) = ptrace::getregs(thread) else { return };
        // No call has this number: the kernel makes none.
        registers.orig_rax = u64::MAX;
        ptrace::setregs(thread, registers).unwrap();
        self.failing.insert(thread, error);
    }
}
