//! What a field does on Docker alone; `podman_fields` tells the same of Podman.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{PLAN, Vsn, document, eventually};

#[test]
fn a_service_with_name_servers_of_its_own_finds_the_other_services_all_the_same() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["store"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" } });
    plan["services"]["web"]["dns"] = json!(["192.0.2.53", "2001:db8::53"]);
    vsn.write_plan(&plan);

    let output = vsn.landfall(["deploy", PLAN, "--format", "json"]);

    assert_eq!((output.status, &document(&output)["outcome"]), (Some(0), &json!("deployed")));
    assert!(!output.stderr.contains("LF130"), "{output:?}");
    assert_eq!(vsn.in_container("shop-web", "wget -q -O - http://store/version"), "v1\n");
    let asked = vsn.inspect("shop-web")["HostConfig"]["Dns"].take();
    assert_eq!(asked, json!(["192.0.2.53", "2001:db8::53"]));
}

#[test]
fn a_log_goes_to_syslog_with_its_tag_and_into_as_many_files_as_the_plan_says() {
    let vsn = Vsn::start();
    let _syslog = vsn.syslog();
    let mut plan = small();
    let says = |logging: serde_json::Value, what: &str| json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "command": ["sh", "-c", what], "logging": logging });
    plan["services"]["tells"] = says(json!({ "driver": "syslog", "tag": "told" }), "echo to syslog; exec sleep 1000");
    let much = "head -c 6000000 /dev/zero | tr '\\0' 'x' | fold; touch /all; exec sleep 1000";
    plan["services"]["much"] = says(json!({ "max_size": "1MiB", "max_files": 2 }), much);
    plan["services"]["much"]["healthcheck"] = json!({ "exec": ["test", "-e", "/all"], "timeout": "20s" });

    vsn.must_deploy(&plan);

    eventually("syslog has it", || !vsn.log_lines("syslog", "told").is_empty());
    assert!(vsn.log_lines("syslog", "told")[0].ends_with(": to syslog"), "{:?}", vsn.log_lines("syslog", "told"));
    let log = vsn.log_file("shop-much");
    let files = vsn.must(["sh", "-c", &format!("stat -c %s {log}*")]);
    let sizes: Vec<u64> = files.lines().map(|size| size.parse().unwrap()).collect();
    assert!(sizes.len() == 2 && sizes.iter().all(|size| *size <= (1 << 20) + 65536), "{sizes:?}");
}

#[test]
fn a_journal_that_is_not_there_is_told_before_anything_is_changed() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["logging"] = json!({ "driver": "journald", "tag": "web" });
    vsn.write_plan(&plan);

    let refused = vsn.landfall(["deploy", PLAN, "--format", "json"]);

    let found = document(&refused)["findings"].take();
    let found: Vec<_> = found.as_array().unwrap().iter().map(|found| (&found["code"], &found["pointer"])).collect();
    assert_eq!((refused.status, found), (Some(3), vec![(&json!("LF127"), &json!("/services/web/logging/driver"))]));
    assert_eq!(vsn.containers(), Vec::<String>::new());
}

#[test]
fn a_service_is_found_by_its_host_name_which_must_be_no_other_services_name() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["store"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "hostname": "elsewhere" });
    vsn.must_deploy(&plan);
    assert_eq!(vsn.in_container("shop-web", "wget -q -O - http://elsewhere/version"), "v1\n");
    plan["services"]["store"]["hostname"] = json!("web");
    vsn.write_plan(&plan);

    let ended = vsn.deploy();

    assert_eq!(ended.word(), (Some(3), "refused"));
    assert_eq!(ended.cause.as_deref(), Some("LF129 on Docker `web` would be `store` as well as `web`"));
}
