//! The health check job: what it mails, what it keeps to itself.

use pretty_assertions::assert_eq;

use super::{Deployed, WATCHED, WATCHING};
use crate::support::eventually;

#[test]
fn a_failure_is_mailed_once_and_so_is_the_recovery() {
    let yard = Deployed::with(WATCHED, WATCHING);
    let _sink = yard.vsn.mail_sink();
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), [] as [&str; 0]);

    yard.vsn.must([yard.vsn.engine(), "exec", "yard-store", "touch", "/broken"]);
    yard.vsn.must([yard.vsn.engine(), "stop", "--time", "1", "yard-worker"]);
    for _ in 0..3 {
        yard.quiet_job("healthcheck");
        assert_eq!(yard.subjects(), ["yard on vsn: gate, store, worker unhealthy"]);
    }
    let mail = yard.vsn.mails().remove(0);
    assert_eq!(
        (mail.from.as_str(), mail.to),
        ("vsn@example.org", vec!["ops@example.org".into(), "night@example.org".into()])
    );
    for expected in [
        "To: ops@example.org,\n night@example.org\n",
        "Plan:    yard\nHost:    vsn\n",
        "Service: store\n",
        "Found:   its check ended with 1\n",
        "Found:   the container yard-worker is exited, not running\n",
        &format!("  {} logs --tail 100 yard-worker\n", yard.vsn.engine()),
    ] {
        assert!(mail.text.contains(expected), "{expected:?} is missing: {}", mail.text);
    }

    yard.vsn.must([yard.vsn.engine(), "start", "yard-worker"]);
    yard.vsn.must([yard.vsn.engine(), "exec", "yard-store", "rm", "/broken"]);
    yard.quiet_job("healthcheck");
    yard.quiet_job("healthcheck");
    assert_eq!(
        yard.subjects(),
        ["yard on vsn: gate, store, worker unhealthy", "yard on vsn: gate, store, worker healthy again"]
    );
}

#[test]
fn a_mail_that_was_lost_is_sent_by_the_next_run() {
    let yard = Deployed::with(WATCHED, WATCHING);
    yard.vsn.must([yard.vsn.engine(), "stop", "--time", "1", "yard-web"]);
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), [] as [&str; 0]);
    let _sink = yard.vsn.mail_sink();
    yard.quiet_job("healthcheck");
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), ["yard on vsn: web unhealthy"]);
}

#[test]
fn a_service_that_keeps_restarting_is_unhealthy_although_it_runs() {
    let services = r#"{ "loop": { "image": "localhost/tiny:v1", "command": ["sh", "-c", "sleep 1; exit 1"] } }"#;
    let yard = Deployed::with(services, WATCHING);
    let _sink = yard.vsn.mail_sink();
    eventually("it has restarted", || {
        yard.vsn.must([yard.vsn.engine(), "inspect", "--format", "{{.RestartCount}}", "yard-loop"]) != "0\n"
    });
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), ["yard on vsn: loop unhealthy"]);
}

#[test]
fn a_reminder_comes_when_it_is_due_and_output_is_mailed_only_where_the_plan_says_so() {
    let services = r#"{ "store": {
        "image": "localhost/tiny:v1",
        "healthcheck": { "exec": ["sh", "-c", "printf 'a\\033[2Jb\\n'; seq 2000; exit 7"], "interval": "1s", "retries": 1 }
    } }"#;
    let maintenance = r#"{
        "healthcheck": { "schedule": "* * * * *" },
        "mail": {
            "to": ["ops@example.org"], "from": "vsn@example.org", "remind": "2h", "include_output": true,
            "smtp": { "host": "localhost", "port": 25, "tls": "none" }
        }
    }"#;
    let yard = Deployed::with(services, maintenance);
    let _sink = yard.vsn.mail_sink();
    yard.quiet_job("healthcheck");
    yard.age_last_mail("store", 7100);
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), ["yard on vsn: store unhealthy"]);
    yard.age_last_mail("store", 101);
    yard.quiet_job("healthcheck");
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), ["yard on vsn: store unhealthy", "yard on vsn: store still unhealthy"]);
    let mail = yard.vsn.mails().remove(0).text;
    assert!(mail.contains("Found:   its check ended with 7\n"), "{mail}");
    assert!(mail.contains("Found:   2000\n") && !mail.contains("Found:   1500\n"), "{mail}");
    assert!(mail.chars().all(|character| matches!(character, '\n' | ' '..='~')), "{mail:?}");
}

