//! What a server does after a boot: all services again, in order, on their own disks; or an interrupted run is finished first.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{MINE, NOTHING, crontab_with, mailed, subjects, version_at, vsn_with_tiny, web, what_is_left};
use crate::support::{Crontab, Trouble, Vsn, eventually};

/// `front` says what it found of `base` when it started; `base` takes its time. `setup` counts how often it ran.
fn house() -> Value {
    let image = json!({ "archive": "/srv/images/tiny-v1.docker.tar" });
    let look = "wget -q -O - http://base/version >> /data/found || echo nothing >> /data/found; exec serve";
    json!({
        "version": 1,
        "name": "house",
        "services": {
            "base": {
                "image": image,
                "command": ["sh", "-c", "sleep 1; exec serve"],
                "healthcheck": { "http": "http://base/version", "interval": "1s", "retries": 20 }
            },
            "setup": {
                "image": image,
                "restart": "no",
                "command": ["sh", "-c", "echo ran >> /data/setup"],
                "volumes": [{ "source": "/srv/setup", "target": "/data", "owner": "0:0", "mode": "0700" }],
                "depends_on": ["base"]
            },
            "front": {
                "image": image,
                "command": ["sh", "-c", look],
                "volumes": [{ "source": "/srv/front", "target": "/data", "owner": "0:0", "mode": "0700" }],
                "depends_on": { "setup": { "condition": "service_completed_successfully" } },
                "ports": ["127.0.0.1:8080:80"],
                "healthcheck": { "http": "http://127.0.0.1:8080/version", "interval": "1s" }
            }
        }
    })
}

#[test]
fn a_boot_brings_the_services_back_in_order_without_the_program_and_runs_no_one_shot_again() {
    let vsn = vsn_with_tiny();
    vsn.must(["install", "-D", env!("CARGO_BIN_EXE_landfall"), "/srv/bin/landfall"]);
    let plan = super::write_plan(&vsn, &house(), &json!({}));
    vsn.must(["/srv/bin/landfall", "deploy", &plan]);
    let crontab = crontab_with("house", &["@reboot /var/lib/landfall/house/recover"]);
    assert_eq!(vsn.crontab(), crontab);
    let is_back = || {
        vsn.running_containers() == ["house-base", "house-front"]
            && vsn.landfall(["status", "house"]).status == Some(0)
            && vsn.log_lines("syslog", "boot: all services are healthy").len() == 1
    };

    for boot in 1..=2 {
        vsn.must(["rm", "-f", "/var/log/syslog"]);
        vsn.reboot();
        let by_the_engine = vsn.run([vsn.engine(), "start", "house-base"]);
        assert_ne!(by_the_engine.status, Some(0), "{by_the_engine:?}");
        assert_eq!(vsn.running_containers(), NOTHING);
        let _syslog = vsn.syslog();
        let _cron = vsn.cron();
        eventually(&format!("all services are back after boot {boot}"), is_back);
        let found = "v1\n".repeat(boot + 1);
        assert_eq!(String::from_utf8(vsn.read("/srv/front/found").unwrap()).unwrap(), found);
        assert_eq!(vsn.read("/srv/setup/setup").unwrap(), b"ran\n");
        vsn.must(["rm", "-f", "/srv/bin/landfall"]);
    }
    assert_eq!(vsn.crontab(), crontab);
}

/// A plan with a secret, and mail, whose service answers with this version.
fn site(version: &str) -> Value {
    let mut web = web(8080);
    web["image"] = json!({ "archive": format!("/srv/images/tiny-{version}.docker.tar") });
    web["secrets"] = json!([{ "secret": "key", "target": "/key", "owner": "0:0", "mode": "0400" }]);
    let mut plan = mailed(json!({ "version": 1, "name": "site", "services": { "web": web } }));
    plan["maintenance"]["healthcheck"] = json!({ "schedule": "@monthly" });
    plan
}

/// A VSN on which version v1 was deployed, and whose power was cut in the middle of the deployment of `plan`: when it came to
/// the engine's command `word`.
fn cut_at(word: &str, plan: &Value) -> Vsn {
    let vsn = vsn_with_tiny();
    cut(&vsn, word, plan);
    vsn
}

