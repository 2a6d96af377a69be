//! What belongs to a running container gets lost: its monitor, its network namespace, the server of names.

use pretty_assertions::assert_eq;
use serde_json::json;

use super::{changed, deploy, deployed, succeeds};
use crate::fault::Work;
use crate::server::Server;
use crate::support::Ended;

/// Kills the monitor of a container of ours; its process goes on.
const MONITOR: &str = "kill -KILL \"$(podman inspect --format '{{.State.ConmonPid}}' shop-web)\"";

/// Kills the monitor, the process and the network namespace of a container of ours, as no engine does: it can't clean up, and its
/// rules of the firewall, its bridge and its names stay.
const NAMESPACE: &str = "
    set -e
    inspected=$(podman inspect --format '{{.State.ConmonPid}} {{.State.Pid}} {{.NetworkSettings.SandboxKey}}' shop-web)
    read -r monitor process namespace <<< \"$inspected\"
    kill -KILL \"$monitor\" \"$process\"
    umount \"$namespace\"
    rm \"$namespace\"";

fn loses(server: &mut Server, what: &str) {
    server.observer.a_monitor_was_killed();
    server.vsn.must(["bash", "-c", what]);
}

#[test]
fn a_container_whose_monitor_was_killed_is_replaced_and_torn_down_like_any_other() {
    let mut server = deployed();
    loses(&mut server, MONITOR);
    succeeds(&mut server, Work::Deploy);
    loses(&mut server, MONITOR);
    succeeds(&mut server, Work::Teardown);
}

#[test]
fn regression_041_a_container_whose_monitor_and_network_namespace_are_lost_is_replaced_and_torn_down_like_any_other() {
    let mut server = deployed();
    loses(&mut server, NAMESPACE);
    succeeds(&mut server, Work::Deploy);
    loses(&mut server, NAMESPACE);
    succeeds(&mut server, Work::Teardown);
}

/// Somebody removes the container, for which the engine's clean-up fails: rules that lead to nobody stay behind.
#[test]
fn regression_042_rules_that_a_lost_container_left_do_not_keep_the_next_one_from_answering_at_its_port() {
    let mut server = deployed();
    loses(&mut server, &format!("{NAMESPACE}\npodman rm --force shop-web"));
    assert!(server.vsn.must(["iptables-save"]).contains("dnat name: shop"));
    succeeds(&mut server, Work::Deploy);

    loses(
        &mut server,
        &format!("{NAMESPACE}\npodman rm --force shop-web shop-db shop-migrate\npodman network rm shop"),
    );
    assert!(server.vsn.must(["iptables-save"]).contains("dnat name: shop"));
    succeeds(&mut server, Work::Deploy);

    loses(
        &mut server,
        &format!("{NAMESPACE}\npodman rm --force shop-web shop-db shop-migrate\npodman network rm shop"),
    );
    succeeds(&mut server, Work::Teardown);
}

#[test]
fn a_network_namespace_that_is_lost_in_the_middle_of_a_deployment_ends_deployed_or_containerless() {
    let mut server = deployed();
    server.observer.a_monitor_was_killed();
    server.vsn.just_before("start shop-web", &NAMESPACE.replace("shop-web", "shop-db"));
    let ended = server.begin(Work::Deploy, "v2", &[]).wait();
    assert!(server.vsn.it_happened());
    server.vsn.nobody_meanwhile();
    assert_eq!(ended.status, Some(4), "{ended:?}");
    server.settle(Work::Deploy, "v2", ended.status, true);
    server.deploy_undisturbed("v1");
}

/// Names are resolved by one process of the engine for all containers.
#[test]
fn without_the_server_of_names_a_check_that_needs_them_fails_and_the_next_deployment_brings_it_back() {
    let mut server = deployed();
    let command = ["wget", "-q", "-O", "/dev/null", "http://db/version"];
    let check = json!({ "exec": command, "interval": "200ms", "timeout": "10s", "retries": 2 });
    let by_name = changed(&[("/services/web/healthcheck", check)]);
    assert_eq!(Ended::of(&deploy(&server.vsn, &by_name)), Ended::deployed());

    server.vsn.must(["pkill", "-KILL", "aardvark-dns"]);
    assert_eq!(server.vsn.landfall(["status"]).status, Some(8), "names are not resolved");
    assert_eq!(Ended::of(&deploy(&server.vsn, &by_name)), Ended::deployed());

    server.vsn.just_before("http://db/version", "pkill -KILL aardvark-dns");
    let ended = deploy(&server.vsn, &by_name);
    assert!(server.vsn.it_happened());
    server.vsn.nobody_meanwhile();
    assert_eq!(ended.status, Some(4), "{ended:?}");
    // Whoever killed it took it from others, too: the engine starts it again with the next container.
    server.assert_untouched();
    server.deploy_undisturbed("v1");
}

/// A creation that is killed while the engine has the container's storage and not yet the container, tried until it is so.
const STORAGE_ONLY: &str = "
    known=/var/lib/containers/storage/overlay-containers/containers.json
    for number in $(seq 100); do
        podman create --name shop-web localhost/theirs:1 > /dev/null 2>&1 &
        until grep -q '\"shop-web\"' \"$known\" 2> /dev/null || ! kill -0 $! 2> /dev/null; do :; done
        kill -KILL $! 2> /dev/null
        wait
        if podman ps --all --external --format '{{.Names}} {{.Status}}' | grep -qi '^shop-web storage'; then exit 0; fi
        podman rm --force shop-web > /dev/null 2>&1
    done
    exit 1";

#[test]
fn regression_043_the_storage_that_a_killed_creation_left_does_not_keep_its_name_from_us() {
    let mut server = Server::start();
    loses(&mut server, STORAGE_ONLY);
    server.deploy_undisturbed("v1");
}
