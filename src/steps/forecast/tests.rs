//! Programs in, what they will have done out.

use super::{Destroyed, DirectoryLater, Downtime, Forecast, Share, Window, forecast};
use crate::facts::{ContainerFact, DirectoryFact, Facts, ImageFact, Saved, SavedService};
use crate::operation::{Layout, OperationId};
use crate::plan::model::{Plan, Service};
use crate::plan::values::{HostPath, ImageId, RunId, ServiceName};
use crate::steps;
use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

fn shop() -> Value {
    let volume = |source: &str| json!([{ "source": source, "target": "/data" }]);
    json!({ "version": 1, "name": "shop", "services": {
        "db": {
            "image": "localhost/db:1", "volumes": volume("/srv/db"),
            "healthcheck": { "exec": ["true"], "interval": "2s", "timeout": "1s", "retries": 4, "start_period": "5s", "stable_for": "1s" }
        },
        "migrate": { "image": "localhost/db:1", "restart": "no", "depends_on": ["db"], "volumes": volume("/srv/new") },
        "web": {
            "image": "localhost/web:1",
            "depends_on": { "migrate": { "condition": "service_completed_successfully", "timeout": "20s" } }
        }
    } })
}

fn container(name: &str, running: bool, plan: Option<&str>) -> ContainerFact {
    let labels = plan.map(|plan| (ContainerFact::PLAN.to_owned(), plan.to_owned())).into_iter().collect();
    ContainerFact { image_id: "a".repeat(64), labels, running, ..ContainerFact::running(name, &"1".repeat(64)) }
}

/// A server on which `db` and `web` of an earlier version run, beside a stranger.
fn facts() -> Facts {
    let mut old = shop();
    old["services"]["db"]["stop_grace_period"] = json!("30s");
    old["services"]["web"]["volumes"] = json!([{ "source": "/srv/old", "target": "/data" }]);
    let mut facts = Facts::of_an_empty_host(&[]);
    let ours = [container("shop-db", true, Some("shop")), container("shop-migrate", false, Some("shop"))];
    facts.look.containers.extend(ours);
    facts.look.containers.extend([container("shop-web", true, Some("shop")), container("stranger", true, None)]);
    let image = |id: &str, tag: &str| ImageFact { id: id.repeat(64), tags: vec![tag.to_owned()] };
    facts.look.images.extend([
        image("a", "localhost/landfall/shop/web:aaaaaaaaaaaa"),
        image("b", "localhost/landfall/shop/gone:bbbbbbbbbbbb"),
        image("c", "docker.io/library/other:1"),
    ]);
    let there = DirectoryFact::Present { mountpoint: false, label_usable: true };
    facts.directories.insert(HostPath::parse("/srv/db").unwrap(), there);
    let plan: Plan = serde_json::from_value(old.clone()).unwrap();
    let saved = Saved {
        hotfixes: std::collections::BTreeMap::new(),
        version: 1,
        name: plan.name.clone(),
        run: RunId::parse("20261121t101112").unwrap(),
        plan: old.to_string(),
        plan_sha256: String::new(),
        hash: None,
        files: BTreeMap::new(),
        deployed_at: jiff::Timestamp::UNIX_EPOCH,
        deployed_by: "root".to_owned(),
        landfall: "0.1.0".to_owned(),
        git_commit: None,
        beneath: None,
        services: plan.services.iter().map(saved_service).collect(),
        secrets: Vec::new(),
        network: "shop".to_owned(),
        crontab: Vec::new(),
    };
    facts.saved.insert(plan.name, saved);
    facts
}

fn saved_service((name, service): (&ServiceName, &Service)) -> (ServiceName, SavedService) {
    let saved = SavedService {
        secrets: Vec::new(),
        configs: Vec::new(),
        run: None,
        container: format!("shop-{name}"),
        image_id: ImageId::parse(&"a".repeat(64)).unwrap(),
        tag: String::new(),
        config: String::new(),
        one_shot: service.one_shot(),
        depends_on: service.depends_on.iter().map(|(name, _)| name.clone()).collect(),
    };
    (name.clone(), saved)
}

