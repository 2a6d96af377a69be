//! Every command of every day, and all that can be wrong with what it is asked: whole messages, with the next command to type.

use pretty_assertions::assert_eq;
use serde_json::json;

use super::plan;
use crate::plans::web;
use crate::support::{Output, SECRETS, Vsn, eventually};

/// Commands that only look; each names the plan `shop`, and a service where it takes one.
fn looking(service: &str) -> [Vec<&str>; 3] {
    [vec!["logs", "shop", service], vec!["health", "shop", service], vec!["exec", "shop", service, "--", "true"]]
}

/// Commands that change something, in the same way.
fn changing(service: &str) -> [Vec<&str>; 4] {
    [
        vec!["start", "shop", service],
        vec!["stop", "shop", service],
        vec!["restart", "shop", service],
        vec!["replace", "shop", service, "--image", "/srv/images/tiny-v1.docker.tar"],
    ]
}

/// The exit status and standard error of each; standard output must be empty.
fn said(vsn: &Vsn, commands: &[Vec<&str>]) -> Vec<(String, Option<i32>, String)> {
    let one = |command: &Vec<&str>| {
        let Output { status, stdout, stderr } = vsn.landfall(command.iter().copied());
        assert_eq!(stdout, "", "{command:?}");
        (command.join(" "), status, stderr)
    };
    commands.iter().map(one).collect()
}

fn all_say(commands: &[Vec<&str>], status: i32, message: &str) -> Vec<(String, Option<i32>, String)> {
    commands.iter().map(|command| (command.join(" "), Some(status), message.to_owned())).collect()
}

#[test]
fn a_plan_that_there_is_not_is_told_by_every_command_with_the_one_that_lists_plans() {
    let vsn = &Vsn::start();
    let message = "there is no plan called shop here: `landfall status` lists those that there are\n";
    let others = ["status", "jobs", "data", "history", "teardown"].map(|command| vec![command, "shop"]);
    let commands = [looking("web").to_vec(), others.to_vec()].concat();
    assert_eq!(said(vsn, &commands), all_say(&commands, 3, message));
    let commands = [changing("web").to_vec(), vec![vec!["remake", "shop"]]].concat();
    assert_eq!(said(vsn, &commands), all_say(&commands, 3, &format!("{message}nothing was changed\n")));
}

#[test]
fn what_a_plan_does_not_have_or_is_not_deployed_or_is_gone_is_told_by_every_command() {
    let vsn = &Vsn::start();
    vsn.image("tiny", "tiny-v1.docker.tar");
    vsn.write_secrets(&json!({ "password": "an example" }));
    let mut web = web();
    web["secrets"] = json!([{ "secret": "password", "target": "/run/secrets/web" }]);
    vsn.must_deploy(&plan(&[("web", web)]));

    let message = "shop has no service called db: it has web\n";
    let commands = looking("db").to_vec();
    assert_eq!(said(vsn, &commands), all_say(&commands, 3, message));
    let commands = changing("db").to_vec();
    assert_eq!(said(vsn, &commands), all_say(&commands, 3, &format!("{message}nothing was changed\n")));

    // The record knows it, the engine does not.
    vsn.remove_by_hand("shop-web");
    let engine = vsn.engine();
    let gone = format!(
        "the service web is on record, but {engine} does not have its container shop-web any more: `landfall status shop` tells \
         how the others are, and `landfall remake shop` makes it anew\n"
    );
    assert_eq!(said(vsn, &[vec!["logs", "shop"]]), all_say(&[vec!["logs", "shop"]], 1, &gone));
    let exec = [vec!["exec", "shop", "web", "--", "true"]];
    assert_eq!(said(vsn, &exec), all_say(&exec, 3, &gone));
    let health = vsn.landfall(["health", "shop"]);
    let logs = "`landfall logs shop` shows what the services wrote, `landfall status shop` the whole plan\n";
    assert_eq!((health.status, health.stderr.as_str()), (Some(8), logs));
    let gone = format!(
        "the container shop-web of web is gone from {engine}, although it is on record: make it anew, with `landfall remake shop`\n\
         nothing was changed\n"
    );
    let commands = changing("web").to_vec();
    assert_eq!(said(vsn, &commands), all_say(&commands, 3, &gone));
    let status = vsn.landfall(["status", "shop"]).stdout;
    let told = "unhealthy: its container is gone: `landfall remake shop` makes it anew, as the next boot does\n";
    assert!(status.contains(told), "{status}");
    assert_eq!(vsn.landfall(["remake", "shop"]).status, Some(0));

    // Another run is at work.
    let says = "echo 'deploy of shop, process 7, since 2026-11-21T10:11:12Z' > /run/landfall.lock";
    vsn.must(["sh", "-c", says]);
    let lock = vsn.start_process(["flock", "--close", "/run/landfall.lock", "sleep", "1000"]);
    eventually("the lock is held", || vsn.run(["flock", "-n", "/run/landfall.lock", "true"]).status == Some(1));
    let busy = "another run holds the lock /run/landfall.lock: deploy of shop, process 7, since 2026-11-21T10:11:12Z; `landfall \
                status` tells what is under way\n";
    let others = vec![vec!["remake", "shop"], vec!["deploy", "/srv/plan.json", "--secrets", SECRETS]];
    let commands = [changing("web").to_vec(), others].concat();
    assert_eq!(said(vsn, &commands), all_say(&commands, 6, &format!("{busy}nothing was changed\n")));
    let commands = [vec!["teardown", "shop"], vec!["recover"]];
    assert_eq!(said(vsn, &commands), all_say(&commands, 6, busy));
    drop(lock);

    assert_eq!(vsn.landfall(["teardown", "shop"]).status, Some(0));
    let commands = [changing("web").to_vec(), vec![vec!["remake", "shop"]]].concat();
    let message = "shop is not deployed: deploy it first, with `landfall deploy PLAN`\nnothing was changed\n";
    assert_eq!(said(vsn, &commands), all_say(&commands, 3, message));
    let commands = [looking("web").to_vec(), vec![vec!["jobs", "shop"]]].concat();
    for (command, status, stderr) in said(vsn, &commands) {
        assert_eq!(status, Some(3), "{command}: {stderr}");
        assert!(stderr.starts_with("shop was torn down, on 20"), "{command}: {stderr}");
        assert!(stderr.ends_with("Z: `landfall deploy PLAN` deploys it again\n"), "{command}: {stderr}");
    }
}
