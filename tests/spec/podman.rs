//! What is Podman's alone: its store for secrets, and how it keeps records of containers.

use pretty_assertions::assert_eq;

use crate::plans::{secrets, shop, small};
use crate::support::{PLAN, SECRETS, Trouble, Vsn, eventually};
use serde_json::json;

#[test]
fn a_secret_goes_to_podman_on_standard_input_as_the_dry_run_shows_it() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write_plan(&shop());
    let told = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--dry-run"]).stdout;
    let line = told.lines().find(|line| line.contains("podman secret create")).unwrap().trim();
    assert_eq!(line, "printf %s \"${secret_password:?}\" | podman secret create landfall.shop.\"${run:?}\".0 -");
    let script = format!("run=20261121t101112 secret_password='x y'\n{line}\n");
    assert_eq!(vsn.run_with_input(["bash", "-s"], &script).status, Some(0));
    assert_eq!(vsn.secrets(), ["landfall.shop.20261121t101112.0"]);
}

#[test]
fn a_container_is_created_once_the_old_one_of_its_name_is_gone_and_started_once_all_are() {
    let vsn = Vsn::start();
    let mut plan = small();
    // It stops once it is told to.
    plan["services"]["slow"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "command": ["sh", "-c", "trap 'until [ -e /told/to ]; do sleep 0.05; done; exit 0' TERM; while :; do sleep 0.05; done"],
        "volumes": [{ "source": "/srv/told", "target": "/told", "owner": "0:0", "mode": "0755" }],
        "stop_grace_period": "60s",
        "healthcheck": { "exec": ["true"] },
    });
    // Of those that go in one call, the one whose removal makes the call is told of last.
    plan["services"]["other"] =
        json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "healthcheck": { "exec": ["true"] } });
    vsn.must_deploy(&plan);
    let old = vsn.inspect("shop-slow")["State"]["Pid"].to_string();
    plan["services"]["web"]["image"]["archive"] = json!("images/tiny-v2.docker.tar");
    vsn.write_plan(&plan);
    let deploy = vsn.start_deploy();
    let newest = || vsn.runs("shop").pop().unwrap();
    let run = || newest().rsplit_once('/').unwrap().1.to_owned();
    let is_created = |container: &str| {
        let told = "{{.Config.Labels}} {{.State.Status}}";
        let seen = vsn.run(["podman", "container", "inspect", "--format", told, container]).stdout;
        seen.contains(&run()) && seen.trim_end().ends_with(" created")
    };
    eventually("a new container is there", || ["shop-other", "shop-web"].into_iter().any(is_created));
    assert_eq!(vsn.run(["test", "-e", &format!("/proc/{old}")]).status, Some(0));

    vsn.must(["touch", "/srv/told/to"]);

    let deployed = deploy.wait();
    assert_eq!(deployed.status, Some(0), "{deployed:?}");
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
}

/// Podman takes back what a container had after its process has ended, which takes longer than that.
#[test]
fn what_others_depend_on_is_stopped_once_they_have_and_while_the_rest_of_them_is_being_removed() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["db"] =
        json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "healthcheck": { "exec": ["true"] } });
    // It stops once it is told to.
    let stops = "trap 'touch /told/term; until [ -e /told/to ]; do sleep 0.05; done; exit 0' TERM; while :; do sleep 0.05; done";
    plan["services"]["slow"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "command": ["sh", "-c", stops],
        "volumes": [{ "source": "/srv/told", "target": "/told", "owner": "0:0", "mode": "0755" }],
        "stop_grace_period": "60s",
        "healthcheck": { "exec": ["true"] },
        "depends_on": ["db"],
    });
    vsn.must_deploy(&plan);
    vsn.trouble_at("rm --force shop-slow", Trouble::WaitsAfterwards);
    let deploy = vsn.start_deploy();
    eventually("it is being stopped", || vsn.on_disk("/srv/told/term").exists());
    assert_eq!(vsn.engine_was_told("rm --force shop-db"), false);

    vsn.must(["touch", "/srv/told/to"]);

    eventually("the other one is being removed", || vsn.engine_was_told("rm --force shop-db"));
    vsn.go_on();
    let deployed = deploy.wait();
    assert_eq!(deployed.status, Some(0), "{deployed:?}");
}

/// The interfaces of the server, each with its number, but for those of containers.
fn interfaces(vsn: &Vsn) -> Vec<String> {
    let told = vsn.must(["ip", "-oneline", "link", "show"]);
    let named = told.lines().map(|line| line.split(['@', '<']).next().unwrap().trim_end_matches([' ', ':']).to_owned());
    named.filter(|interface| !interface.contains(": veth")).collect()
}

/// Whether a bridge is held: not where netavark's rules are those of nftables, as newer ones are.
pub(super) fn is_held(vsn: &Vsn) -> bool {
    vsn.run(["iptables-save"]).stdout.contains("-j NETAVARK-DN-")
}

