//! The plan as typed values, each field with its default filled. Reads nothing, changes nothing.
//!
//! The schema is generated from these types, so what stands in a doc comment here is what an author reads in the editor.

mod configs;
mod dependencies;
mod health;
mod image;
mod limits;
mod maintenance;
pub mod schema;
mod service;
mod settings;
mod volumes;

pub use configs::{Config, ConfigSource};
pub use dependencies::{Condition, Dependencies, Dependency};
pub use health::{Healthcheck, HttpCheck, Probe};
pub use image::{Image, ImageSource};
pub use limits::{Cpus, Logging, LoggingDriver, Ulimit};
pub use maintenance::{Cleanup, HealthJob, Job, Mail, Maintenance, Smtp, Tls};
pub use service::{Decode, Environment, Restart, SecretFile, SecretReference, Service};
pub use settings::{EngineChoice, History, Network, OnFailure, Registry, Requires, SshKey, Staging, Teardown};
pub use volumes::{Tmpfs, Volume};

use crate::plan::values::{JobName, KeyFileName, Owner, PlanName, RegistryName, ServiceName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A deployment plan: everything that one server is to run, and how it is looked after.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Plan {
    /// Where the schema lies, for the editor's completion and hover help.
    #[serde(rename = "$schema", default, skip_serializing)]
    #[schemars(example = "../schema/plan.v1.json")]
    pub schema: Option<String>,
    /// The version of the plan format: 1.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// The plan's name. Containers are called `<name>-<service>`, the network `<name>`.
    pub name: PlanName,
    /// The container engine.
    #[serde(default)]
    pub engine: EngineChoice,
    /// What a deployment disposes of before it creates anything.
    #[serde(default)]
    pub teardown: Teardown,
    /// When images are retrieved.
    #[serde(default)]
    pub staging: Staging,
    /// What a failed deployment falls back to.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// How much of the past is kept.
    #[serde(default)]
    pub history: History,
    /// The network that the services share.
    #[serde(default)]
    pub network: Network,
    /// The service containers by name.
    #[schemars(extend("minProperties" = 1, "propertyNames" = {"format": "landfall-service-name"}))]
    pub services: BTreeMap<ServiceName, Service>,
    /// How to log in to image registries.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub registries: BTreeMap<RegistryName, Registry>,
    /// Private keys that are installed in `/root/.ssh`, by file name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub ssh_keys: BTreeMap<KeyFileName, SshKey>,
    /// The jobs that cron runs, and where their mail goes.
    #[serde(default)]
    pub maintenance: Maintenance,
    /// What the server must have.
    #[serde(default)]
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
