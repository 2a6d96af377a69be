//! What a plan says about itself and its server. Reads nothing, changes nothing.

use super::SecretReference;
use crate::plan::values::{CommandName, HostName, PlanPath, Size, Subnet};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The container engine that runs the services.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum EngineChoice {
    /// Rooted Podman.
    Podman,
    /// Docker.
    Docker,
    /// Podman where it is installed, else Docker; in an offline check, Podman.
    #[default]
    Auto,
}

/// What a deployment disposes of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Teardown {
    /// What belongs to this plan.
    #[default]
    Plan,
    /// All containers and images of the server, which is dedicated to this plan.
    Node,
}

/// When images are retrieved.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Staging {
    /// Retrieved and verified before anything is stopped.
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
    /// The plan that was deployed before.
    Previous,
}

/// How much of the past is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct History {
    /// How many runs are kept, with their logs.
    #[serde(default = "five")]
    #[schemars(range(min = 1, max = 1000))]
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
#[schemars(deny_unknown_fields)]
pub struct Network {
    /// Its address ranges, at most one IPv4 and one IPv6. Without any, the engine chooses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 2))]
    pub subnets: Vec<Subnet>,
}

/// How to log in to one image registry.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Registry {
    /// The account.
    #[schemars(length(min = 1, max = 255))]
    pub username: String,
    /// Its password, by the name of a secret.
    pub password: SecretReference,
    /// A certificate authority to trust for this registry alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ca: Option<PlanPath>,
}

/// A private key for `/root/.ssh`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct SshKey {
    /// The key itself, by the name of a secret.
    pub private_key: SecretReference,
    /// Lines for `/root/.ssh/known_hosts`; each is added once. No wildcards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(example = "images.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIN8=")]
    pub known_hosts: Vec<String>,
}

/// What the server must have before anything is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Requires {
    /// The server's host name: a guard against deploying to the wrong one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hostname: Option<HostName>,
    /// Commands that must be installed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandName>,
    /// Free disk space where images are stored, besides what the images need.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_disk: Option<Size>,
    /// Available memory.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub free_memory: Option<Size>,
}