#[test]
fn while_a_run_is_under_way_or_nothing_is_deployed_no_job_does_or_says_anything() {
    let yard = Deployed::with(WATCHED, WATCHING);
    let _sink = yard.vsn.mail_sink();
    yard.vsn.must([yard.vsn.engine(), "stop", "--time", "1", "yard-web"]);
    let lock = yard.vsn.start_process(["flock", "--close", "/run/landfall.lock", "sleep", "1000"]);
    eventually("the lock is held", || yard.vsn.run(["flock", "-n", "/run/landfall.lock", "true"]).status == Some(1));
    yard.quiet_job("healthcheck");
    drop(lock);
    eventually("the lock is free", || yard.vsn.run(["flock", "-n", "/run/landfall.lock", "true"]).status == Some(0));
    let saved = yard.layout.saved();
    yard.vsn.must(["mv", saved.to_str().unwrap(), "/srv/saved.json"]);
    yard.quiet_job("healthcheck");
    assert_eq!(yard.vsn.read("/var/lib/landfall/yard/health/web"), None);
    yard.vsn.must(["mv", "/srv/saved.json", saved.to_str().unwrap()]);
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), ["yard on vsn: web unhealthy"]);
}

/// A day later, by the clock of the scripts alone.
const A_DAY_LATER: &str = "+1d";

#[test]
fn a_job_that_cron_does_not_run_any_more_is_mailed_once_and_so_is_its_return() {
    let maintenance = r#"{
        "cleanup": { "schedule": "@monthly" },
        "healthcheck": { "schedule": "* * * * *" },
        "jobs": { "dump": { "schedule": "*/10 * * * *", "service": "plain", "exec": ["true"] } },
        "mail": { "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" } }
    }"#;
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, maintenance);
    let _sink = yard.vsn.mail_sink();
    // Since a boot so short ago, nothing can be late.
    yard.vsn.must(["sh", "-c", "echo 5.00 5.00 > /srv/uptime && mount --bind /srv/uptime /proc/uptime"]);
    yard.vsn.must(["touch", "--date", "2 hours ago", yard.layout.saved().to_str().unwrap()]);
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), [] as [&str; 0]);
    yard.vsn.must(["sh", "-c", "echo 900000.00 900000.00 > /srv/uptime"]);
    yard.quiet_job("job-dump");
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), [] as [&str; 0]);

    for _ in 0..2 {
        yard.job_by_another_clock("healthcheck", A_DAY_LATER);
    }

    let gone = "yard on vsn: dump not run by cron any more";
    assert_eq!(yard.subjects(), [gone]);
    let mail = yard.vsn.mails().remove(0).text;
    for expected in ["Job:     dump\nState:   not run by cron any more, noticed at ", "  landfall jobs yard\n"] {
        assert!(mail.contains(expected), "{expected:?} is missing: {mail}");
    }
    let record = String::from_utf8(yard.vsn.read("/var/lib/landfall/yard/health/_healthcheck").unwrap()).unwrap();
    assert!(record.ends_with(" failed\ncron does not run the job dump any more\n"), "{record}");
    yard.job_by_another_clock("job-dump", A_DAY_LATER);
    for _ in 0..2 {
        yard.job_by_another_clock("healthcheck", A_DAY_LATER);
    }
    assert_eq!(yard.subjects(), [gone, "yard on vsn: dump run by cron again"]);
}
