//! A plan on the VSN's disk, the commands that act on it, and everything that a refused one must leave as it was.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::eventually::eventually;
use super::evidence::{Crontab, Entry};
use super::process::{Output, Process};
use super::vsn::Vsn;

/// Where a plan lies; its relative paths start from `/srv`, so the images of the tests are in `images`.
pub const PLAN: &str = "/srv/plan.json";
/// Where its secrets lie.
pub const SECRETS: &str = "/srv/secrets.json";

/// Everything on a VSN that is not allowed to differ when nothing was changed.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Snapshot {
    /// Name, ID, state, start and labels of each container.
    pub containers: Vec<String>,
    pub images: Vec<String>,
    pub networks: Vec<String>,
    pub secrets: Vec<String>,
    pub volumes: Vec<String>,
    pub crontab: Crontab,
    /// `/srv`, with the data.
    pub data: Vec<Entry>,
    /// Landfall's own state.
    pub state: Vec<Entry>,
    /// `/root/.ssh`
    pub keys: Vec<Entry>,
}

impl Snapshot {
    /// The same without the records of a plan's runs, which a run that had begun adds to.
    #[must_use]
    pub fn without_runs(mut self, plan: &str) -> Self {
        let records = ["runs", "last.json", "crontabs", "engine"].map(|record| format!("{plan}/{record}"));
        let folders = ["", plan];
        self.state.retain(|entry| {
            !folders.contains(&entry.path.as_str()) && !records.iter().any(|record| entry.path.starts_with(record))
        });
        self
    }
}

