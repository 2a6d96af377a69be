//! What only Docker has: a daemon, and another engine beside it to move to.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::both_engines::{assert_runs, deployed};
use crate::plans::{second_version, shop};
use crate::support::{At, Crontab, Ended, Trouble, Vsn, eventually};

/// Ends the daemon, which takes its containers down with it, and waits until it is gone.
const STOP: &str = "kill $(cat /run/docker.pid); while [ -e /run/docker.pid ]; do sleep 0.05; done";

#[test]
fn when_dockers_daemon_starts_again_the_services_are_healthy_again() {
    let vsn = Vsn::start();
    deployed(&vsn);

    vsn.must(["sh", "-c", STOP]);
    vsn.start_docker();

    eventually("all is healthy", || vsn.states().0 == Some(0));
    assert_runs(&vsn, "v1");
}

/// A VSN with the shop deployed, whose daemon somebody does this to right before the second version's last container is started; and
/// how the deployment of that ended.
fn disturbed(script: &str) -> (Vsn, Ended) {
    let vsn = Vsn::start();
    deployed(&vsn);
    vsn.in_container("shop-db", "echo 1 > /data/row");
    vsn.write_plan(&second_version(&shop()));
    vsn.just_before("start shop-web", script);
    let ended = vsn.deploy();
    assert!(vsn.it_happened(), "{ended:?}");
    vsn.nobody_meanwhile();
    (vsn, ended)
}

#[test]
fn a_daemon_that_is_restarted_in_the_middle_of_a_deployment_does_not_keep_it_from_its_end() {
    let start = "setsid dockerd < /dev/null >> /var/log/dockerd.log 2>&1 9>&- &
        until docker version > /dev/null 2>&1; do sleep 0.1; done";
    let (vsn, ended) = disturbed(&format!("{STOP}\n{start}"));
    assert_eq!(ended, Ended::deployed());
    assert_runs(&vsn, "v2");
    assert_eq!(vsn.in_container("shop-db", "cat /data/row"), "1\n");
}

#[test]
fn a_daemon_that_dies_in_the_middle_of_a_deployment_leaves_what_a_recovery_finishes_once_it_is_there_again() {
    let (vsn, ended) = disturbed("kill -KILL $(cat /run/docker.pid)");
    assert_eq!(ended.word(), (Some(5), "rollback_incomplete"), "{ended:?}");
    let refused = vsn.landfall(["recover"]);
    assert_eq!(refused.status, Some(5), "{refused:?}");

    vsn.start_docker();
    let recovered = vsn.landfall(["recover"]);
    assert_eq!(recovered.status, Some(0), "{recovered:?}");

    assert_eq!(vsn.states(), (Some(8), [("shop".to_owned(), "failed".to_owned())].into()));
    assert_eq!([vsn.containers(), vsn.images(), vsn.networks(), vsn.secrets()], [(); 4].map(|()| Vec::<String>::new()));
    assert_eq!((vsn.crontab(), vsn.read("/srv/shop/db/row")), (Crontab::Absent, Some(b"1\n".to_vec())));
    deployed(&vsn);
    assert_runs(&vsn, "v1");
}

#[test]
fn regression_095_a_port_that_docker_holds_for_nobody_since_a_power_cut_is_given_back_before_anything_is_started() {
    let vsn = Vsn::start();
    deployed(&vsn);
    vsn.in_container("shop-db", "echo 1 > /data/row");
    // The daemon has published the port, and the container's process is never made.
    vsn.put_in_front_of("runc", At::Words(" create "), Trouble::Hangs);
    let restart = vsn.start_landfall(["restart", "shop", "web"]);
    let calls = "/srv/front/runc/calls";
    eventually("the container is being made", || {
        String::from_utf8_lossy(&vsn.read(calls).unwrap()).contains("'create'")
    });
    vsn.reboot();
    restart.wait();
    let held = || vsn.must(["sh", "-c", "pgrep --full '[d]ocker-proxy.* -host-port 8080 ' | wc -l"]);
    let refused = vsn.run([
        "sh",
        "-c",
        "mkdir -p /run/landfall/shop/boot && touch /run/landfall/shop/boot/web && docker start shop-web",
    ]);
    assert_eq!((held().as_str(), refused.status), ("1\n", Some(1)), "this Docker gives it back: {refused:?}");

    let _syslog = vsn.syslog();
    let boot = || vsn.run(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "/var/lib/landfall/shop/recover"]).status;

    assert_eq!(boot(), Some(0), "{:#?}", vsn.log_lines("syslog", "landfall-shop"));
    assert_runs(&vsn, "v1");
    assert_eq!(vsn.in_container("shop-db", "cat /data/row"), "1\n");
    // What runs holds its ports for somebody.
    assert_eq!(boot(), Some(0));
    let restarts = vsn.must(["grep", "--count", "^service docker restart$", "/var/log/dockerd.log"]);
    assert_eq!(restarts, "1\n");
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
