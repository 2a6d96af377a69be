//! A panic, wherever in a run it happens, is a failure like any other: the run must fall after it too. Changes nothing.

use super::Failure;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What an operator is told of a panic.
pub const PANIC: &str = "a panic, which is a defect of Landfall";

/// What this comes to; a panic in it is a failure, after which something may still be at work.
///
/// What it left half changed may be looked at afterwards: each caller says why that does no harm.
pub fn caught<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(Failure::lingering(PANIC)))
}

/// Does this, and says whether it came to its end.
pub fn survived(work: impl FnOnce()) -> bool {
    catch_unwind(AssertUnwindSafe(work)).is_ok()
}
