//! One service and what reaches its container. Reads nothing, changes nothing.

use super::{Config, Cpus, Dependencies, Healthcheck, Image, Logging, Tmpfs, Ulimit, Volume};
use crate::plan::values::{
    Address, Capability, ContainerPath, Device, Duration, EnvironmentName, HostName, HostsEntry, LabelKey, Mode, Owner,
    Port, SecretName, Signal, Size, SysctlName, User,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One service: a container that can be disposed of and made again at any time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Service {
    /// Where the image comes from.
    pub image: Image,
    /// The arguments of the entrypoint, instead of the image's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<Vec<String>>,
    /// The program to run, instead of the image's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1))]
    pub entrypoint: Option<Vec<String>>,
    /// Environment variables by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub environment: BTreeMap<EnvironmentName, Environment>,
    /// Secrets that the container gets as files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<SecretFile>,
    /// Small files that travel with the plan, mounted read-only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<Config>,
    /// Data directories of the server.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub volumes: Vec<Volume>,
    /// Published ports: `[IP:]HOST[-END]:CONTAINER[-END][/udp]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// What must be up before this service starts.
    #[serde(default, skip_serializing_if = "Dependencies::is_empty")]
    pub depends_on: Dependencies,
    /// How to tell that the service works. Without it: running for three seconds without a restart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// What happens when the process ends.
    #[serde(default)]
    pub restart: Restart,
    /// The user (and group) that the process runs as, instead of the image's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<User>,
    /// The working directory, instead of the image's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub working_dir: Option<ContainerPath>,
    /// The container's host name; the service's name unless said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<HostName>,
    /// Further names under which the other services reach this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<HostName>,
    /// Labels of the container.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<LabelKey, String>,
    /// Whether the container's own file system is read-only.
    #[serde(default, skip_serializing_if = "super::off")]
    pub read_only: bool,
    /// Directories in memory.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tmpfs: Vec<Tmpfs>,
    /// The size of `/dev/shm`; databases often need more than the engine's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shm_size: Option<Size>,
    /// Kernel parameters of the container's namespaces.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sysctls: BTreeMap<SysctlName, String>,
    /// Capabilities beyond the common set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cap_add: Vec<Capability>,
    /// Capabilities taken from the common set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cap_drop: Vec<Capability>,
    /// Whether the process is kept from gaining privileges.
    #[serde(default = "super::on")]
    pub no_new_privileges: bool,
    /// The most memory that the container may use.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Size>,
    /// The most processor time, in cores.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cpus: Option<Cpus>,
    /// The most processes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 4_194_304))]
    pub pids_limit: Option<u32>,
    /// Resource limits of the process, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("propertyNames" = {"enum": ULIMITS}))]
    pub ulimits: BTreeMap<String, Ulimit>,
    /// Devices of the server: `/dev/x[:/dev/y[:rwm]]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub devices: Vec<Device>,
    /// Further lines of `/etc/hosts`: `name:address`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub extra_hosts: Vec<HostsEntry>,
    /// Name servers, instead of the network's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dns: Vec<Address>,
    /// Whether a small init process reaps what the service leaves behind.
    #[serde(default, skip_serializing_if = "super::off")]
    pub init: bool,
    /// The signal that asks the process to end, instead of the image's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop_signal: Option<Signal>,
    /// How long the process may take to end before it is killed.
    #[serde(default = "ten_seconds")]
    pub stop_grace_period: Duration,
    /// Where the output goes.
    #[serde(default)]
    pub logging: Logging,
}

/// The resource limits that both engines know.
const ULIMITS: [&str; 14] = [
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "sigpending",
    "stack",
];

fn ten_seconds() -> Duration {
    Duration::seconds(10)
}

impl Service {
    /// Whether the service is done once its process has ended with 0.
    pub fn one_shot(&self) -> bool {
        self.restart == Restart::No
    }
}

/// The value of an environment variable.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields)]
pub enum Environment {
    /// Passed on as it stands; nothing in it is interpolated.
    Text(String),
    /// The value of a secret. Root sees it with the engine's `inspect`; a file is safer.
    Secret {
        /// The secret's name.
        secret: SecretName,
    },
    /// A text with secrets in it: `{{name}}`, `{{url name}}`, `{{json name}}`.
    Template {
        /// The text.
        template: String,
    },
}

/// A secret, by its name in the secrets file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SecretReference {
    /// The secret's name.
    pub secret: SecretName,
}

/// A secret that the container gets as a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SecretFile {
    /// The secret's name.
    pub secret: SecretName,
    /// The file in the container.
    pub target: ContainerPath,
    /// Its owner, as `uid:gid`.
    #[serde(default = "super::root")]
    pub owner: Owner,
    /// Its mode.
    #[serde(default = "read_by_owner")]
    pub mode: Mode,
    /// How the value is written in the secrets file, where it is binary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decode: Option<Decode>,
}

/// How a binary secret is written in the secrets file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decode {
    /// Base64 with padding (RFC 4648, section 4).
    Base64,
}

fn read_by_owner() -> Mode {
    Mode::OWNER_READS
}

/// What happens when a service's process ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Nothing: the service is a one-shot, done when it ends with 0.
    No,
    /// It is started again unless it ended with 0.
    OnFailure,
    /// It is started again.
    #[default]
    Always,
}
