//! How mail leaves a server on which a plan was deployed for real: the ways that a plan can name.

use pretty_assertions::assert_eq;
use serde_json::{Value, json};

use super::{NOTHING, SILENT, deploy, masked, subjects, under_cron, vsn_with_tiny, web, what_is_left};
use crate::support::{Mail, Tls, Trouble, Vsn};

const HEALTHCHECK: &str = "/var/lib/landfall/site/jobs/healthcheck";

/// A site with this mail.
fn site(mail: &Value) -> Value {
    let mut web = web(8080);
    web["healthcheck"]["retries"] = json!(1);
    json!({
        "version": 1,
        "name": "site",
        "services": { "web": web },
        "maintenance": { "healthcheck": { "schedule": "@daily" }, "mail": mail }
    })
}

/// The same, with a health check that it can't pass.
fn hopeless(mail: &Value) -> Value {
    let mut plan = site(mail);
    plan["services"]["web"]["healthcheck"] =
        json!({ "http": "http://127.0.0.1:8080/nothing", "interval": "500ms", "timeout": "1s", "retries": 1 });
    plan
}

/// Breaks the deployed site, and lets the health check notice.
fn breaks(vsn: &Vsn) {
    vsn.must([vsn.engine(), "exec", "site-web", "rm", "/www/version"]);
    assert_eq!(under_cron(vsn, HEALTHCHECK), SILENT);
}

/// From, to, encrypted or not, user, and subject.
fn envelopes(mails: &[Mail]) -> Vec<(&str, &[String], bool, &str, &str)> {
    mails
        .iter()
        .map(|mail| (mail.from.as_str(), mail.to.as_slice(), mail.tls, mail.user.as_str(), super::subject(mail)))
        .collect()
}

#[test]
fn mail_goes_encrypted_with_an_account_whose_password_nobody_sees() {
    let vsn = vsn_with_tiny();
    let (certificate, _) = vsn.certificate();
    let password = "s3cret \"word\" \\ of #mail";
    let sink = vsn.mail_sink_with(Tls::Required, Some(("vsn", password)));
    let mail = json!({
        "to": ["ops@example.org", "night@example.org"],
        "from": "vsn@example.org",
        "smtp": {
            "host": "localhost", "port": 25, "tls": "required", "ca": certificate,
            "username": "vsn", "password": { "secret": "smtp" }
        }
    });
    let secrets = json!({ "smtp": password });
    let deployed = deploy(&vsn, &site(&mail), &secrets);
    assert_eq!(deployed.status, Some(0), "{}", deployed.stderr);
    let holders =
        vsn.run(["grep", "-rlF", "s3cret", "/var/lib/landfall", "/run/landfall", "/var/spool/cron", "/root/.ssh"]);
    assert_eq!(holders.stdout, "/var/lib/landfall/site/jobs/smtp.netrc\n");
    assert_eq!(vsn.must(["stat", "-c", "%a %U", "/var/lib/landfall/site/jobs/smtp.netrc"]), "600 root\n");

    vsn.must([vsn.engine(), "exec", "site-web", "rm", "/www/version"]);
    let trace = ["strace", "-f", "-qq", "-e", "trace=execve", "-s", "4096", "-v", "-o", "/srv/trace", HEALTHCHECK];
    vsn.must(["env", "-i"].into_iter().chain(trace));
    let started = String::from_utf8(vsn.read("/srv/trace").unwrap()).unwrap();
    let curl = started.lines().find(|line| line.contains("\"--mail-from\"")).unwrap_or_default();
    assert!(curl.contains("\"--ssl-reqd\""), "{curl}");
    assert!(!started.contains("s3cret"), "the password is among the arguments or in the environment");

    let failed = deploy(&vsn, &hopeless(&mail), &secrets);
    assert_eq!(failed.status, Some(4), "{}", failed.stderr);
    let to = ["ops@example.org".to_owned(), "night@example.org".to_owned()];
    let sent = |subject| ("vsn@example.org", &to[..], true, "vsn", subject);
    assert_eq!(
        envelopes(&sink.mails()),
        [sent("site on vsn: web unhealthy"), sent("site on vsn: the deployment was rolled back")]
    );
    assert_eq!(vsn.run(["grep", "-rlF", "s3cret", "/var/lib/landfall", "/run/landfall"]).stdout, "");
}

/// msmtp, called as `sendmail`.
const SENDMAIL: &str = "#!/bin/sh\nexec msmtp --file=/srv/msmtprc \"$@\"\n";

#[test]
fn mail_without_a_server_goes_by_sendmail_which_must_be_there() {
    let vsn = vsn_with_tiny();
    let mail = json!({ "to": ["ops@example.org"], "from": "vsn@example.org" });
    let refused = deploy(&vsn, &site(&mail), &json!({}));
    assert_eq!(refused.status, Some(3), "{}", refused.stderr);
    assert!(refused.stderr.contains("sendmail"), "{}", refused.stderr);

    vsn.must(["mount", "-t", "tmpfs", "tmpfs", "/usr/local/sbin"]);
    vsn.run_with_input(["install", "-m", "755", "/dev/stdin", "/usr/local/sbin/sendmail"], SENDMAIL);
    vsn.write("/srv/msmtprc", "account default\nhost localhost\nport 25\n", 0o600);
    let sink = vsn.mail_sink();
    super::must_deploy(&vsn, &site(&mail));
    breaks(&vsn);
    let failed = deploy(&vsn, &hopeless(&mail), &json!({}));
    assert_eq!(failed.status, Some(4), "{}", failed.stderr);
    let to = ["ops@example.org".to_owned()];
    let sent = |subject| ("vsn@example.org", &to[..], false, "", subject);
    assert_eq!(
        envelopes(&sink.mails()),
        [sent("site on vsn: web unhealthy"), sent("site on vsn: the deployment was rolled back")]
    );
}

