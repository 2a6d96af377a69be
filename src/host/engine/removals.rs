//! Stops and removes several containers in one call, each with its own signal and grace period, and sees which are gone already.

use super::driver::{Podman, texts};
use super::seam::Engine;
use super::{Docker, deadline, docker, podman};
use crate::host::command::patient;
use crate::run::Failure;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, Builder};
use std::time::Duration;

impl Engine {
    /// Removes containers, each as it asks to be stopped, all of them at the same time. Says which are gone, by their places, as soon as
    /// that is to be seen.
    ///
    /// # Errors
    /// What the engine said of any of them, or that it did not end in time. Then some may be gone: each has to be removed on its own.
    pub fn drop_containers(&self, containers: &[String], gone: &(dyn Fn(usize) + Sync)) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.drop_containers(containers, gone),
            Self::Docker(docker) => docker.drop_containers(containers),
        }
    }
}

impl Podman {
    fn drop_containers(&self, containers: &[String], gone: &(dyn Fn(usize) + Sync)) -> Result<(), Failure> {
        // Of one that was not seen, more may have to be found out than how long it takes.
        let grace = self.graces.take_longest(containers);
        let grace = grace.ok_or_else(|| Failure::new("not all of them were seen before they are removed"))?;
        let limit = grace.saturating_add(patient(deadline::AFTER_GRACE));
        let arguments = texts(&podman::drop_containers(containers.iter().map(String::as_str)));
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            // Where there is no thread for it, each is gone when all are.
            let watching = Builder::new().spawn_scoped(scope, || self.watch(containers, &over, gone)).ok();
            let ended = self.taking_ports_back(containers, |more| self.remove_together(&arguments, more, limit));
            over.store(true, Ordering::Release);
            if let Some(watching) = watching {
                watching.thread().unpark();
            }
            ended
        })
    }

    /// Removes them, asking so many to end at a time where it says so.
    fn remove_together(&self, removal: &[String], at_once: Option<usize>, limit: Duration) -> Result<(), Failure> {
        let removed = |arguments: &[String]| self.done(self.call(arguments, limit).deadline(limit)).map(drop);
        match at_once.map(|many| removed(&ending_at_once(many, removal))) {
            // A version that does not know the option has done nothing.
            Some(Err(failure)) if failure.message.contains(UNKNOWN) => removed(removal),
            Some(told) => told,
            None => removed(removal),
        }
    }

    /// Says of each of these containers when the storage has it on record no more, until the call is over that removes them: Podman
    /// tells of none before all are gone. One after the other, they give their addresses and ports back, which takes a while each.
    fn watch(&self, containers: &[String], over: &AtomicBool, gone: &(dyn Fn(usize) + Sync)) {
        // Whoever removes several has looked at them, and knows it.
        let Some(there) = self.storage.get().and_then(|_| self.stored_names()) else { return };
        let mut left: Vec<_> = containers.iter().enumerate().filter(|(_, name)| there.contains(*name)).collect();
        while !left.is_empty() && !over.load(Ordering::Acquire) {
            thread::park_timeout(BETWEEN_LOOKS);
            let Some(there) = self.stored_names() else { continue };
            left.retain(|(place, name)| {
                let stays = there.contains(*name);
                if !stays {
                    gone(*place);
                }
                stays
            });
        }
    }
}

/// A removal that asks so many containers to end at a time: by an option that Podman 4.3 to 5.4 have and do not document.
fn ending_at_once(many: usize, removal: &[String]) -> Vec<String> {
    let (verb, rest) = removal.split_at(removal.len().min(1));
    [verb, &["--max-workers".to_owned(), many.to_string()], rest].concat()
}

/// What Podman says of an option that it does not know.
const UNKNOWN: &str = "unknown flag";

/// How long lies between two looks at the lists of the storage: a removal takes several times as long.
const BETWEEN_LOOKS: Duration = Duration::from_millis(15);

impl Docker {
    fn drop_containers(&self, containers: &[String]) -> Result<(), Failure> {
        self.forget(containers);
        let names = || containers.iter().map(String::as_str);
        let told = self.done(self.call(&texts(&docker::graces(names())), deadline::LOOK))?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let grace = |line: &str| line.trim().parse().map_or(deadline::GRACE, Duration::from_secs);
        let longest = told.lines().map(grace).max().unwrap_or(deadline::GRACE);
        let limit = longest.saturating_add(patient(deadline::AFTER_GRACE));
        self.done(self.call(&texts(&docker::stop_all(names())), limit).deadline(limit))?;
        self.done(self.call(&texts(&docker::drop_containers(names())), deadline::REMOVE)).map(drop)
    }
}

#[cfg(test)]
#[path = "removals_tests.rs"]
mod tests;
