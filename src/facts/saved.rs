//! What a deployment leaves on record. Reads nothing, changes nothing.

use crate::plan::values::{ImageId, PlanName, PlanPath, RunId, ServiceName};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The saved plan with what was made of it. That this file is there is what «deployed» means.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Saved {
    /// The version of this record: 1.
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
    /// The services.
    pub services: BTreeMap<ServiceName, SavedService>,
    /// The engine's names of the secrets.
    pub secrets: Vec<String>,
    /// The network's name.
    pub network: String,
    /// The lines of our block of the crontab.
    pub crontab: Vec<String>,
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
}

/// What a run was to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RunKind {
    /// Deploy a plan.
    Deploy,
    /// Tear a plan down, on purpose.
    Teardown,
}

/// The state that a run goes to when it can't go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FallsTo {
    /// As before the run, which had not passed the point of no return.
    AsBefore,
    /// No container of the plan.
    Containerless,
    /// What this very run deployed, without what an earlier deployment left.
    Deployed,
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
