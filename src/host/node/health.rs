//! Waits until a service is as it must be, and checks it once more at the end.

use super::Node;
use super::living::ContainerState;
use crate::facts::ContainerFact;
use crate::few::Few;
use crate::host::{awake, probe};
use crate::operation::{CheckedService, Known};
use crate::plan::model::{Condition, Healthcheck};
use crate::run::{Cancel, Failure};
use crate::script;
use std::collections::BTreeSet;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// The first pause between two looks; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
/// The longest pause where no health check says one.
const LONGEST_PAUSE: Duration = Duration::from_secs(1);

/// What one look at a service found.
enum Seen {
    /// As it must be.
    Good,
    /// Not yet, for this reason.
    NotYet(String),
    /// It can't become what it must be any more.
    Never(String),
}

impl Node {
    /// Waits until a service is healthy and stays so, or has completed.
    pub(super) fn await_service(
        &self,
        service: &CheckedService,
        known: &Known,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        let deadline = awake::now() + service.deadline.as_std();
        let longest = service.healthcheck.as_ref().map_or(LONGEST_PAUSE, |check| check.interval.as_std());
        let mut pause = FIRST_PAUSE;
        let mut good_since: Option<(Instant, u32)> = None;
        loop {
            if cancel.is_cancelled() {
                return Err(Failure::new("interrupted"));
            }
            let container = self.container(service)?;
            let restarts = container.restarts;
            let reason = match self.judge(service, &container, known, cancel) {
                Seen::Never(reason) => return Err(Failure::new(reason)),
                Seen::NotYet(reason) => {
                    good_since = None;
                    reason
                }
                Seen::Good => {
                    let (since, first) = *good_since.get_or_insert((Instant::now(), restarts));
                    if first != restarts {
                        good_since = None;
                    } else if since.elapsed() >= service.stable_for.as_std() {
                        self.note_restarts(service, restarts);
                        let mut healthy = self.healthy.lock().unwrap_or_else(PoisonError::into_inner);
                        healthy.insert(container.id, container.name);
                        return Ok(());
                    }
                    format!("it was not yet as it should be for {}", service.stable_for)
                }
            };
            let left = deadline.saturating_sub(awake::now());
            if left.is_zero() {
                return Err(Failure::new(format!("not within {}: {reason}", service.deadline)));
            }
            awake::wait(pause.min(left), cancel);
            pause = (pause * 2).min(longest);
        }
    }

    /// Checks a service once more, when all are up: it must not have restarted meanwhile, and still be as it must be.
    pub(super) fn check_service(
        &self,
        service: &CheckedService,
        known: &Known,
        cancel: &Cancel,
    ) -> Result<(), Failure> {
        let before = self.restarts.lock().unwrap_or_else(PoisonError::into_inner).get(&service.service).copied();
        let mut container = self.container(service)?;
        if before.is_some_and(|before| before != container.restarts) {
            return Err(Failure::new("it has been restarted since it was healthy"));
        }
        let attempts = service.healthcheck.as_ref().map_or(1, |check| check.retries);
        let interval = service.healthcheck.as_ref().map_or(LONGEST_PAUSE, |check| check.interval.as_std());
        let mut reason = String::new();
        for attempt in 0..attempts {
            if attempt > 0 {
                awake::wait(interval.min(LONGEST_PAUSE), cancel);
                container = self.container(service)?;
            }
            if cancel.is_cancelled() {
                return Err(Failure::new("interrupted"));
            }
            match self.judge(service, &container, known, cancel) {
                Seen::Good => return Ok(()),
                Seen::Never(why) => return Err(Failure::new(why)),
                Seen::NotYet(why) => reason = why,
            }
        }
        Err(Failure::new(reason))
    }

    /// A container that is stopped, started or called something else has to become healthy anew.
    pub(super) fn forget_health(&self, name: &str) {
        self.looks.living.forget(name);
        self.healthy.lock().unwrap_or_else(PoisonError::into_inner).retain(|_, healthy| healthy != name);
    }

    /// Those of these containers that this run has seen become healthy, and that run on, by their IDs.
    pub(super) fn still_healthy(&self, there: &[ContainerFact]) -> BTreeSet<String> {
        let healthy = self.healthy.lock().unwrap_or_else(PoisonError::into_inner);
        let runs = |id: &&String| there.iter().any(|container| container.id == **id && container.running);
        healthy.keys().filter(runs).cloned().gathered()
    }

    fn note_restarts(&self, service: &CheckedService, restarts: u32) {
        self.restarts.lock().unwrap_or_else(PoisonError::into_inner).insert(service.service.clone(), restarts);
    }

    fn container(&self, service: &CheckedService) -> Result<ContainerState, Failure> {
        let found = self.looks.running(&service.container)?;
        found.ok_or_else(|| Failure::new(format!("the container {} is gone", service.container)))
    }

    fn judge(&self, service: &CheckedService, container: &ContainerState, known: &Known, cancel: &Cancel) -> Seen {
        match service.condition {
            Condition::ServiceCompletedSuccessfully => completed(container),
            Condition::ServiceHealthy if !container.running => Seen::NotYet(match container.exit_code {
                Some(code) => format!("its process has ended with exit status {code}"),
                None => "its process does not run".to_owned(),
            }),
            Condition::ServiceHealthy => {
                let ports = || probe::published_ports(&self.engine, &service.ports, container.address);
                match self.probe(service, known, cancel).and_then(|()| ports()) {
                    Ok(()) => Seen::Good,
                    Err(reason) => Seen::NotYet(reason),
                }
            }
        }
    }

    fn probe(&self, service: &CheckedService, known: &Known, cancel: &Cancel) -> Result<(), String> {
        let Some(Healthcheck { probe, interval: _, timeout, retries: _, start_period: _, stable_for: _ }) =
            &service.healthcheck
        else {
            return Ok(());
        };
        let certificate = |path: &_| match &self.in_force {
            None => self.deployment().and_then(|deployment| deployment.sources.config(path)),
            // Where the plan was deployed from it may be gone: the copy of the health check job is the one that counts.
            Some(_) => super::state::read(&script::check_authority(&self.layout, &service.service)),
        };
        let asked = probe::Asked {
            container: &service.container,
            addresses: &known.addresses,
            timeout: timeout.as_std(),
            written: *timeout,
            cancel,
        };
        probe::ask(&self.engine, probe, &asked, &certificate)
    }
}

/// A one-shot has completed when its process has ended with 0.
fn completed(container: &ContainerState) -> Seen {
    match (container.running, container.exit_code) {
        (false, Some(0)) => Seen::Good,
        (false, Some(code)) => Seen::Never(format!("it ended with exit status {code}")),
        (true, _) => Seen::NotYet("it is still running".to_owned()),
        (false, None) => Seen::NotYet("its process has not begun".to_owned()),
    }
}
