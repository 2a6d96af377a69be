//! Starting, stopping and restarting services of what is deployed: a plan and facts to operations. Reads nothing, changes nothing.
//!
//! A stop is on record before anything stops, and a start once everything is healthy: a run that is interrupted in the middle ends
//! with what is stopped on purpose stopped, and all else running.

use super::{create, ids, teardown};
use crate::facts::{ContainerFact, RunKind};
use crate::few::Few;
use crate::operation::{EngineChange, HostChange, Layout, Look, Operation, OperationId, Program, Step, StepName};
use crate::plan::model::{Plan, Service};
use crate::plan::values::ServiceName;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Whether everything of a plan that runs on is among what is stopped on purpose.
pub fn all_stopped(plan: &Plan, stopped: &BTreeSet<ServiceName>) -> bool {
    let mut lasting = plan.services.iter().filter(|(_, service)| !service.one_shot()).peekable();
    lasting.peek().is_some() && lasting.all(|(name, _)| stopped.contains(name))
}

/// What services are started, stopped or restarted with.
#[derive(Debug, Clone, Copy)]
pub struct Services<'a> {
    /// The plan as it is deployed, hotfixes included.
    pub plan: &'a Plan,
    /// Where everything of it lies.
    pub layout: &'a Layout,
    /// What the engine has of it.
    pub containers: &'a [ContainerFact],
    /// The services that are stopped on purpose now.
    pub stopped: &'a BTreeSet<ServiceName>,
}

impl<'a> Services<'a> {
    /// What a run of this kind is about, when these services are named, or none: for a start also what they need that is stopped.
    pub fn concerned(&self, kind: RunKind, named: &BTreeSet<ServiceName>) -> BTreeSet<ServiceName> {
        let lasting = self.plan.services.iter().filter(|(_, service)| !service.one_shot());
        let lasting = lasting.map(|(name, _)| name.clone());
        let mut concerned: BTreeSet<ServiceName> =
            lasting.filter(|name| named.is_empty() || named.contains(name)).gathered();
        match kind {
            RunKind::Start => {
                concerned = self.with_what_they_need(concerned);
                concerned.retain(|name| self.stopped.contains(name) || !self.runs(name));
            }
            RunKind::Stop => concerned.retain(|name| !self.stopped.contains(name) || self.runs(name)),
            RunKind::Restart => concerned.retain(|name| !self.stopped.contains(name) || named.contains(name)),
            RunKind::Deploy | RunKind::Teardown | RunKind::Replace | RunKind::Remake => {}
        }
        concerned
    }

    /// What of that the run will have stopped on purpose, once it is over.
    pub fn stopped_then(&self, kind: RunKind, concerned: &BTreeSet<ServiceName>) -> BTreeSet<ServiceName> {
        match kind {
            RunKind::Stop => self.stopped.union(concerned).cloned().gathered(),
            RunKind::Start | RunKind::Restart => self.stopped.difference(concerned).cloned().gathered(),
            RunKind::Deploy | RunKind::Teardown | RunKind::Replace | RunKind::Remake => self.stopped.clone(),
        }
    }

    /// The services that run on although something that they depend on is stopped.
    pub fn left_without(&self, concerned: &BTreeSet<ServiceName>) -> BTreeSet<ServiceName> {
        let needs = |service: &Service| service.depends_on.iter().any(|(needed, _)| concerned.contains(needed));
        let others = self.plan.services.iter().filter(|(name, service)| !concerned.contains(*name) && needs(service));
        others.map(|(name, _)| name.clone()).filter(|name| self.runs(name)).gathered()
    }

