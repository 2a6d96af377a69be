//! Somebody holds the lock of the engine's database: every call of the engine waits until it is free.

use std::time::Duration;

use pretty_assertions::assert_eq;

use super::deployed;
use crate::fault::Work;
use crate::support::{document, eventually};

/// What the engine knows of containers; every call of it takes the lock.
const DATABASE: &str = "/var/lib/containers/storage/libpod/bolt_state.db";

/// Holds the lock for so long, from now on.
fn hold(time: &str) -> String {
    format!(
        "setsid flock {DATABASE} sleep {time} > /dev/null 2>&1 &
         while flock --nonblock {DATABASE} true; do sleep 0.01; done"
    )
}

#[test]
fn a_database_that_is_locked_for_a_while_delays_a_deployment_and_a_teardown_and_does_not_end_them() {
    let mut server = deployed();
    server.vsn.just_before("create --name shop-web", &hold("8"));
    let ended = server.begin(Work::Deploy, "v2", &[]).wait();
    assert!(server.vsn.it_happened());
    assert_eq!(ended.status, Some(0), "{ended:?}");
    server.vsn.nobody_meanwhile();
    server.settle(Work::Deploy, "v2", ended.status, true);

    server.vsn.just_before("rm --force shop-web", &hold("8"));
    let ended = server.begin(Work::Teardown, "", &[]).wait();
    assert!(server.vsn.it_happened());
    assert_eq!(ended.status, Some(0), "{ended:?}");
    server.vsn.nobody_meanwhile();
    server.settle(Work::Teardown, "", ended.status, true);
}

/// A look may take a minute, or twelve seconds with this patience.
#[test]
fn a_deployment_that_finds_the_database_locked_for_good_is_refused_and_says_so() {
    let mut server = deployed();
    let holder = server.vsn.start_process(["flock", "--no-fork", DATABASE, "sleep", "infinity"]);
    let is_held = || server.vsn.run(["flock", "--nonblock", DATABASE, "true"]).status == Some(1);
    eventually("the lock is held", is_held);

    let ended = server.begin(Work::Deploy, "v2", &["env", "LANDFALL_PATIENCE=0.2"]).wait();

    // What it started holds the lock as well.
    server.vsn.must(["pkill", "-KILL", "-f", "sleep infinity"]);
    drop(holder);
    eventually("the lock is free", || !is_held());
    let findings = document(&ended)["findings"].take();
    let errors = findings.as_array().unwrap().iter().filter(|found| found["severity"] == "error");
    let told: Vec<&str> = errors.map(|found| found["message"].as_str().unwrap()).collect();
    let program = server.vsn.must(["sh", "-c", "command -v podman"]);
    let expected = format!(
        "`{}` does not answer as it must: `podman info` had not ended after 12 s and was killed",
        program.trim()
    );
    assert_eq!((ended.status, told), (Some(3), vec![expected.as_str()]));
    server.settle(Work::Deploy, "v2", ended.status, true);
}

/// Each look of the fall takes its minute, and is tried again.
#[test]
#[ignore = "it takes twenty minutes: scripts/torture.sh --engine"]
fn a_deployment_whose_database_is_locked_for_good_on_the_way_says_so_and_is_finished_once_it_is_free() {
    let mut server = deployed();
    server.vsn.just_before("create --name shop-web", &hold("infinity"));
    let ended = server.begin(Work::Deploy, "v2", &[]).wait_for(Duration::from_secs(1800));
    assert_eq!(ended.status, Some(5), "{ended:?}");
    assert!(ended.stdout.contains("had not ended after 60 s and was killed"), "{ended:?}");
    server.vsn.must(["pkill", "-KILL", "-f", "sleep infinity"]);
    server.vsn.nobody_meanwhile();
    server.recover();
    assert_eq!(server.settle(Work::Deploy, "v2", ended.status, true), "failed");
    server.deploy_undisturbed("v1");
}
