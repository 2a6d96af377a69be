//! What an engine has of a plan that goes: containers with their monitors, networks, secrets, tags of images; and what of it stays.
//! Reads nothing, changes nothing.

use super::Names;
use crate::facts::{ContainerFact, MonitorFact, NetworkFact, Observed, Saved};
use crate::few::Few;
use crate::operation::{DroppedContainer, EngineChange, HostChange, Layout, Operation, OperationId};
use crate::steps::{ids, teardown};
use std::collections::BTreeSet;

/// The secrets and tags that are of use to what is on record, and stay where the rest goes.
#[derive(Debug, Default)]
pub(super) struct Stays<'a> {
    secrets: BTreeSet<&'a str>,
    tags: BTreeSet<&'a str>,
}

impl<'a> Stays<'a> {
    /// What these records name.
    pub(super) fn of(saved: impl IntoIterator<Item = &'a Saved> + Clone) -> Self {
        let services = saved.clone().into_iter().flat_map(|saved| saved.services.values());
        Self {
            secrets: saved.into_iter().flat_map(|saved| &saved.secrets).map(String::as_str).gathered(),
            tags: services.map(|service| service.tag.as_str()).gathered(),
        }
    }
}

/// The operations after which all of it is gone that does not stay, and of what waits for them.
pub(super) struct Gone {
    /// Those.
    pub(super) operations: Vec<Operation>,
    /// Of these, the ones after which nothing of it runs.
    pub(super) ended: Vec<OperationId>,
    /// Of these, the ones that drop images.
    pub(super) images: Vec<OperationId>,
}

/// Every container of the plan goes, what is left of one, and every network; then the secrets and images that don't stay.
pub(super) fn gone(layout: &Layout, names: &Names, observed: &Observed, stays: &Stays<'_>) -> Gone {
    let ours: Vec<_> = observed.look.containers.iter().filter(|there| is_ours(layout, names, there)).collect();
    let monitors: Vec<_> = observed.monitors.iter().filter_map(|monitor| end(monitor, names)).collect();
    let ended: Vec<_> = ours.iter().map(|there| ids::drop(&there.name)).chain(ids::of(&monitors)).collect();
    let images = tags(layout, observed, stays, &ended);
    let dropped = ids::of(&images);
    let mut operations = containers(&ours, names);
    operations.extend(monitors);
    operations.extend(networks(layout, observed, &ended));
    operations.extend(secrets(layout, observed, stays, &ended));
    operations.extend(images);
    Gone { operations, ended, images: dropped }
}

fn is_ours(layout: &Layout, names: &Names, container: &ContainerFact) -> bool {
    // A whole container of one of our names without our labels is somebody's.
    let remains = container.storage_only && names.containers.contains(&container.name);
    container.plan() == Some(layout.plan().as_str()) || remains
}

/// Each container's output is kept, then it goes: it is stopped once those have stopped that depend on it.
fn containers(ours: &[&ContainerFact], names: &Names) -> Vec<Operation> {
    let mut operations = Vec::new();
    for (name, dependents) in teardown::in_order_of_removal(ours, &names.depends_on) {
        let mut after = Vec::new();
        let has_output = ours.iter().any(|container| container.name == name && !container.storage_only);
        if names.keep_logs && has_output {
            let keep = OperationId::of(format!("keep log {name}"));
            operations.push(Operation::new(keep.clone(), [], HostChange::KeepLog { container: name.to_owned() }));
            after.push(keep);
        }
        let dropped = DroppedContainer { container: name.to_owned(), grace_seconds: None };
        let drop = Operation::new(ids::drop(name), after, EngineChange::DropContainer(dropped));
        operations.push(drop.once_stopped(dependents.into_iter().map(ids::drop)));
    }
    operations
}

/// Ends what runs on of a container of ours that the engine does not know any more.
fn end(MonitorFact { container, id }: &MonitorFact, names: &Names) -> Option<Operation> {
    let action = HostChange::EndMonitor { container: container.clone(), id: id.clone() };
    let is_ours = names.containers.contains(container);
    is_ours.then(|| Operation::new(OperationId::of(format!("end monitor {id}")), [], action))
}

fn networks(layout: &Layout, observed: &Observed, after: &[OperationId]) -> Vec<Operation> {
    let plan = layout.plan().as_str();
    let is_ours = |network: &&NetworkFact| network.labels.get(ContainerFact::PLAN).map(String::as_str) == Some(plan);
    let there = observed.look.networks.iter().filter(is_ours).map(|network| network.name.as_str());
    let drop = |network: &str| {
        let action = EngineChange::DropNetwork { network: network.to_owned() };
        Operation::new(OperationId::of(format!("drop network {network}")), after.to_vec(), action)
    };
    there.chain(observed.network_remains.then_some(plan)).map(drop).collect()
}

/// The plan's secrets go that don't stay.
pub(super) fn secrets(
    layout: &Layout,
    observed: &Observed,
    stays: &Stays<'_>,
    after: &[OperationId],
) -> Vec<Operation> {
    let names = observed.look.secrets.iter().map(|secret| &secret.name);
    names
        .filter(|name| name.starts_with(&layout.secrets_prefix()) && !stays.secrets.contains(name.as_str()))
        .map(|name| {
            let action = EngineChange::DropSecret { secret: name.clone() };
            Operation::new(OperationId::of(format!("drop secret {name}")), after.to_vec(), action)
        })
        .collect()
}

/// The plan's tags go that don't stay, and with the last tag of an image, that.
pub(super) fn tags(layout: &Layout, observed: &Observed, stays: &Stays<'_>, after: &[OperationId]) -> Vec<Operation> {
    let tags = observed.look.images.iter().flat_map(|image| &image.tags);
    tags.filter(|tag| tag.starts_with(&layout.repositories()) && !stays.tags.contains(tag.as_str()))
        .map(|tag| {
            let action = EngineChange::DropTag { tag: tag.clone(), unless_image_of: None };
            Operation::new(OperationId::of(format!("drop image {tag}")), after.to_vec(), action)
        })
        .collect()
}
