//! What the loop tells while it goes. Changes nothing.

use crate::operation::{Operation, StepName};

/// Something that happened in a run.
#[derive(Debug, Clone, Copy)]
pub enum Event<'a> {
    /// An operation begins; a step begins with its first one.
    Began {
        /// The step that it belongs to; none while falling.
        step: Option<StepName>,
        /// The operation.
        operation: &'a Operation,
    },
    /// Nothing runs any more of what an operation removes, which is still under way.
    Stopped {
        /// The operation.
        operation: &'a Operation,
    },
    /// An operation is done.
    Done {
        /// The step that it belongs to; none while falling.
        step: Option<StepName>,
        /// The operation.
        operation: &'a Operation,
    },
    /// An operation failed.
    Failed {
        /// The step that it belongs to; none while falling.
        step: Option<StepName>,
        /// The operation.
        operation: &'a Operation,
        /// Why.
        cause: &'a str,
    },
    /// The run gives up and falls.
    Falling {
        /// Why.
        cause: &'a str,
    },
    /// It has fallen, and deploys the previous plan again.
    GoingBack,
}

/// Who is told what happens.
pub trait Listener: Sync {
    /// Hears of something; never fails, and never waits for long.
    fn hear(&self, event: Event<'_>);
}

/// A listener that does nothing.
#[derive(Debug, Clone, Copy)]
pub struct Silence;

impl Listener for Silence {
    fn hear(&self, _: Event<'_>) {}
}
