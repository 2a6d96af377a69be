//! What cron does for a plan, and what came of it.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{plan, refused, scripted};
use crate::support::{Output, Vsn, document, eventually_within};
use std::time::Duration;

/// A service with a job that works, one that fails and one that waits until `/go/end` is there; nothing is due soon.
fn with_jobs(vsn: &Vsn) {
    let mut web = scripted("exec sleep 1000");
    web["volumes"] = json!([{ "source": "/srv/go", "target": "/go" }]);
    web["healthcheck"] = json!({ "exec": ["test", "!", "-e", "/broken"], "interval": "1s", "retries": 1 });
    let mut plan = plan(&[("web", web)]);
    let job = |script: &str| json!({ "schedule": "0 0 1 1 *", "service": "web", "exec": ["sh", "-c", script] });
    plan["maintenance"] = json!({
        "healthcheck": { "schedule": "*/5 * * * *" },
        "jobs": {
            "dump": job("echo dumped"),
            "fail": job("echo no room; exit 3"),
            "wait": job("while [ ! -e /go/end ]; do sleep 0.05; done"),
        },
    });
    vsn.must_deploy(&plan);
}

/// Each job with how its last run ended and what it said, and why cron does not run it any more.
fn told(output: &Output) -> Vec<(String, Value, Value, Value)> {
    let jobs = document(output)["jobs"].take();
    let jobs = jobs.as_array().unwrap().iter();
    let name = |job: &Value| job["name"].as_str().unwrap().to_owned();
    jobs.map(|job| (name(job), job["last"]["result"].clone(), job["last"]["output"].clone(), job["stopped"].clone()))
        .collect()
}

#[test]
fn each_job_is_told_of_with_what_its_last_run_came_to_and_can_be_run_now() {
    let vsn = &Vsn::start();
    with_jobs(vsn);
    let run = |job: &str| {
        let Output { status, stdout, stderr } = vsn.landfall(["jobs", "shop", "--run", job]);
        let seconds = |word: &str| word.parse::<u32>().map_or(word.to_owned(), |_| "N".to_owned());
        let (first, rest) = stdout.split_once('\n').unwrap_or_else(|| panic!("{stdout}{stderr}"));
        (status, format!("{}\n{rest}", first.split(' ').map(seconds).collect::<Vec<_>>().join(" ")))
    };

    assert_eq!(run("dump"), (Some(0), "dump: done in N s\n  dumped\n".to_owned()));
    assert_eq!(run("fail"), (Some(1), "fail: failed in N s\n  it ended with 3\n  no room\n".to_owned()));
    assert_eq!(run("healthcheck"), (Some(0), "healthcheck: done in N s\n  all services are healthy\n".to_owned()));
    vsn.in_container("shop-web", "touch /broken");
    let unhealthy = "healthcheck: failed in N s\n  web is unhealthy: its check ended with 1\n";
    assert_eq!(run("healthcheck"), (Some(1), unhealthy.to_owned()));
    let waiting = vsn.start_landfall(["jobs", "shop", "--run", "wait"]);
    let jobs = || told(&vsn.landfall(["jobs", "shop", "--format", "json"]));
    let is_running = || jobs().iter().any(|(name, result, ..)| name == "wait" && result == "running");
    eventually_within(Duration::from_secs(60), "the job runs", is_running);
    let again =
        "the job wait is running already, and never runs over itself: `landfall jobs shop` tells when it has ended\n";
    assert_eq!(refused(vsn, &["jobs", "shop", "--run", "wait"]), (Some(6), again.to_owned()));
    vsn.must(["touch", "/srv/go/end"]);
    assert_eq!(waiting.wait().status, Some(0));

    let job = |name: &str, result: Value, output: Value| (name.to_owned(), result, output, Value::Null);
    let expected = [
        job("boot", Value::Null, Value::Null),
        job("healthcheck", json!("failed"), json!("web is unhealthy: its check ended with 1")),
        job("dump", json!("done"), json!("dumped")),
        job("fail", json!("failed"), json!("it ended with 3\nno room")),
        job("wait", json!("done"), json!("")),
    ];
    assert_eq!(jobs(), expected);
    let unknown = "shop has no job called backup: it has boot, healthcheck, dump, fail, wait\n";
    assert_eq!(refused(vsn, &["jobs", "shop", "--run", "backup"]), (Some(3), unknown.to_owned()));
    let table = vsn.landfall(["jobs", "shop"]).stdout;
    let first: Vec<&str> = table.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next()).collect();
    assert_eq!(first, ["JOB", "boot", "healthcheck", "", "dump", "fail", "", "", "wait"], "{table}");
}

#[test]
fn a_job_that_cron_does_not_run_any_more_is_told_by_jobs_and_status() {
    let vsn = &Vsn::start();
    with_jobs(vsn);
    let landfall = env!("CARGO_BIN_EXE_landfall");
    // Nothing runs cron here, so that what was due half an hour from now has not run by then.
    let later =
        |arguments: &[&str]| vsn.run(["faketime", "-f", "+30m", landfall].into_iter().chain(arguments.iter().copied()));
    let stopped = |output: &Output| {
        let stopped =
            told(output).into_iter().filter_map(|(name, _, _, stopped)| Some((name, stopped.as_str()?.to_owned())));
        stopped.collect::<Vec<_>>()
    };
    assert_eq!(stopped(&vsn.landfall(["jobs", "shop", "--format", "json"])), []);

    let jobs = stopped(&later(&["jobs", "shop", "--format", "json"]));

    let [(name, reason)] = jobs.as_slice() else { panic!("{jobs:?}") };
    assert_eq!(name, "healthcheck");
    assert!(reason.starts_with("has never run, although it was due at 20"), "{reason}");
    let status = later(&["status"]).stdout;
    assert!(status.contains("  the job healthcheck has never run, although it was due at 20"), "{status}");
    let without = "crontab -l | sed '/job-dump/d' | crontab -";
    vsn.must(["sh", "-c", without]);
    let missing = "is not in root's crontab any more: deploying the plan again puts it back";
    let stopped = stopped(&vsn.landfall(["jobs", "shop", "--format", "json"]));
    assert_eq!(stopped, [("dump".to_owned(), missing.to_owned())]);
}
