//! The plan's own jobs.

use pretty_assertions::assert_eq;

use super::{CRON, Deployed};
use crate::support::eventually;

#[test]
fn a_job_that_hangs_is_ended_in_the_container_and_mailed() {
    let maintenance = r#"{
        "jobs": {
            "hang": { "schedule": "@daily", "service": "plain", "exec": ["sh", "-c", "echo here it hangs; exec sleep 4321"], "timeout": "2s" },
            "note": { "schedule": "@daily", "service": "plain", "exec": ["sh", "-c", "echo \"it's done\" > '/www/a note'"] },
            "fail": { "schedule": "@daily", "service": "plain", "exec": ["sh", "-c", "printf 'so \\033[1mbold'; exit 3"] }
        },
        "mail": { "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" }, "include_output": true }
    }"#;
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, maintenance);
    let _sink = yard.vsn.mail_sink();
    yard.quiet_job("job-note");
    assert_eq!(yard.vsn.must([yard.vsn.engine(), "exec", "yard-plain", "cat", "/www/a note"]), "it's done\n");
    yard.quiet_job("job-hang");
    assert_eq!(yard.vsn.run(["pgrep", "--full", "sleep 4321"]).stdout, "");
    yard.quiet_job("job-fail");
    assert_eq!(
        yard.subjects(),
        ["yard on vsn: the job hang took longer than 2 s and was ended", "yard on vsn: the job fail ended with 3"]
    );
    let outputs: Vec<bool> = yard
        .vsn
        .mails()
        .iter()
        .zip(["\nhere it hangs\n", "\nso ?[1mbold\n"])
        .map(|(mail, output)| mail.text.contains(output))
        .collect();
    assert_eq!(outputs, [true, true]);
}

#[test]
fn a_job_that_is_still_running_is_not_started_again_even_after_its_script_was_killed() {
    let maintenance = r#"{ "jobs": {
        "long": { "schedule": "@daily", "service": "plain", "exec": ["sh", "-c", "echo began >> /www/long; exec sleep 5432"] }
    } }"#;
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, maintenance);
    let begins = || yard.vsn.run([yard.vsn.engine(), "exec", "yard-plain", "cat", "/www/long"]).stdout;
    let script = yard.layout.job("job-long").to_str().unwrap().to_owned();
    let first = yard.vsn.start_process(CRON.into_iter().chain([script.as_str()]));
    eventually("it has begun", || begins() == "began\n");
    yard.quiet_job("job-long");
    assert_eq!(begins(), "began\n");

    // What it started in the container goes on.
    let killed = format!("job-long|{} exec", yard.vsn.engine());
    yard.vsn.must(["pkill", "-KILL", "--full", &killed]);
    first.wait();
    yard.quiet_job("job-long");
    assert_eq!(begins(), "began\n");
}
