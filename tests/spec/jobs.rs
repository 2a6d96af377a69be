//! What the generated scripts do on a server, one by one, in the environment that cron gives them.

use landfall::operation::{Layout, Script};
use landfall::plan::{model::Plan, reading};
use landfall::script;
use pretty_assertions::assert_eq;

use crate::support::{Output, Process, Tls, Vsn, eventually, eventually_within};

/// A server on which a plan's containers run, its scripts lie where they belong, and the plan counts as deployed.
struct Deployed {
    vsn: Vsn,
    layout: Layout,
    plan: Plan,
}

/// What cron passes to a job, and nothing else.
const CRON: [&str; 7] = ["env", "-i", "HOME=/root", "LOGNAME=root", "SHELL=/bin/sh", "PATH=/usr/bin:/bin", "PWD=/root"];

impl Deployed {
    /// Deploys `services`, with `maintenance`, by hand: what is tested here is the scripts alone.
    fn with(services: &str, maintenance: &str) -> Self {
        let text = format!(r#"{{"version": 1, "name": "yard", "services": {services}, "maintenance": {maintenance}}}"#);
        let read = reading::plan("plan.json", text.as_bytes());
        assert_eq!(read.findings, [], "{text}");
        let plan = read.content.unwrap();
        let layout = Layout::new(Layout::STATE.as_ref(), &plan.name);
        let deployed = Self { vsn: Vsn::start(), layout, plan };
        for Script { name, text } in script::scripts(&deployed.plan, &deployed.layout).unwrap() {
            deployed.vsn.write(deployed.layout.job(&name).to_str().unwrap(), text, 0o700);
        }
        deployed.vsn.write(deployed.layout.saved().to_str().unwrap(), "{}", 0o600);
        deployed.create_containers();
        deployed
    }

    fn create_containers(&self) {
        let archive = self.vsn.image("tiny", "tiny-v1.docker.tar");
        self.vsn.must(["podman", "load", "--quiet", "--input", &archive]);
        self.vsn.must(["podman", "network", "create", "yard"]);
        for (name, service) in &self.plan.services {
            let guard = self.layout.boot_guard(name).to_str().unwrap().to_owned();
            let container = self.layout.container(name);
            let mount = format!("--mount=type=bind,source={guard},target=/.boot,readonly");
            self.vsn.must(["mkdir", "-p", self.layout.volatile().join("boot").to_str().unwrap()]);
            self.vsn.must(["touch", &guard]);
            let mut command = vec!["podman", "create", "--name", &container, "--network", "yard", "--restart=always"];
            command.push(&mount);
            let ports: Vec<String> = service.ports.iter().map(|port| format!("--publish={port}")).collect();
            command.extend(ports.iter().map(String::as_str));
            command.push("localhost/tiny:v1");
            command.extend(service.command.iter().flatten().map(String::as_str));
            self.vsn.must(command);
            self.vsn.must(["podman", "start", &container]);
        }
    }

    /// Runs a script as cron does.
    fn job(&self, name: &str) -> Output {
        let path = self.layout.job(name).to_str().unwrap().to_owned();
        self.vsn.run(CRON.into_iter().chain([path.as_str()]))
    }

    /// Runs a script that has nothing to say.
    #[track_caller]
    fn quiet_job(&self, name: &str) {
        let silent = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
        assert_eq!(self.job(name), silent, "{name}");
    }

    /// Turns back what the health check job remembers of the time of its last mail about a service.
    fn age_last_mail(&self, service: &str, seconds: u64) {
        let file = self.layout.health().join(service).to_str().unwrap().to_owned();
        let program = format!("{{ $4 -= {seconds}; print }}");
        let aged = self.vsn.must(["awk", &program, &file]);
        self.vsn.write(&file, aged, 0o600);
    }

    /// The subjects of all mails, in the order of arrival.
    fn subjects(&self) -> Vec<String> {
        let subject = |text: &str| text.lines().find_map(|line| line.strip_prefix("Subject: ").map(str::to_owned));
        self.vsn.mails().iter().map(|mail| subject(&mail.text).unwrap()).collect()
    }

    /// Starts rsyslog, and waits until it writes.
    fn syslog(&self) -> Process {
        let process = self.vsn.start_process(["rsyslogd", "-n"]);
        eventually("rsyslog writes", || {
            self.vsn.run(["logger", "-t", "probe", "is it there"]);
            self.vsn.read("/var/log/syslog").is_some()
        });
        process
    }
}

const WATCHED: &str = r#"{
    "web": {
        "image": "localhost/tiny:v1", "ports": ["127.0.0.1:8080:80"],
        "healthcheck": { "http": "http://localhost:8080/version", "interval": "1s", "timeout": "2s", "retries": 2 }
    },
    "worker": {
        "image": "localhost/tiny:v1",
        "healthcheck": { "http": "http://worker/version", "interval": "1s", "timeout": "2s", "retries": 2 }
    },
    "gate": {
        "image": "localhost/tiny:v1", "depends_on": ["worker"],
        "healthcheck": { "tcp": "worker:80", "interval": "1s", "timeout": "2s", "retries": 2 }
    },
    "store": {
        "image": "localhost/tiny:v1", "depends_on": ["web"],
        "healthcheck": { "exec": ["test", "!", "-e", "/broken"], "interval": "1s", "timeout": "2s", "retries": 2 }
    },
    "plain": { "image": "localhost/tiny:v1" },
    "once": { "image": "localhost/tiny:v1", "restart": "no" }
}"#;

