//! A server's life: real workloads, reboots and power cuts, and what cron does between deployments.

mod absent_disk;
mod boot;
mod cron;
mod health;
mod letters;
mod shop;

use serde_json::{Value, json};

use crate::support::{Crontab, Mail, MailSink, Output, Vsn};

/// What the owner of the server has in root's crontab.
const MINE: &str = "# mine\n17 3 * * 0 true\n";

/// A VSN with both versions of `tiny`, and a crontab of its owner's.
fn vsn_with_tiny() -> Vsn {
    let vsn = Vsn::start();
    for version in ["v1", "v2"] {
        vsn.image("tiny", &format!("tiny-{version}.docker.tar"));
    }
    vsn.run_with_input(["crontab", "-"], MINE);
    vsn
}

/// Deploys a plan, with these secrets.
fn deploy(vsn: &Vsn, plan: &Value, secrets: &Value) -> Output {
    let plan = write_plan(vsn, plan, secrets);
    vsn.landfall(["deploy", &plan, "--secrets", "/srv/plans/secrets.json"])
}

/// Deploys a plan, which must succeed.
#[track_caller]
fn must_deploy(vsn: &Vsn, plan: &Value) {
    let Output { status, stdout: _, stderr } = deploy(vsn, plan, &json!({}));
    assert_eq!(status, Some(0), "{stderr}");
}

/// Writes the plan and its secrets into `/srv/plans`; the path of the plan.
fn write_plan(vsn: &Vsn, plan: &Value, secrets: &Value) -> String {
    vsn.write("/srv/plans/secrets.json", secrets.to_string(), 0o600);
    vsn.write("/srv/plans/plan.json", format!("{:#}", vsn.on_its_engine(plan)), 0o600);
    "/srv/plans/plan.json".to_owned()
}

/// Root's crontab with [`MINE`] and, below it, these lines of the plan `name`.
fn crontab_with(name: &str, lines: &[&str]) -> Crontab {
    let block: String = lines.iter().map(|line| format!("{line}\n")).collect();
    Crontab::Present(format!("{MINE}# BEGIN landfall {name}\n{block}# END landfall {name}\n"))
}

/// A service of `tiny`, version v1, which answers at this port of the server.
fn web(port: u16) -> Value {
    json!({
        "image": { "archive": "/srv/images/tiny-v1.docker.tar" },
        "ports": [format!("127.0.0.1:{port}:80")],
        "healthcheck": { "http": format!("http://127.0.0.1:{port}/version"), "interval": "1s", "timeout": "30s", "retries": 3 }
    })
}

/// The version that the server answers with at this port; empty if nothing answers.
fn version_at(vsn: &Vsn, port: u16) -> String {
    vsn.run(["curl", "--silent", "--max-time", "5", &format!("http://127.0.0.1:{port}/version")]).stdout
}

/// What a mail says it is about.
fn subject(mail: &Mail) -> &str {
    mail.text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default()
}

/// What [`what_is_left`] of a plan in the containerless state.
const NOTHING: [&str; 0] = [];

/// Every container, network and secret of the server, and the images that carry a tag of ours.
fn what_is_left(vsn: &Vsn) -> Vec<String> {
    let ours = vsn.images().into_iter().filter(|image| image.starts_with("localhost/landfall/"));
    [vsn.containers(), vsn.networks(), vsn.secrets(), ours.collect()].concat()
}

/// What the mails in the sink say they are about.
fn subjects(sink: &MailSink<'_>) -> Vec<String> {
    sink.mails().iter().map(|mail| subject(mail).to_owned()).collect()
}

/// The same plan with mail to the sink, unencrypted.
fn mailed(mut plan: Value) -> Value {
    plan["maintenance"]["mail"] = json!({
        "to": ["ops@example.org"],
        "from": "vsn@example.org",
        "smtp": { "host": "localhost", "port": 25, "tls": "none" }
    });
    plan
}

/// Runs a script as cron does.
fn under_cron(vsn: &Vsn, script: &str) -> Output {
    let environment = ["HOME=/root", "LOGNAME=root", "SHELL=/bin/sh", "PATH=/usr/bin:/bin", "PWD=/root"];
    vsn.run(["env", "-i"].into_iter().chain(environment).chain([script]))
}

/// A mail without what differs each time.
fn masked(text: &str) -> String {
    let mask = |line: &str| match ["Date: ", "Message-ID: ", "State:   unhealthy since "]
        .iter()
        .find(|start| line.starts_with(**start))
    {
        Some(start) => format!("{start}*\n"),
        None => format!("{line}\n"),
    };
    text.lines().map(mask).collect()
}

/// What a script leaves that has nothing to say.
const SILENT: Output = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
