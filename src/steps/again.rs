//! An accepted plan of the history that is deployed again: which images it had, and which of them are still here. Reads nothing,
//! changes nothing.

use super::on_record;
use crate::facts::{Facts, Saved};
use crate::operation::{Layout, RetrievedImage};
use crate::plan::model::{Image, ImageSource, Plan, Staging};
use crate::plan::values::{ImageId, ServiceName};
use std::collections::BTreeMap;

/// What is known of the images of an accepted plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The plan with exactly the images that it had; but what is built is another image each time.
    pub exact: Plan,
    /// The services whose image is here and stays until their containers are created, each with the image's ID. The others are
    /// retrieved.
    pub here: BTreeMap<ServiceName, ImageId>,
}

impl Again {
    /// The images of a plan that was accepted with this record, wherever it is deployed.
    pub fn exactly(plan: &Plan, saved: &Saved) -> Self {
        let mut exact = plan.clone();
        for (name, service) in &mut exact.services {
            let built = matches!(&service.image, Image::Source(ImageSource::Build { .. }));
            if let Some(there) = saved.services.get(name).filter(|_| !built) {
                // After a hotfix the record has the image that took the place of the accepted one.
                let id = saved.hotfixes.get(name).map_or(&there.image_id, |hotfix| &hotfix.from_id);
                service.image = on_record::pinned(service.image.clone(), id, None);
            }
        }
        Self { exact, here: BTreeMap::new() }
    }

    /// The same on a server: an image is here if it has the tag of each service that uses it, for step 2 leaves these tags alone.
    pub fn on(self, facts: &Facts, layout: &Layout) -> Self {
        let has = |tag: &str, id: &ImageId| {
            let mut images = facts.look.images.iter();
            images.any(|image| image.id == id.hex() && image.tags.iter().any(|there| there == tag))
        };
        let mut here = BTreeMap::new();
        // Where the disk can't hold both, all tags go first.
        let stay = RetrievedImage::all_of(&self.exact).into_iter().filter(|_| self.exact.staging == Staging::Before);
        for RetrievedImage { image, services, places: _ } in stay {
            let Some(id) = image.pinned_id() else { continue };
            if services.iter().all(|service| has(&layout.tag(service, id), id)) {
                here.extend(services.into_iter().map(|service| (service, id.clone())));
            }
        }
        Self { here, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::Again;
    use crate::facts::{Facts, Hotfix, ImageFact, Saved};
    use crate::operation::Layout;
    use crate::plan::model::{Plan, Staging};
    use crate::plan::values::{ImageId, PlanName};
    use crate::steps::{deployment, deployment_again};
    use pretty_assertions::assert_eq;
    use serde_json::json;

    const OLD: &str = "1111111111111111111111111111111111111111111111111111111111111111";
    const NEW: &str = "2222222222222222222222222222222222222222222222222222222222222222";

    fn plan() -> Plan {
        serde_json::from_value(json!({ "version": 1, "name": "shop", "services": {
            "app": { "image": { "build": "context" } }, "db": { "image": "localhost/db:1" }, "web": { "image": "localhost/db:1" }
        } }))
        .unwrap()
    }

    /// The record of the plan; its web server was replaced since.
    fn saved() -> Saved {
        let service = |name: &str, id: &str| json!({ "container": format!("shop-{name}"), "image_id": id, "tag": "", "config": "", "one_shot": false });
        let mut saved: Saved = serde_json::from_value(json!({
            "version": 2, "name": "shop", "run": "20261121t101112", "plan": "", "plan_sha256": "", "landfall": "0.1.0",
            "deployed_at": "2026-11-21T10:11:12Z", "deployed_by": "root", "secrets": [], "network": "shop", "crontab": [],
            "services": { "app": service("app", OLD), "db": service("db", OLD), "web": service("web", NEW) }
        }))
        .unwrap();
        let hotfix = Hotfix {
            run: saved.run.clone(),
            at: saved.deployed_at,
            by: "ann".to_owned(),
            landfall: "0.1.0".to_owned(),
            from: "localhost/db:1".to_owned(),
            to: "localhost/db:2".to_owned(),
            from_id: ImageId::parse(OLD).unwrap(),
            folder: None,
            secrets: false,
            service: json!({}),
        };
        saved.hotfixes.extend(
            saved.services.keys().filter(|name| name.as_str() == "web").map(|name| (name.clone(), hotfix.clone())),
        );
        saved
    }

    fn layout() -> Layout {
        Layout::new("/var/lib/landfall".as_ref(), &PlanName::parse("shop").unwrap())
    }

    /// A server that has the old image with these tags.
    fn with_tags(tags: &[&str]) -> Facts {
        let mut facts = Facts::of_an_empty_host(&[]);
        let tags = tags.iter().map(|tag| format!("localhost/landfall/shop/{tag}:{}", &OLD[..12])).collect();
        facts.look.images.push(ImageFact { id: OLD.to_owned(), tags });
        facts
    }

    /// The operations of step 1.
    fn first_step(plan: &Plan, facts: &Facts) -> Vec<String> {
        let again = Again::exactly(plan, &saved()).on(facts, &layout());
        let program = deployment_again(plan, &again, facts, &layout()).unwrap();
        assert_eq!(program.defect(), None);
        program.steps[0].operations.iter().map(|operation| operation.id.to_string()).collect()
    }

    #[test]
    fn an_image_is_the_one_that_was_accepted_and_what_is_built_is_built_again() {
        let exact = Again::exactly(&plan(), &saved()).exact;
        let ids = exact.services.values().map(|service| service.image.pinned_id().map(ImageId::hex));
        assert_eq!(ids.collect::<Vec<_>>(), [None, Some(OLD), Some(OLD)]);
    }

    #[test]
    fn an_image_is_retrieved_unless_it_has_the_tags_of_all_its_services_and_these_stay() {
        let all = ["retrieve app", "verify app", "retrieve db", "verify db", "verify web"];
        assert_eq!(first_step(&plan(), &with_tags(&["db"])), all);
        assert_eq!(
            first_step(&plan(), &with_tags(&["db", "web"])),
            ["retrieve app", "verify app", "verify db", "verify web"]
        );
        let after = Plan { staging: Staging::After, ..plan() };
        assert_eq!(first_step(&after, &with_tags(&["db", "web"])), [] as [&str; 0]);
        let again = Again::exactly(&after, &saved()).on(&with_tags(&["db", "web"]), &layout());
        assert_eq!(again.here, [].into());
    }

    #[test]
    fn containers_are_made_as_in_a_deployment() {
        let (plan, facts) = (plan(), with_tags(&["db", "web"]));
        let again = Again::exactly(&plan, &saved()).on(&facts, &layout());
        let (once, again) = (deployment(&plan, &facts, &layout()), deployment_again(&plan, &again, &facts, &layout()));
        let made = |program: crate::operation::Program| {
            let operations: Vec<_> = program.operations().cloned().collect();
            operations.into_iter().filter(|it| it.id.as_str().starts_with("create ")).collect::<Vec<_>>()
        };
        assert_eq!(made(again.unwrap()), made(once.unwrap()));
    }
}