const WATCHING: &str = r#"{
    "healthcheck": { "schedule": "* * * * *" },
    "mail": { "to": ["ops@example.org", "night@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" } }
}"#;

#[test]
fn a_failure_is_mailed_once_and_so_is_the_recovery() {
    let yard = Deployed::with(WATCHED, WATCHING);
    let _sink = yard.vsn.mail_sink();
    yard.quiet_job("healthcheck");
    assert_eq!(yard.subjects(), [] as [&str; 0]);

    yard.vsn.must(["podman", "exec", "yard-store", "touch", "/broken"]);
    yard.vsn.must(["podman", "stop", "--time", "1", "yard-worker"]);
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
        "  podman logs --tail 100 yard-worker\n",
    ] {
        assert!(mail.text.contains(expected), "{expected:?} is missing: {}", mail.text);
    }

    yard.vsn.must(["podman", "start", "yard-worker"]);
    yard.vsn.must(["podman", "exec", "yard-store", "rm", "/broken"]);
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
    yard.vsn.must(["podman", "stop", "--time", "1", "yard-web"]);
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
        yard.vsn.must(["podman", "inspect", "--format", "{{.RestartCount}}", "yard-loop"]) != "0\n"
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

/// A `sendmail` that knows what the script needs: the recipients from the header, the sender from the command line.
const SENDMAIL: &str = r#"#!/usr/bin/python3
import email, email.utils, smtplib, sys
assert sys.argv[1:4] == ["-t", "-i", "-f"], sys.argv
message = sys.stdin.buffer.read()
to = [address for _, address in email.utils.getaddresses([email.message_from_bytes(message)["To"]])]
smtplib.SMTP("localhost", 25).sendmail(sys.argv[4], to, message)
"#;

#[test]
fn mail_goes_encrypted_with_the_account_or_by_sendmail() {
    let mail = |tls: &str| {
        format!(
            r#"{{ "mail": {{ "to": ["ops@example.org"], "from": "vsn@example.org", "smtp": {{
                "host": "localhost", "port": 25, "tls": "{tls}", "ca": "ca.pem", "username": "vsn", "password": {{ "secret": "smtp" }}
            }} }} }}"#
        )
    };
    let services = r#"{ "plain": { "image": "localhost/tiny:v1" } }"#;
    for (tls, sink) in [("required", Tls::Required), ("implicit", Tls::Implicit)] {
        let yard = Deployed::with(services, &mail(tls));
        let smtp = yard.plan.maintenance.mail.clone().unwrap().smtp.unwrap();
        let (certificate, _) = yard.vsn.certificate();
        yard.vsn.must(["cp", &certificate, script::mail_authority(&yard.layout).to_str().unwrap()]);
        let _sink = yard.vsn.mail_sink_with(sink, Some(("vsn", "pass \"word\" #1\\")));
        let job = yard.layout.job("mail").to_str().unwrap().to_owned();
        let send =
            || yard.vsn.run_with_input(CRON.into_iter().chain([job.as_str(), "a subject"]), "a body\n.\nits end\n");
        for (password, accepted) in [("wrong", false), ("pass \"word\" #1\\", true)] {
            let account = script::mail_account(&smtp, "vsn", password).unwrap();
            yard.vsn.write(yard.layout.mail_account().to_str().unwrap(), account, 0o600);
            assert_eq!(send().status == Some(0), accepted, "{tls}");
        }
        let mails: Vec<_> = yard.vsn.mails().into_iter().map(|mail| (mail.tls, mail.user)).collect();
        assert_eq!(mails, [(true, "vsn".to_owned())]);
        assert!(yard.vsn.mails()[0].text.ends_with("\n\na body\n.\nits end\n"), "{:?}", yard.vsn.mails());
    }

    let by_sendmail = r#"{ "mail": { "to": ["ops@example.org"], "from": "vsn@example.org" } }"#;
    let yard = Deployed::with(services, by_sendmail);
    let job = yard.layout.job("mail").to_str().unwrap().to_owned();
    let send = || yard.vsn.run_with_input(CRON.into_iter().chain([job.as_str(), "by sendmail"]), "a body\n");
    assert_eq!(send().status, Some(127));
    yard.vsn.must(["mount", "-t", "tmpfs", "tmpfs", "/usr/local/sbin"]);
    yard.vsn.run_with_input(["install", "-m", "755", "/dev/stdin", "/usr/local/sbin/sendmail"], SENDMAIL);
    let _sink = yard.vsn.mail_sink();
    let sent = send();
    assert_eq!(sent.status, Some(0), "{sent:?}");
    assert_eq!(yard.subjects(), ["by sendmail"]);
}

