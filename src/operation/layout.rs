//! Where everything of ours lies on the server. Reads nothing, changes nothing.

use super::Argument;
use crate::plan::values::{ImageId, PlanName, RunId, ServiceName};
use std::path::{Path, PathBuf};

/// Where everything of one plan lies: its state folder, and its folder in `/run`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    plan: PlanName,
    state: PathBuf,
    volatile: PathBuf,
}

impl Layout {
    /// The state folder of all plans, unless the command line moves it.
    pub const STATE: &'static str = "/var/lib/landfall";

    /// The folder of all plans that a boot empties.
    pub const VOLATILE: &'static str = "/run/landfall";

    /// Locked by who looks, after a boot, whether Docker holds ports for nobody; not empty once somebody has.
    pub const PORTS_LOOKED_AT: &'static str = "/run/landfall.ports";

    /// What the name of a file begins with while it is being written: what a crash leaves, and nobody reads.
    pub const UNFINISHED: &'static str = ".landfall-new-";

    /// How the names of the files begin that keep what Podman said, until the server boots.
    pub const SAID_BY_PODMAN: &'static str = "/run/landfall.podman";

    /// What the name of a file begins with that says what the layers of an image are.
    const LAYERS: &'static str = "layers-";

    /// The layout of a plan below this state folder.
    pub fn new(state_folder: &Path, plan: &PlanName) -> Self {
        let name = plan.to_string();
        Self { plan: plan.clone(), state: state_folder.join(&name), volatile: Path::new(Self::VOLATILE).join(name) }
    }

    /// The plan's name.
    pub fn plan(&self) -> &PlanName {
        &self.plan
    }

    /// The plan's state folder.
    pub fn state(&self) -> &Path {
        &self.state
    }

    /// The saved plan: its being there is what «deployed» means.
    pub fn saved(&self) -> PathBuf {
        self.state.join("saved.json")
    }

    /// The services that are stopped on purpose, one a line; not there if there are none.
    pub fn stopped(&self) -> PathBuf {
        self.state.join("stopped")
    }

    /// What was saved before the run that is under way, or that failed.
    pub fn previous(&self) -> PathBuf {
        self.state.join("previous.json")
    }

    /// The folder of the accepted plans of earlier deployments, which can be deployed again.
    pub fn accepted(&self) -> PathBuf {
        self.state.join("accepted")
    }

    /// The accepted plan of one earlier deployment.
    pub fn accepted_by(&self, run: &RunId) -> PathBuf {
        self.accepted().join(format!("{run}.json"))
    }

    /// How the last run ended.
    pub fn last(&self) -> PathBuf {
        self.state.join("last.json")
    }

    /// The hashes of the keys and the `known_hosts` lines that we installed.
    pub fn keys(&self) -> PathBuf {
        self.state.join("keys.json")
    }

    /// The folder of all runs.
    pub fn runs(&self) -> PathBuf {
        self.state.join("runs")
    }

    /// The folder of one run.
    pub fn run(&self, run: &RunId) -> PathBuf {
        self.runs().join(run.to_string())
    }

    /// The journal of one run.
    pub fn journal(&self, run: &RunId) -> PathBuf {
        self.run(run).join("journal")
    }

    /// What one run retrieves and does not need afterwards.
    pub fn downloads(&self, run: &RunId) -> PathBuf {
        self.run(run).join("downloads")
    }

    /// What the layers of an image are that one run retrieves or removes, while it does; `image` is a name of it.
    pub fn layers(&self, run: &RunId, image: &str) -> PathBuf {
        let name = image.strip_prefix(&self.repositories()).unwrap_or(image).replace(['/', ':'], "-");
        self.run(run).join(format!("{}{name}", Self::LAYERS))
    }