fn of(plan: &Value, facts: &Facts) -> Forecast {
    let plan: Plan = serde_json::from_value(plan.clone()).unwrap();
    let layout = Layout::new(Path::new(Layout::STATE), &plan.name);
    let program = steps::deployment(&plan, facts, &layout).unwrap();
    forecast(&plan, facts, &layout, &program)
}

fn window(at_least: u64, at_most: u64) -> Window {
    Window { at_least: Duration::from_secs(at_least), at_most: Duration::from_secs(at_most) }
}

fn windows(downtime: &Downtime) -> Vec<(&str, Window)> {
    downtime.services.iter().map(|(name, window)| (name.as_str(), *window)).collect()
}

#[test]
fn what_goes_and_what_stays_is_told_of_each_thing() {
    let Forecast { destroyed, kept, downtime: _ } = of(&shop(), &facts());
    let container = |name: &str| Destroyed::Container(name.to_owned());
    let image = |name: &str, unless: Option<&str>| Destroyed::Image {
        name: name.to_owned(),
        unless_image_of: unless.map(|name| ServiceName::parse(name).unwrap()),
    };
    let expected = [
        container("shop-web"),
        container("shop-migrate"),
        container("shop-db"),
        image("localhost/landfall/shop/web:aaaaaaaaaaaa", Some("web")),
        image("localhost/landfall/shop/gone:bbbbbbbbbbbb", None),
        Destroyed::Records { keep: 5 },
    ];
    assert_eq!(destroyed, expected);
    let directories: Vec<_> = kept.directories.iter().map(|kept| (kept.path.as_str(), kept.later)).collect();
    let later = [
        ("/srv/db", DirectoryLater::Used),
        ("/srv/new", DirectoryLater::Created),
        ("/srv/old", DirectoryLater::Unused),
    ];
    assert_eq!(directories, later);
    assert_eq!(kept.containers, ["stranger"]);
    assert_eq!(kept.images, ["localhost/landfall/shop/web:aaaaaaaaaaaa", "docker.io/library/other:1"]);
}

/// `db`: 10 s or 30 s to stop, then 1 s to 5 + 4 × (2 + 1) + 1 = 18 s; `migrate` at most 20 s, `web` 3 s to 30 s.
#[test]
fn the_downtime_is_bounded_along_the_longest_way_from_the_first_stop_to_the_last_service() {
    let Forecast { destroyed: _, kept: _, downtime } = of(&shop(), &facts());
    // `web` stops first, for up to 10 s; `db` waits for that, then stops for up to 30 s.
    assert_eq!(windows(&downtime), [("db", window(1, 58)), ("web", window(4, 108))]);
    assert_eq!(downtime.whole, window(4, 108));
    let told: Vec<_> = downtime.shares.iter().map(|share| (share.operation.as_str(), share.window)).collect();
    let expected = [
        ("drop shop-web", window(0, 10)),
        ("drop shop-db", window(0, 30)),
        ("await db", window(1, 18)),
        ("await migrate", window(0, 20)),
        ("await web", window(3, 30)),
    ];
    assert_eq!(told, expected);
    let Share { operation: _, description, window: _, because } = &downtime.shares[2];
    let said = "`start_period` 5s + `retries` 4 × (`interval` 2s + `timeout` 1s) + `stable_for` 1s";
    assert_eq!((description.as_str(), because.as_str()), ("wait until db is healthy, at most 18s", said));
    assert_eq!(downtime.open, []);
}

#[test]
fn where_nothing_runs_nothing_is_down() {
    let Forecast { destroyed, kept: _, downtime } = of(&shop(), &Facts::of_an_empty_host(&[]));
    assert_eq!(destroyed, [Destroyed::Records { keep: 5 }]);
    assert_eq!((windows(&downtime), downtime.whole), (Vec::new(), window(4, 68)));
}

#[test]
fn images_that_are_retrieved_while_services_are_down_have_no_bound() {
    let mut plan = shop();
    plan["staging"] = json!("after");
    let downtime = of(&plan, &facts()).downtime;
    assert_eq!(downtime.open, ["retrieve db", "retrieve web"].map(OperationId::of));
    assert_eq!(downtime.whole, window(4, 108));
}