const ROLLED_BACK: &str = "\
Date: *
Message-ID: *
From: vsn@example.org
To: ops@example.org
Subject: site on vsn: the deployment was rolled back
";

#[test]
fn a_mail_about_a_rollback_says_why_and_where_to_look() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    let plan = super::mailed(hopeless(&json!({})));
    let failed = deploy(&vsn, &plan, &json!({}));
    assert_eq!(failed.status, Some(4), "{}", failed.stderr);
    let mails = sink.mails();
    assert_eq!(mails.len(), 1);
    let text = masked(&mails[0].text);
    assert!(text.starts_with(ROLLED_BACK), "{text}");
    let run = vsn.runs("site").remove(0);
    for expected in ["/nothing answered 404", "landfall status site", &run] {
        assert!(text.contains(expected), "{expected} is missing: {text}");
    }
    assert_eq!(vsn.containers(), NOTHING);
}

#[test]
fn a_rollback_that_could_not_finish_is_mailed_with_what_is_left_and_not_as_done() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    vsn.trouble_at("rm --force", Trouble::Fails);
    let failed = deploy(&vsn, &super::mailed(hopeless(&json!({}))), &json!({}));
    assert_eq!(failed.status, Some(5), "{}", failed.stderr);
    assert_eq!(subjects(&sink), ["site on vsn: the deployment could not be rolled back"]);
    let text = sink.mails().remove(0).text;
    assert!(text.contains("\n  could not stop and remove the container site-web: "), "{text}");
    assert!(!text.contains("None of its containers is left"), "{text}");

    vsn.trouble_at("rm --force", Trouble::None);
    assert_eq!(vsn.landfall(["recover"]).status, Some(0));
    assert_eq!(what_is_left(&vsn), NOTHING);
}

/// A site that wants mail about these ends of runs.
fn notified(mut plan: Value, ends: &[&str]) -> Value {
    plan["maintenance"]["mail"]["notify"] = json!(ends);
    plan
}

#[test]
fn mail_tells_of_those_ends_of_runs_that_the_plan_names_and_of_no_others() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    let good = notified(super::mailed(site(&json!({}))), &["deployed", "refused", "restored"]);
    super::must_deploy(&vsn, &good);
    assert_eq!(subjects(&sink), ["site on vsn: the deployment is done"]);

    let mut other = good.clone();
    other["services"]["web"]["image"]["id"] = json!("0".repeat(64));
    assert_eq!(deploy(&vsn, &other, &json!({})).status, Some(3));
    let v2 = vsn.landfall(["replace", "site", "web", "--image", "/srv/images/tiny-v2.docker.tar"]);
    assert_eq!(v2.status, Some(0), "{}", v2.stderr);
    let mut sick = good.clone();
    sick["services"]["web"]["command"] = json!(["false"]);
    vsn.write("/srv/sick.json", vsn.on_its_engine(&sick).to_string(), 0o600);
    let sick = vsn.landfall(["replace", "site", "web", "--from", "/srv/sick.json"]);
    assert_eq!(sick.status, Some(7), "{}", sick.stderr);
    assert_eq!(
        subjects(&sink),
        [
            "site on vsn: the deployment is done",
            "site on vsn: the deployment failed, and nothing was changed",
            "site on vsn: the replacement is done",
            "site on vsn: the replacement failed, and what was before runs again",
        ]
    );
    // Nobody wants to hear of that one.
    let hopeless = notified(super::mailed(hopeless(&json!({}))), &["deployed", "refused", "restored"]);
    assert_eq!(deploy(&vsn, &hopeless, &json!({})).status, Some(4));
    super::must_deploy(&vsn, &notified(good, &[]));
    assert_eq!(subjects(&sink).len(), 4);
}

#[test]
fn a_mail_that_is_not_accepted_changes_nothing_but_what_is_told() {
    let vsn = vsn_with_tiny();
    let _sink = vsn.mail_sink();
    // The sink knows no encryption, and curl does not send without it.
    let mail = json!({
        "to": ["ops@example.org"], "from": "vsn@example.org", "notify": ["deployed"], "smtp": { "host": "localhost", "port": 25 }
    });

    let deployed = deploy(&vsn, &site(&mail), &json!({}));

    assert_eq!((deployed.status, deployed.stdout.as_str()), (Some(0), "site is deployed: 1 service\n"));
    let told = "the mail about it could not be sent: ";
    assert!(deployed.stderr.contains(told), "{}", deployed.stderr);
    let log = vsn.runs("site").remove(0) + "/log";
    assert!(String::from_utf8(vsn.read(&log).unwrap()).unwrap().contains(told), "the run's log says so, too");
    assert_eq!(vsn.mails(), []);
}

#[test]
fn what_a_failed_check_says_of_a_secret_is_not_in_the_mail_about_the_rollback() {
    let vsn = vsn_with_tiny();
    let sink = vsn.mail_sink();
    let mut plan = super::mailed(site(&json!({})));
    let web = &mut plan["services"]["web"];
    web["secrets"] = json!([{ "secret": "db", "target": "/run/secrets/db" }]);
    web["healthcheck"] = json!({ "exec": ["sh", "-c", "cat /run/secrets/db >&2; cat /run/secrets/db; exit 7"], "interval": "500ms", "timeout": "5s", "retries": 1 });
    let failed = deploy(&vsn, &plan, &json!({ "db": "hunter2" }));
    assert_eq!(failed.status, Some(4), "{}", failed.stderr);
    let text = sink.mails().remove(0).text;
    assert!(text.contains("was rolled back") && !text.contains("hunter2"), "{text}");
}
