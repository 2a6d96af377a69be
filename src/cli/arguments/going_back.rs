//! The command line of what goes back to an earlier plan. Reads nothing, changes nothing.

use super::Deploy;
use crate::plan::model::OnFailure;
use clap::ValueEnum;

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
