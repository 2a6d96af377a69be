//! What happens after a boot, in which order, and what does not.

use landfall::script;
use pretty_assertions::assert_eq;

use super::{CRON, Deployed, WATCHED, WATCHING};
use crate::support::{Output, eventually};

#[test]
fn the_recover_script_finishes_first_and_then_boots() {
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, "{}");
    yard.vsn.write("/srv/landfall", "#!/bin/sh\necho \"$@\" >> /srv/called\nexit 0\n", 0o755);
    let recover = script::recover(&yard.layout, yard.vsn.engine_kind(), "/srv/landfall".as_ref()).unwrap();
    let path = yard.layout.recover().to_str().unwrap().to_owned();
    yard.vsn.write(&path, recover.text, 0o700);
    yard.vsn.reboot();
    let silent = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
    assert_eq!(yard.vsn.run(CRON.into_iter().chain([path.as_str()])), silent);
    assert_eq!(yard.vsn.read("/srv/called").unwrap(), b"recover --state-dir /var/lib/landfall\n");
    assert_eq!(yard.vsn.running_containers(), ["yard-plain"]);
}

#[test]
fn after_a_reboot_the_boot_job_starts_everything_in_order() {
    let yard = Deployed::with(WATCHED, WATCHING);
    yard.vsn.reboot();
    assert_eq!(yard.vsn.running_containers(), [] as [&str; 0]);
    let refused = yard.vsn.run([yard.vsn.engine(), "start", "yard-web"]);
    assert!(refused.stderr.contains("/run/landfall/yard/boot/web"), "{refused:?}");
    yard.quiet_job("boot");
    assert_eq!(yard.vsn.running_containers(), ["yard-gate", "yard-plain", "yard-store", "yard-web", "yard-worker"]);
    let started = |service: &str| -> jiff::Timestamp {
        yard.vsn.inspect(&format!("yard-{service}"))["State"]["StartedAt"].as_str().unwrap().parse().unwrap()
    };
    assert!(started("worker") < started("gate"));
    assert!(started("web") < started("store"));
    yard.quiet_job("boot");
    yard.quiet_job("healthcheck");
}

#[test]
fn what_does_not_come_up_at_boot_is_mailed_once_and_the_rest_runs() {
    let services = r#"{
        "bad": {
            "image": "localhost/tiny:v1",
            "healthcheck": { "exec": ["test", "-e", "/healthy"], "interval": "1s", "timeout": "5s", "retries": 2 }
        },
        "behind": { "image": "localhost/tiny:v1", "depends_on": ["bad"] },
        "beside": { "image": "localhost/tiny:v1" }
    }"#;
    let yard = Deployed::with(services, WATCHING);
    yard.vsn.reboot();
    let _sink = yard.vsn.mail_sink();
    assert_eq!(yard.job("boot"), Output { status: Some(1), stdout: String::new(), stderr: String::new() });
    assert_eq!(yard.vsn.running_containers(), ["yard-bad", "yard-beside"]);
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), ["yard on vsn: after a boot, not healthy: bad, behind"]);
    let mail = yard.vsn.mails().remove(0).text;
    assert!(mail.contains("bad: its check ended with 1\nbehind: not started: it depends on bad\n"), "{mail}");

    yard.vsn.must([yard.vsn.engine(), "exec", "yard-bad", "touch", "/healthy"]);
    yard.quiet_job("boot");
    yard.quiet_job("healthcheck");
    assert_eq!(
        yard.subjects(),
        ["yard on vsn: after a boot, not healthy: bad, behind", "yard on vsn: bad, behind healthy again"]
    );
}

#[test]
fn a_boot_job_that_meets_another_run_waits_for_its_end_and_starts_everything_then() {
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, "{}");
    yard.vsn.reboot();
    let lock = yard.vsn.start_process(["flock", "--close", "/run/landfall.lock", "sleep", "1000"]);
    eventually("the lock is held", || yard.vsn.run(["flock", "-n", "/run/landfall.lock", "true"]).status == Some(1));
    let boot = yard.layout.job("boot").to_str().unwrap().to_owned();
    let mut job = yard.vsn.start_process(CRON.into_iter().chain([boot.as_str()]));
    eventually("it waits, or has given up", || {
        !job.is_running() || yard.vsn.run(["pgrep", "--full", "--exact", "sleep 0.5"]).status == Some(0)
    });
    assert_eq!(yard.vsn.running_containers(), [] as [&str; 0]);
    drop(lock);
    assert_eq!(job.wait(), Output { status: Some(0), stdout: String::new(), stderr: String::new() });
    assert_eq!(yard.vsn.running_containers(), ["yard-plain"]);
}
