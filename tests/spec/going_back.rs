//! A deployment that fails with `"on_failure": "previous"`: what was deployed before is deployed again, from what was kept of it.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{never_healthy, second_version, secrets, shop, small};
use crate::support::{Ended, PLAN, SECRETS, Vsn, eventually};

/// The shop, with a key, a config, and a job.
fn with_key_and_config(mut plan: Value) -> Value {
    plan["ssh_keys"] = json!({ "id_shop": { "private_key": { "secret": "key" }, "known_hosts": ["images.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN8oNJpEn2vUbNfHHzRQd1nfBwQxFzW6t1tO7MEXAAAA"] } });
    plan["services"]["web"]["configs"] = json!([{ "content": "first\n", "target": "/etc/motd" }]);
    plan
}

/// Another version of it, which never becomes healthy: other images, jobs, hosts, and another content of its config.
fn broken() -> Value {
    let mut plan = never_healthy(second_version(&with_key_and_config(shop())));
    plan["on_failure"] = json!("previous");
    plan["services"]["web"]["configs"][0]["content"] = json!("second\n");
    plan["ssh_keys"]["id_shop"]["known_hosts"] =
        json!(["other.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN8oNJpEn2vUbNfHHzRQd1nfBwQxFzW6t1tO7MEXAAAA"]);
    plan["maintenance"]["jobs"]["more"] = json!({ "schedule": "0 3 * * *", "service": "db", "exec": ["true"] });
    plan
}

/// Everything that a plan is to find again.
#[derive(Debug, PartialEq)]
struct Kept {
    data: Vec<crate::support::Entry>,
    jobs: Vec<(String, Option<Vec<u8>>)>,
    ssh: [Option<Vec<u8>>; 2],
    crontab: crate::support::Crontab,
    engine: [Vec<String>; 5],
    images: Vec<String>,
    seen: [String; 3],
}

fn kept(vsn: &Vsn) -> Kept {
    let jobs = vsn.manifest("/var/lib/landfall/shop/jobs").into_iter().map(|entry| entry.path);
    let jobs = jobs.map(|path| format!("/var/lib/landfall/shop/jobs/{path}"));
    Kept {
        data: vsn.manifest("/srv/shop"),
        jobs: jobs
            .filter(|path| vsn.run(["test", "-f", path]).status == Some(0))
            .map(|path| (path.clone(), vsn.read(&path)))
            .collect(),
        ssh: ["/root/.ssh/id_shop", "/root/.ssh/known_hosts"].map(|path| vsn.read(path)),
        crontab: vsn.crontab(),
        engine: [vsn.containers(), vsn.running_containers(), vsn.networks(), vsn.secrets(), vsn.volumes()],
        images: ["shop-db", "shop-migrate", "shop-web"].map(|container| vsn.image_of(container)).into(),
        seen: [
            vsn.must(["curl", "--silent", "http://localhost:8080/version"]),
            vsn.in_container("shop-db", "cat /run/secrets/db"),
            vsn.in_container("shop-web", "cat /etc/motd"),
        ],
    }
}

#[test]
fn a_version_that_never_gets_healthy_makes_room_for_the_one_before_with_its_secrets_keys_configs_and_jobs() {
    let vsn = Vsn::start();
    let mut values = secrets();
    values["key"] = json!("the first key");
    vsn.write_secrets(&values);
    vsn.must_deploy(&with_key_and_config(shop()));
    vsn.in_container("shop-db", "seq 1000 > /data/table");
    let before = kept(&vsn);
    vsn.write_secrets(&json!({ "password": "another password", "key": "the second key" }));
    vsn.write_plan(&broken());
    // What was kept must do: there is nothing to retrieve anything from.
    vsn.must(["rm", "/srv/images/tiny-v1.docker.tar"]);

    let output = vsn.landfall(["deploy", PLAN, "--secrets", SECRETS, "--format", "json"]);

    let ended = Ended::of(&output);
    assert_eq!(ended.word(), (Some(7), "restored"), "{ended:?}");
    assert!(ended.cause.unwrap().starts_with("could not wait until web is healthy"), "{output:?}");
    for line in ["the previous plan is running again (of 2", "\ndata is not rolled back with the containers"] {
        assert!(output.stderr.contains(line), "{line}: {}", output.stderr);
    }
    assert_eq!(kept(&vsn), before);
    let (status, plans) = vsn.status();
    assert_eq!(
        (status, &plans[0]["state"], &plans[0]["last_run"]["outcome"]),
        (Some(0), &json!("deployed"), &json!("restored"))
    );
    let left: Vec<_> = vsn.manifest("/var/lib/landfall/shop").into_iter().map(|entry| entry.path).collect();
    assert!(left.contains(&"saved.json".to_owned()) && !left.iter().any(|path| path.contains("aside")), "{left:?}");
    assert!(vsn.landfall(["recover"]).stderr.is_empty());
    // And the next deployment, which is healthy, works as ever.
    vsn.must_deploy(&second_version(&with_key_and_config(shop())));
    assert_eq!(vsn.read("/root/.ssh/id_shop").unwrap(), b"the second key\n");
}

