//! Processes in containers that die, or won't.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{changed, deploy, deployed, succeeds};
use crate::fault::Work;
use crate::server::Server;
use crate::support::Ended;

/// Healthy as soon as it runs, and told so soon.
fn soon(exec: &[&str]) -> Value {
    json!({ "exec": exec, "interval": "200ms", "timeout": "5s", "retries": 2 })
}

/// Deploys this over a version that runs, which must end containerless; why. The version runs again afterwards.
fn fails(server: &mut Server, changes: &[(&str, Value)]) -> String {
    let ended = deploy(&server.vsn, &changed(changes));
    server.settle(Work::Deploy, "v2", ended.status, true);
    let Ended { status, outcome, cause, left } = Ended::of(&ended);
    assert_eq!((status, outcome.as_str(), left), (Some(4), "rolled_back", Vec::new()), "{ended:?}");
    server.deploy_undisturbed("v1");
    cause.unwrap()
}

/// Its check passes and lets it die; a one-shot holds the deployment up until it has.
fn dies_once_healthy(status: &str) -> Vec<(&'static str, Value)> {
    // Who asks is told a moment after the command has ended: with the process gone by then, it would have failed.
    let asked = "until [ -s /tmp/asked ]; do sleep 0.05; done; while [ -e /proc/$(cat /tmp/asked) ]; do sleep 0.05; done; sleep 1";
    let dies = format!("serve & {asked}; kill %1; exit {status}");
    let seen_dead = "while wget -q -O /dev/null http://db/version; do sleep 0.05; done";
    vec![
        ("/services/db/command", json!(["sh", "-c", dies])),
        ("/services/db/restart", json!("on-failure")),
        (
            "/services/db/healthcheck",
            soon(&["sh", "-c", "wget -q -O /dev/null http://localhost/version && echo $$ > /tmp/asked"]),
        ),
        ("/services/migrate/command", json!(["sh", "-c", seen_dead])),
    ]
}

#[test]
fn a_service_that_ends_and_a_one_shot_that_is_killed_take_the_deployment_down_before_the_plan_is_saved() {
    let mut server = deployed();
    let mut fails = |changes: &[(&str, Value)]| fails(&mut server, changes);

    let each_time = fails(&[
        ("/services/web/command", json!(["sh", "-c", "exit 3"])),
        ("/services/web/healthcheck", soon(&["true"])),
    ]);
    assert!(each_time.starts_with("could not wait until web is healthy, at most "), "{each_time}");

    let once_healthy = fails(&dies_once_healthy("0"));
    assert_eq!(once_healthy, "could not check db once more: its process has ended with exit status 0");

    let started_again = fails(&dies_once_healthy("1"));
    assert_eq!(started_again, "could not check db once more: it has been restarted since it was healthy");

    let killed =
        fails(&[("/services/migrate/command", json!(["sh", "-c", "kill -KILL $$; sh -c 'kill -KILL 1'; exit 137"]))]);
    assert_eq!(killed, "could not wait until migrate has completed, at most 2m: it ended with exit status 137");
}

#[test]
fn a_process_that_ignores_being_asked_to_end_is_killed_after_its_grace_period() {
    let mut server = deployed();
    let deaf = changed(&[
        ("/services/db/command", json!(["sh", "-c", "trap '' TERM INT HUP; while :; do sleep 0.1; done"])),
        ("/services/db/stop_grace_period", json!("1s")),
    ]);
    for work in [Work::Deploy, Work::Teardown] {
        assert_eq!(Ended::of(&deploy(&server.vsn, &deaf)), Ended::deployed());
        server.version = Some("v2");
        succeeds(&mut server, work);
    }
}
