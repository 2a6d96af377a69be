//! What to do so that services are as they are on record: from this container, running or stopped. Reads nothing, changes
//! nothing.

use super::{ids, teardown, unused};
use crate::facts::{ContainerFact, Observed, RunKind, Saved, SavedService};
use crate::few::Few;
use crate::operation::{DroppedContainer, EngineChange, HostChange, Layout, Look, Object, Operation, OperationId};
use crate::plan::model::Plan;
use crate::plan::values::ServiceName;
use crate::steps::create;
use std::collections::BTreeSet;

/// The services that a run is about which leaves the plan deployed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concerned<'a> {
    /// The plan as it is deployed, hotfixes included.
    pub plan: &'a Plan,
    /// These of its services; all others are left alone.
    pub services: BTreeSet<ServiceName>,
    /// Whether the engine had lost their containers before the run: that they are not there is how it was.
    pub lost: bool,
}

impl<'a> Concerned<'a> {
    /// These services, whose containers are there.
    pub fn of(plan: &'a Plan, services: BTreeSet<ServiceName>) -> Self {
        Self { plan, services, lost: false }
    }

    /// The same, for a run of this kind.
    #[must_use]
    pub fn by(self, kind: RunKind) -> Self {
        Self { lost: kind == RunKind::Remake, ..self }
    }

    /// The services of which the journal of a run says that it may have changed something of theirs.
    pub fn on_record<'o>(plan: &'a Plan, layout: &Layout, objects: impl IntoIterator<Item = &'o Object>) -> Self {
        let objects: Vec<_> = objects.into_iter().collect();
        let is_about = |service: &ServiceName, object: &Object| match object {
            Object::Container(name) => *name == layout.container(service) || *name == layout.container_before(service),
            Object::Images(repository) => *repository == layout.repository(service),
            Object::Path(path) => *path == layout.boot_guard(service).display().to_string(),
            Object::Network(_) | Object::Secret(_) | Object::Directory(_) | Object::Key(_) | Object::CrontabBlock => {
                false
            }
        };
        let services = plan.services.keys().filter(|service| objects.iter().any(|object| is_about(service, object)));
        Self::of(plan, services.cloned().gathered())
    }

    /// The services of which a container has made room for another one. That shows without any journal.
    pub fn out_of_place(&self, layout: &Layout, observed: &Observed) -> BTreeSet<ServiceName> {
        let before = |service: &ServiceName| {
            let name = layout.container_before(service);
            observed.look.containers.iter().any(|container| container.name == name)
        };
        self.plan.services.keys().filter(|service| before(service)).cloned().gathered()
    }

    /// These, and those.
    #[must_use]
    pub fn and(mut self, others: BTreeSet<ServiceName>) -> Self {
        self.services.extend(others);
        self
    }
}

/// Every service that the run is about as it is on record; all others are left alone.
///
/// Where a boot came in between, the right container gets its place and is not started: that is left to the boot job, which waits for
/// disks and keeps the order.
pub fn as_saved(layout: &Layout, concerned: &Concerned<'_>, observed: &Observed) -> Vec<Operation> {
    let Some(saved) = &observed.saved else { return Vec::new() };
    let Concerned { plan, services, lost } = concerned;
    // Whatever is stopped on purpose is a concern of every such run: a stop that was killed may have come no further than the record.
    let there: Vec<_> = services
        .union(&observed.stopped)
        .filter_map(|name| Some(Place { name, saved: saved.services.get(name)?, layout, observed, deployed: saved }))
        .collect();
    let parted = parted(&there);
    let dropped = dropped(&there, &ids::of(&parted));
    let gone = ids::of(&dropped);
    let renamed: Vec<_> = there.iter().filter_map(|place| place.renamed(&gone)).collect();
    let placed: Vec<_> = gone.iter().cloned().chain(ids::of(&renamed)).collect();
    let stopped = stopped(&there, &placed);
    let mut operations: Vec<_> = parted.into_iter().chain(dropped).chain(renamed).chain(stopped).collect();
    for name in create::in_order_of_start(plan) {
        if let Some(place) = there.iter().find(|place| place.name == name) {
            if *lost && place.right().is_none() {
                continue;
            }
            let started = place.started(plan, &placed, &ids::of(&operations));
            operations.extend(started);
        }
    }
    operations.extend(unused(layout, observed, &gone));
    operations
}

/// A service on the server, and as it is on record.
struct Place<'a> {
    name: &'a ServiceName,
    saved: &'a SavedService,
    layout: &'a Layout,
    observed: &'a Observed,
    deployed: &'a Saved,
}

impl<'a> Place<'a> {
    /// Whether a container is the one that is on record.
    fn is_right(&self, container: &ContainerFact) -> bool {
        let run = container.labels.get(ContainerFact::RUN);
        self.is_of_the_service(container) && run == Some(&self.deployed.creator(self.saved).to_string())
    }

    fn is_of_the_service(&self, container: &ContainerFact) -> bool {
        let of_the_plan = container.plan() == Some(self.layout.plan().as_str());
        of_the_plan && container.service() == Some(self.name.as_str())
    }

    /// What a killed engine left of a container of ours.
    fn is_what_remains(&self, container: &ContainerFact) -> bool {
        let named = container.name == self.saved.container || container.name == self.layout.container_before(self.name);
        container.storage_only && named
    }

