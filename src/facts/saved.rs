//! What a deployment leaves on record. Reads nothing, changes nothing.

use crate::plan::values::{ImageId, PlanName, PlanPath, RunId, ServiceName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The saved plan with what was made of it. That this file is there is what «deployed» means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The version of this record: 2; the first one did not have `beneath`.
    pub version: u32,
    /// The plan's name.
    pub name: PlanName,
    /// The run that deployed it.
    pub run: RunId,
    /// The plan file, word for word.
    pub plan: String,
    /// The SHA-256 of the validated plan as canonical JSON.
    pub plan_sha256: String,
    /// The hash of the plan with the content of what it names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// The SHA-256 of the content of each config, certificate and build context that the plan names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<PlanPath, String>,
    /// When it was deployed.
    pub deployed_at: Timestamp,
    /// Who deployed it.
    pub deployed_by: String,
    /// The version of the program that deployed it.
    pub landfall: String,
    /// The Git commit of the plan file, where it lies in a work tree.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// What it was deployed on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub beneath: Option<Beneath>,
    /// The services.
    pub services: BTreeMap<ServiceName, SavedService>,
    /// The services that were replaced since, each with how it deviates from the plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub hotfixes: BTreeMap<ServiceName, Hotfix>,
    /// The engine's names of the secrets.
    pub secrets: Vec<String>,
    /// The network's name.
    pub network: String,
    /// The lines of our block of the crontab.
    pub crontab: Vec<String>,
}

/// What lies beneath a deployment, and can change without it: by an update of the system, for instance.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Beneath {
    /// The folder of the plan file, which its archives are relative to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// The engine with its version, `podman 4.3.1`.
    pub engine: String,
    /// The version of the kernel.
    pub kernel: String,
    /// The operating system, as it calls itself.
    pub system: String,
}

/// What was made of one service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SavedService {
    /// The container's name.
    pub container: String,
    /// The image's ID.
    pub image_id: ImageId,
    /// The image's tag.
    pub tag: String,
    /// What the container was made from, as in the label `landfall.config`.
    pub config: String,
    /// Whether it is a one-shot, which is not expected to run.
    pub one_shot: bool,
    /// The services that it depends on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<ServiceName>,
    /// The engine's names of its secrets, in the order in which the service names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secrets: Vec<String>,
    /// Its configs that lie in the state folder, in the order in which the service names them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configs: Vec<String>,
    /// The run that created its container, where that was not the deployment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
}

/// How a service deviates from the plan that was deployed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Hotfix {
    /// The run that replaced it.
    pub run: RunId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// The version of the program that replaced it.
    pub landfall: String,
    /// The service as the plan has it: its image, as a person names it.
    pub from: String,
    /// What it was replaced by, in the same way.
    pub to: String,
    /// The ID of the image that the deployment gave it.
    pub from_id: ImageId,
    /// The folder that the archive of its image is relative to, where that is not the one of the plan file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
    /// Whether it has other secrets than the deployment gave it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub secrets: bool,
    /// The service as it is described now, as JSON of a plan.
    pub service: serde_json::Value,
}

impl Saved {
    /// The run that created the container of a service.
    pub fn creator<'a>(&'a self, service: &'a SavedService) -> &'a RunId {
        service.run.as_ref().unwrap_or(&self.run)
    }
}

/// What a run was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Deploy a plan.
    Deploy,
    /// Tear a plan down, on purpose.
    Teardown,
    /// Start services that were stopped on purpose.
    Start,
    /// Stop services, on purpose.
    Stop,
    /// Stop services, and start them again.
    Restart,
    /// Replace one service.
    Replace,
    /// Make anew what the engine has lost of what is deployed.
    Remake,
}

impl RunKind {
    /// Whether such a run leaves the plan deployed, whatever becomes of it.
    pub fn stays_deployed(self) -> bool {
        match self {
            Self::Deploy | Self::Teardown => false,
            Self::Start | Self::Stop | Self::Restart | Self::Replace | Self::Remake => true,
        }
    }
}

/// The state that a run goes to when it can't go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FallsTo {
    /// As before the run, which had not passed the point of no return.
    AsBefore,
    /// No container of the plan.
    Containerless,
    /// No container of the plan, and then the plan that was deployed before the run.
    Previous,
    /// What this very run deployed, without what an earlier deployment left.
    Deployed,
    /// Every service that the run is about as it is on record: from this container, running or stopped.
    AsSaved,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The plan is deployed.
    Deployed,
    /// Nothing was changed.
    Refused,
    /// It failed, and no container of the plan is left.
    RolledBack,
    /// It failed, and something is left.
    RollbackIncomplete,
    /// The plan was torn down on purpose.
    TornDown,
    /// Services were started, stopped, replaced or made anew as asked.
    AsAsked,
    /// It failed, and everything is again as it was before.
    Restored,
}

/// How the last run of a plan ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LastRun {
    /// The run.
    pub run: RunId,
    /// What it was to do.
    pub kind: RunKind,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    pub ended_at: Timestamp,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// What could not be removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
}

/// A run that was interrupted: its journal has no end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfinished {
    /// The plan.
    pub plan: PlanName,
    /// The run.
    pub run: RunId,
    /// What it was to do.
    pub kind: RunKind,
}
