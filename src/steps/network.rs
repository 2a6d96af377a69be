//! The network that a plan's services share: a new one in each deployment, unless the one that is there is as the plan wants it. Reads
//! nothing, changes nothing.

use super::{Given, ids};
use crate::facts::{ContainerFact, NetworkFact, Saved};
use crate::few::Few;
use crate::operation::{EngineChange, Operation, OperationId};
use crate::plan::model::{Network, Teardown};
use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;
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
    let wanted: BTreeSet<IpNet> = given.plan.network.subnets.iter().map(|subnet| subnet.network()).gathered();
    if wanted.is_empty() {
        was_left_to_the_engine(given)
    } else {
        network.subnets.iter().copied().gathered::<BTreeSet<_>>() == wanted
    }
}

fn was_left_to_the_engine(given: Given<'_>) -> bool {
    /// The part of a plan that says it.
    #[derive(Deserialize)]
    struct Deployed {
        #[serde(default)]
        network: Network,
    }
    let read = |saved: &Saved| Deployed::deserialize(&serde_json::from_str::<Value>(&saved.plan).ok()?).ok();
    let deployed = given.facts.saved.get(&given.plan.name).and_then(read);
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

#[cfg(test)]
mod tests {
    use crate::facts::{ContainerFact, Facts, NetworkFact, Saved};
    use crate::operation::{Layout, Operation};
    use crate::plan::model::Plan;
    use crate::steps;
    use pretty_assertions::assert_eq;
    use serde_json::{Value, json};
    use std::collections::BTreeMap;

    fn plan(subnets: &[&str]) -> Value {
        let web = json!({ "image": "localhost/a:1" });
        json!({ "version": 1, "name": "shop", "network": { "subnets": subnets }, "services": { "web": web } })
    }

    /// A container of this plan's, on the network.
    fn on_it(name: &str, plan: &str) -> ContainerFact {
        ContainerFact {
            labels: BTreeMap::from([(ContainerFact::PLAN.to_owned(), plan.to_owned())]),
            networks: vec!["shop".to_owned()],
            ..ContainerFact::running(name, &format!("{name:0<64}"))
        }
    }

    /// A server on which a plan with these ranges is deployed, with `shop-old` and `shop-web`, and where the network has `10.90.0.0/24`.
    fn facts(deployed: &[&str]) -> Facts {
        let mut facts = Facts::of_an_empty_host(&[]);
        facts.look.networks.push(NetworkFact {
            name: "shop".to_owned(),
            labels: BTreeMap::from([(ContainerFact::PLAN.to_owned(), "shop".to_owned())]),
            subnets: vec!["10.90.0.0/24".parse().unwrap()],
        });
        facts.look.containers.extend(["shop-old", "shop-web"].map(|name| on_it(name, "shop")));
        let saved: Saved = serde_json::from_value(json!({
            "version": 2, "name": "shop", "run": "20261121t101112", "plan": plan(deployed).to_string(), "plan_sha256": "",
            "deployed_at": "2026-11-21T10:11:12Z", "deployed_by": "root", "landfall": "0.1.0", "services": {}, "secrets": [],
            "network": "shop", "crontab": [],
        }))
        .unwrap();
        facts.saved.insert("shop".parse().unwrap(), saved);
        facts
    }

    /// The operations about the network and the container of a deployment, each with what it waits for.
    fn told(plan: Value, facts: &Facts) -> Vec<(String, Vec<String>)> {
        let plan: Plan = serde_json::from_value(plan).unwrap();
        let layout = Layout::new("/var/lib/landfall".as_ref(), &plan.name);
        let program = steps::deployment(&plan, facts, &layout).unwrap();
        assert_eq!(program.defect(), None);
        let told = |operation: &Operation| {
            (operation.id.to_string(), operation.after.iter().map(ToString::to_string).collect())
        };
        let about = |id: &str| id.ends_with("network") || ["create web", "start web"].contains(&id);
        program.operations().map(told).filter(|(id, _): &(String, _)| about(id)).collect()
    }

    fn waits(id: &str, after: &[&str]) -> (String, Vec<String>) {
        (id.to_owned(), after.iter().map(|id| (*id).to_owned()).collect())
    }

    fn kept() -> Vec<(String, Vec<String>)> {
        let gone = ["drop shop-old", "drop shop-web", "uncommit"];
        let start = ["create web", "keep network"];
        vec![
            waits("keep network", &gone),
            waits("create web", &["drop shop-web", "uncommit"]),
            waits("start web", &start),
        ]
    }

    fn created() -> Vec<(String, Vec<String>)> {
        let gone = ["drop shop-old", "drop shop-web", "uncommit"];
        let all_gone = ["drop network", "drop shop-old", "drop shop-web", "uncommit"];
        vec![
            waits("drop network", &gone),
            waits("create network", &all_gone),
            waits("create web", &["create network"]),
            waits("start web", &["create web"]),
        ]
    }

    #[test]
    fn one_that_is_as_the_plan_wants_it_is_kept_and_containers_are_created_on_it_before_all_old_ones_are_gone() {
        assert_eq!(told(plan(&["10.90.0.0/24"]), &facts(&[])), kept());
        assert_eq!(told(plan(&[]), &facts(&[])), kept());
    }

    #[test]
    fn one_with_other_ranges_is_made_anew_and_so_is_one_whose_ranges_were_not_left_to_the_engine() {
        assert_eq!(told(plan(&["10.91.0.0/24"]), &facts(&[])), created());
        assert_eq!(told(plan(&[]), &facts(&["10.90.0.0/24"])), created());
    }

    #[test]
    fn one_of_which_nothing_is_on_record_is_made_anew_where_the_plan_leaves_its_ranges_to_the_engine() {
        let mut facts = facts(&[]);
        facts.saved.clear();
        assert_eq!(told(plan(&[]), &facts), created());
        assert_eq!(told(plan(&["10.90.0.0/24"]), &facts), kept());
    }

    #[test]
    fn one_that_somebody_else_is_on_is_not_kept_unless_the_server_is_the_plans_alone() {
        let mut facts = facts(&[]);
        facts.look.containers.push(on_it("a-guest", "other"));
        assert_eq!(told(plan(&[]), &facts), created());
        let mut alone = plan(&[]);
        alone["teardown"] = json!("node");
        let first = told(alone, &facts).remove(0);
        assert_eq!(first, waits("keep network", &["drop a-guest", "drop shop-old", "drop shop-web", "uncommit"]));
    }
}
