//! Starting, stopping and restarting services of what is deployed.

use std::collections::BTreeMap;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::support::{Output, Vsn, document, eventually};

/// `base`, and `front` that depends on it and answers at port 8080.
fn house() -> Value {
    let image = json!({ "archive": "images/tiny-v1.docker.tar" });
    json!({
        "version": 1,
        "name": "house",
        "services": {
            "base": { "image": image, "healthcheck": { "http": "http://base/version", "interval": "1s", "retries": 20 } },
            "front": {
                "image": image,
                "depends_on": ["base"],
                "ports": ["127.0.0.1:8080:80"],
                "healthcheck": { "http": "http://127.0.0.1:8080/version", "interval": "1s", "retries": 20 }
            }
        },
        "maintenance": { "healthcheck": { "schedule": "@monthly" } }
    })
}

fn with_house() -> Vsn {
    let vsn = Vsn::start();
    vsn.must_deploy(&house());
    vsn
}

/// The state of the plan, its exit code, and of each service whether it is stopped on purpose.
fn told(vsn: &Vsn) -> (Option<i32>, String, BTreeMap<String, bool>) {
    let output = vsn.landfall(["status", "house", "--format", "json"]);
    let plan = document(&output)["plans"][0].take();
    let services = plan["services"].as_array().unwrap().iter();
    let stopped = services.map(|one| (one["name"].as_str().unwrap().to_owned(), one["stopped"].as_bool().unwrap()));
    (output.status, plan["state"].as_str().unwrap().to_owned(), stopped.collect())
}

fn services(stopped: [bool; 2]) -> BTreeMap<String, bool> {
    ["base", "front"].map(str::to_owned).into_iter().zip(stopped).collect()
}

/// Runs a script as cron does; what it printed.
fn job(vsn: &Vsn, name: &str) -> Output {
    let script = format!("/var/lib/landfall/house/jobs/{name}");
    vsn.run(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", script.as_str()])
}

#[test]
fn a_stopped_plan_stays_stopped_after_a_boot_and_its_jobs_are_silent_until_it_is_started() {
    let vsn = with_house();
    let before = vsn.containers();

    let stopped = vsn.landfall(["stop", "house"]);

    assert_eq!(
        (stopped.status, stopped.stdout.as_str()),
        (Some(0), "house is stopped, and stays so until `landfall start house`: base, front\n"),
        "{}",
        stopped.stderr
    );
    assert_eq!((vsn.running_containers(), vsn.containers()), (Vec::new(), before.clone()));
    assert_eq!(told(&vsn), (Some(0), "stopped".to_owned(), services([true, true])));
    assert_eq!(vsn.landfall(["stop", "house"]).stdout, "house: there is nothing to stop\n");
    vsn.reboot();
    let recover = vsn.run(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "/var/lib/landfall/house/recover"]);
    assert_eq!((recover.status, recover.stdout.as_str()), (Some(0), ""), "{}", recover.stderr);
    assert_eq!((vsn.running_containers(), vsn.containers()), (Vec::new(), before.clone()));
    assert_eq!(job(&vsn, "healthcheck").status, Some(0));
    assert_eq!(vsn.read("/var/lib/landfall/house/health/front"), None, "nothing was said of it");

    let started = vsn.landfall(["start", "house"]);

    assert_eq!((started.status, started.stdout.as_str()), (Some(0), "house: started, and healthy: base, front\n"));
    assert_eq!((vsn.running_containers(), told(&vsn).1), (before, "deployed".to_owned()));
}

#[test]
fn one_service_is_stopped_alone_stays_so_after_a_boot_and_a_start_of_its_dependent_starts_it() {
    let vsn = with_house();

    let stopped = vsn.landfall(["stop", "house", "base"]);

    assert_eq!(stopped.status, Some(0), "{}", stopped.stderr);
    assert!(stopped.stderr.contains("front runs on, and depends on what is stopped"), "{}", stopped.stderr);
    assert_eq!((vsn.running_containers(), told(&vsn).2), (vec!["house-front".to_owned()], services([true, false])));
    vsn.reboot();
    vsn.run(["env", "-i", "HOME=/root", "PATH=/usr/bin:/bin", "/var/lib/landfall/house/recover"]);
    assert_eq!(vsn.running_containers(), ["house-front"]);
    vsn.must([env!("CARGO_BIN_EXE_landfall"), "stop", "house", "front"]);
    assert_eq!(vsn.landfall(["start", "house", "front"]).status, Some(0));
    assert_eq!(vsn.running_containers(), ["house-base", "house-front"]);
}

#[test]
fn a_restart_starts_each_service_anew_once_what_it_depends_on_is_healthy() {
    let vsn = with_house();
    let started_at = |name: &str| vsn.inspect(name)["State"]["StartedAt"].as_str().unwrap().to_owned();
    let before = ["house-base", "house-front"].map(started_at);

    let restarted = vsn.landfall(["restart", "house"]);

    assert_eq!(
        (restarted.status, restarted.stdout.as_str()),
        (Some(0), "house: restarted, and healthy: base, front\n")
    );
    let after = ["house-base", "house-front"].map(started_at);
    assert!(before[0] < after[0] && before[1] < after[1] && after[0] < after[1], "{before:?} {after:?}");
    assert_eq!(told(&vsn), (Some(0), "deployed".to_owned(), services([false, false])));
}

