//! Every run of a plan, and what came of it.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use crate::plans::{never_healthy, small};
use crate::support::{PLAN, Vsn, document, eventually};

/// What was done, what came of it, by whom, and whether it was recovered, of each run.
fn told(vsn: &Vsn) -> Vec<[Value; 4]> {
    let runs = document(&vsn.landfall(["history", "shop", "--format", "json"]))["runs"].take();
    let parts = |run: &Value| ["kind", "result", "by", "recovered"].map(|part| run[part].clone());
    runs.as_array().unwrap().iter().map(parts).collect()
}

#[test]
fn every_run_is_told_with_who_began_it_and_why_it_failed_also_when_its_records_are_gone() {
    let vsn = &Vsn::start();
    let mut plan = small();
    plan["history"] = json!({ "keep": 1 });
    vsn.write_plan(&plan);
    vsn.must(["sh", "-c", "cd /srv && git init -q && git -c user.name=a -c user.email=a@b add plan.json && git -c user.name=a -c user.email=a@b commit -qm 1"]);
    let commit = vsn.must(["git", "-C", "/srv", "rev-parse", "HEAD"]);
    let landfall = env!("CARGO_BIN_EXE_landfall");
    let deploy = format!("SUDO_USER=ada {landfall} deploy {PLAN}");
    vsn.must(["sh", "-c", &deploy]);
    vsn.write_plan(&never_healthy(plan.clone()));
    assert_eq!(vsn.deploy().word(), (Some(4), "rolled_back"));
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["false"], "interval": "30s", "timeout": "1s", "retries": 2 });
    vsn.write_plan(&plan);
    let run = vsn.start_deploy();
    eventually("it waits for the web server", || vsn.running_containers() == ["shop-web"]);
    assert_eq!(told(vsn).last().unwrap()[1], json!("in_progress"));
    run.signal("KILL");
    run.wait();
    assert_eq!(told(vsn).last().unwrap()[1], json!("interrupted"));
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));

    let by = |kind: &str, result: &str, by: Value, recovered: bool| [json!(kind), json!(result), by, json!(recovered)];
    let expected = [
        by("deploy", "deployed", json!("ada"), false),
        by("deploy", "rolled_back", json!("root"), false),
        by("deploy", "rolled_back", Value::Null, true),
        by("teardown", "torn_down", json!("root"), false),
    ];
    assert_eq!(told(vsn), expected);
    let runs = document(&vsn.landfall(["history", "shop", "--format", "json"]))["runs"].take();
    assert_eq!(runs[0]["git_commit"].as_str(), Some(commit.trim()));
    assert_eq!((runs[0]["plan_sha256"].as_str().unwrap().len(), runs[0]["seconds"].is_number()), (64, true));
    let table = vsn.landfall(["history", "shop"]).stdout;
    assert!(table.lines().any(|line| line.starts_with("    could not wait until web is healthy")), "{table}");
    assert_eq!(table.lines().filter(|line| line.starts_with("  20")).count(), 4, "{table}");
}
