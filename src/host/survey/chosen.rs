//! Which engine a plan asks for, and which it is deployed on. Reads only.

use crate::facts::EngineKind;
use crate::host::engine::Engine;
use crate::host::node::state;
use crate::operation::Layout;
use crate::plan::model::Plan;
use crate::run::Failure;

/// The engine that a plan asks for; where either will do, the one that it is deployed on.
///
/// # Errors
/// When what is on record can't be read.
pub fn chosen_engine(plan: &Plan, layout: &Layout) -> Result<Option<Engine>, Failure> {
    Ok(Engine::chosen(plan.engine, deployed_on(layout)?, layout))
}

/// The engine that the plan is deployed on now.
pub(super) fn deployed_on(layout: &Layout) -> Result<Option<EngineKind>, Failure> {
    if layout.saved().exists() { state::read_engine(layout).map(Some) } else { Ok(None) }
}