#[test]
fn a_start_that_is_killed_half_way_is_undone_by_a_recovery_and_a_stop_is_finished() {
    let vsn = with_house();
    let stop = vsn.start_landfall(["stop", "house"]);
    eventually("front is stopped", || vsn.running_containers() != ["house-base", "house-front"]);
    stop.signal_if_running("KILL");
    drop(stop.wait());
    vsn.landfall(["recover"]);
    assert_eq!((vsn.running_containers(), told(&vsn).1), (Vec::new(), "stopped".to_owned()));

    let start = vsn.start_landfall(["start", "house"]);
    eventually("base runs", || vsn.running_containers().contains(&"house-base".to_owned()));
    start.signal_if_running("KILL");
    drop(start.wait());
    vsn.landfall(["recover"]);
    // It may have come to its end before it was killed.
    let (_, state, stopped) = told(&vsn);
    let running = vsn.running_containers();
    let consistent =
        [("stopped".to_owned(), services([true, true]), 0), ("deployed".to_owned(), services([false, false]), 2)];
    assert!(consistent.contains(&(state.clone(), stopped.clone(), running.len())), "{state} {stopped:?} {running:?}");
}

#[test]
fn what_can_not_be_started_or_stopped_is_told_with_what_to_do() {
    let vsn = with_house();
    let refused = |arguments: &[&str]| {
        let output = vsn.landfall(arguments.iter().copied());
        (output.status, output.stderr)
    };
    let cause = "house has no service called cellar: it has base, front\nnothing was changed\n";
    assert_eq!(refused(&["stop", "house", "cellar"]), (Some(3), cause.to_owned()));
    let cause =
        "there is no plan called barn here: `landfall status` lists those that there are\nnothing was changed\n";
    assert_eq!(refused(&["restart", "barn"]), (Some(3), cause.to_owned()));
    vsn.must([vsn.engine(), "rm", "--force", "house-front"]);
    let (status, told) = refused(&["restart", "house"]);
    assert_eq!(status, Some(3));
    assert!(told.starts_with("the container house-front of front is gone from "), "{told}");
    assert!(told.ends_with("make it anew, with `landfall remake house`\nnothing was changed\n"), "{told}");
    vsn.must([env!("CARGO_BIN_EXE_landfall"), "teardown", "house"]);
    let cause = "house is not deployed: deploy it first, with `landfall deploy PLAN`\nnothing was changed\n";
    assert_eq!(refused(&["start", "house"]), (Some(3), cause.to_owned()));
}

#[test]
fn a_dry_run_prints_what_is_done_and_does_nothing_of_it_and_every_end_is_told_as_data() {
    let vsn = with_house();
    let performed = |vsn: &Vsn| -> Value {
        let run = vsn.runs("house").pop().unwrap();
        serde_json::from_slice(&vsn.read(&format!("{run}/program.json")).unwrap()).unwrap()
    };
    for (command, services) in
        [("restart", json!(["base", "front"])), ("stop", json!(["base", "front"])), ("start", json!(["base", "front"]))]
    {
        let before = (vsn.running_containers(), vsn.runs("house"), told(&vsn));
        let dry = vsn.landfall([command, "house", "--dry-run", "--format", "json"]);
        assert_eq!((dry.status, dry.stderr.as_str()), (Some(0), ""), "{command}");
        let words = vsn.landfall([command, "house", "--dry-run"]).stdout;
        assert!(words.starts_with(&format!("{command} services of house\n")), "{words}");
        assert!(words.ends_with("\nnothing else is touched\n") && words.contains("house-front"), "{words}");
        assert_eq!((vsn.running_containers(), vsn.runs("house"), told(&vsn)), before, "{command}");

        let done = vsn.landfall([command, "house", "--format", "json"]);

        let outcome =
            json!({ "plan": "house", "outcome": "as_asked", "services": services, "cause": null, "left": [] });
        assert_eq!((done.status, document(&done)), (Some(0), outcome), "{command}");
        assert_eq!(document(&dry), performed(&vsn), "{command}");
    }
    let none = json!({ "plan": "house", "outcome": "as_asked", "services": [], "cause": null, "left": [] });
    assert_eq!(document(&vsn.landfall(["start", "house", "--format", "json"])), none);
    let cause = "house has no service called cellar: it has base, front";
    let refused = json!({ "plan": "house", "outcome": "refused", "services": [], "cause": cause, "left": [] });
    let output = vsn.landfall(["stop", "house", "cellar", "--format", "json"]);
    assert_eq!((output.status, document(&output)), (Some(3), refused));
    assert_eq!(document(&vsn.landfall(["start", "house", "--dry-run", "--format", "json"]))["steps"], json!([]));
}
