//! A clock that is set a year forth or back between two firings.

use pretty_assertions::assert_eq;

use super::{CRON, Deployed};
use crate::support::eventually;

impl Deployed {
    /// Runs a script as cron does, by a clock that differs by this much.
    pub(super) fn job_by_another_clock(&self, name: &str, difference: &str) {
        let path = self.layout.job(name).to_str().unwrap().to_owned();
        let ran = self.vsn.run(CRON.into_iter().chain(["faketime", "-f", difference, &path]));
        assert_eq!((ran.status, ran.stdout.as_str(), ran.stderr.as_str()), (Some(0), "", ""), "{name} {difference}");
    }
}

#[test]
fn regression_057_no_younger_entry_is_lost_when_the_clock_is_set() {
    let maintenance = r#"{ "cleanup": { "schedule": "@daily" } }"#;
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, maintenance);
    let kept = || yard.vsn.run(["ls", "/var/log/kern.log.1"]).status == Some(0);
    yard.vsn.must(["touch", "--date", "1 hour ago", "/var/log/kern.log.1"]);
    for difference in ["+0d", "+365d", "+365d", "-365d", "+0d"] {
        yard.job_by_another_clock("cleanup", difference);
        assert!(kept(), "{difference}");
    }
    // When the clock has gone right for as long as entries are kept, those of before are too old.
    yard.vsn.must(["touch", "--date", "25 hours ago", "/var/log/kern.log.1"]);
    yard.job_by_another_clock("cleanup", "+0d");
    assert!(kept());
    yard.vsn.must(["sed", "-i", "s/[0-9]*$/0/", "/var/lib/landfall/yard/cleanup.clock"]);
    yard.job_by_another_clock("cleanup", "+0d");
    assert!(!kept());
}

#[test]
fn regression_057_logs_are_rotated_although_the_clock_was_set_back_behind_the_last_rotation() {
    let maintenance = r#"{ "cleanup": { "schedule": "@daily" } }"#;
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, maintenance);
    yard.vsn.write("/var/log/kern.log", "now\n", 0o640);
    // As a rotation leaves it by a clock that is a year ahead.
    yard.vsn.must(["touch", "--date", "365 days", "/var/lib/landfall/yard/cleanup.rotated"]);

    yard.job_by_another_clock("cleanup", "+0d");

    assert_eq!(yard.vsn.read("/var/log/kern.log"), None);
    assert_eq!(yard.vsn.must(["sh", "-c", "cat /var/log/kern.log-*"]), "now\n");
}

#[test]
fn regression_058_a_clock_that_is_set_back_hides_no_failure_and_repeats_no_mail() {
    let services = r#"{ "store": {
        "image": "localhost/tiny:v1",
        "healthcheck": { "exec": ["test", "!", "-e", "/broken"], "interval": "1s", "retries": 1, "start_period": "1h" }
    } }"#;
    let maintenance = r#"{ "healthcheck": { "schedule": "* * * * *" }, "mail": {
        "to": ["ops@example.org"], "from": "vsn@example.org", "remind": "2h", "smtp": { "host": "localhost", "port": 25, "tls": "none" }
    } }"#;
    let yard = Deployed::with(services, maintenance);
    let _sink = yard.vsn.mail_sink();
    yard.vsn.must([yard.vsn.engine(), "exec", "yard-store", "touch", "/broken"]);
    // It has just been started, and is not to be healthy yet; by a clock that was set nobody can tell.
    yard.job_by_another_clock("healthcheck", "+0d");
    assert_eq!(yard.subjects(), [] as [&str; 0]);
    for _ in 0..2 {
        yard.job_by_another_clock("healthcheck", "-365d");
    }
    eventually("the mail is there", || !yard.subjects().is_empty());
    assert_eq!(yard.subjects(), ["yard on vsn: store unhealthy"]);
    // The last mail lies ahead by then; one reminder makes that right.
    for _ in 0..3 {
        yard.job_by_another_clock("healthcheck", "-730d");
    }
    assert_eq!(yard.subjects(), ["yard on vsn: store unhealthy", "yard on vsn: store still unhealthy"]);
}