    /// The program of a run of this kind.
    pub fn program(&self, kind: RunKind, concerned: &BTreeSet<ServiceName>) -> Program {
        let note = |after: &[Operation]| {
            let services = self.stopped_then(kind, concerned);
            let action = HostChange::NoteStopped { services };
            Operation::new(ids::note_stopped(), ids::of(after), action)
        };
        let mut steps = Vec::new();
        let mut step = |name, operations: Vec<Operation>| {
            if !operations.is_empty() {
                steps.push(Step { name, operations });
            }
        };
        match kind {
            RunKind::Stop => {
                let note = note(&[]);
                let stops = self.stops(concerned, std::slice::from_ref(&note.id));
                let guards = self.without_guards(concerned, &stops);
                step(StepName::Stop, [note].into_iter().chain(stops).chain(guards).collect());
            }
            RunKind::Start | RunKind::Restart => {
                let stops = if kind == RunKind::Restart { self.stops(concerned, &[]) } else { Vec::new() };
                let mut starts = self.starts(concerned, &ids::of(&stops));
                if self.stopped_then(kind, concerned) != *self.stopped {
                    starts.push(note(&starts));
                }
                step(StepName::Stop, stops);
                step(StepName::Start, starts);
            }
            RunKind::Deploy | RunKind::Teardown | RunKind::Replace | RunKind::Remake => {}
        }
        Program { steps }
    }

    fn with_what_they_need(&self, mut services: BTreeSet<ServiceName>) -> BTreeSet<ServiceName> {
        let mut ahead: Vec<_> = services.iter().cloned().collect();
        while let Some(service) = ahead.pop().and_then(|name| self.plan.services.get(&name)) {
            for (needed, _) in service.depends_on.iter() {
                if services.insert(needed.clone()) {
                    ahead.push(needed.clone());
                }
            }
        }
        services.retain(|name| self.plan.services.get(name).is_some_and(|service| !service.one_shot()));
        services
    }

    fn container(&self, name: &ServiceName) -> Option<&'a ContainerFact> {
        let called = self.layout.container(name);
        self.containers.iter().find(|container| container.name == called)
    }

    fn runs(&self, name: &ServiceName) -> bool {
        self.container(name).is_some_and(|container| container.running)
    }

    /// Stops those that run, dependents before what they depend on.
    pub(super) fn stops(&self, concerned: &BTreeSet<ServiceName>, before: &[OperationId]) -> Vec<Operation> {
        let running: Vec<_> =
            concerned.iter().filter(|name| self.runs(name)).filter_map(|name| self.container(name)).collect();
        let depends_on: BTreeMap<_, _> = self
            .plan
            .services
            .iter()
            .map(|(name, service)| {
                let needed = service.depends_on.iter().map(|(needed, _)| self.layout.container(needed));
                (self.layout.container(name), needed.collect())
            })
            .gathered();
        let order = teardown::in_order_of_removal(&running, &depends_on);
        let stop = |(container, after): (&str, Vec<&str>)| {
            let after = after.into_iter().map(ids::stop_container).chain(before.iter().cloned());
            let action = EngineChange::StopContainer { container: container.to_owned() };
            Operation::new(ids::stop_container(container), after, action)
        };
        order.into_iter().map(stop).collect()
    }

    /// Without this file no engine starts a container by itself, when its daemon starts anew for instance.
    fn without_guards(&self, concerned: &BTreeSet<ServiceName>, stops: &[Operation]) -> Vec<Operation> {
        let paths = concerned.iter().map(|name| self.layout.boot_guard(name));
        let remove = |path: PathBuf| {
            let id = OperationId::of(format!("remove {}", path.display()));
            Operation::new(id, ids::of(stops), HostChange::RemovePath { path })
        };
        paths.map(remove).collect()
    }

    /// Starts each once what it depends on is as it must be.
    pub(super) fn starts(&self, concerned: &BTreeSet<ServiceName>, before: &[OperationId]) -> Vec<Operation> {
        let mut operations = Vec::new();
        for name in create::in_order_of_start(self.plan) {
            let Some(service) = self.plan.services.get(name).filter(|_| concerned.contains(name)) else { continue };
            let needed = service.depends_on.iter().map(|(needed, _)| needed);
            let needed = needed.filter(|needed| concerned.contains(*needed)).map(ids::wait_for);
            let start = EngineChange::StartContainer {
                service: name.clone(),
                container: self.layout.container(name),
                boot_guard: self.layout.boot_guard(name),
            };
            let after: Vec<_> = needed.chain(before.iter().cloned()).collect();
            operations.push(Operation::new(ids::start(name), after, start));
            let wait = Look::AwaitService(Box::new(create::judged((self.plan, self.layout), name, service)));
            operations.push(Operation::new(ids::wait_for(name), [ids::start(name)], wait));
        }
        operations
    }
}