#[test]
fn cron_runs_the_jobs_and_they_say_nothing_to_it() {
    let yard = Deployed::with(WATCHED, WATCHING);
    let _sink = yard.vsn.mail_sink();
    let _syslog = yard.syslog();
    let lines = script::crontab(&yard.plan, &yard.layout).unwrap().join("\n") + "\n";
    assert_eq!(yard.vsn.run_with_input(["crontab", "-"], &lines).status, Some(0));
    yard.vsn.reboot();
    let _syslog = yard.syslog();
    let _sink = yard.vsn.mail_sink();
    let _cron = yard.vsn.start_process(["cron", "-f"]);
    eventually("everything runs again", || yard.vsn.running_containers().len() == 5);
    let log = || String::from_utf8_lossy(&yard.vsn.read("/var/log/syslog").unwrap()).into_owned();
    eventually("the boot job is done", || log().contains("landfall-yard: boot: all services are healthy"));
    yard.vsn.must(["podman", "stop", "--time", "1", "yard-web"]);
    eventually_within(std::time::Duration::from_secs(150), "the mail arrives", || !yard.subjects().is_empty());
    assert_eq!(yard.subjects(), ["yard on vsn: web unhealthy"]);
    assert!(log().contains("landfall-yard: web is unhealthy: the container yard-web is exited, not running"));
    // Cron tells when it has output that it can't mail.
    assert!(!log().contains("discarding output"), "{}", log());
}

#[test]
fn the_recover_script_finishes_first_and_then_boots() {
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, "{}");
    yard.vsn.write("/srv/landfall", "#!/bin/sh\necho \"$@\" >> /srv/called\nexit 0\n", 0o755);
    let recover = script::recover(&yard.layout, "/srv/landfall".as_ref()).unwrap();
    let path = yard.layout.recover().to_str().unwrap().to_owned();
    yard.vsn.write(&path, recover.text, 0o700);
    yard.vsn.reboot();
    let silent = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
    assert_eq!(yard.vsn.run(CRON.into_iter().chain([path.as_str()])), silent);
    assert_eq!(yard.vsn.read("/srv/called").unwrap(), b"recover --state-dir /var/lib/landfall\n");
    assert_eq!(yard.vsn.running_containers(), ["yard-plain"]);
}

