//! A flag that asks work under way to end early. Changes nothing but itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks work under way to end early: operations that only wait or retrieve heed it, those that change the host don't.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    own: Arc<AtomicBool>,
    outer: Option<Arc<AtomicBool>>,
}

impl Cancel {
    /// A flag that nobody else holds: for work that must run to its end, such as a rollback.
    pub fn never() -> Self {
        Self::default()
    }

    /// A flag that is also set when this one is.
    #[must_use]
    pub fn within(&self) -> Self {
        Self { own: Arc::default(), outer: Some(Arc::clone(&self.own)) }
    }

    /// Stops everything that holds a clone, or a flag within.
    pub fn cancel(&self) {
        self.own.store(true, Ordering::SeqCst);
    }

    /// Whether the work should end.
    pub fn is_cancelled(&self) -> bool {
        self.own.load(Ordering::SeqCst) || self.outer.as_ref().is_some_and(|outer| outer.load(Ordering::SeqCst))
    }
}

impl From<Arc<AtomicBool>> for Cancel {
    fn from(own: Arc<AtomicBool>) -> Self {
        Self { own, outer: None }
    }
}
