//! What step 1 refuses: the plan's findings are told, the exit code is 3, and nothing on the VSN has changed.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{secrets, shop, small};
use crate::support::{Ended, PLAN, SECRETS, Vsn, document, eventually};

/// Runs a deployment that must be refused and change nothing at all; the codes of its errors, sorted.
#[track_caller]
fn refused_with<'a>(vsn: &Vsn, command: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let before = vsn.snapshot();
    let output = vsn.run(command);
    assert_eq!(Ended::of(&output).word(), (Some(3), "refused"), "{output:?}");
    assert_eq!(vsn.snapshot(), before, "{output:?}");
    let findings = document(&output)["findings"].take();
    let errors = findings.as_array().unwrap().iter().filter(|finding| finding["severity"] == "error");
    let mut codes: Vec<String> = errors.map(|finding| finding["code"].as_str().unwrap().to_owned()).collect();
    codes.sort();
    codes
}

#[track_caller]
fn refused(vsn: &Vsn) -> Vec<String> {
    let mut command = vec![env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN, "--format", "json"];
    if vsn.read(SECRETS).is_some() {
        command.extend(["--secrets", SECRETS]);
    }
    refused_with(vsn, command)
}

/// As [`refused`], with this plan in place of the one that is deployed.
#[track_caller]
fn refused_plan(vsn: &Vsn, plan: &Value) -> Vec<String> {
    vsn.write_plan(plan);
    refused(vsn)
}

/// A VSN with `small` deployed.
fn with_small_deployed() -> Vsn {
    let vsn = Vsn::start();
    vsn.must_deploy(&small());
    vsn
}

#[test]
fn what_a_local_user_could_have_changed_is_not_deployed() {
    let vsn = Vsn::start();
    let mut plan = shop();
    plan["services"]["web"]["configs"] = json!([{ "file": "config/motd", "target": "/etc/motd" }]);
    plan["services"]["built"] = json!({ "image": { "build": "context" } });
    vsn.write("/srv/config/motd", "hello\n", 0o644);
    vsn.write("/srv/context/Containerfile", "FROM scratch\n", 0o644);
    vsn.write_secrets(&secrets());
    vsn.write_plan(&plan);
    let archive = "/srv/images/tiny-v1.docker.tar";
    for (file, change, back, code) in [
        (PLAN, ["chown", "1000"], ["chown", "0"], "LF126"),
        (PLAN, ["chmod", "0602"], ["chmod", "0600"], "LF126"),
        (PLAN, ["chmod", "0660"], ["chmod", "0600"], "LF126"),
        (SECRETS, ["chmod", "0640"], ["chmod", "0600"], "LF126"),
        (SECRETS, ["chmod", "0604"], ["chmod", "0600"], "LF126"),
        (SECRETS, ["chown", "1000"], ["chown", "0"], "LF126"),
        ("/srv/config/motd", ["chmod", "0646"], ["chmod", "0644"], "LF126"),
        ("/srv/config/motd", ["chown", "1000"], ["chown", "0"], "LF126"),
        ("/srv/config", ["chmod", "0777"], ["chmod", "0755"], "LF126"),
        (archive, ["chmod", "0666"], ["chmod", "0644"], "LF126"),
        (archive, ["chown", "1000"], ["chown", "0"], "LF126"),
        ("/srv/context", ["chmod", "0777"], ["chmod", "0755"], "LF126"),
        ("/srv", ["chmod", "0777"], ["chmod", "0755"], "LF126"),
    ] {
        // A group of its own is a user's alone; this one has members.
        vsn.must(["chgrp", "users", file]);
        vsn.must([change[0], change[1], file]);
        let codes = refused(&vsn);
        assert!(!codes.is_empty() && codes.iter().all(|told| told == code), "{file} {change:?}: {codes:?}");
        vsn.must([back[0], back[1], file]);
        vsn.must(["chgrp", "0", file]);
    }
    // What lies in the context is looked at when it is copied.
    vsn.must(["chmod", "0666", "/srv/context/Containerfile"]);
    let before = vsn.snapshot();
    let ended = vsn.deploy();
    assert_eq!(ended.word(), (Some(3), "refused"), "{ended:?}");
    assert!(ended.cause.unwrap().contains("`/srv/context/Containerfile` can be written by everyone"));
    assert_eq!(vsn.snapshot().without_runs("shop"), before.without_runs("shop"));
}

