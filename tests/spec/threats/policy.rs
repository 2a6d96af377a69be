//! A site's policy on a real server: what it forbids is refused, the dry run says the same, and nothing has changed.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{secrets, shop, small};
use crate::support::{Ended, Output, PLAN, SECRETS, Snapshot, Trouble, Vsn, document, eventually};

const POLICY: &str = "/etc/landfall/policy.json";

fn write_policy(vsn: &Vsn, members: &Value) {
    let mut policy = json!({ "version": 1 });
    policy.as_object_mut().unwrap().extend(members.as_object().unwrap().clone());
    vsn.write(POLICY, format!("{policy:#}\n"), 0o644);
}

/// Code and pointer of each error.
fn errors(output: &Output) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let findings = document(output)["findings"].take();
    let errors = findings.as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
    errors.map(|finding| format!("{} {}", text(&finding["code"]), text(&finding["pointer"]))).collect()
}

/// What a deployment is refused for; the dry run on this server says the same.
#[track_caller]
fn refused(vsn: &Vsn) -> Vec<String> {
    let with_secrets = |words: &[&str]| {
        let secrets: &[&str] = if vsn.read(SECRETS).is_some() { &["--secrets", SECRETS] } else { &[] };
        let all = ["deploy", PLAN, "--format", "json"].into_iter().chain(words.iter().copied());
        vsn.landfall(all.chain(secrets.iter().copied()).collect::<Vec<_>>())
    };
    let output = with_secrets(&[]);
    assert_eq!(Ended::of(&output).word(), (Some(3), "refused"), "{output:?}");
    let told = errors(&output);
    let dry = with_secrets(&["--dry-run", "--here"]);
    assert_eq!((dry.status, errors(&dry)), (Some(3), told.clone()), "{dry:?}");
    told
}

/// The server without the plan, which lies among the data.
fn without_plan(vsn: &Vsn) -> Snapshot {
    let mut snapshot = vsn.snapshot();
    snapshot.data.retain(|entry| entry.path != "plan.json" && !entry.path.is_empty());
    snapshot
}

