//! Turns a plan and facts into operations. Reads nothing, changes nothing.
//!
//! One file a step; [`floor`] says what to do so that nothing, or nothing new, is left; [`forecast`], what a program will
//! have done.

mod again;
mod back;
mod check;
mod create;
mod finish;
pub mod floor;
pub mod forecast;
mod hotfix;
mod ids;
mod maintain;
mod network;
mod on_record;
mod record;
mod recovery;
mod remake;
mod replace;
mod services;
mod teardown;
#[cfg(test)]
mod tests;

pub use again::Again;
pub use back::{Previous, brought_back, previous};
pub use hotfix::{Replaced, replaced, with_hotfixes};
pub use on_record::as_on_record;
pub use record::{Accepted, config, saved, secrets_of};
pub use recovery::{Interrupted, operations as operations_of_fall};
pub use remake::{Remake, lost, remade};
pub use replace::Replacement;
pub use services::{Services, all_stopped};

use crate::facts::Facts;
use crate::operation::{Layout, Operation, Program, Step, StepName};
use crate::plan::model::{Plan, Staging};
use crate::script::ScriptProblem;
use std::collections::BTreeMap;

/// Everything that the steps are made from.
#[derive(Debug, Clone, Copy)]
struct Given<'a> {
    plan: &'a Plan,
    facts: &'a Facts,
    layout: &'a Layout,
}

/// The program of a deployment: the five steps, for this plan on a host with these facts.
///
/// # Errors
/// When a script can't be generated, which is a defect of ours.
pub fn deployment(plan: &Plan, facts: &Facts, layout: &Layout) -> Result<Program, ScriptProblem> {
    with_images(Given { plan, facts, layout }, check::images(plan, &BTreeMap::new()))
}

/// The same for a plan that was accepted once: with exactly the images that it had then, of which some are here already.
///
/// # Errors
/// When a script can't be generated, which is a defect of ours.
pub fn deployment_again(plan: &Plan, again: &Again, facts: &Facts, layout: &Layout) -> Result<Program, ScriptProblem> {
    with_images(Given { plan, facts, layout }, check::images(&again.exact, &again.here))
}

/// The program of a deployment that begins with these operations, which see to the images.
fn with_images(given: Given<'_>, images: Vec<Operation>) -> Result<Program, ScriptProblem> {
    let plan = given.plan;
    let (validate, retrieved_late) = match plan.staging {
        Staging::Before => (images, Vec::new()),
        Staging::After => (Vec::new(), images),
    };
    let drop = teardown::operations(given, &validate);
    let create = create::operations(given, &drop, retrieved_late);
    let maintain = maintain::operations(given, &create)?;
    let finish = finish::operations(given, &drop, &create, &maintain);
    let step = |name, operations: Vec<Operation>| Step { name, operations };
    Ok(Program {
        steps: vec![
            step(StepName::Validate, validate),
            step(StepName::StopAndDrop, drop),
            step(StepName::CreateAndStart, create),
            step(StepName::MaintenanceJobs, maintain),
            step(StepName::CheckAndFinish, finish),
        ],
    })
}

/// The program of a teardown on purpose, up to the point from which the floor does the rest.
pub fn departure() -> Program {
    let reserve = teardown::reserve([]);
    let uncommit = teardown::uncommit([reserve.id.clone()]);
    Program { steps: vec![Step { name: StepName::StopAndDrop, operations: vec![reserve, uncommit] }] }
}