fn cut(vsn: &Vsn, word: &str, plan: &Value) {
    let sink = vsn.mail_sink();
    let secrets = json!({ "key": "value" });
    let first = super::deploy(vsn, &site("v1"), &secrets);
    assert_eq!(first.status, Some(0), "{}", first.stderr);
    let path = super::write_plan(vsn, plan, &secrets);
    cut_during(vsn, word, &["deploy", &path, "--secrets", "/srv/plans/secrets.json"]);
    drop(sink);
}

/// Cuts the power when this run of Landfall comes to the engine's command `word`.
fn cut_during(vsn: &Vsn, word: &str, run: &[&str]) {
    vsn.trouble_at(word, Trouble::Hangs);
    let mut run = vsn.start_landfall(run.iter().copied());
    eventually(&format!("the run comes to `{word}`"), || {
        assert!(run.is_running(), "{:?}", run.output_so_far());
        vsn.engine_was_told(word)
    });
    vsn.reboot();
}

fn is_up(vsn: &Vsn, version: &str) -> bool {
    version_at(vsn, 8080) == format!("{version}\n") && vsn.landfall(["status", "site"]).status == Some(0)
}

/// Our block while a run is under way, and while the site is deployed.
const BOOT_LINE: &str = "@reboot /var/lib/landfall/site/recover";
const COMPLETE: [&str; 2] = [BOOT_LINE, "0 0 1 * * /var/lib/landfall/site/jobs/healthcheck"];

#[test]
fn a_power_cut_before_the_point_of_no_return_leaves_the_old_version() {
    let vsn = cut_at("load", &site("v2"));
    let _cron = vsn.cron();
    eventually("the old version is back", || is_up(&vsn, "v1"));
    assert_eq!(vsn.running_containers(), ["site-web"]);
    assert_eq!(vsn.crontab(), crontab_with("site", &COMPLETE));
    assert_eq!(vsn.mails(), []);
}

#[test]
fn a_power_cut_after_the_point_of_no_return_ends_containerless_at_the_next_boot_with_one_mail() {
    let vsn = cut_at("create --name site-web", &site("v2"));
    assert_eq!(vsn.crontab(), crontab_with("site", &[BOOT_LINE]));
    let _syslog = vsn.syslog();
    let _cron = vsn.cron();
    // The mail server comes up later.
    eventually("a mail is lost", || !vsn.log_lines("syslog", "was not accepted").is_empty());
    let sink = vsn.mail_sink();
    eventually("a mail about it", || !sink.mails().is_empty());
    eventually("the crontab is as before", || vsn.crontab() == Crontab::Present(MINE.to_owned()));
    assert_eq!(what_is_left(&vsn), NOTHING);
    assert_eq!(subjects(&sink), ["site on vsn: an interrupted run was rolled back"]);
    assert_eq!(vsn.landfall(["status", "site"]).status, Some(8));
}

/// By then the crontab is complete, and nothing is saved yet.
#[test]
fn a_power_cut_between_the_crontab_and_the_commit_ends_containerless_at_the_next_boot() {
    let mut plan = site("v2");
    // The first look finds it healthy, and those just before the commit don't.
    let once = "test ! -e /seen && touch /seen";
    plan["services"]["web"]["ports"] = json!([]);
    plan["services"]["web"]["healthcheck"] =
        json!({ "exec": ["sh", "-c", once], "interval": "1s", "timeout": "5s", "retries": 600 });
    let vsn = vsn_with_tiny();
    let path = super::write_plan(&vsn, &plan, &json!({ "key": "value" }));
    let sink = vsn.mail_sink();
    let mut run = vsn.start_landfall(["deploy", &path, "--secrets", "/srv/plans/secrets.json"]);
    eventually("the crontab is complete", || {
        assert!(run.is_running(), "{:?}", run.output_so_far());
        vsn.crontab() == crontab_with("site", &COMPLETE)
    });
    assert_eq!(vsn.read("/var/lib/landfall/site/saved.json"), None);
    vsn.reboot();
    drop((run, sink));

    let sink = vsn.mail_sink();
    let _cron = vsn.cron();
    eventually("a mail about it", || !sink.mails().is_empty());
    eventually("the crontab is as before", || vsn.crontab() == Crontab::Present(MINE.to_owned()));
    assert_eq!(what_is_left(&vsn), NOTHING);
    assert_eq!(subjects(&sink), ["site on vsn: an interrupted run was rolled back"]);
}

