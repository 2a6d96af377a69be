//! What runs in a container against the server: what it leaves in its data, what it prints, what it takes.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::small;
use crate::support::{PLAN, Vsn, document, eventually};

/// The plan with `/srv/data` for its service at `/data`.
fn with_data(owner: &str) -> Value {
    let mut plan = small();
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/data", "target": "/data", "owner": owner, "mode": "0700" }]);
    plan
}

#[test]
fn what_a_container_leaves_in_its_data_is_followed_and_changed_by_nobody() {
    let vsn = Vsn::start();
    vsn.write("/srv/victim/file", "mine\n", 0o600);
    vsn.must_deploy(&with_data("0:0"));
    let leave = "cd /data && ln -s /srv/victim there && ln -s /srv/victim/file link && ln -s / root && mkfifo pipe && \
                 mkdir -m 0 closed && printf x > '-rf' && printf x > \"$(printf 'a\\nb')\" && cp /bin/busybox program && \
                 chmod 6755 program";
    vsn.in_container("shop-web", leave);
    let (victim, data) = (vsn.manifest("/srv/victim"), vsn.manifest("/srv/data"));
    vsn.must_deploy(&with_data("999:999"));
    assert_eq!(vsn.landfall(["status"]).status, Some(0));
    assert_eq!(vsn.landfall(["teardown", "shop", "--purge"]).status, Some(0));
    assert_eq!(vsn.manifest("/srv/victim"), victim);
    assert_eq!(vsn.manifest("/srv/data"), data);
}

#[test]
fn a_folder_that_a_container_has_made_a_link_is_no_data_directory_of_the_next_plan() {
    let vsn = Vsn::start();
    vsn.must_deploy(&with_data("0:0"));
    vsn.in_container("shop-web", "mkdir /data/db && rmdir /data/db && ln -s /etc /data/db");
    let mut next = small();
    next["services"]["web"]["volumes"] = json!([{ "source": "/srv/data/db/ssl", "target": "/data" }]);
    vsn.write_plan(&next);
    let output = vsn.landfall(["deploy", PLAN, "--format", "json"]);
    assert_eq!((output.status, &document(&output)["findings"][0]["code"]), (Some(3), &json!("LF114")), "{output:?}");
}

#[test]
fn a_container_that_is_not_root_leaves_no_program_of_roots() {
    let vsn = Vsn::start();
    let mut plan = with_data("999:999");
    plan["services"]["web"]["user"] = json!("999:999");
    // Whoever is not root can't listen at port 80.
    plan["services"]["web"]["command"] = json!(["sleep", "1000"]);
    plan["services"]["web"]["ports"] = json!([]);
    plan["services"]["web"]["healthcheck"] = json!({ "exec": ["true"] });
    vsn.write(
        "/etc/landfall/policy.json",
        "{ \"version\": 1, \"container_root\": false, \"new_privileges\": false }",
        0o644,
    );
    vsn.must_deploy(&plan);
    vsn.in_container(
        "shop-web",
        "cp /bin/busybox /data/program; chmod 6755 /data/program; chown 0:0 /data/program || true",
    );
    assert_eq!(vsn.must(["stat", "-c", "%u:%g", "/srv/data/program"]), "999:999\n");
    let held = vsn.in_container("shop-web", "grep CapEff /proc/self/status");
    assert_eq!(held, "CapEff:\t0000000000000000\n");
}

#[test]
fn regression_060_what_a_check_prints_can_not_write_to_roots_terminal() {
    let vsn = Vsn::start();
    let mut plan = small();
    let owned = "test -e /www/version || { printf 'owned\\033[2J\\033]0;title\\007\\n'; exit 1; }";
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["sh", "-c", owned], "interval": "1s", "timeout": "20s", "retries": 1 });
    vsn.must_deploy(&plan);
    vsn.in_container("shop-web", "rm /www/version");
    let status = vsn.landfall(["status"]);
    assert_eq!(status.status, Some(8), "{status:?}");
    assert!(status.stdout.contains("owned\u{fffd}[2J"), "{status:?}");

    let hopeless = "printf 'owned\\033[2J\\033]0;title\\007\\n'; exit 1";
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["sh", "-c", hopeless], "interval": "1s", "timeout": "2s", "retries": 1 });
    vsn.write_plan(&plan);
    let deploy = vsn.landfall(["deploy", PLAN]);
    assert_eq!(deploy.status, Some(4), "{deploy:?}");
    let status_afterwards = vsn.landfall(["status"]);
    for output in [status, deploy, status_afterwards] {
        let all = output.stdout + &output.stderr;
        let obeyed = all.chars().find(|letter| letter.is_control() && !matches!(letter, '\n' | '\t'));
        assert_eq!(obeyed, None, "{all:?}");
    }
}

#[test]
fn a_flood_of_output_stays_within_the_bound_of_the_log() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["command"] = json!([
        "sh",
        "-c",
        "head -c 40000000 /dev/zero | tr '\\0' x | fold -w 1000; echo; echo flooded; touch /tmp/flooded; sleep 1000"
    ]);
    plan["services"]["web"]["logging"] = json!({ "max_size": "1MiB" });
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["test", "-e", "/tmp/flooded"], "interval": "1s", "timeout": "5s", "retries": 60 });
    plan["services"]["web"]["ports"] = json!([]);
    vsn.must_deploy(&plan);
    let path = vsn.log_file("shop-web");
    eventually("the engine has written it all", || vsn.must(["tail", "-n", "1", &path]).contains("flooded"));
    let size: u64 = vsn.must(["stat", "-c", "%s", &path]).trim().parse().unwrap();
    assert!(size <= 2 << 20, "the log of 1 MiB has {size} bytes");
}