#[test]
#[allow(clippy::too_many_lines, reason = "a line or two for each member")]
fn what_a_policy_forbids_is_refused_with_the_place_in_the_plan_and_nothing_is_changed() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.must(["ln", "-s", "/etc/shadow", "/srv/innocent"]);
    vsn.write("/srv/context/Containerfile", "FROM scratch\n", 0o644);
    vsn.write_secrets(&json!({ "key": "-----BEGIN OPENSSH PRIVATE KEY-----\n" }));
    let volume = |source: &str| json!([{ "source": source, "target": "/data" }]);
    let web = |field: &str, value: Value| {
        let mut plan = small();
        plan["services"]["web"][field] = value;
        plan
    };
    let top = |field: &str, value: Value| {
        let mut plan = small();
        plan[field] = value;
        plan
    };
    vsn.must(["rm", SECRETS]);
    let before = without_plan(&vsn);
    for (policy, plan, expected) in [
        (json!({ "plans": ["blog"] }), small(), "LF157 /name"),
        (json!({ "teardown": ["plan"] }), top("teardown", json!("node")), "LF157 /teardown"),
        (
            json!({ "data_roots": ["/srv/data"] }),
            web("volumes", volume("/srv/other")),
            "LF151 /services/web/volumes/0/source",
        ),
        (
            json!({ "data_roots": ["/srv/dat"] }),
            web("volumes", volume("/srv/data")),
            "LF151 /services/web/volumes/0/source",
        ),
        (
            json!({ "file_folders": [] }),
            web("configs", json!([{ "file": "innocent", "target": "/etc/motd" }])),
            "LF161 /services/web/configs/0/file",
        ),
        (
            json!({ "file_folders": [] }),
            web("configs", json!([{ "file": "../etc/shadow", "target": "/etc/motd" }])),
            "LF161 /services/web/configs/0/file",
        ),
        (json!({ "registries": ["localhost/a"] }), web("image", json!("localhost/ab:1")), "LF155 /services/web/image"),
        (
            json!({ "registries": ["localhost/a"] }),
            {
                let mut plan = web("image", json!("localhost/a:1"));
                plan["registries"] = json!({ "localhost": { "mirrors": ["localhost:5000"] } });
                plan
            },
            "LF155 /registries/localhost/mirrors/0",
        ),
        (json!({ "archive_folders": ["/srv/other"] }), small(), "LF155 /services/web/image/archive"),
        (json!({ "build": false }), web("image", json!({ "build": "context" })), "LF155 /services/web/image/build"),
        (json!({ "unpinned_images": false }), small(), "LF156 /services/web/image"),
        (json!({ "cap_add": ["NET_RAW"] }), web("cap_add", json!(["SYS_ADMIN"])), "LF152 /services/web/cap_add/0"),
        (
            json!({ "new_privileges": false }),
            web("no_new_privileges", json!(false)),
            "LF152 /services/web/no_new_privileges",
        ),
        (json!({ "container_root": false }), web("user", json!("0")), "LF152 /services/web/user"),
        (json!({ "devices": [] }), web("devices", json!(["/dev/null"])), "LF153 /services/web/devices/0"),
        (json!({ "host_ports": ["127.0.0.1:9000-9999"] }), small(), "LF154 /services/web/ports/0"),
        (
            json!({ "subnets": ["10.90.0.0/16"] }),
            top("network", json!({ "subnets": ["10.91.0.0/24"] })),
            "LF154 /network/subnets/0",
        ),
        (
            json!({ "check_hosts": [] }),
            web("healthcheck", json!({ "http": "http://169.254.169.254/" })),
            "LF159 /services/web/healthcheck/http",
        ),
        (
            json!({ "mail_to": [] }),
            top(
                "maintenance",
                json!({ "mail": { "to": ["me@evil.example"], "from": "a@b.example", "smtp": { "host": "mail.example" } } }),
            ),
            "LF159 /maintenance/mail/to/0",
        ),
        (
            json!({ "log_purge": [] }),
            top("maintenance", json!({ "cleanup": { "schedule": "@daily" } })),
            "LF157 /maintenance/cleanup",
        ),
        (json!({ "memory": "32MiB" }), small(), "LF160 /services/web/memory"),
        (json!({ "pids": 100 }), small(), "LF160 /services/web"),
    ] {
        write_policy(&vsn, &policy);
        vsn.write_plan(&plan);
        let told = refused(&vsn);
        assert!(told.contains(&expected.to_owned()), "{policy}: {told:?}");
        assert!(told.iter().all(|told| told.as_str() >= "LF150" && told.as_str() < "LF170"), "{policy}: {told:?}");
    }
    assert_eq!(without_plan(&vsn), before);
    write_policy(
        &vsn,
        &json!({ "data_roots": ["/srv"], "host_ports": ["127.0.0.1:8080"], "check_hosts": [], "build": false }),
    );
    vsn.must_deploy(&web("volumes", volume("/srv/data")));
}

#[test]
fn everything_that_is_forbidden_is_told_at_once() {
    let vsn = Vsn::start();
    vsn.write_secrets(&secrets());
    vsn.write_plan(&shop());
    write_policy(
        &vsn,
        &json!({ "plans": [], "data_roots": [], "host_ports": [], "archive_folders": [], "check_hosts": [], "pids": 10 }),
    );
    let before = vsn.snapshot();
    let mut told = refused(&vsn);
    assert_eq!(vsn.snapshot(), before);
    told.sort();
    told.dedup();
    assert_eq!(
        told,
        [
            "LF151 /services/db/volumes/0/source",
            "LF154 /services/web/ports/0",
            "LF155 /services/db/image/archive",
            "LF155 /services/migrate/image/archive",
            "LF155 /services/web/image/archive",
            "LF157 /name",
            "LF160 /services/db",
            "LF160 /services/migrate",
            "LF160 /services/web",
        ]
    );
}

