//! What Podman is asked about itself, and what it need not be asked again.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

use crate::plans::small;
use crate::support::{Output, PLAN, Vsn};

const TRACE: &str = "/srv/trace.json";

/// What of the server is looked at by calls that need not be made each time.
const LOOKS: [&str; 4] = ["podman images", "podman info", "podman network ls", "podman secret ls"];

/// Deploys what was written, and tells which of those calls it made.
#[track_caller]
fn asked(vsn: &Vsn) -> BTreeSet<&'static str> {
    vsn.must(["rm", "--force", TRACE]);
    let output = vsn.landfall(["deploy", PLAN, &format!("--timings={TRACE}")]);
    assert_eq!(output.status, Some(0), "{output:?}");
    let trace: Value = serde_json::from_str(&vsn.must(["cat", TRACE])).unwrap();
    let (programs, others): (Vec<_>, Vec<_>) =
        trace["traceEvents"].as_array().unwrap().iter().partition(|event| event["cat"] == "program");
    // What is run later is run for an operation.
    let retrieved = others.into_iter().find(|operation| operation["name"] == "retrieve web").unwrap();
    let is_before = |program: &&Value| program["ts"].as_u64().unwrap() < retrieved["ts"].as_u64().unwrap();
    let programs: BTreeSet<_> =
        programs.into_iter().filter(is_before).filter_map(|program| program["name"].as_str()).collect();
    LOOKS.into_iter().filter(|look| programs.contains(look)).collect()
}

/// Deploys until all is known that need not be asked again.
#[track_caller]
fn learn(vsn: &Vsn) {
    // What depends on where the storage is, is known once that is.
    assert!((0..3).any(|_| asked(vsn).is_empty()), "Podman is asked each time");
}

fn with_what_podman_said() -> Vsn {
    let vsn = Vsn::start();
    vsn.write_plan(&small());
    // Who changes nothing leaves nothing.
    assert_eq!(vsn.landfall(["deploy", PLAN, "--dry-run", "--here"]).status, Some(0));
    assert_eq!(vsn.must(["find", "/run", "-name", "landfall*"]), "");
    vsn.must_deploy(&small());
    learn(&vsn);
    vsn
}

#[test]
fn podman_is_not_asked_again_what_it_would_say_again() {
    let vsn = with_what_podman_said();
    // One network more.
    vsn.must(["podman", "network", "create", "theirs"]);
    assert_eq!(asked(&vsn), BTreeSet::from(["podman network ls"]));
    assert_eq!(asked(&vsn), BTreeSet::new());
    // Another configuration, and all that may depend on it.
    vsn.write("/etc/containers/containers.conf.d/10-theirs.conf", "[engine]\n", 0o644);
    assert!(asked(&vsn).contains("podman info"));
    learn(&vsn);
    vsn.reboot();
    assert!(asked(&vsn).contains("podman info"));
}

/// A refusal by these findings: their codes, and what the whole of it is.
fn refused(vsn: &Vsn, plan: &Value) -> (Vec<String>, Output) {
    vsn.write_plan(plan);
    let output = vsn.landfall(["deploy", PLAN, "--format", "json"]);
    let findings = serde_json::from_str::<Value>(&output.stdout).unwrap()["findings"].clone();
    let codes = findings.as_array().unwrap().iter().map(|finding| finding["code"].as_str().unwrap().to_owned());
    (codes.collect(), output)
}

#[test]
fn what_somebody_makes_by_hand_is_seen_although_podman_was_asked_before() {
    let vsn = with_what_podman_said();
    vsn.must(["podman", "network", "create", "--subnet", "10.77.0.0/24", "theirs"]);
    let mut plan = small();
    plan["name"] = json!("other");
    plan["services"]["web"]["ports"] = json!(["127.0.0.1:8082:80"]);
    plan["services"]["web"]["healthcheck"] = json!({ "exec": ["true"] });
    plan["network"] = json!({ "subnets": ["10.77.0.128/25"] });
    assert_eq!(refused(&vsn, &plan).0, ["LF113"]);
    plan["name"] = json!("theirs");
    plan["network"] = json!({});
    assert_eq!(refused(&vsn, &plan).0, ["LF112"]);
}

#[test]
fn a_podman_that_can_not_be_used_any_more_is_told_as_if_it_had_never_said_anything() {
    let vsn = with_what_podman_said();
    // In this VSN alone: its programs are those of the machine that it is on.
    let folders = ["/usr/lib/podman/netavark", "/usr/libexec/podman/netavark"];
    let netavark = folders.into_iter().find(|path| Path::new(path).exists()).unwrap();
    vsn.must(["mount", "--bind", "/dev/null", netavark]);

    let told = refused(&vsn, &small());

    vsn.must(["sh", "-c", "rm /run/landfall.podman-*"]);
    assert_eq!(told, refused(&vsn, &small()));
    assert_eq!(told.0, ["LF102"]);
}
