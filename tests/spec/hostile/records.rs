//! Records and folders of Landfall's own that are damaged or that others can change.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{Crontab, Ended, Trouble, Vsn, document, eventually};

#[test]
fn a_record_of_what_is_deployed_that_is_damaged_stops_a_deployment_and_can_be_torn_down() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let record = "/var/lib/landfall/shop/saved.json";
    vsn.write(record, &vsn.read(record).unwrap()[..100], 0o600);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(1), "failed"));
    let cure = "What it has on record runs on: put the file back from a backup, or let `landfall teardown shop` remove what there is \
                and deploy the plan again";
    assert!(ended.cause.as_ref().is_some_and(|cause| cause.ends_with(cure)), "{ended:?}");
    assert_eq!(vsn.running_containers(), ["shop-web"]);
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.deploy(), Ended::deployed());
}

#[test]
fn a_teardown_finishes_an_interrupted_run_although_the_record_of_what_is_deployed_is_damaged() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.trouble_at("load --quiet", Trouble::Hangs);
    let deployment = vsn.start_deploy();
    eventually("the image is about to be loaded", || vsn.engine_was_told("load --quiet"));
    deployment.signal("KILL");
    deployment.wait();
    vsn.reboot();
    vsn.write("/var/lib/landfall/shop/saved.json", "{", 0o600);
    assert_eq!(vsn.landfall(["recover"]).status, Some(1));
    assert_eq!(vsn.containers(), ["shop-web"]);

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.crontab(), Crontab::Absent);
}

#[test]
fn a_damaged_record_of_the_last_run_is_made_anew() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.write("/var/lib/landfall/shop/last.json", "{", 0o600);
    assert_eq!(vsn.states(), (Some(0), [("shop".to_owned(), "deployed".to_owned())].into()));
    assert_eq!(vsn.deploy(), Ended::deployed());
    assert_eq!(vsn.status().1[0]["last_run"]["outcome"], json!("deployed"));
}

#[test]
fn a_state_folder_that_a_user_can_change_is_refused() {
    let vsn = Vsn::start();
    vsn.write_plan(&small());
    vsn.must(["install", "--directory", "--owner=1000", "--mode=0755", "/srv/state"]);

    let output = vsn.landfall(["--state-dir", "/srv/state", "deploy", "/srv/plan.json"]);

    assert_eq!(output.status, Some(1));
    let said = "`/srv/state` can be written by its owner, user 1000, who could so become root: `chown root /srv/state`\nnothing was \
                changed\n";
    assert!(output.stderr.ends_with(said), "{output:?}");
    assert_eq!(vsn.containers(), [] as [&str; 0]);
    assert_eq!(vsn.manifest("/srv/state").len(), 1);
}

#[test]
fn the_lock_is_taken_although_its_disk_is_full() {
    let vsn = Vsn::start();
    vsn.must([
        "bash",
        "-c",
        "mount -t tmpfs -o size=4k tmpfs /run; cat /dev/zero > /run/full 2> /dev/null; test -s /run/full",
    ]);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
}

#[test]
fn regression_022_a_damaged_record_of_one_plan_does_not_hide_the_others() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.must(["mkdir", "--mode=0700", "/var/lib/landfall/asleep", "/var/lib/landfall/damaged"]);
    vsn.write("/var/lib/landfall/damaged/saved.json", "{", 0o600);

    let status = vsn.landfall(["status", "--format", "json"]);

    assert_eq!(status.status, Some(1));
    let told: Vec<String> = document(&status)["plans"]
        .as_array()
        .unwrap()
        .iter()
        .map(|plan| format!("{} {}", plan["name"].as_str().unwrap(), plan["state"].as_str().unwrap()))
        .collect();
    assert_eq!(told, ["asleep containerless", "shop deployed"]);
    let said = "damaged: /var/lib/landfall/damaged/saved.json is not a record of ours";
    assert!(status.stderr.starts_with(said) && status.stderr.contains("landfall teardown damaged"), "{status:?}");
}