/// Netavark removes a bridge with its last container and makes it anew with the next first one.
#[test]
fn the_bridge_of_a_network_that_stays_is_there_throughout_and_nothing_of_ours_is_left_at_it() {
    let vsn = Vsn::start();
    let mut plan = small();
    vsn.must_deploy(&plan);
    let (before, held) = (interfaces(&vsn), is_held(&vsn));
    assert_eq!(before.len(), 2, "{before:?}");
    plan["services"]["web"]["image"]["archive"] = json!("images/tiny-v2.docker.tar");
    vsn.write_plan(&plan);
    vsn.trouble_at("start shop-web", Trouble::Waits);
    let deploy = vsn.start_deploy();
    eventually("nothing of the old is left", || vsn.engine_was_told("start shop-web"));
    let meanwhile = interfaces(&vsn);
    assert_eq!((meanwhile.starts_with(&before), meanwhile.len()), (held, if held { 3 } else { 1 }), "{meanwhile:?}");

    vsn.go_on();

    let deployed = deploy.wait();
    assert_eq!(deployed.status, Some(0), "{deployed:?}");
    assert_eq!(vsn.must(["curl", "--silent", "http://localhost:8080/version"]), "v2\n");
    let after = interfaces(&vsn);
    assert_eq!((after == before, after.len()), (held, 2), "{after:?}");
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(interfaces(&vsn), before[..1]);
}

#[test]
fn what_holds_a_bridge_goes_with_the_run_that_is_killed_and_the_bridge_with_the_recovery() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let (before, held) = (interfaces(&vsn), is_held(&vsn));
    vsn.trouble_at("start shop-web", Trouble::Waits);
    let deploy = vsn.start_deploy();
    eventually("nothing of the old is left", || vsn.engine_was_told("start shop-web"));
    assert_eq!(interfaces(&vsn).len(), if held { 3 } else { 1 });

    deploy.signal("KILL");

    assert_eq!(deploy.wait().status, None);
    eventually("what held the bridge is gone", || interfaces(&vsn).len() == if held { 2 } else { 1 });
    vsn.go_on();
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(interfaces(&vsn), before[..1]);
    let rules = vsn.run(["iptables-save"]).stdout;
    assert_eq!(
        rules.lines().filter(|line| line.contains("10.89.") || line.contains("NETAVARK-DN-")).count(),
        0,
        "{rules}"
    );
}

/// A removal that was killed half-way, as the deadline of a call does it.
#[test]
fn regression_013_a_container_whose_storage_is_gone_keeps_nothing_from_being_seen_and_removed() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let forget = "
        import json, sys
        storage = '/var/lib/containers/storage/overlay-containers/containers.json'
        kept = [container for container in json.load(open(storage)) if container['id'] != sys.argv[1]]
        json.dump(kept, open(storage, 'w'))";
    let id = vsn.inspect("shop-web")["Id"].as_str().unwrap().to_owned();
    vsn.must(["podman", "stop", "--time", "0", "shop-web"]);
    vsn.must(["python3", "-c", &forget.replace("\n        ", "\n"), &id]);
    let inspected = vsn.run(["podman", "container", "inspect", "shop-web"]);
    assert!(inspected.stderr.contains("container not known"), "{inspected:?}");

    let torn_down = vsn.landfall(["teardown", "shop"]);

    assert_eq!((torn_down.status, vsn.containers()), (Some(0), Vec::new()), "{torn_down:?}");
}

#[test]
fn regression_122_what_a_monitor_writes_late_of_a_container_that_is_gone_is_removed() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let id = vsn.inspect("shop-web")["Id"].as_str().unwrap().to_owned();
    let stranger = "f".repeat(64);
    // The network goes after the container.
    vsn.just_before("network rm", &format!("for id in {id} {stranger}; do echo -n 137 > /run/libpod/exits/$id; done"));

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

    assert!(vsn.it_happened());
    assert_eq!(vsn.must(["ls", "/run/libpod/exits"]), format!("{stranger}\n"));
}

#[test]
fn regression_094_a_stop_that_was_killed_half_way_is_finished_by_a_recovery() {
    let vsn = Vsn::start();
    let mut plan = small();
    // A shell that is process 1 takes no notice of SIGTERM.
    plan["services"]["web"]["command"] = json!(["sh", "-c", "/bin/serve; :"]);
    plan["services"]["web"]["stop_grace_period"] = json!("5s");
    vsn.must_deploy(&plan);
    let state = || vsn.inspect("shop-web")["State"]["Status"].clone();
    let killed = vsn.start_landfall(["restart", "shop"]);
    eventually("the stop is half-way", || state() == "stopping");
    vsn.must(["pkill", "-KILL", "--exact", "landfall|podman"]);
    drop(killed.wait());
    assert_eq!(state(), "stopping");

    let recovered = vsn.landfall(["recover"]);

    assert_eq!((recovered.status, state()), (Some(0), json!("running")), "{recovered:?}");
    assert_eq!(vsn.landfall(["status"]).status, Some(0));
}
