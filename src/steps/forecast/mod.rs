//! What a program will have done when it has ended: what is gone, what is kept, and how long services are down. Reads nothing,
//! changes nothing.

mod downtime;
mod losses;
#[cfg(test)]
mod tests;

pub use downtime::{Downtime, Share, Window};
pub use losses::{Destroyed, DirectoryLater, Kept, KeptDirectory};

use super::Given;
use crate::facts::{Facts, Saved};
use crate::operation::{Layout, Program};
use crate::plan::model::Plan;
use serde::Deserialize;
use serde_json::Value;

/// What a program will have done when it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// What is gone then, in the order in which it goes.
    pub destroyed: Vec<Destroyed>,
    /// What is kept.
    pub kept: Kept,
    /// How long services are down.
    pub downtime: Downtime,
}

/// What this program will have done, on a host with these facts.
pub fn forecast(plan: &Plan, facts: &Facts, layout: &Layout, program: &Program) -> Forecast {
    let given = Given { plan, facts, layout };
    // A record that can't be read is a finding of its own; then the engine's defaults count.
    let read = |saved: &Saved| Plan::deserialize(&serde_json::from_str::<Value>(&saved.plan).ok()?).ok();
    let saved = facts.saved.get(&plan.name).and_then(read);
    Forecast {
        destroyed: losses::destroyed(program),
        kept: losses::kept(given, saved.as_ref(), program),
        downtime: downtime::downtime(given, saved.as_ref(), program),
    }
}
