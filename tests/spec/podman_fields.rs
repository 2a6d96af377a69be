//! What a field does on Podman alone; `docker_fields` tells the same of Docker.

use pretty_assertions::assert_eq;
use serde_json::json;

use crate::plans::small;
use crate::support::{PLAN, Vsn, document};

#[test]
fn name_servers_of_its_own_are_asked_and_warned_of() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["web"]["dns"] = json!(["192.0.2.53", "2001:db8::53"]);
    vsn.write_plan(&plan);

    let output = vsn.landfall(["deploy", PLAN, "--format", "json"]);

    assert_eq!((output.status, &document(&output)["outcome"]), (Some(0), &json!("deployed")));
    let warned = output.stderr.contains("warning[LF130]: `web` will not find the other services by name\n");
    let asked = vsn.in_container("shop-web", "grep nameserver /etc/resolv.conf");
    if vsn.podman_generation() < 5 {
        assert!(warned, "{output:?}");
        assert_eq!(asked, "nameserver 192.0.2.53\nnameserver 2001:db8::53\n");
    } else {
        // The network's own asks them for what it does not know.
        assert!(!warned, "{output:?}");
        assert!(vsn.in_container("shop-web", "nslookup web || true").contains("Name:"));
        assert!(!asked.contains("192.0.2.53"), "{asked}");
    }
}

#[test]
fn an_engine_without_a_logging_driver_is_told_before_anything_is_changed() {
    let vsn = Vsn::start();
    for (logging, field) in [
        (json!({ "driver": "syslog" }), "driver"),
        (json!({ "driver": "journald", "tag": "web" }), "driver"),
        (json!({ "max_files": 3 }), "max_files"),
    ] {
        let mut plan = small();
        plan["services"]["web"]["logging"] = logging;
        vsn.write_plan(&plan);
        let refused = vsn.landfall(["deploy", PLAN, "--format", "json"]);
        let found = document(&refused)["findings"].take();
        let found: Vec<_> = found.as_array().unwrap().iter().map(|found| (&found["code"], &found["pointer"])).collect();
        let pointer = json!(format!("/services/web/logging/{field}"));
        assert_eq!((refused.status, found), (Some(3), vec![(&json!("LF127"), &pointer)]));
    }
    assert_eq!(vsn.containers(), Vec::<String>::new());
}

#[test]
fn a_host_name_is_no_name_by_which_others_find_a_service() {
    let vsn = Vsn::start();
    let mut plan = small();
    plan["services"]["store"] = json!({ "image": { "archive": "images/tiny-v1.docker.tar" }, "hostname": "elsewhere" });
    vsn.must_deploy(&plan);
    let asked = vsn.run(["podman", "exec", "shop-web", "wget", "-q", "-O", "-", "http://elsewhere/version"]);
    // Podman 5 gives its host name to a container's names.
    let answered = if vsn.podman_generation() < 5 { (Some(1), "") } else { (Some(0), "v1\n") };
    assert_eq!((asked.status, asked.stdout.as_str()), answered);
}
