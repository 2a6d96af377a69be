//! Follows Landfall from one call that matters to the disk to the next, and stops all of it at one of them.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, channel};
use std::thread::{self, JoinHandle};

use nix::unistd::Pid;

use crate::tracer::call::{Kind, Made, text_at};
use crate::tracer::{Followed, Stop};

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

/// Folders in which a change matters.
const FOLDERS: [&str; 3] = ["/var/lib/landfall/", "/var/spool/cron/", "/root/.ssh/"];

/// A program that is followed.
pub struct Traced {
    reached: Receiver<Option<String>>,
    tracer: JoinHandle<()>,
}

impl Traced {
    /// Follows the process, which is going to become Landfall, until moment number `number`, from 1, where all of it stands still until it
    /// is killed.
    pub fn follow(process: u32, moments: Moments, number: usize) -> Self {
        let (tell, reached) = channel();
        let (ready, is_followed) = channel();
        let tracer = thread::spawn(move || {
            let mut followed = Followed::seize(process);
            ready.send(()).unwrap();
            let mut counted = Counted { moments, left: number, calls: BTreeMap::new() };
            let at = followed.until(|thread, stop| counted.stop(thread, stop));
            let stands_still = at.is_some();
            tell.send(at).unwrap();
            if stands_still {
                followed.bury();
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

/// The moments of one program.
struct Counted {
    moments: Moments,
    /// How many there are still to come, the one at which it ends included.
    left: usize,
    /// The calls that matter which threads are in, with what to call them.
    calls: BTreeMap<Pid, String>,
}

impl Counted {
    /// The moment that was waited for.
    fn stop(&mut self, thread: Pid, stop: Stop) -> Option<String> {
        let moment = match stop {
            Stop::Before(made) => {
                let (sort, what) = made.and_then(|made| matters(thread, &made))?;
                if !self.moments.have(sort) {
                    return None;
                }
                self.calls.insert(thread, what.clone());
                (sort == Sort::Wait).then(|| format!("before {what}"))
            }
            Stop::After => self.calls.remove(&thread).map(|what| format!("after {what}")),
        }?;
        self.left -= 1;
        (self.left == 0).then_some(moment)
    }
}

/// What a call does to the disk, if it matters, and what to call it.
fn matters(thread: Pid, made: &Made) -> Option<(Sort, String)> {
    let Made { kind, target, from, written } = made;
    let lies = |path: &String| FOLDERS.iter().any(|folder| format!("{path}/").starts_with(folder));
    if !lies(target) && !from.as_ref().is_some_and(lies) {
        return None;
    }
    let (sort, what) = match kind {
        Kind::Sync => (Sort::Wait, target.clone()),
        Kind::Rename | Kind::Link | Kind::MakeFolder | Kind::Remove => (Sort::Change, target.clone()),
        Kind::Write if target.ends_with("/journal") => (Sort::Record, record_at(thread, (*written)?)?),
        Kind::Write | Kind::OpenToRead | Kind::OpenToWrite => return None,
    };
    Some((sort, format!("{kind} {what}")))
}

/// The record that begins at an address, shortened; room that is made for records is none.
fn record_at(thread: Pid, address: u64) -> Option<String> {
    let text = text_at(thread, address)?;
    let (_, record) = text.lines().next()?.split_once(' ')?;
    Some(record.chars().take(80).collect())
}
