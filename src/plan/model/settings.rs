//! What a plan says about itself and its server. Reads nothing, changes nothing.

use super::SecretReference;
use crate::plan::values::{CommandName, EngineKind, HostName, PlanPath, RegistryPath, Size, Subnet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The container engine that runs the services.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EngineChoice {
    /// Rooted Podman.
    Podman,
    /// Docker, as root.
    Docker,
    /// What the plan is deployed on; else Podman where it is installed, else Docker. In an offline check, Podman.
    #[default]
    Auto,
}

impl EngineChoice {
    /// The engine that is assumed where no server is looked at.
    pub fn offline(self) -> EngineKind {
        match self {
            Self::Docker => EngineKind::Docker,
            Self::Podman | Self::Auto => EngineKind::Podman,
        }
    }
}

/// What a deployment disposes of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(example = Teardown::Plan)]
pub enum Teardown {
    /// What belongs to this plan.
    #[default]
    Plan,
    /// All containers and images of the server, which must be dedicated to this plan.
    Node,
}

/// When images are retrieved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Staging {
    /// Retrieved and verified before anything is stopped: if that fails, the old services run on.
    #[default]
    Before,
    /// Retrieved after the old images were dropped, for a disk that can't hold both.
    After,
}

/// What a failed deployment falls back to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// No container of this plan; all data kept.
    #[default]
    Containerless,
    /// The plan that was deployed before, from images that are kept for it until the new plan counts as deployed. Data is not rolled back.
    Previous,
}

/// How much of the past is kept on the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "History")]
pub struct History {
    /// How many runs are kept with their logs, and how many accepted plans besides the one that is deployed, from 1 to 1000.
    ///
    /// `landfall rollback` deploys an accepted plan again.
    #[serde(default = "five")]
    #[schemars(example = 10, range(min = 1, max = 1000))]
    pub keep: u32,
}

fn five() -> u32 {
    5
}

impl Default for History {
    fn default() -> Self {
        Self { keep: five() }
    }
}

/// The network that the services share.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Network")]
pub struct Network {
    /// The network's address ranges, at most one IPv4 and one IPv6. By default the engine chooses one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["10.90.0.0/24"], ["10.90.0.0/24", "fd00:90::/64"]]))]
    #[schemars(length(max = 2))]
    pub subnets: Vec<Subnet>,
}

/// One image registry: the account there, whom to trust, and where copies of its images are.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Registry", extend("examples" = [Registry::example()]))]
pub struct Registry {
    /// The account in the registry. Without it, nobody logs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 255), example = &"vsn")]
    pub username: Option<String>,
    /// The account's password, by the name of a secret. Without it, nobody logs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("examples" = [{"secret": "registry_password"}]))]
    pub password: Option<SecretReference>,
    /// A PEM file beside the plan with the certificate authority to trust for this registry. Without it, the server's.
    ///
    /// An image's own `ca` counts before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"certificates/authority.pem")]
    pub ca: Option<PlanPath>,
    /// Other registries, or parts of them, that have copies of its images: tried one after the other, this registry last.
    ///
    /// `docker.io/library/postgres:16` is `mirror.example/hub/library/postgres:16` in the mirror `mirror.example/hub`. A mirror decides
    /// what a tag means; a digest is verified wherever the image comes from. The accounts and authorities of mirrors are those of their own
    /// entries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["mirror.example:5000/hub"]]))]
    pub mirrors: Vec<RegistryPath>,
}

/// A private key that is installed in `/root/.ssh`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "SSH key", extend("examples" = [SshKey::example()]))]
pub struct SshKey {
    /// The private key itself, as it stands in its file, by the name of a secret.
    #[schemars(extend("examples" = [{"secret": "images_key"}]))]
    pub private_key: SecretReference,
    /// Lines that are added once to `/root/.ssh/known_hosts`: a host and its public key, as `ssh-keyscan` prints them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [[KNOWN_HOST]]))]
    #[schemars(extend("eachValue" = {"description": "A host, the kind of its key, and the key. No wildcards.", "examples": [KNOWN_HOST]}))]
    pub known_hosts: Vec<String>,
}

/// A line as it stands in a `known_hosts` file.
const KNOWN_HOST: &str =
    "images.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKMnQGjGAwqY9cVOEmTSrBd8k0JHmbmvhZMZ0Cvh8a3m";

impl Registry {
    /// What an author sees as an example.
    pub(super) fn example() -> Value {
        json!({"username": "vsn", "password": {"secret": "registry_password"}})
    }
}

impl SshKey {
    /// What an author sees as an example.
    pub(super) fn example() -> Value {
        json!({"private_key": {"secret": "images_key"}, "known_hosts": [KNOWN_HOST]})
    }
}

/// What the server must have before anything is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Requirements")]
pub struct Requires {
    /// The server's host name, as `hostname` prints it: a guard against the wrong server. Without it, any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"vsn7")]
    pub hostname: Option<HostName>,
    /// Programs that must be installed, by their bare names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["curl"], ["logrotate", "pg_dump"]]))]
    pub commands: Vec<CommandName>,
    /// The disk space that must be free where images are stored, besides what the images need. Without it, none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2GiB")]
    pub free_disk: Option<Size>,
    /// The memory that must be available. Without it, any will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"512MiB")]
    pub free_memory: Option<Size>,
}