#[test]
fn a_policy_that_others_can_change_or_that_is_none_lets_no_plan_through() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    let right = "{ \"version\": 1 }\n";
    vsn.write(POLICY, right, 0o644);
    vsn.must_deploy(&small());
    let before = vsn.snapshot();
    for (why, command, expected) in [
        ("everyone may write", "chmod 0666 policy.json", "LF150 "),
        ("a group may write", "chgrp users policy.json; chmod 0664 policy.json", "LF150 "),
        ("somebody else's", "chown 1000 policy.json", "LF150 "),
        ("its folder", "chmod 0777 .", "LF150 "),
        ("a folder of somebody else's, without a policy", "rm policy.json; chown 1000 .", "LF150 "),
        ("a link into the void", "ln -sfn /srv/nowhere policy.json", "LF150 "),
        (
            "a link to what others can write",
            "cp policy.json /run/p; chmod 0666 /run/p; ln -sfn /run/p policy.json",
            "LF150 ",
        ),
        ("a folder", "rm policy.json; mkdir policy.json", "LF150 "),
        ("a pipe", "rm policy.json; mkfifo policy.json", "LF150 "),
        ("empty", ": > policy.json", "LF001 "),
        ("cut off", "printf '{ \"version\": 1, ' > policy.json", "LF001 "),
        ("a list", "echo '[]' > policy.json", "LF007 "),
        ("no version", "echo '{}' > policy.json", "LF006 "),
        ("another version", "echo '{ \"version\": 2 }' > policy.json", "LF008 /version"),
        ("misspelt", "echo '{ \"version\": 1, \"data_rots\": [] }' > policy.json", "LF005 /data_rots"),
        ("twice", "echo '{ \"version\": 1, \"build\": false, \"build\": true }' > policy.json", "LF002 "),
        ("of the wrong type", "echo '{ \"version\": 1, \"build\": \"no\" }' > policy.json", "LF007 /build"),
        (
            "of the wrong form",
            "echo '{ \"version\": 1, \"data_roots\": [\"/srv/../etc\"] }' > policy.json",
            "LF026 /data_roots/0",
        ),
        (
            "without effect",
            "echo '{ \"version\": 1, \"read_only_roots\": [] }' > policy.json",
            "LF051 /read_only_roots",
        ),
        ("huge", "head -c 2000000 /dev/zero > policy.json", "LF003 "),
    ] {
        vsn.must(["sh", "-c", &format!("cd /etc/landfall && {command}")]);
        assert_eq!(refused(&vsn), [expected], "{why}");
        let told = vsn.landfall(["explain", "policy", "--format", "json"]);
        assert_eq!((told.status, &document(&told)["state"]), (Some(3), &json!("broken")), "{why}");
        vsn.must(["sh", "-c", "chown root: /etc/landfall; chmod 0755 /etc/landfall; rm -rf /etc/landfall/policy.json"]);
        vsn.write(POLICY, right, 0o644);
    }

    assert_eq!(vsn.snapshot(), before);
    vsn.must_deploy(&small());
}

#[test]
fn a_policy_that_becomes_stricter_or_breaks_keeps_nobody_from_recovering_and_tearing_down() {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn.trouble_at("start shop-web", Trouble::Hangs);
    let deployment = vsn.start_deploy();
    eventually("the container is about to start", || vsn.engine_was_told("start shop-web"));
    deployment.signal("KILL");
    drop(deployment.wait());
    vsn.trouble_at("nothing of the kind", Trouble::None);
    for broken in [false, true] {
        write_policy(&vsn, &json!({ "plans": [], "archive_folders": [], "build": broken }));
        if broken {
            vsn.write(POLICY, "{", 0o644);
        }
        let before = vsn.snapshot();
        assert_ne!(refused(&vsn), [] as [&str; 0]);
        assert_eq!(vsn.snapshot(), before);
        assert_eq!(vsn.landfall(["recover"]).status, Some(0));
        assert_eq!(vsn.containers(), Vec::<String>::new());
        vsn.must(["rm", POLICY]);
        vsn.must_deploy(&small());
        vsn.write(POLICY, if broken { "{" } else { "{ \"version\": 1, \"plans\": [] }" }, 0o644);
        vsn.reboot();
        assert_eq!(vsn.landfall(["status", "shop"]).status, Some(8), "nothing runs before the boot job does");
        vsn.must(["/var/lib/landfall/shop/jobs/boot"]);
        assert_eq!(vsn.landfall(["status", "shop"]).status, Some(0), "the boot job started what was deployed");
        assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
        assert_eq!(vsn.containers(), Vec::<String>::new());
    }
}

#[test]
fn everybody_who_may_read_the_policy_is_told_what_is_in_force() {
    let vsn = Vsn::start();
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
    let explain = |format: &str| {
        vsn.run(nobody.into_iter().chain([env!("CARGO_BIN_EXE_landfall"), "explain", "policy", "--format", format]))
    };
    let told = explain("human");
    assert_eq!(told.status, Some(0), "{told:?}");
    assert!(told.stdout.contains("whoever merges plans is root here"), "{}", told.stdout);
    write_policy(&vsn, &json!({ "cap_add": ["NET_RAW"] }));
    let told = explain("human");
    assert!(told.stdout.contains("  cap_add          a service may only add NET_RAW (line 2)\n"), "{}", told.stdout);
    vsn.must(["chmod", "0600", POLICY]);
    let told = explain("json");
    assert_eq!((told.status, &document(&told)["state"]), (Some(3), &json!("broken")));
}