    fn right(&self) -> Option<&'a ContainerFact> {
        self.observed.look.containers.iter().find(|container| self.is_right(container))
    }

    /// Every other container of the service.
    fn wrong(&self) -> impl Iterator<Item = &'a ContainerFact> {
        let wrong = |container: &&ContainerFact| {
            self.is_what_remains(container) || self.is_of_the_service(container) && !self.is_right(container)
        };
        self.observed.look.containers.iter().filter(wrong)
    }

    fn renamed(&self, gone: &[OperationId]) -> Option<Operation> {
        let right = self.right().filter(|right| right.name != self.saved.container)?;
        let to = self.saved.container.clone();
        let action = EngineChange::RenameContainer { container: right.name.clone(), to };
        Some(Operation::new(ids::rename(&right.name), gone.to_vec(), action))
    }

    fn is_stopped_on_purpose(&self) -> bool {
        self.observed.stopped.contains(self.name)
    }

    /// Started, and awaited, once what it depends on is as it must be; `before` are the operations so far.
    fn started(&self, plan: &Plan, placed: &[OperationId], before: &[OperationId]) -> Vec<Operation> {
        let Some(service) = plan.services.get(self.name).filter(|service| !service.one_shot()) else {
            return Vec::new();
        };
        if self.is_stopped_on_purpose() || !self.observed.guarded.contains(self.name) {
            return Vec::new();
        }
        let right = self.right();
        if right.is_some_and(|right| right.running && self.observed.healthy.contains(&right.id)) {
            return Vec::new();
        }
        let needed = service.depends_on.iter().map(|(needed, _)| ids::wait_for(needed));
        let needed: Vec<_> = needed.filter(|id| before.contains(id)).chain(placed.iter().cloned()).collect();
        let wait = Look::AwaitService(Box::new(create::judged((plan, self.layout), self.name, service)));
        if right.is_some_and(|right| right.running) {
            return vec![Operation::new(ids::wait_for(self.name), needed, wait)];
        }
        let start = EngineChange::StartContainer {
            service: self.name.clone(),
            container: self.saved.container.clone(),
            boot_guard: self.layout.boot_guard(self.name),
        };
        let start = Operation::new(ids::start(self.name), needed, start);
        let wait = Operation::new(ids::wait_for(self.name), [start.id.clone()], wait);
        vec![start, wait]
    }
}

/// The dependents of a container that runs and is to go, which are restarted with it in any case: they come up again with the right one.
fn parted(there: &[Place<'_>]) -> Vec<Operation> {
    let mut going: BTreeSet<&ServiceName> = there
        .iter()
        .filter(|place| place.wrong().any(|container| container.running))
        .map(|place| place.name)
        .gathered();
    let mut parted: Vec<&Place<'_>> = Vec::new();
    // At most as often as there are services: each round finds those that depend on what the one before found.
    for _ in there {
        let depends = |place: &&Place<'_>| place.saved.depends_on.iter().any(|needed| going.contains(needed));
        let more: Vec<_> = there.iter().filter(depends).filter(|place| !going.contains(place.name)).collect();
        going.extend(more.iter().map(|place| place.name));
        parted.extend(more);
    }
    parted.retain(|place| !place.is_stopped_on_purpose());
    stops(&parted, &[])
}

/// Whatever is not to be there goes, after those that depend on it.
fn dropped(there: &[Place<'_>], parted: &[OperationId]) -> Vec<Operation> {
    let names = |name: &ServiceName| -> Vec<String> {
        let places = there.iter().filter(|place| place.name == name);
        places.flat_map(Place::wrong).map(|container| container.name.clone()).collect()
    };
    let needed = |place: &Place<'_>| place.saved.depends_on.iter().flat_map(names).collect::<Vec<_>>();
    let depends_on =
        there.iter().flat_map(|place| names(place.name).into_iter().map(move |name| (name, needed(place))));
    let all: Vec<_> = there.iter().flat_map(Place::wrong).collect();
    let order = teardown::in_order_of_removal(&all, &depends_on.gathered());
    let drop = |(container, after): (&str, Vec<&str>)| {
        let dropped = DroppedContainer { container: container.to_owned(), grace_seconds: None };
        let after = after.into_iter().map(ids::drop).chain(parted.iter().cloned());
        Operation::new(ids::drop(container), after, EngineChange::DropContainer(dropped))
    };
    order.into_iter().map(drop).collect()
}

/// What is to be stopped and runs: dependents before what they depend on. Nothing but our boot job is to start it again.
fn stopped(there: &[Place<'_>], placed: &[OperationId]) -> Vec<Operation> {
    let places: Vec<_> = there.iter().filter(|place| place.is_stopped_on_purpose()).collect();
    let mut operations = stops(&places, placed);
    let after = ids::of(&operations);
    for place in places.into_iter().filter(|place| place.observed.guarded.contains(place.name)) {
        let path = place.layout.boot_guard(place.name);
        let id = OperationId::of(format!("remove {}", path.display()));
        operations.push(Operation::new(id, after.clone(), HostChange::RemovePath { path }));
    }
    operations
}

/// Stops the right containers of these services that run, dependents before what they depend on.
fn stops(places: &[&Place<'_>], before: &[OperationId]) -> Vec<Operation> {
    let running: Vec<_> = places.iter().filter_map(|place| place.right().filter(|right| right.running)).collect();
    let depends_on = places.iter().map(|place| {
        let needed = place.saved.depends_on.iter().map(|needed| place.layout.container(needed));
        (place.saved.container.clone(), needed.collect())
    });
    let order = teardown::in_order_of_removal(&running, &depends_on.gathered());
    let stops = order.into_iter().map(|(container, after)| {
        let after = after.into_iter().map(ids::stop_container).chain(before.iter().cloned());
        let action = EngineChange::StopContainer { container: container.to_owned() };
        Operation::new(ids::stop_container(container), after, action)
    });
    stops.collect()
}
