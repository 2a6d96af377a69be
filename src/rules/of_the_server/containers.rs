//! Containers of somebody else's in the plan's way: they are never deleted. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Pointer};
use crate::facts::{ContainerFact, Facts};
use crate::plan::model::{Plan, Teardown};
use crate::plan::values::ServiceName;
use crate::rules::place::service;

pub(super) fn findings(plan: &Plan, facts: &Facts) -> Vec<Finding> {
    match plan.teardown {
        // All containers of the server go first.
        Teardown::Node => return Vec::new(),
        Teardown::Plan => {}
    }
    let mut findings = Vec::new();
    for container in facts.look.containers.iter().filter(|container| is_foreign(container, plan)) {
        let ours = |name: &&ServiceName| container.name == format!("{}-{name}", plan.name);
        let owner = container.plan().map_or_else(String::new, |plan| format!(" of the plan `{plan}`"));
        if let Some(name) = plan.services.keys().find(ours) {
            let message = format!("there is a container `{}`{owner} already", container.name);
            findings.push(
                Finding::error(Code::ForeignContainer, service(name), message)
                    .at_key()
                    .label("it does not belong to this plan, so it is not touched")
                    .help(format!(
                        "remove or rename it yourself (`podman rename {} …`), or rename the service",
                        container.name
                    )),
            );
        } else if container.networks.iter().any(|network| network == plan.name.as_str()) {
            let message = format!("the container `{}`{owner} is on the network `{}`", container.name, plan.name);
            findings.push(
                Finding::error(Code::ForeignOnNetwork, Pointer::of(["name"]), message)
                    .label("it does not belong to this plan, so the network can't be made again")
                    .help(format!("disconnect it: `podman network disconnect {} {}`", plan.name, container.name)),
            );
        }
    }
    findings
}

/// What is left of a killed creation has no labels; it is nobody's. A name that the saved plan has says nothing: the container of that
/// name may be somebody's by now.
fn is_foreign(container: &ContainerFact, plan: &Plan) -> bool {
    !container.storage_only && container.plan() != Some(plan.name.as_str())
}

#[cfg(test)]
mod tests {
    use super::findings;
    use crate::facts::{ContainerFact, Facts, Saved, SavedService};
    use crate::plan::model::Plan;
    use crate::plan::values::{ImageId, PlanName, RunId, ServiceName};
    use pretty_assertions::assert_eq;

    fn container(name: &str, labels: &[(&str, &str)]) -> ContainerFact {
        let labels = labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
        ContainerFact { image_id: "1".repeat(64), labels, ..ContainerFact::running(name, &"0".repeat(64)) }
    }

    /// `shop` with the service `a-b` is deployed, as far as the record goes.
    fn saved() -> Saved {
        let service = SavedService {
            secrets: Vec::new(),
            configs: Vec::new(),
            run: None,
            container: "shop-a-b".to_owned(),
            image_id: ImageId::parse(&"1".repeat(64)).unwrap(),
            tag: String::new(),
            config: String::new(),
            one_shot: false,
            depends_on: Vec::new(),
        };
        Saved {
            hotfixes: std::collections::BTreeMap::new(),
            version: 1,
            name: PlanName::parse("shop").unwrap(),
            run: RunId::parse("20261121t101112").unwrap(),
            plan: String::new(),
            plan_sha256: String::new(),
            hash: None,
            files: std::collections::BTreeMap::new(),
            deployed_at: jiff::Timestamp::UNIX_EPOCH,
            deployed_by: String::new(),
            landfall: String::new(),
            git_commit: None,
            beneath: None,
            services: [(ServiceName::parse("a-b").unwrap(), service)].into(),
            secrets: Vec::new(),
            network: "shop".to_owned(),
            crontab: Vec::new(),
        }
    }

    fn told(container: ContainerFact) -> Vec<String> {
        let plan: Plan = serde_json::from_str(
            r#"{ "version": 1, "name": "shop", "services": { "a-b": { "image": "localhost/a:1" } } }"#,
        )
        .unwrap();
        let mut facts = Facts::of_an_empty_host(&[]);
        facts.saved.insert(plan.name.clone(), saved());
        facts.look.containers.push(container);
        findings(&plan, &facts).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn a_container_with_a_name_on_record_is_foreign_unless_it_carries_the_plans_label() {
        let of_plan = |plan| container("shop-a-b", &[(ContainerFact::PLAN, plan)]);
        assert_eq!(told(of_plan("shop-a")), ["there is a container `shop-a-b` of the plan `shop-a` already"]);
        assert_eq!(told(container("shop-a-b", &[])), ["there is a container `shop-a-b` already"]);
        assert_eq!(told(of_plan("shop")), [] as [&str; 0]);
        let remains = ContainerFact { storage_only: true, ..container("shop-a-b", &[]) };
        assert_eq!(told(remains), [] as [&str; 0]);
    }
}