#[test]
fn a_vsn_that_the_plan_is_not_meant_for_or_that_lacks_what_it_requires_is_left_alone() {
    let vsn = with_small_deployed();
    for (requires, code) in [
        (json!({ "hostname": "vsn7" }), "LF106"),
        (json!({ "commands": ["no-such-command"] }), "LF105"),
        (json!({ "free_disk": "900000GiB" }), "LF107"),
        (json!({ "free_memory": "900000GiB" }), "LF108"),
    ] {
        let mut plan = small();
        plan["requires"] = requires;
        assert_eq!(refused_plan(&vsn, &plan), [code]);
    }
    let mut plan = small();
    plan["requires"] = json!({ "hostname": "vsn7", "commands": ["no-such-command"], "free_disk": "900000GiB" });
    assert_eq!(refused_plan(&vsn, &plan), ["LF105", "LF106", "LF107"], "all findings at once");
    let mut plan = small();
    plan["requires"] = json!({ "hostname": "vsn", "commands": ["curl"], "free_disk": "1MiB", "free_memory": "1MiB" });
    vsn.must_deploy(&plan);
}

#[test]
fn ports_names_networks_and_addresses_that_others_hold_stay_theirs() {
    let vsn = with_small_deployed();
    vsn.load(&vsn.image("tiny", "tiny-v2.docker.tar"));
    let run = |options: &[&str]| {
        let command = [vsn.engine(), "run", "--detach"].into_iter().chain(options.iter().copied());
        vsn.must(command.chain(["localhost/tiny:v2"]));
    };
    let _holder = vsn.start_process(["/usr/bin/python3", "-m", "http.server", "--bind", "127.0.0.1", "8081"]);
    eventually("the port is held", || vsn.listens("127.0.0.1", 8081));
    let mut plan = small();
    plan["services"]["web"]["ports"] = json!(["127.0.0.1:8081:80", "127.0.0.1:8080:80"]);
    assert_eq!(refused_plan(&vsn, &plan), ["LF109"]);

    run(&["--name", "shop-other", "--network", "none"]);
    let mut plan = small();
    plan["services"]["other"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" } });
    assert_eq!(refused_plan(&vsn, &plan), ["LF110"]);

    run(&["--name", "guest", "--network", "shop"]);
    assert_eq!(refused_plan(&vsn, &small()), ["LF111"]);
    vsn.remove_by_hand("guest");

    vsn.must([vsn.engine(), "network", "create", "--subnet", "10.77.0.0/24", "other"]);
    let mut plan = small();
    plan["name"] = json!("other");
    plan["services"]["web"]["ports"] = json!(["127.0.0.1:8082:80"]);
    plan["services"]["web"]["healthcheck"] = json!({ "exec": ["true"] });
    assert_eq!(refused_plan(&vsn, &plan), ["LF112"]);
    plan["name"] = json!("third");
    plan["network"] = json!({ "subnets": ["10.77.0.128/25"] });
    assert_eq!(refused_plan(&vsn, &plan), ["LF113"]);
    vsn.must_deploy(&small());
}

#[test]
fn a_data_directory_that_is_not_what_the_plan_says_is_not_touched() {
    let vsn = with_small_deployed();
    let with_volume = |source: &str, mountpoint: bool| {
        let mut plan = small();
        plan["services"]["web"]["volumes"] =
            json!([{ "source": source, "target": "/data", "owner": "0:0", "mode": "0700" }]);
        if mountpoint {
            plan["services"]["web"]["volumes"] = json!([{ "source": source, "target": "/data", "mountpoint": true }]);
        }
        plan
    };
    vsn.must(["mkdir", "-p", "/srv/real/below", "/srv/disk"]);
    vsn.must(["ln", "-s", "real", "/srv/link"]);
    vsn.must(["ln", "-s", "nowhere", "/srv/dangling"]);
    vsn.write("/srv/file", "data\n", 0o600);
    for (source, mountpoint, code) in [
        ("/srv/link", false, "LF114"),
        ("/srv/link/below", false, "LF114"),
        ("/srv/link/missing", false, "LF114"),
        ("/srv/dangling", false, "LF114"),
        ("/srv/file", false, "LF115"),
        ("/srv/file/below", false, "LF115"),
        ("/srv/disk", true, "LF116"),
        ("/srv/absent", true, "LF116"),
    ] {
        assert_eq!(refused_plan(&vsn, &with_volume(source, mountpoint)), [code], "{source}");
    }
    vsn.must(["mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", "/srv/disk"]);
    vsn.must_deploy(&with_volume("/srv/disk", true));

    let mut other = with_volume("/srv/disk/below", false);
    other["name"] = json!("other");
    other["services"]["web"]["ports"] = json!([]);
    other["services"]["web"]["healthcheck"] = json!({ "exec": ["true"] });
    assert_eq!(refused_plan(&vsn, &other), ["LF118"], "the data of another plan");
}

#[test]
fn a_file_or_a_secret_that_is_not_there_is_told_before_anything_is_stopped() {
    let vsn = with_small_deployed();
    let mut plan = shop();
    plan["services"]["web"]["configs"] = json!([{ "file": "motd", "target": "/etc/motd" }]);
    plan["services"]["db"]["image"] = json!({ "archive": "none/web.tar" });
    plan["services"]["migrate"]["image"] = json!({ "build": "context" });
    vsn.write_secrets(&secrets());
    assert_eq!(refused_plan(&vsn, &plan), ["LF125"; 3]);

    vsn.must(["rm", SECRETS]);
    assert_eq!(refused_plan(&vsn, &shop()), ["LF066"], "no secrets file");
    vsn.write_secrets(&json!({ "other": "value" }));
    assert_eq!(refused_plan(&vsn, &shop()), ["LF066"], "not in the secrets file");
    vsn.write_secrets(&json!({ "password": "" }));
    assert_eq!(refused_plan(&vsn, &shop()), ["LF011"], "not what the engine takes");
    vsn.write(SECRETS, "{ \"password\": \"one\", \"password\": \"two\" }", 0o600);
    assert_eq!(refused_plan(&vsn, &shop()), ["LF002"]);
    vsn.must(["mv", SECRETS, "/srv/elsewhere"]);
    vsn.must(["ln", "-s", "elsewhere", SECRETS]);
    assert_eq!(refused_plan(&vsn, &shop()), ["LF126"], "not a regular file");
    vsn.must(["rm", SECRETS]);
    let missing = [env!("CARGO_BIN_EXE_landfall"), "deploy", "/srv/none.json", "--format", "json"];
    assert_eq!(refused_with(&vsn, missing), ["LF126"]);
    vsn.write(PLAN, "{ \"version\": 1, \"name\": \"shop\", \"servces\": {} }", 0o600);
    assert_eq!(refused(&vsn), ["LF005"]);
}

#[test]
fn a_plan_that_goes_back_to_images_that_it_drops_first_is_refused_also_if_the_command_line_says_so() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["staging"] = json!("after");
    vsn.write(PLAN, plan.to_string(), 0o600);
    let deploy = [env!("CARGO_BIN_EXE_landfall"), "deploy", PLAN, "--format", "json", "--on-failure", "previous"];
    assert_eq!(refused_with(&vsn, deploy), ["LF197"]);
    plan["on_failure"] = json!("previous");
    assert_eq!(refused_plan(&vsn, &plan), ["LF197"]);
}