#[test]
fn where_nothing_was_deployed_before_no_container_is_left_and_that_is_said() {
    let vsn = Vsn::start();
    vsn.write_plan(&never_healthy(small()));
    let output = vsn.landfall(["deploy", PLAN, "--on-failure", "previous", "--format", "json"]);
    assert_eq!(Ended::of(&output).word(), (Some(4), "rolled_back"), "{output:?}");
    for line in ["no plan shop is deployed here to go back to", "\nthere was no previous plan to go back to\n"] {
        assert!(output.stderr.contains(line), "{line}: {}", output.stderr);
    }
    assert_eq!(vsn.containers(), [] as [&str; 0]);
}

/// A web server, and a one-shot that counts how often it ran.
fn with_a_one_shot() -> Value {
    let mut plan = small();
    plan["services"]["once"] = json!({
        "image": { "archive": "images/tiny-v1.docker.tar" },
        "restart": "no",
        "command": ["sh", "-c", "echo ran >> /data/ran"],
        "volumes": [{ "source": "/srv/shop/once", "target": "/data" }],
    });
    plan
}

/// How often that has run.
fn times_it_ran(vsn: &Vsn) -> usize {
    vsn.read("/srv/shop/once/ran").unwrap().iter().filter(|byte| **byte == b'\n').count()
}

/// Deploys a second version that does not get healthy soon over the first one, until its container runs.
fn in_the_middle(vsn: &Vsn) -> crate::support::Process {
    vsn.must_deploy(&with_a_one_shot());
    let mut plan = second_version(&small());
    plan["on_failure"] = json!("previous");
    plan["services"]["web"]["healthcheck"] =
        json!({ "http": "http://localhost:8080/nothing", "interval": "1s", "timeout": "1s", "retries": 500 });
    vsn.write_plan(&plan);
    vsn.start_deploy_until_runs("shop-web")
}

fn version(vsn: &Vsn) -> String {
    vsn.run(["curl", "--silent", "http://localhost:8080/version"]).stdout
}

#[test]
fn a_kill_in_the_middle_is_finished_with_the_plan_before() {
    let vsn = Vsn::start();
    let run = in_the_middle(&vsn);
    run.signal("KILL");
    run.wait();
    let recovered = vsn.landfall(["recover"]);
    assert_eq!((recovered.status, version(&vsn).as_str()), (Some(0), "v1\n"), "{recovered:?}");
    assert!(recovered.stderr.contains("the previous plan is deployed again"), "{recovered:?}");
    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "deployed".to_owned())].into()));
    assert!(vsn.landfall(["recover"]).stderr.is_empty());
    assert_eq!((vsn.containers().len(), times_it_ran(&vsn)), (2, 2), "the one-shot has run again");
}

#[test]
fn regression_120_a_power_cut_in_the_middle_is_finished_at_the_next_boot_with_the_plan_before_whose_one_shot_has_completed()
 {
    let vsn = Vsn::start();
    let _run = in_the_middle(&vsn);
    vsn.reboot();
    let _syslog = vsn.syslog();
    let _cron = vsn.cron();
    eventually("the first version is back", || {
        version(&vsn) == "v1\n" && vsn.landfall(["status", "shop"]).status == Some(0)
    });
    // As at any boot, a one-shot is not run again.
    assert_eq!((vsn.containers(), times_it_ran(&vsn)), (vec!["shop-web".to_owned()], 1));
}
