//! The plan as typed values, each field with its default filled. Reads nothing, changes nothing.
//!
//! The schema is generated from these types, so what stands in a doc comment here is what an author reads in the editor.

mod configs;
mod dependencies;
mod examples;
mod health;
mod image;
mod limits;
mod maintenance;
pub mod schema;
mod service;
mod settings;
mod snippets;
mod volumes;

pub use configs::{Config, ConfigSource};
pub use dependencies::{Condition, Dependencies, Dependency};
pub use health::{Healthcheck, HttpCheck, Probe};
pub use image::{Image, ImageSource};
pub use limits::{Cpus, Logging, LoggingDriver, Ulimit};
pub use maintenance::{Cleanup, HealthJob, Job, Mail, Maintenance, RunEnd, Smtp, Tls};
pub use service::{Decode, Environment, Restart, SecretFile, SecretReference, Service};
pub use settings::{EngineChoice, History, Network, OnFailure, Registry, Requires, SshKey, Staging, Teardown};
pub use volumes::{Tmpfs, Volume};

use crate::plan::values::{JobName, KeyFileName, Owner, PlanName, RegistryName, ServiceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A deployment plan: everything that one server is to run, and how it is looked after.
///
/// Keys that begin with `x-` are yours, at every level: for comments and for other programs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Deployment plan", example = examples::plan())]
#[schemars(extend("defaultSnippets" = snippets::plan()))]
pub struct Plan {
    /// Where this schema lies, as a URL or a path relative to the plan.
    ///
    /// It is for your editor: completion, help and underlined mistakes. Landfall always uses the schema that it was built
    /// with. `landfall schema > plan.v1.json` writes it.
    #[serde(rename = "$schema", default, skip_serializing)]
    #[schemars(example = &"plan.v1.json", example = &"../schema/plan.v1.json")]
    pub schema: Option<String>,
    /// The version of the plan format. There is only 1.
    #[schemars(extend("const" = 1), example = 1)]
    pub version: u32,
    /// The plan's name, unique on the server. Containers are called `<name>-<service>`, the network `<name>`.
    ///
    /// A plan with another name is another plan: deploying it leaves this one's containers alone.
    #[schemars(example = &"shop", example = &"mail-archive")]
    pub name: PlanName,
    /// The container engine that runs the services.
    #[serde(default)]
    #[schemars(example = EngineChoice::Podman)]
    pub engine: EngineChoice,
    /// What a deployment stops and drops before it creates anything.
    #[serde(default)]
    #[schemars(example = Teardown::Plan)]
    pub teardown: Teardown,
    /// When images are retrieved: `before` anything is stopped, so that a failed download costs nothing, or `after`.
    #[serde(default)]
    #[schemars(example = Staging::After)]
    pub staging: Staging,
    /// What a deployment falls back to when it fails. Persistent data is kept in any case.
    #[serde(default)]
    #[schemars(example = OnFailure::Containerless)]
    pub on_failure: OnFailure,
    /// How much of the past is kept on the server.
    #[serde(default)]
    #[schemars(example = History { keep: 10 })]
    pub history: History,
    /// The network that the plan's services share; they reach one another by name on it.
    ///
    /// By default the engine chooses its addresses.
    #[serde(default)]
    #[schemars(extend("examples" = [{"subnets": ["10.90.0.0/24"]}]))]
    pub network: Network,
    /// The services by name, one container each. The name is what the other services reach it by.
    #[schemars(extend("defaultSnippets" = snippets::services(), "examples" = examples::services()))]
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"format": "landfall-service-name"}))]
    pub services: BTreeMap<ServiceName, Service>,
    /// Accounts at image registries, their certificate authorities and mirrors, by `host` or `host:port` as it stands in the image references.
    ///
    /// A registry that asks for no password and shows a certificate that the server trusts needs no entry.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("default" = {}, "examples" = [{"registry.example:5000": Registry::example()}]))]
    pub registries: BTreeMap<RegistryName, Registry>,
    /// Private keys that are installed in `/root/.ssh`, by file name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("default" = {}, "examples" = [{"id_ed25519": SshKey::example()}]))]
    pub ssh_keys: BTreeMap<KeyFileName, SshKey>,
    /// The jobs that cron runs, and where their mail goes. By default there are none.
    ///
    /// Whatever stands here, a job of Landfall's own starts the services in order when the server boots.
    #[serde(default)]
    #[schemars(extend("examples" = [{"cleanup": {"schedule": "@weekly"}, "healthcheck": {"schedule": "*/5 * * * *"}}]))]
    pub maintenance: Maintenance,
    /// What the server must be and have. Where it doesn't, the deployment ends before anything is changed.
    #[serde(default)]
    #[schemars(extend("examples" = [{"hostname": "vsn7", "free_disk": "2GiB"}]))]
    pub requires: Requires,
}

impl Plan {
    /// The plan's own jobs by name.
    pub fn jobs(&self) -> &BTreeMap<JobName, Job> {
        &self.maintenance.jobs
    }
}

/// Whether a switch is off, so that serialisation can leave it out.
pub(crate) fn off(switch: &bool) -> bool {
    !*switch
}

/// The owner of what the plan does not give to anybody else.
pub(crate) fn root() -> Owner {
    Owner::ROOT
}

/// A switch that is on unless the plan says otherwise.
pub(crate) fn on() -> bool {
    true
}