    /// Whether a file says what the layers of an image are.
    pub fn is_layers(path: &Path) -> bool {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(Self::LAYERS))
    }

    /// The output of a container that one run removed after a failure.
    pub fn container_log(&self, run: &RunId, container: &str) -> PathBuf {
        self.run(run).join(format!("{container}.log"))
    }

    /// The output of another container of that name, which the same run removed later: one of the previous plan.
    pub fn container_log_again(&self, run: &RunId, container: &str) -> PathBuf {
        self.run(run).join(format!("{container}.again.log"))
    }

    /// The scripts that cron runs.
    pub fn jobs(&self) -> PathBuf {
        self.state.join("jobs")
    }

    /// One script that cron runs.
    pub fn job(&self, name: &str) -> PathBuf {
        self.jobs().join(name)
    }

    /// The scripts of the deployed plan, put aside while another one takes its place, to go back to them if need be.
    pub fn jobs_aside(&self) -> PathBuf {
        self.state.join("jobs.aside")
    }

    /// Copies of its keys for the same purpose: in memory, since a disk must not get more of them.
    pub fn keys_aside(&self) -> PathBuf {
        self.volatile.join("keys")
    }

    /// The script that finishes an interrupted run at boot.
    pub fn recover(&self) -> PathBuf {
        self.state.join("recover")
    }

    /// The account at the mail server, read by curl and by nobody else.
    pub fn mail_account(&self) -> PathBuf {
        self.jobs().join("smtp.netrc")
    }

    /// What jobs remember between two firings: the health check job of each service, and each of how its last run ended.
    pub fn health(&self) -> PathBuf {
        self.state.join("health")
    }

    /// What the last run of a script came to: what a boot leaves, and what was also written in the middle of a run of Landfall.
    pub fn job_records(&self, script: &str) -> [PathBuf; 2] {
        // No service's name begins so.
        [self.health(), self.volatile.clone()].map(|folder| folder.join(format!("_{script}")))
    }

    /// The lock that a script holds while it runs.
    pub fn job_lock(&self, script: &str) -> PathBuf {
        self.volatile.join(format!("{script}.lock"))
    }

    /// The crontab as it was before a run; not there if there was none.
    pub fn crontab_before(&self, run: &RunId) -> PathBuf {
        self.run(run).join("crontab.before")
    }

    /// The configs of all runs.
    pub fn configs(&self) -> PathBuf {
        self.state.join("configs")
    }

    /// The n-th config of a service, in the run that is under way.
    pub fn config(&self, service: &ServiceName, number: usize) -> Argument {
        Argument::literal(self.configs().display()).then("/").join(Argument::run()).then(format!("/{service}-{number}"))
    }

    /// The plan's folder in `/run`, which is empty after a boot.
    pub fn volatile(&self) -> &Path {
        &self.volatile
    }

    /// The folder of those files without which no engine starts a container.
    pub fn boot_guards(&self) -> PathBuf {
        self.volatile.join("boot")
    }

    /// The file that a container mounts so that only our boot job can start it after a boot.
    pub fn boot_guard(&self, service: &ServiceName) -> PathBuf {
        self.boot_guards().join(service.to_string())
    }

    /// The secrets, where the engine has no store for them: for root alone.
    pub fn secrets(&self) -> PathBuf {
        self.state.join("secrets")
    }

    /// Where such secrets lie in memory while containers mount them.
    pub fn secrets_in_memory(&self) -> PathBuf {
        self.volatile.join("secrets")
    }

    /// Which engine performed the last run, where that was not Podman.
    pub fn engine(&self) -> PathBuf {
        self.state.join("engine")
    }

    /// Where a secret lies in memory for an engine that has no store for secrets; `secret` is the engine's name of it.
    pub fn secret_in_memory(plan: &PlanName, secret: &Argument) -> Argument {
        Argument::literal(format_args!("{}/{plan}/secrets/", Self::VOLATILE)).join(secret.clone())
    }

    /// The name of a service's container.
    pub fn container(&self, service: &ServiceName) -> String {
        format!("{}-{service}", self.plan)
    }

    /// The name of a service's container while another one takes its place, until that is healthy. No service has such a name.
    pub fn container_before(&self, service: &ServiceName) -> String {
        format!("{}.before", self.container(service))
    }

    /// What all tags of this plan's images begin with.
    pub fn repositories(&self) -> String {
        Self::repositories_of(self.plan.as_str())
    }

    /// What all tags of the images of all plans begin with.
    pub const REPOSITORIES: &str = "localhost/landfall/";

    /// What all tags of the images of the plan of this name begin with.
    pub fn repositories_of(plan: &str) -> String {
        format!("{}{plan}/", Self::REPOSITORIES)
    }

    /// What the tags of a service's images begin with, up to the colon.
    pub fn repository(&self, service: &ServiceName) -> String {
        format!("{}{service}", self.repositories())
    }

    /// The tag of a service's image.
    pub fn tag(&self, service: &ServiceName, id: &ImageId) -> String {
        format!("{}:{}", self.repository(service), id.short())
    }

    /// What the engine's names of this plan's secrets begin with.
    pub fn secrets_prefix(&self) -> String {
        format!("landfall.{}.", self.plan)
    }

    /// Whether a file was never finished.
    pub fn is_unfinished(path: &Path) -> bool {
        path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(Self::UNFINISHED))
    }

    /// The engine's name of the n-th secret, in the run that is under way.
    pub fn secret(&self, number: usize) -> Argument {
        Argument::literal(self.secrets_prefix()).join(Argument::run()).then(format!(".{number}"))
    }
}