#[test]
fn a_second_run_finds_the_lock_held_and_changes_nothing() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["command"] = json!(["sh", "-c", "until [ -e /gate/open ]; do sleep 0.1; done; exec serve"]);
    plan["services"]["web"]["volumes"] =
        json!([{ "source": "/srv/gate", "target": "/gate", "owner": "0:0", "mode": "0755" }]);
    plan["services"]["web"]["healthcheck"]["retries"] = json!(60);
    vsn.write_plan(&plan);
    let first = vsn.start_deploy();
    eventually("the first run starts its container", || vsn.running_containers() == ["shop-web"]);
    let before = vsn.snapshot().without_runs("shop");

    let second = vsn.landfall(["deploy", PLAN, "--format", "json"]);

    let mut said = document(&second);
    let cause = said["cause"].take();
    assert!(cause.as_str().unwrap().contains("deploy of shop"), "who holds it: {cause}");
    assert_eq!(
        (second.status, said),
        (Some(6), json!({ "plan": "shop", "outcome": "busy", "steps": [], "cause": null, "left": [] }))
    );
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(6));
    assert_eq!(vsn.landfall(["recover"]).status, Some(6));
    assert_eq!(vsn.snapshot().without_runs("shop"), before);
    vsn.write("/srv/gate/open", "", 0o600);
    assert_eq!(Ended::of(&first.wait()), Ended::deployed());
}

