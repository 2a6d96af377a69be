//! The command lines of deployments: of a plan file, and of an earlier plan. Reads nothing, changes nothing.

use super::{Format, hash, plan_name};
use crate::plan::model::OnFailure;
use crate::plan::values::{PlanName, Sha256};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

#[derive(Debug, Args)]
pub struct Deploy {
    /// The plan file.
    #[arg(value_name = "PLAN")]
    pub plan: PathBuf,
    /// The secrets file, or `-` for standard input.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// Take warnings for errors: refuse the plan because of them.
    #[arg(long)]
    pub deny_warnings: bool,
    /// Deploy only what was reviewed: the hash that `check`, `--dry-run` and `diff` print, all 64 digits of it.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub expect: Option<Sha256>,
    /// The state that it falls to, instead of the plan's `on_failure`.
    #[arg(long, value_name = "STATE")]
    pub on_failure: Option<FallTo>,
    /// Print the operations instead of performing them: offline, without root, for a server with nothing on it.
    #[arg(long)]
    pub dry_run: bool,
    /// With `--dry-run`: for this server as it is, only reading.
    #[arg(long, requires = "dry_run")]
    pub here: bool,
    /// With `--dry-run`: the policy to hold the plan against, instead of this server's own.
    #[arg(long, value_name = "FILE", requires = "dry_run")]
    pub policy: Option<PathBuf>,
    /// Tell when each operation began, what it had waited for, how long it took and which programs it ran; with a file, also
    /// write that as a trace for `about:tracing` or Perfetto.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "dry_run")]
    pub timings: Option<Option<PathBuf>>,
    /// How the result is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct Rollback {
    /// The plan's name.
    #[arg(value_name = "NAME", value_parser = plan_name)]
    pub name: PlanName,
    /// The run whose accepted plan is deployed again, as `landfall history` tells it; the beginning of it is enough. Without it, the plan
    /// before the one that is deployed.
    #[arg(value_name = "RUN")]
    pub run: Option<String>,
    /// The secrets file of today, or `-` for standard input: the history has no secrets.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// The folder that the plan's relative paths start from, instead of the one that its file was in then.
    #[arg(long, value_name = "FOLDER")]
    pub folder: Option<PathBuf>,
    /// Take warnings for errors: refuse the plan because of them.
    #[arg(long)]
    pub deny_warnings: bool,
    /// Deploy only what was reviewed: the hash that `--dry-run` prints, all 64 digits of it.
    #[arg(long, value_name = "HASH", value_parser = hash)]
    pub expect: Option<Sha256>,
    /// The state that it falls to, instead of the plan's `on_failure`.
    #[arg(long, value_name = "STATE")]
    pub on_failure: Option<FallTo>,
    /// Print what differs from what is deployed, and the operations, instead of performing them; only reads.
    #[arg(long)]
    pub dry_run: bool,
    /// Tell when each operation began, what it had waited for, how long it took and which programs it ran; with a file, also
    /// write that as a trace for `about:tracing` or Perfetto.
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true, conflicts_with = "dry_run")]
    pub timings: Option<Option<PathBuf>>,
    /// How the result is told.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

impl Rollback {
    /// The deployment that it is; its plan file is none that lies anywhere.
    pub fn as_deployment(&self) -> Deploy {
        let Self { name: _, run: _, secrets, folder: _, deny_warnings, expect, on_failure, dry_run, timings, format } =
            self;
        Deploy {
            plan: PathBuf::new(),
            secrets: secrets.clone(),
            deny_warnings: *deny_warnings,
            expect: expect.clone(),
            on_failure: *on_failure,
            dry_run: *dry_run,
            here: *dry_run,
            policy: None,
            timings: timings.clone(),
            format: *format,
        }
    }
}

/// What a deployment that fails falls to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FallTo {
    /// No container of the plan; all data kept.
    Containerless,
    /// The plan that was deployed before, from images that were kept for it.
    Previous,
}

impl From<FallTo> for OnFailure {
    fn from(to: FallTo) -> Self {
        match to {
            FallTo::Containerless => Self::Containerless,
            FallTo::Previous => Self::Previous,
        }
    }
}

impl Deploy {
    /// What it falls to, where the command line says so.
    pub fn on_failure(&self) -> Option<OnFailure> {
        self.on_failure.map(OnFailure::from)
    }
}