#[test]
fn while_a_run_is_under_way_or_nothing_is_deployed_no_job_does_or_says_anything() {
    let yard = Deployed::with(WATCHED, WATCHING);
    let _sink = yard.vsn.mail_sink();
    yard.vsn.must(["podman", "stop", "--time", "1", "yard-web"]);
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
    assert_eq!(yard.vsn.must(["podman", "exec", "yard-plain", "cat", "/www/a note"]), "it's done\n");
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
fn after_a_reboot_the_boot_job_starts_everything_in_order() {
    let yard = Deployed::with(WATCHED, WATCHING);
    yard.vsn.reboot();
    assert_eq!(yard.vsn.running_containers(), [] as [&str; 0]);
    let refused = yard.vsn.run(["podman", "start", "yard-web"]);
    assert!(refused.stderr.contains("/run/landfall/yard/boot/web"), "{refused:?}");
    yard.quiet_job("boot");
    assert_eq!(yard.vsn.running_containers(), ["yard-gate", "yard-plain", "yard-store", "yard-web", "yard-worker"]);
    let started = |service: &str| -> i64 {
        let container = format!("yard-{service}");
        let nanoseconds = ["podman", "inspect", "--format", "{{.State.StartedAt.UnixNano}}", &container];
        yard.vsn.must(nanoseconds).trim().parse().unwrap()
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
            "healthcheck": { "exec": ["test", "-e", "/healthy"], "interval": "1s", "timeout": "1s", "retries": 2 }
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

    yard.vsn.must(["podman", "exec", "yard-bad", "touch", "/healthy"]);
    yard.quiet_job("boot");
    yard.quiet_job("healthcheck");
    assert_eq!(
        yard.subjects(),
        ["yard on vsn: after a boot, not healthy: bad, behind", "yard on vsn: bad, behind healthy again"]
    );
}

#[test]
fn without_its_disk_nothing_starts_at_boot_until_it_is_there_and_a_mail_tells_so() {
    let services = r#"{
        "front": { "image": "localhost/tiny:v1" },
        "back": { "image": "localhost/tiny:v1", "volumes": [{ "source": "/srv/disk", "target": "/data", "mountpoint": true }] }
    }"#;
    let yard = Deployed::with(services, WATCHING);
    yard.vsn.must(["mkdir", "/srv/disk"]);
    yard.vsn.reboot();
    let _sink = yard.vsn.mail_sink();
    let boot = yard.layout.job("boot").to_str().unwrap().to_owned();
    let job = yard.vsn.start_process(CRON.into_iter().chain([boot.as_str()]));
    eventually_within(std::time::Duration::from_secs(120), "the mail arrives", || !yard.subjects().is_empty());
    assert_eq!(yard.subjects(), ["yard on vsn: a disk is not mounted, nothing is started"]);
    assert_eq!(yard.vsn.running_containers(), [] as [&str; 0]);
    assert_eq!(yard.vsn.run(["ls", "-A", "/srv/disk"]).stdout, "");
    yard.vsn.must(["mount", "-t", "tmpfs", "tmpfs", "/srv/disk"]);
    let silent = Output { status: Some(0), stdout: String::new(), stderr: String::new() };
    assert_eq!(job.wait(), silent);
    assert_eq!(yard.vsn.running_containers(), ["yard-back", "yard-front"]);
    assert_eq!(yard.subjects().len(), 1);
}

#[test]
fn cleanup_removes_what_is_too_old_and_loses_no_younger_line_while_rsyslog_writes() {
    let maintenance = r#"{ "cleanup": { "schedule": "@daily" } }"#;
    let yard = Deployed::with(r#"{ "plain": { "image": "localhost/tiny:v1" } }"#, maintenance);
    let _syslog = yard.syslog();
    for (age, name) in [
        ("25 hours ago", "syslog.1"),
        ("25 hours ago", "syslog.2.gz"),
        ("25 hours ago", "messages-20200101"),
        ("23 hours ago", "kern.log.1"),
        ("25 hours ago", "auth.log.1"),
        ("25 hours ago", "stranger.log.1"),
        ("25 hours ago", "syslog.backup"),
    ] {
        yard.vsn.must(["touch", "--date", age, &format!("/var/log/{name}")]);
    }
    let writer = yard.vsn.start_process([
        "bash",
        "-c",
        "for ((n = 1; n <= 3000; n++)); do echo \"line $n.\"; sleep 0.001; done | logger -t counted; logger -t counted end",
    ]);
    let rotated = || yard.vsn.must(["ls", "/var/log"]).lines().filter(|name| name.starts_with("syslog-")).count();
    eventually("three rotations are done", || {
        yard.quiet_job("cleanup");
        // As if the pause between two rotations were over.
        yard.vsn.must(["touch", "--date", "1 day ago", "/var/lib/landfall/yard/cleanup.rotated"]);
        rotated() >= 3
    });
    assert_eq!(writer.wait().status, Some(0));
    let counted = || yard.vsn.must(["sh", "-c", "cat /var/log/syslog* 2>/dev/null | grep ' counted: '"]);
    eventually("the last line is written", || counted().contains("counted: end"));
    let lines = counted().lines().filter(|line| line.contains(": line ")).count();
    assert_eq!(lines, 3000);
    let left = yard.vsn.must(["sh", "-c", "ls /var/log"]);
    let old =
        ["syslog.1", "syslog.2.gz", "messages-20200101", "kern.log.1", "auth.log.1", "stranger.log.1", "syslog.backup"];
    let left: Vec<&str> = old.into_iter().filter(|name| left.lines().any(|line| line == *name)).collect();
    assert_eq!(left, ["kern.log.1", "auth.log.1", "stranger.log.1", "syslog.backup"]);
}
