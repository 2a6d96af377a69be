//! What cron notices of a deployment.

use pretty_assertions::assert_eq;
use serde_json::json;

use super::{mailed, vsn_with_tiny, web, write_plan};
use crate::support::{Vsn, eventually};

/// Seconds since 1970 by the server's clock.
fn now(vsn: &Vsn) -> u64 {
    vsn.must(["date", "+%s"]).trim().parse().unwrap()
}

#[test]
fn regression_128_cron_runs_the_jobs_also_where_it_read_the_crontab_in_the_second_in_which_they_got_into_it() {
    let vsn = vsn_with_tiny();
    let _sink = vsn.mail_sink();
    let mut web = web(8080);
    web["healthcheck"] =
        json!({ "http": "http://127.0.0.1:8080/ready", "interval": "200ms", "timeout": "30s", "retries": 1000 });
    let tick = json!({ "schedule": "* * * * *", "service": "web", "exec": ["sh", "-c", "echo tick >> /www/ticks"] });
    let mut plan = mailed(json!({ "version": 1, "name": "site", "services": { "web": web } }));
    plan["maintenance"]["jobs"] = json!({ "tick": tick });
    let path = write_plan(&vsn, &plan, &json!({}));
    let mut run = vsn.start_landfall(["deploy", &path]);
    eventually("the service starts", || {
        assert!(run.is_running(), "{:?}", run.output_so_far());
        vsn.running_containers() == ["site-web"]
    });

    // Cron reads a crontab that has the time of a second to come, and in that second the jobs get into it, if the machine is fast enough.
    let second = now(&vsn) + 4;
    let touch =
        "for path in /var/spool/cron/crontabs/root /var/spool/cron/crontabs /var/spool/cron/root /var/spool/cron; do
        [ ! -e $path ] || touch --date=@$1 $path; done";
    vsn.must(["bash", "-c", touch, "touch", &second.to_string()]);
    // As if it had run its `@reboot` lines: what they do at a boot is not for now.
    vsn.must(["touch", "/run/crond.reboot"]);
    let _cron = vsn.cron();
    let ready = format!("while [ $(date +%s) -lt {second} ]; do :; done; cp /www/version /www/ready");
    vsn.must([vsn.engine(), "exec", "site-web", "sh", "-c", &ready]);
    let ended = run.wait();
    assert_eq!(ended.status, Some(0), "{}", ended.stderr);

    eventually("the plan's own job has run", || {
        vsn.run([vsn.engine(), "exec", "site-web", "test", "-s", "/www/ticks"]).status == Some(0)
    });
}
