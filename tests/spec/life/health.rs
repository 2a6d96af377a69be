//! What the health check job and the plan's own jobs do once a plan is deployed for real, and cron is there.

use std::time::Duration;

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{
    MINE, NOTHING, SILENT, deploy, mailed, masked, must_deploy, subjects, under_cron, vsn_with_tiny, web, what_is_left,
};
use crate::support::{Crontab, eventually, eventually_within};

const HEALTHCHECK: &str = "/var/lib/landfall/site/jobs/healthcheck";

/// A site that cron looks after every minute.
fn watched_site() -> Value {
    let mut plan = mailed(json!({ "version": 1, "name": "site", "services": { "web": web(8080) } }));
    plan["maintenance"]["healthcheck"] = json!({ "schedule": "* * * * *" });
    plan
}

const BROKEN: &str = "\
Date: *
Message-ID: *
From: vsn@example.org
To: ops@example.org
Subject: site on vsn: web unhealthy
Auto-Submitted: auto-generated
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii
Content-Transfer-Encoding: 7bit

Plan:    site
Host:    vsn

Service: web
State:   unhealthy since *
Found:   it answers with the HTTP status 404

To look closer, as root on vsn:

  landfall status site
  <engine> logs --tail 100 site-web
";

#[test]
fn cron_tells_by_one_mail_that_a_service_is_broken_and_by_one_that_it_works_again() {
    let vsn = vsn_with_tiny();
    let _syslog = vsn.syslog();
    let _cron = vsn.cron();
    let sink = vsn.mail_sink();
    let mut plan = watched_site();
    plan["maintenance"]["jobs"] = json!({
        "tick": { "schedule": "* * * * *", "service": "web", "exec": ["sh", "-c", "echo tick >> /www/ticks"] }
    });
    must_deploy(&vsn, &plan);
    vsn.must([vsn.engine(), "exec", "site-web", "mv", "/www/version", "/www/gone"]);

    eventually_within(Duration::from_secs(150), "a mail about it", || !sink.mails().is_empty());
    for _ in 0..3 {
        assert_eq!(under_cron(&vsn, HEALTHCHECK), SILENT);
    }
    assert_eq!(
        sink.mails().iter().map(|mail| masked(&mail.text)).collect::<Vec<_>>(),
        [BROKEN.replace("<engine>", vsn.engine())]
    );
    eventually("the plan's own job has run", || {
        vsn.run([vsn.engine(), "exec", "site-web", "test", "-s", "/www/ticks"]).status == Some(0)
    });

    vsn.must([vsn.engine(), "exec", "site-web", "mv", "/www/gone", "/www/version"]);
    eventually("a mail about the repair", || {
        assert_eq!(under_cron(&vsn, HEALTHCHECK), SILENT);
        sink.mails().len() > 1
    });
    assert_eq!(under_cron(&vsn, HEALTHCHECK), SILENT);
    assert_eq!(subjects(&sink), ["site on vsn: web unhealthy", "site on vsn: web healthy again"]);
    // Cron tells when a job has said something that it can't mail.
    assert_eq!(vsn.log_lines("syslog", "discarding output"), NOTHING);
}

#[test]
fn while_a_deployment_is_under_way_the_health_check_says_nothing_and_its_end_by_a_signal_is_mailed() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    must_deploy(&vsn, &watched_site());
    let mut hopeless = watched_site();
    hopeless["services"]["web"]["healthcheck"]["retries"] = json!(600);
    hopeless["services"]["web"]["healthcheck"]["http"] = json!("http://127.0.0.1:8080/nothing");
    let path = super::write_plan(&vsn, &hopeless, &json!({}));
    let mut run = vsn.start_landfall(["deploy", &path]);
    eventually("the new version starts", || {
        assert!(run.is_running(), "{:?}", run.output_so_far());
        vsn.read("/var/lib/landfall/site/saved.json").is_none() && vsn.running_containers() == ["site-web"]
    });
    assert_eq!(under_cron(&vsn, HEALTHCHECK), SILENT);
    assert_eq!(subjects(&sink), NOTHING);

    run.signal("TERM");
    let ended = run.wait();
    assert_eq!(ended.status, Some(4), "{}", ended.stderr);
    assert_eq!(subjects(&sink), ["site on vsn: the deployment was rolled back"]);
    assert_eq!(what_is_left(&vsn), NOTHING);
    assert_eq!(vsn.crontab(), Crontab::Present(MINE.to_owned()));
    let last = deploy(&vsn, &watched_site(), &json!({}));
    assert_eq!(last.status, Some(0), "{}", last.stderr);
}
