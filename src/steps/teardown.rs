//! Step 2: the old containers, images and the network go. Reads nothing, changes nothing.

use super::{Given, back, ids, network};
use crate::facts::{ContainerFact, KeyFact};
use crate::few::{Few, InOrder};
use crate::operation::{DroppedContainer, EngineChange, HostChange, Operation, OperationId};
use crate::plan::model::{Staging, Teardown};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The operations of step 2; `staged` are those that must be done before anything is touched.
pub fn operations(given: Given<'_>, staged: &[Operation]) -> Vec<Operation> {
    let reserve = reserve(ids::of(staged));
    let uncommit = uncommit([reserve.id.clone()]);
    let containers = containers(given);
    let dropped = ids::of(&containers);
    let network = network::drop(given, &dropped);
    // Those that a plan goes back to, if it fails, go once it counts as deployed.
    let images = if back::previous(given.plan, given.facts).is_some() { Vec::new() } else { images(given, &dropped) };
    let kept = kept(given);
    [reserve, uncommit]
        .into_iter()
        .chain(containers)
        .chain(network)
        .chain(images)
        .chain(kept)
        .chain(keys(given))
        .collect()
}

/// What is put aside to go back to it if need be.
fn kept(given: Given<'_>) -> Vec<Operation> {
    if back::previous(given.plan, given.facts).is_none() {
        return Vec::new();
    }
    let jobs = Operation::new(ids::keep_jobs(), [ids::uncommit()], HostChange::KeepJobs);
    let keys = has_keys(given).then(|| Operation::new(ids::keep_keys(), [ids::uncommit()], HostChange::KeepKeys));
    [jobs].into_iter().chain(keys).collect()
}

/// Whether an earlier deployment has installed keys.
fn has_keys(given: Given<'_>) -> bool {
    given.facts.keys.values().any(|fact| matches!(fact, KeyFact::Ours))
}

/// From here on a crash is finished at the next boot.
pub fn reserve(after: impl IntoIterator<Item = OperationId>) -> Operation {
    Operation::new(OperationId::of("reserve crontab"), after, HostChange::ReserveCrontab)
}

/// The point of no return.
pub fn uncommit(after: impl IntoIterator<Item = OperationId>) -> Operation {
    Operation::new(ids::uncommit(), after, HostChange::Uncommit)
}

/// Dependents are stopped before what they depend on; what is unrelated goes side by side.
fn containers(given: Given<'_>) -> Vec<Operation> {
    let named: BTreeSet<String> = given.plan.services.keys().map(|service| given.layout.container(service)).gathered();
    // The storage that a killed creation left has no labels, and keeps its name from the new container.
    let remains = |container: &ContainerFact| container.storage_only && named.contains(&container.name);
    let ours = |container: &&ContainerFact| match given.plan.teardown {
        Teardown::Plan => container.plan() == Some(given.plan.name.as_str()) || remains(container),
        Teardown::Node => true,
    };
    let there: Vec<_> = given.facts.look.containers.iter().filter(ours).collect();
    in_order_of_removal(&there, &dependencies(given))
        .into_iter()
        .map(|(container, after)| {
            let dropped = DroppedContainer { container: container.to_owned(), grace_seconds: None };
            Operation::new(ids::drop(container), [ids::uncommit()], EngineChange::DropContainer(dropped))
                .once_stopped(after.into_iter().map(ids::drop))
        })
        .collect()
}

/// What each container that is deployed now depends on.
fn dependencies(given: Given<'_>) -> BTreeMap<String, Vec<String>> {
    let Some(saved) = given.facts.saved.get(&given.plan.name) else { return BTreeMap::new() };
    let container = |service| given.layout.container(service);
    saved
        .services
        .values()
        .map(|service| (service.container.clone(), service.depends_on.iter().map(container).collect()))
        .gathered()
}

/// Containers by name, each with those that must be gone before it: the ones that depend on it. In an order in which each
/// stands after those.
pub fn in_order_of_removal<'a>(
    containers: &[&'a ContainerFact],
    depends_on: &BTreeMap<String, Vec<String>>,
) -> Vec<(&'a str, Vec<&'a str>)> {
    let mut left: Vec<&str> = containers.iter().map(|container| container.name.as_str()).collect();
    left.put_in_order();
    left.dedup();
    let needs =
        |one: &str, other: &str| depends_on.get(one).is_some_and(|needed| needed.iter().any(|name| name == other));
    let mut ordered: Vec<(&str, Vec<&str>)> = Vec::new();
    while !left.is_empty() {
        // A cycle can't be deployed; should one stand in a record all the same, its members go in any order.
        let at =
            left.iter().position(|name| !left.iter().any(|other| other != name && needs(other, name))).unwrap_or(0);
        let next = left.remove(at);
        let after = ordered.iter().map(|(name, _)| *name).filter(|name| needs(name, next)).collect();
        ordered.push((next, after));
    }
    ordered
}