/// The document on standard output.
#[track_caller]
pub fn document(output: &Output) -> Value {
    serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// The exit code and what `--format json` says, without the seconds of the steps.
#[derive(Debug, PartialEq, Eq, Clone)]
pub struct Ended {
    pub status: Option<i32>,
    pub outcome: String,
    pub cause: Option<String>,
    pub left: Vec<String>,
}

impl Ended {
    /// Deployed, with nothing to say about it.
    pub fn deployed() -> Self {
        Self { status: Some(0), outcome: "deployed".to_owned(), cause: None, left: Vec::new() }
    }

    /// What a `landfall … --format json` that ended says.
    #[track_caller]
    pub fn of(output: &Output) -> Self {
        let said = document(output);
        let left = said["left"].as_array().unwrap();
        Self {
            status: output.status,
            outcome: said["outcome"].as_str().unwrap().to_owned(),
            cause: said["cause"].as_str().map(str::to_owned),
            left: left.iter().map(|left| left.as_str().unwrap().to_owned()).collect(),
        }
    }

    /// The exit code and the outcome.
    pub fn word(&self) -> (Option<i32>, &str) {
        (self.status, &self.outcome)
    }
}

/// What `landfall status` tells of a service besides what it is and whether it is healthy.
const BESIDE_HEALTH: [&str; 11] = [
    "reason",
    "healthy_since",
    "running_since",
    "version",
    "ports",
    "memory_bytes",
    "memory_limit_bytes",
    "cpu_percent",
    "disk_bytes",
    "disk_at_least",
    "output",
];

impl Vsn {
    /// Puts the plan, and what its services are made of, on the disk. A plan that names no engine gets the VSN's where that isn't the
    /// one that it would have.
    pub fn write_plan(&self, plan: &Value) {
        let plan = self.on_its_engine(plan);
        self.write(PLAN, format!("{plan:#}\n"), 0o600);
        for service in plan["services"].as_object().unwrap().values() {
            let archive = service["image"]["archive"].as_str().and_then(|archive| archive.strip_prefix("images/"));
            if let Some(archive) = archive.filter(|archive| self.read(&format!("/srv/images/{archive}")).is_none()) {
                self.image("tiny", archive);
            }
        }
    }

    /// Names the VSN's engine in a plan that somebody else has written and that names none.
    pub fn give_its_engine_to(&self, path: &str) {
        let plan: Value = serde_json::from_slice(&self.read(path).unwrap()).unwrap();
        self.write(path, format!("{:#}\n", self.on_its_engine(&plan)), 0o600);
    }

    /// The plan; one that names no engine names the VSN's then.
    pub fn on_its_engine(&self, plan: &Value) -> Value {
        let mut plan = plan.clone();
        if self.engine() == "docker" && plan.get("engine").is_none() {
            plan["engine"] = json!("docker");
        }
        plan
    }

    /// Puts the secrets file on the disk.
    pub fn write_secrets(&self, secrets: &Value) {
        self.write(SECRETS, format!("{secrets:#}\n"), 0o600);
    }

    /// `landfall deploy` of the plan on the disk, with the secrets if there are any.
    pub fn deploy(&self) -> Ended {
        Ended::of(&self.landfall(self.deploy_command()))
    }

    /// As [`Vsn::deploy`], while it runs.
    pub fn start_deploy(&self) -> Process {
        self.start_landfall(self.deploy_command())
    }

    /// As [`Vsn::start_deploy`], over what is deployed, once the new container of this name runs.
    pub fn start_deploy_until_runs(&self, container: &str) -> Process {
        let first = self.inspect(container)["Id"].clone();
        let run = self.start_deploy();
        eventually("the new container runs", || {
            let there = self.run([self.engine(), "container", "inspect", container]);
            let there: Value = serde_json::from_str(&there.stdout).unwrap_or(json!([]));
            there[0]["State"]["Running"] == json!(true) && there[0]["Id"] != first
        });
        run
    }

    /// Deploys the plan, which must succeed.
    #[track_caller]
    pub fn must_deploy(&self, plan: &Value) {
        self.write_plan(plan);
        assert_eq!(self.deploy(), Ended::deployed());
    }

    fn deploy_command(&self) -> Vec<&'static str> {
        let mut command = vec!["deploy", PLAN, "--format", "json"];
        if self.read(SECRETS).is_some() {
            command.extend(["--secrets", SECRETS]);
        }
        command
    }

    /// The exit code of `landfall status`, and its plans without what differs from run to run.
    pub fn status(&self) -> (Option<i32>, Value) {
        let output = self.landfall(["status", "--format", "json"]);
        let mut plans = document(&output)["plans"].take();
        for plan in plans.as_array_mut().unwrap() {
            for differs in ["deployed_at", "plan_sha256"] {
                plan[differs] = json!(!plan[differs].is_null());
            }
            if let Some(last) = plan["last_run"].as_object_mut() {
                last.remove("run");
                last.remove("ended_at");
            }
            // What `every_day::status` is about.
            plan.as_object_mut().unwrap().remove("jobs");
            for service in plan["services"].as_array_mut().unwrap() {
                service.as_object_mut().unwrap().retain(|name, _| !BESIDE_HEALTH.contains(&name.as_str()));
            }
        }
        (output.status, plans)
    }

    /// The exit code of `landfall status` and the state of each plan.
    pub fn states(&self) -> (Option<i32>, BTreeMap<String, String>) {
        let (status, plans) = self.status();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        (status, plans.as_array().unwrap().iter().map(|plan| (text(&plan["name"]), text(&plan["state"]))).collect())
    }

    /// What the engine says of a container.
    #[track_caller]
    pub fn inspect(&self, container: &str) -> Value {
        serde_json::from_str::<Value>(&self.must([self.engine(), "container", "inspect", container])).unwrap()[0].take()
    }

    /// The ID of a container's image.
    #[track_caller]
    pub fn image_of(&self, container: &str) -> String {
        self.known_by(self.inspect(container)["Image"].as_str().unwrap())
    }

    /// The ID of the image in a docker-archive of `scripts/test-images`, as the archive says.
    pub fn image_id(&self, archive: &str) -> String {
        let path = self.image("tiny", archive);
        let manifest = self.must(["tar", "--extract", "--to-stdout", "--file", &path, "./manifest.json"]);
        let manifest: Value = serde_json::from_str(&manifest).unwrap();
        manifest[0]["Config"].as_str().unwrap().strip_suffix(".json").unwrap().to_owned()
    }

    /// What a running container answers to a command.
    #[track_caller]
    pub fn in_container(&self, container: &str, command: &str) -> String {
        self.must([self.engine(), "exec", container, "sh", "-c", command])
    }

    /// Where the engine keeps what a container writes.
    #[track_caller]
    pub fn log_file(&self, container: &str) -> String {
        let inspected = self.inspect(container);
        let path = if self.engine() == "docker" { "/LogPath" } else { "/HostConfig/LogConfig/Path" };
        inspected.pointer(path).and_then(Value::as_str).unwrap().to_owned()
    }

    /// The folders of the plan's runs, from the oldest.
    pub fn runs(&self, plan: &str) -> Vec<String> {
        let folder = format!("/var/lib/landfall/{plan}/runs");
        let Ok(runs) = std::fs::read_dir(self.on_disk(&folder)) else { return Vec::new() };
        let folders = runs.map(Result::unwrap).filter(|entry| entry.file_type().unwrap().is_dir());
        let mut runs: Vec<String> =
            folders.map(|run| format!("{folder}/{}", run.file_name().to_str().unwrap())).collect();
        runs.sort();
        runs
    }

    /// Everything that a refused run must leave as it was.
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            containers: self.described_containers(),
            images: self.images(),
            networks: self.networks(),
            secrets: self.secrets(),
            volumes: self.volumes(),
            crontab: self.crontab(),
            data: self.manifest("/srv").into_iter().filter(|entry| !entry.path.starts_with("front")).collect(),
            state: self.manifest("/var/lib/landfall"),
            keys: self.manifest("/root/.ssh"),
        }
    }

    /// Name, ID, state, start and labels of each container, sorted.
    pub fn described_containers(&self) -> Vec<String> {
        let (all, parts): (String, &[&str]) = match self.engine() {
            "docker" => {
                let inspect = "docker ps --all --quiet | xargs --no-run-if-empty docker container inspect";
                let parts = &["/Name", "/Id", "/State/Status", "/State/StartedAt", "/Config/Labels"];
                (self.must(["sh", "-c", inspect]), parts)
            }
            _ => {
                let list = ["podman", "ps", "--all", "--external", "--format", "json"];
                (self.must(list), &["/Names", "/Id", "/State", "/StartedAt", "/Labels"])
            }
        };
        // Docker's client prints nothing for no container.
        let all: Vec<Value> = if all.is_empty() { Vec::new() } else { serde_json::from_str(&all).unwrap() };
        let describe = |container: &Value| {
            let parts = parts.iter().map(|part| container.pointer(part).unwrap_or(&Value::Null).to_string());
            parts.collect::<Vec<_>>().join(" ")
        };
        let mut containers: Vec<String> = all.iter().map(describe).collect();
        containers.sort();
        containers
    }
}
