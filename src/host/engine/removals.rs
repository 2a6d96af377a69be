//! Stops and removes several containers in one call, each with its own signal and grace period.

use super::driver::{Podman, texts};
use super::seam::Engine;
use super::{Docker, deadline, docker, podman};
use crate::host::command::patient;
use crate::run::Failure;
use std::time::Duration;

impl Engine {
    /// Removes containers, each as it asks to be stopped, all of them at the same time.
    ///
    /// # Errors
    /// What the engine said of any of them, or that it did not end in time. Then some may be gone: each has to be removed on its own.
    pub fn drop_containers(&self, containers: &[String]) -> Result<(), Failure> {
        match self {
            Self::Podman(podman) => podman.drop_containers(containers),
            Self::Docker(docker) => docker.drop_containers(containers),
        }
    }
}

impl Podman {
    fn drop_containers(&self, containers: &[String]) -> Result<(), Failure> {
        // Of one that was not seen, more may have to be found out than how long it takes.
        let grace = self.graces.take_longest(containers);
        let grace = grace.ok_or_else(|| Failure::new("not all of them were seen before they are removed"))?;
        let limit = grace.saturating_add(patient(deadline::AFTER_GRACE));
        let call = self.call(&texts(&podman::drop_containers(containers.iter().map(String::as_str))), limit);
        self.done(call.deadline(limit)).map(drop)
    }
}

impl Docker {
    fn drop_containers(&self, containers: &[String]) -> Result<(), Failure> {
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
