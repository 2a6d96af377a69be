//! What a deployment over an earlier one replaces, and what it keeps.

use pretty_assertions::assert_eq;
use serde_json::json;
use std::collections::BTreeMap;

use crate::plans::{alike, second_version, secrets, shop, small};
use crate::support::{Ended, Trouble, Vsn};

#[test]
fn another_version_takes_the_place_of_the_old_one_and_finds_its_data_where_it_was() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    vsn.in_container("shop-db", "echo 1 > /data/row; chown 999:999 /data/row; chmod 640 /data/row");
    let data = vsn.manifest("/srv/shop");
    let old = vsn.inspect("shop-db")["Id"].clone();

    vsn.must_deploy(&second_version(&shop()));

    let id = vsn.image_id("tiny-v2.docker.tar");
    let tag = |service| format!("localhost/landfall/shop/{service}:{} sha256:{id}", &id[..12]);
    assert_eq!(vsn.images(), [tag("db"), tag("migrate"), tag("web")]);
    assert_eq!(vsn.running_containers(), ["shop-db", "shop-web"]);
    assert_ne!(vsn.inspect("shop-db")["Id"], old);
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
    assert_eq!(vsn.manifest("/srv/shop"), data);
    assert_eq!(vsn.in_container("shop-db", "cat /data/row"), "1\n");
    assert_eq!(vsn.networks(), ["shop"]);
    // Of the secrets, only those of the newest run are left.
    let run = vsn.runs("shop").pop().unwrap();
    assert_eq!(vsn.secrets(), [format!("landfall.shop.{}.0", run.rsplit_once('/').unwrap().1)]);
}

#[test]
fn the_network_stays_where_the_plan_asks_for_the_same_one_and_is_another_where_not() {
    let vsn = Vsn::start();
    let created = || vsn.must([vsn.engine(), "network", "inspect", "--format", "{{.Created}}", "shop"]);
    let with = |version: &str, subnets: &[&str]| {
        let mut plan = small();
        plan["services"]["web"]["image"]["archive"] = json!(format!("images/tiny-{version}.docker.tar"));
        plan["network"] = json!({ "subnets": subnets });
        plan
    };
    let mut seen = Vec::new();
    for (version, subnets) in [
        ("v1", &[][..]),
        ("v2", &[]),
        ("v1", &["10.97.0.0/24"]),
        ("v2", &["10.97.0.0/24"]),
        ("v1", &["10.98.0.0/24"]),
        ("v2", &[]),
    ] {
        vsn.must_deploy(&with(version, subnets));
        assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), format!("{version}\n"));
        assert!(subnets.is_empty() || vsn.subnets_of("shop") == subnets, "{:?}", vsn.subnets_of("shop"));
        seen.push(created());
    }
    let stays: Vec<bool> = seen.windows(2).map(|two| two[0] == two[1]).collect();
    assert_eq!(stays, [true, false, true, false, false]);
}

#[test]
fn dependents_are_stopped_before_what_they_depend_on() {
    let vsn = Vsn::start();
    let mut plan = small();
    // Whoever must stop later would be quicker about it: without an order, the last would be the first.
    for (service, depends_on, takes) in [("a", vec![], 0.0), ("b", vec!["a"], 0.5), ("c", vec!["b"], 1.0)] {
        plan["services"][service] = json!({
            "image": { "archive": "images/tiny-v1.docker.tar" },
            "command": ["sh", "-c", format!("trap 'sleep {takes}; date > /order/stopped; exit 0' TERM; while :; do sleep 0.1; done")],
            "volumes": [{ "source": format!("/srv/order-{service}"), "target": "/order", "owner": "0:0", "mode": "0755" }],
            "healthcheck": { "exec": ["true"] },
            "depends_on": depends_on,
        });
    }
    vsn.must_deploy(&plan);

    vsn.must_deploy(&small());

    let stopped_at = |service: &str| {
        vsn.manifest(&format!("/srv/order-{service}")).pop().map(|entry| (entry.path, entry.modified)).unwrap()
    };
    let [a, b, c] = ["a", "b", "c"].map(stopped_at);
    assert_eq!([&a.0, &b.0, &c.0], ["stopped"; 3]);
    assert!(c.1 < b.1 && b.1 < a.1, "{c:?} {b:?} {a:?}");
    assert_eq!(vsn.containers(), ["shop-web"]);
}

#[test]
fn an_image_that_stays_the_same_keeps_its_tag_while_the_containers_are_made_anew() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let (images, container) = (vsn.images(), vsn.inspect("shop-web")["Id"].clone());

    assert_eq!(vsn.deploy(), Ended::deployed());

    assert_eq!(vsn.images(), images);
    assert_ne!(vsn.inspect("shop-web")["Id"], container);
}

#[test]
fn a_service_that_left_the_plan_leaves_nothing_but_its_data() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.must_deploy(&shop());
    let data = vsn.manifest("/srv/shop");
    vsn.must(["rm", "/srv/secrets.json"]);

    vsn.must_deploy(&small());

    let id = vsn.image_id("tiny-v1.docker.tar");
    assert_eq!(vsn.containers(), ["shop-web"]);
    assert_eq!(vsn.images(), [format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12])]);
    assert_eq!(vsn.secrets(), [] as [&str; 0]);
    assert_eq!(vsn.manifest("/srv/shop"), data);
    let jobs: Vec<String> = vsn.manifest("/var/lib/landfall/shop/jobs").into_iter().map(|entry| entry.path).collect();
    assert_eq!(jobs, ["", "boot"]);
}

