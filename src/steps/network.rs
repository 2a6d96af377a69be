//! The network that a plan's services share: a new one in each deployment, unless the one that is there is as the plan wants it. Reads
//! nothing, changes nothing.

use super::{Given, ids};
use crate::facts::{ContainerFact, NetworkFact};
use crate::operation::{EngineChange, Operation, OperationId};
use crate::plan::model::{Network, Teardown};
use ipnet::IpNet;
use serde::Deserialize;
use std::collections::BTreeSet;

/// What becomes of the network of a plan in a deployment.
pub enum Fate<'a> {
    /// There is none, or another one: it is created once all old containers are gone.
    Created,
    /// This one stays, so that containers can be created on it while old ones are still being removed. Who starts on it waits until they
    /// are gone: they may hold its ports or its data.
    Kept(&'a NetworkFact),
}

/// What becomes of it.
pub fn fate(given: Given<'_>) -> Fate<'_> {
    own(given)
        .filter(|network| is_as_wanted(given, network) && is_ours_alone(given, network))
        .map_or(Fate::Created, Fate::Kept)
}

/// Removes the network that is there, unless it stays; `dropped` are the removals of containers.
pub fn drop(given: Given<'_>, dropped: &[OperationId]) -> Option<Operation> {
    let ours = own(given).filter(|_| matches!(fate(given), Fate::Created))?;
    let after = dropped.iter().cloned().chain([ids::uncommit()]);
    Some(Operation::new(ids::drop_network(), after, EngineChange::DropNetwork { network: ours.name.clone() }))
}

/// Sees to the network that services start on, once what holds it is gone.
pub fn made(given: Given<'_>, gone: impl IntoIterator<Item = OperationId>) -> Operation {
    let network = given.plan.name.clone();
    let after = gone.into_iter().chain([ids::uncommit()]);
    match fate(given) {
        Fate::Created => {
            let subnets = given.plan.network.subnets.clone();
            Operation::new(ids::network(), after, EngineChange::CreateNetwork { network, subnets })
        }
        Fate::Kept(NetworkFact { name: _, labels: _, subnets }) => {
            Operation::new(ids::keep_network(), after, EngineChange::KeepNetwork { network, ranges: subnets.clone() })
        }
    }
}

/// The network of the plan, if the engine has it.
fn own(given: Given<'_>) -> Option<&NetworkFact> {
    let name = given.plan.name.as_str();
    let is_own = |network: &&NetworkFact| {
        network.name == name && network.labels.get(ContainerFact::PLAN).map(String::as_str) == Some(name)
    };
    given.facts.look.networks.iter().find(is_own)
}

/// Whether its ranges are those of the plan. Where the plan leaves them to the engine, the one that is deployed must have done so, too.
fn is_as_wanted(given: Given<'_>, network: &NetworkFact) -> bool {
    let wanted: BTreeSet<IpNet> = given.plan.network.subnets.iter().map(|subnet| subnet.network()).collect();
    if wanted.is_empty() {
        was_left_to_the_engine(given)
    } else {
        network.subnets.iter().copied().collect::<BTreeSet<_>>() == wanted
    }
}

fn was_left_to_the_engine(given: Given<'_>) -> bool {
    /// The part of a plan that says it.
    #[derive(Deserialize)]
    struct Deployed {
        #[serde(default)]
        network: Network,
    }
    let saved = given.facts.saved.get(&given.plan.name);
    let deployed = saved.and_then(|saved| serde_json::from_str::<Deployed>(&saved.plan).ok());
    deployed.is_some_and(|Deployed { network: Network { subnets } }| subnets.is_empty())
}

/// Whether nobody is on it who stays.
fn is_ours_alone(given: Given<'_>, network: &NetworkFact) -> bool {
    let stays = |container: &ContainerFact| match given.plan.teardown {
        Teardown::Plan => container.plan() != Some(given.plan.name.as_str()),
        Teardown::Node => false,
    };
    let mut on_it = given.facts.look.containers.iter().filter(|container| container.networks.contains(&network.name));
    !on_it.any(stays)
}
