//! The seam between the loop and the host. Changes nothing by itself.

use super::Cancel;
use crate::facts::Observed;
use crate::operation::{Known, Learned, Operation};

/// Tells of something that has come so far.
pub type Tell<'a> = &'a (dyn Fn() + Sync);

/// A host on which operations can be performed. The real one is in `host`; tests have one in memory that fails, lies and
/// loses power.
pub trait World: Sync {
    /// Performs an operation, within a deadline of its own. Operations that only wait or retrieve end early when `cancel`
    /// is set. Of one that removes a container, `stopped` may be called once nothing runs any more of it.
    ///
    /// # Errors
    /// The failure, told so that an operator understands it. Something may have come to exist all the same.
    fn perform(
        &self,
        operation: &Operation,
        known: &Known,
        cancel: &Cancel,
        stopped: Tell<'_>,
    ) -> Result<Learned, Failure>;

    /// Looks at the host whether an operation had its effect. What an engine says of itself doesn't count.
    ///
    /// # Errors
    /// When it had not, or when that can't be seen.
    fn confirm(&self, operation: &Operation, known: &Known) -> Result<Learned, Failure>;

    /// What there is of the plan on the host.
    ///
    /// # Errors
    /// When it can't be seen.
    fn observe(&self) -> Result<Observed, Failure>;

    /// Waits as long as what was killed may still be at work.
    fn settle(&self);
}

/// Why an operation failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What an operator is told.
    pub message: String,
    /// Whether something that was begun may still be at work, because it was killed or did not answer.
    pub lingering: bool,
}

impl Failure {
    /// A failure after which nothing is at work any more.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), lingering: false }
    }

    /// A failure after which something may still be at work.
    pub fn lingering(message: impl Into<String>) -> Self {
        Self { message: message.into(), lingering: true }
    }
}