#[test]
fn the_records_of_more_runs_than_the_plan_keeps_are_removed_from_the_oldest() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["history"] = json!({ "keep": 2 });
    let mut made = Vec::new();
    for _ in 0..3 {
        vsn.must_deploy(&plan);
        made.extend(vsn.runs("shop").pop());
    }
    assert_eq!(vsn.runs("shop"), made[1..]);
}

/// A pipeline that tries again and again would fill the disk; what tells of the deployment that runs stays.
#[test]
fn regression_062_the_records_of_failed_runs_are_removed_from_the_oldest_and_not_that_of_what_is_deployed() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["history"] = json!({ "keep": 2 });
    vsn.must_deploy(&plan);
    let deployed = vsn.runs("shop");
    vsn.write("/srv/images/text.tar", "no archive\n", 0o600);
    plan["services"]["web"]["image"] = json!({ "archive": "images/text.tar" });
    vsn.write_plan(&plan);
    let mut refused = Vec::new();
    for _ in 0..3 {
        assert_eq!(vsn.deploy().word(), (Some(3), "refused"));
        refused.extend(vsn.runs("shop").pop());
    }
    assert_eq!(vsn.runs("shop"), [&deployed[..], &refused[1..]].concat());
}

#[test]
fn two_plans_side_by_side_leave_one_another_alone() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let first = vsn.described_containers();
    let mut other = small();
    other["name"] = json!("other");
    other["services"]["web"]["ports"] = json!(["127.0.0.1:8081:80"]);
    other["services"]["web"]["healthcheck"]["http"] = json!("http://localhost:8081/version");

    vsn.must_deploy(&other);

    assert_eq!(vsn.networks(), ["other", "shop"]);
    assert_eq!(vsn.running_containers(), ["other-web", "shop-web"]);
    assert_eq!(vsn.landfall(["teardown", "other"]).status, Some(0));
    assert_eq!(vsn.described_containers(), first);
    let states = [("other", "containerless"), ("shop", "deployed")];
    let states = states.map(|(name, state)| (name.to_owned(), state.to_owned()));
    assert_eq!(vsn.states(), (Some(0), states.into()));
}

/// A dedicated server: all containers and images on it go, whoever made them.
#[test]
fn a_plan_for_a_dedicated_node_clears_it_of_strangers_too() {
    let vsn = Vsn::start();
    vsn.load(&vsn.image("tiny", "tiny-v2.docker.tar"));
    vsn.must([vsn.engine(), "run", "--detach", "--name", "stranger", "--network", "none", "localhost/tiny:v2"]);
    let mut plan = small();
    plan["teardown"] = json!("node");

    vsn.must_deploy(&plan);

    let id = vsn.image_id("tiny-v1.docker.tar");
    assert_eq!(vsn.containers(), ["shop-web"]);
    assert_eq!(vsn.images(), [format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12])]);
}

#[test]
fn images_may_be_retrieved_after_the_old_ones_are_gone() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["staging"] = json!("after");
    vsn.must_deploy(&plan);
    vsn.must_deploy(&second_version(&plan));
    let id = vsn.image_id("tiny-v2.docker.tar");
    assert_eq!(vsn.images(), [format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12])]);
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}

/// Podman reads an image's names and writes them back: of two changes at once, one is lost.
#[test]
fn many_services_of_one_image_lose_their_tags_all_at_once() {
    let vsn = Vsn::start();
    let mut plan = small();
    for service in ["a", "b", "c", "d", "e", "f"] {
        plan["services"][service] = plan["services"]["web"].clone();
        plan["services"][service]["ports"] = json!([]);
        plan["services"][service]["healthcheck"] = json!({ "exec": ["true"] });
    }
    vsn.must_deploy(&plan);
    let id = vsn.image_id("tiny-v1.docker.tar");
    let services = ["a", "b", "c", "d", "e", "f", "web"];
    assert_eq!(vsn.images(), services.map(|name| format!("localhost/landfall/shop/{name}:{} sha256:{id}", &id[..12])));

    vsn.must_deploy(&small());

    assert_eq!(vsn.images(), [format!("localhost/landfall/shop/web:{} sha256:{id}", &id[..12])]);
}

/// Each call is a process of a tenth of a second: what is asked of one service more is felt in all of them.
#[test]
fn a_redeployment_takes_two_calls_of_the_engine_for_each_service_and_few_for_all() {
    let vsn = Vsn::start();
    let mut plan = alike(12);
    vsn.must_deploy(&plan);
    for service in plan["services"].as_object_mut().unwrap().values_mut() {
        service["image"]["archive"] = json!("images/tiny-v2.docker.tar");
    }
    vsn.write_plan(&plan);
    vsn.trouble_at("no such call", Trouble::None);

    assert_eq!(vsn.deploy(), Ended::deployed());

    let calls = vsn.engine_calls().into_iter().map(|call| shlex::split(&call).unwrap().remove(0));
    // Monitors clean up after their containers by calls of their own, which begin with options.
    let mut counts = BTreeMap::<String, usize>::new();
    calls.filter(|verb| !verb.starts_with('-')).for_each(|verb| *counts.entry(verb).or_default() += 1);
    let of_each = ["create", "start"].map(|verb| counts.remove(verb));
    assert_eq!(of_each, [Some(12); 2]);
    // There, an image has other names, which are looked up for each container.
    if vsn.keeps_images_in_containerd() {
        counts.remove("images");
    }
    // Nine on Podman, 23 on Docker, and some more where a busy machine has what would go together go one after the other.
    let most = if vsn.engine() == "docker" { 35 } else { 17 };
    let few = counts.values().all(|count| *count < 12) && counts.values().sum::<usize>() <= most;
    assert!(few, "{counts:?}");
}
