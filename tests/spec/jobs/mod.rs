//! What the generated scripts do on a server, one by one, in the environment that cron gives them.

mod boot;
mod cleanup;
mod clock;
mod commands;
mod health;
mod mail;
mod under_way;

use landfall::operation::{Layout, Script};
use landfall::plan::{model::Plan, reading};
use landfall::script;
use pretty_assertions::assert_eq;

use crate::support::{Output, Process, Vsn, eventually};

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
        let engine = deployed.vsn.engine_kind();
        for Script { name, text } in script::scripts(&deployed.plan, &deployed.layout, engine).unwrap() {
            deployed.vsn.write(deployed.layout.job(&name).to_str().unwrap(), text, 0o700);
        }
        deployed.vsn.write(deployed.layout.saved().to_str().unwrap(), "{}", 0o600);
        deployed.create_containers();
        deployed
    }

    fn create_containers(&self) {
        let engine = self.vsn.engine();
        let archive = self.vsn.image("tiny", "tiny-v1.docker.tar");
        self.vsn.must([engine, "load", "--quiet", "--input", &archive]);
        self.vsn.must([engine, "network", "create", "yard"]);
        for (name, service) in &self.plan.services {
            let guard = self.layout.boot_guard(name).to_str().unwrap().to_owned();
            let container = self.layout.container(name);
            let mount = format!("--mount=type=bind,source={guard},target=/.boot,readonly");
            self.vsn.must(["mkdir", "-p", self.layout.volatile().join("boot").to_str().unwrap()]);
            self.vsn.must(["touch", &guard]);
            let mut command = vec![engine, "create", "--name", &container, "--network", "yard", "--restart=always"];
            command.push(&mount);
            let ports: Vec<String> = service.ports.iter().map(|port| format!("--publish={port}")).collect();
            command.extend(ports.iter().map(String::as_str));
            command.push("localhost/tiny:v1");
            command.extend(service.command.iter().flatten().map(String::as_str));
            self.vsn.must(command);
            self.vsn.must([engine, "start", &container]);
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
        "healthcheck": { "http": "http://localhost:8080/version", "interval": "1s", "timeout": "10s", "retries": 2 }
    },
    "worker": {
        "image": "localhost/tiny:v1",
        "healthcheck": { "http": "http://worker/version", "interval": "1s", "timeout": "10s", "retries": 2 }
    },
    "gate": {
        "image": "localhost/tiny:v1", "depends_on": ["worker"],
        "healthcheck": { "tcp": "worker:80", "interval": "1s", "timeout": "10s", "retries": 2 }
    },
    "store": {
        "image": "localhost/tiny:v1", "depends_on": ["web"],
        "healthcheck": { "exec": ["test", "!", "-e", "/broken"], "interval": "1s", "timeout": "10s", "retries": 2 }
    },
    "plain": { "image": "localhost/tiny:v1" },
    "once": { "image": "localhost/tiny:v1", "restart": "no" }
}"#;

const WATCHING: &str = r#"{
    "healthcheck": { "schedule": "* * * * *" },
    "mail": { "to": ["ops@example.org", "night@example.org"], "from": "vsn@example.org", "smtp": { "host": "localhost", "port": 25, "tls": "none" } }
}"#;
