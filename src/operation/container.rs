//! A container as it is going to be created. Reads nothing, changes nothing.

use super::Argument;
use crate::plan::model::Service;
use crate::plan::values::{ContainerPath, EnvironmentName, Mode, Owner, PlanName, ServiceName};
use std::path::PathBuf;

/// A container as it is going to be created: the service as the plan describes it, and what the server adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its name: `<plan>-<service>`.
    pub name: String,
    /// The plan, which is also the name of the network.
    pub plan: PlanName,
    /// The service's name, which is also its name on the network.
    pub service: ServiceName,
    /// What it is made from, without secret values: 64 hexadecimal digits, for the label `landfall.config`.
    pub config: String,
    /// The service as the plan describes it.
    pub described: Service,
    /// Secrets as files, from the engine's store.
    pub secret_files: Vec<SecretMount>,
    /// Secrets as environment variables, from the engine's store.
    pub secret_variables: Vec<SecretVariable>,
    /// Configs, from the state folder.
    pub configs: Vec<ConfigMount>,
    /// The file in `/run` without which no engine starts this container at boot; none for a one-shot.
    pub boot_guard: PathBuf,
}

/// A secret of the engine's store that is mounted as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretMount {
    /// The engine's name of the secret.
    pub secret: Argument,
    /// The file in the container.
    pub target: ContainerPath,
    /// Its owner.
    pub owner: Owner,
    /// Its mode.
    pub mode: Mode,
}

/// A secret of the engine's store that becomes an environment variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretVariable {
    /// The engine's name of the secret.
    pub secret: Argument,
    /// The variable.
    pub name: EnvironmentName,
}

/// A file of the state folder that is mounted read-only.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigMount {
    /// The file on the server.
    pub path: Argument,
    /// The file in the container.
    pub target: ContainerPath,
}