#[test]
fn only_root_deploys_and_tears_down() {
    let vsn = with_small_deployed();
    vsn.must(["chmod", "0755", "/srv"]);
    vsn.must(["chmod", "0644", PLAN]);
    let program = env!("CARGO_BIN_EXE_landfall");
    let nobody = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", program];
    assert_eq!(refused_with(&vsn, nobody.into_iter().chain(["deploy", PLAN, "--format", "json"])), ["LF100"]);
    let before = vsn.snapshot();
    for command in [&["teardown", "shop"][..], &["recover"]] {
        assert_eq!(vsn.run(nobody.into_iter().chain(command.iter().copied())).status, Some(3), "{command:?}");
    }
    assert_eq!(vsn.snapshot(), before);
}

#[test]
fn a_vsn_without_an_engine_or_with_somebody_elses_key_is_left_alone() {
    let vsn = with_small_deployed();
    let mut plan = small();
    let known_hosts = ["a.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJ1dCBub3QgcmVhbGx5IGEga2V5IGF0IGFsbCAxMjM0"];
    plan["ssh_keys"] = json!({ "id_images": { "private_key": { "secret": "key" }, "known_hosts": known_hosts } });
    vsn.write("/root/.ssh/id_images", "somebody else's\n", 0o600);
    vsn.must(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "/srv/key"]);
    vsn.write_secrets(&json!({ "key": String::from_utf8(vsn.read("/srv/key").unwrap()).unwrap() }));
    assert_eq!(refused_plan(&vsn, &plan), ["LF121"]);

    vsn.must(["rm", SECRETS]);
    vsn.write_plan(&small());
    // The snapshot needs the engine, too; what it shows is the same before and after.
    let before = vsn.snapshot();
    let output = vsn.without_its_engine(|| vsn.landfall(["deploy", PLAN, "--format", "json"]));
    assert_eq!(Ended::of(&output).word(), (Some(3), "refused"), "{output:?}");
    let codes: Vec<Value> =
        document(&output)["findings"].as_array().unwrap().iter().map(|found| found["code"].clone()).collect();
    assert_eq!(codes, ["LF101"], "it says nothing of the port that our own container holds");
    assert_eq!(vsn.snapshot(), before);
}

#[test]
fn what_one_plan_of_a_vsn_has_no_other_plan_takes() {
    let vsn = Vsn::start();
    let mut first = small();
    first["maintenance"] = json!({ "cleanup": { "schedule": "@weekly" } });
    vsn.must_deploy(&first);
    let mut second = small();
    second["name"] = json!("second");
    second["services"]["web"]["ports"] = json!(["127.0.0.1:8081:80"]);
    second["services"]["web"]["healthcheck"] = json!({ "exec": ["true"] });
    let mut cleans = second.clone();
    cleans["maintenance"] = first["maintenance"].clone();
    assert_eq!(refused_plan(&vsn, &cleans), ["LF119"]);
    let mut alone = second.clone();
    alone["teardown"] = json!("node");
    assert_eq!(refused_plan(&vsn, &alone), ["LF120"]);
    let mut same_port = second.clone();
    same_port["services"]["web"]["ports"] = json!(["8080:80"]);
    assert_eq!(refused_plan(&vsn, &same_port), ["LF109"]);
    vsn.must_deploy(&second);
}
