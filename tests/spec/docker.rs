//! What only Docker has: a daemon, and another engine beside it to move to.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::both_engines::{assert_runs, deployed};
use crate::plans::shop;
use crate::support::{Ended, Vsn, eventually};

#[test]
fn when_dockers_daemon_starts_again_the_services_are_healthy_again() {
    let vsn = Vsn::start();
    deployed(&vsn);

    vsn.must(["sh", "-c", "kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do sleep 0.05; done"]);
    vsn.start_docker();

    eventually("all is healthy", || vsn.states().0 == Some(0));
    assert_runs(&vsn, "v1");
}

#[test]
fn a_plan_moves_to_the_other_engine_by_way_of_the_containerless_state() {
    let vsn = Vsn::start();
    deployed(&vsn);
    let mut plan = shop();
    plan["engine"] = json!("podman");
    vsn.write_plan(&plan);
    let there = vsn.containers();
    assert_eq!(vsn.deploy().word(), (Some(3), "refused"));
    assert_eq!(vsn.containers(), there);

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.deploy(), Ended::deployed());

    assert_eq!(vsn.containers(), [] as [&str; 0], "on Docker");
    assert_eq!(vsn.must(["podman", "ps", "--format", "{{.Names}}", "--sort", "names"]), "shop-db\nshop-web\n");
}