#[test]
fn a_power_cut_after_the_commit_leaves_the_new_version() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    let secrets = json!({ "key": "value" });
    let first = super::deploy(&vsn, &site("v1"), &secrets);
    assert_eq!(first.status, Some(0), "{}", first.stderr);
    let path = super::write_plan(&vsn, &site("v2"), &secrets);
    let saved = "/var/lib/landfall/site/saved.json";
    let run = vsn.start_landfall(["deploy", &path, "--secrets", "/srv/plans/secrets.json"]);
    eventually("the old version is given up", || vsn.read(saved).is_none());
    // What is superseded is removed next.
    eventually("the new version is committed", || vsn.read(saved).is_some());
    vsn.reboot();
    drop((run, sink));
    let _cron = vsn.cron();
    eventually("the new version is back", || is_up(&vsn, "v2"));
    assert_eq!(vsn.secrets().len(), 1);
    assert_eq!(vsn.crontab(), crontab_with("site", &COMPLETE));
    assert_eq!(vsn.mails(), []);
}

/// The recovery of the one holds the lock of all runs for seconds, while the other is to start.
#[test]
fn at_a_boot_that_finishes_the_run_of_one_plan_the_other_plan_starts_all_the_same() {
    let beside = json!({ "version": 1, "name": "beside", "services": { "web": web(8081) } });
    let vsn = vsn_with_tiny();
    super::must_deploy(&vsn, &beside);
    cut(&vsn, "create --name site-web", &site("v2"));
    let sink = vsn.mail_sink();
    let _cron = vsn.cron();
    eventually("a mail about the one", || !sink.mails().is_empty());
    eventually("the other is back", || vsn.landfall(["status", "beside"]).status == Some(0));
    eventually("only the other is left in the crontab", || {
        vsn.crontab() == crontab_with("beside", &["@reboot /var/lib/landfall/beside/recover"])
    });
    assert_eq!(vsn.containers(), ["beside-web"]);
    assert_eq!(subjects(&sink), ["site on vsn: an interrupted run was rolled back"]);
}

#[test]
fn a_power_cut_in_the_middle_of_a_rollback_ends_containerless_at_the_next_boot_with_one_mail() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    let mut hopeless = site("v1");
    hopeless["services"]["web"]["healthcheck"] =
        json!({ "exec": ["false"], "interval": "1s", "timeout": "1s", "retries": 1 });
    let path = super::write_plan(&vsn, &hopeless, &json!({ "key": "value" }));
    // The first removal is that of the rollback.
    cut_during(&vsn, "rm --force site-web", &["deploy", &path, "--secrets", "/srv/plans/secrets.json"]);
    drop(sink);
    assert_eq!(vsn.containers(), ["site-web"]);
    let sink = vsn.mail_sink();
    let _cron = vsn.cron();
    eventually("a mail about it", || !sink.mails().is_empty());
    eventually("the crontab is as before", || vsn.crontab() == Crontab::Present(MINE.to_owned()));
    assert_eq!(what_is_left(&vsn), NOTHING);
    assert_eq!(subjects(&sink), ["site on vsn: an interrupted run was rolled back"]);
}

#[test]
fn a_power_cut_in_the_middle_of_a_teardown_is_finished_at_the_next_boot_without_a_mail() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    let deployed = super::deploy(&vsn, &site("v1"), &json!({ "key": "value" }));
    assert_eq!(deployed.status, Some(0), "{}", deployed.stderr);
    cut_during(&vsn, "rm --force site-web", &["teardown", "site"]);
    drop(sink);
    let sink = vsn.mail_sink();
    let _cron = vsn.cron();
    eventually("the crontab is as before", || vsn.crontab() == Crontab::Present(MINE.to_owned()));
    eventually("the record of it is closed", || vsn.landfall(["status", "site"]).status == Some(0));
    assert_eq!(what_is_left(&vsn), NOTHING);
    assert_eq!(subjects(&sink), NOTHING);
}