/// Tags of ours go unless the new plan uses the same image again; on a dedicated server, all other images too.
pub fn images(given: Given<'_>, dropped: &[OperationId]) -> Vec<Operation> {
    let after = Arc::new(dropped.iter().cloned().chain([ids::uncommit()]).gathered());
    let mut operations = Vec::new();
    for image in &given.facts.look.images {
        let (ours, others): (Vec<&String>, Vec<&String>) =
            image.tags.iter().partition(|tag| service_of_tag(given, tag).is_some());
        for tag in ours {
            let unless_image_of = match given.plan.staging {
                Staging::Before => service_of_tag(given, tag)
                    .and_then(|service| given.plan.services.keys().find(|name| name.as_str() == service).cloned()),
                // The point of retrieving late is that the disk can't hold both.
                Staging::After => None,
            };
            let id = OperationId::of(format!("drop image {tag}"));
            operations.push(Operation::after_the_same(
                id,
                &after,
                EngineChange::DropTag { tag: tag.clone(), unless_image_of },
            ));
        }
        let foreign = !others.is_empty() || image.tags.is_empty();
        if given.plan.teardown == Teardown::Node && foreign {
            let id = OperationId::of(format!("drop image {}", image.id));
            operations.push(Operation::after_the_same(id, &after, EngineChange::DropImage { id: image.id.clone() }));
        }
    }
    operations
}

/// Where the plan has lost a key, all of them go; those that it still has are installed anew.
fn keys(given: Given<'_>) -> Option<Operation> {
    let lost = given.facts.keys.keys().any(|file| !given.plan.ssh_keys.contains_key(file));
    let copied = back::previous(given.plan, given.facts).filter(|_| has_keys(given)).map(|_| ids::keep_keys());
    let after = copied.into_iter().chain([ids::uncommit()]);
    lost.then(|| Operation::new(ids::remove_keys(), after, HostChange::RemoveKeys))
}

/// The service that a tag of ours belongs to.
fn service_of_tag<'a>(given: Given<'_>, tag: &'a str) -> Option<&'a str> {
    let (service, _) = tag.strip_prefix(&given.layout.repositories())?.split_once(':')?;
    Some(service)
}

#[cfg(test)]
mod tests {
    use crate::facts::{ContainerFact, Facts, KeyFact};
    use crate::operation::{Layout, Operation};
    use crate::plan::model::Plan;
    use crate::plan::values::KeyFileName;
    use crate::steps;
    use pretty_assertions::assert_eq;

    /// The operations about keys of a deployment on a server where these are installed, each with what it waits for.
    fn about_keys(installed: &[&str]) -> Vec<(String, Vec<String>)> {
        let plan: Plan = serde_json::from_str(
            r#"{ "version": 1, "name": "shop", "services": { "web": { "image": "localhost/a:1" } },
                 "ssh_keys": { "id_new": { "private_key": { "secret": "key" } } } }"#,
        )
        .unwrap();
        let mut facts = Facts::of_an_empty_host(&[]);
        facts.keys.extend(installed.iter().map(|file| (KeyFileName::parse(file).unwrap(), KeyFact::Ours)));
        let layout = Layout::new("/var/lib/landfall".as_ref(), &plan.name);
        let program = steps::deployment(&plan, &facts, &layout).unwrap();
        assert_eq!(program.defect(), None);
        let told = |operation: &Operation| {
            (operation.id.to_string(), operation.after.iter().map(ToString::to_string).collect())
        };
        program.operations().map(told).filter(|(id, _): &(String, _)| id.contains("key")).collect()
    }

    /// The containers that a deployment drops where these are left, with or without more than their storage.
    fn dropped(left: &[(&str, bool)]) -> Vec<String> {
        let plan: Plan = serde_json::from_str(
            r#"{ "version": 1, "name": "shop", "services": { "web": { "image": "localhost/a:1" } } }"#,
        )
        .unwrap();
        let mut facts = Facts::of_an_empty_host(&[]);
        facts.look.containers.extend(left.iter().map(|(name, storage_only)| ContainerFact {
            running: false,
            storage_only: *storage_only,
            ..ContainerFact::running(name, &"0".repeat(64))
        }));
        let layout = Layout::new("/var/lib/landfall".as_ref(), &plan.name);
        let program = steps::deployment(&plan, &facts, &layout).unwrap();
        let ids = program.operations().map(|operation| operation.id.to_string());
        ids.filter(|id| id.starts_with("drop ")).collect()
    }

    #[test]
    fn regression_043_what_a_killed_creation_left_of_our_name_goes_and_nothing_else_without_labels_does() {
        assert_eq!(dropped(&[("shop-web", true), ("shop-other", true), ("theirs", true)]), ["drop shop-web"]);
        assert_eq!(dropped(&[("shop-web", false)]), [] as [&str; 0]);
    }

    #[test]
    fn a_key_that_the_plan_has_lost_goes_before_the_others_are_installed() {
        let one = |id: &str, after: &[&str]| (id.to_owned(), after.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(about_keys(&["id_new"]), [one("install key id_new", &["uncommit"])]);
        assert_eq!(
            about_keys(&["id_new", "id_old"]),
            [one("remove keys", &["uncommit"]), one("install key id_new", &["remove keys", "uncommit"])]
        );
    }
}
