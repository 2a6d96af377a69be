//! A flag that asks work under way to end early. Changes nothing but itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Asks work under way to end early: operations that only wait or retrieve heed it, those that change the host don't.
#[derive(Debug, Clone, Default)]
pub struct Cancel {
    own: Arc<AtomicBool>,
    outer: Vec<Arc<AtomicBool>>,
}

impl Cancel {
    /// A flag that nobody else holds: for work that must run to its end, such as a rollback.
    pub fn never() -> Self {
        Self::default()
    }

    /// A flag that is also set when this one is.
    #[must_use]
    pub fn within(&self) -> Self {
        let outer = self.outer.iter().chain([&self.own]).map(Arc::clone).collect();
        Self { own: Arc::default(), outer }
    }

    /// Stops everything that holds a clone, or a flag within.
    pub fn cancel(&self) {
        self.own.store(true, Ordering::SeqCst);
    }

    /// Whether the work should end.
    pub fn is_cancelled(&self) -> bool {
        [&self.own].into_iter().chain(&self.outer).any(|flag| flag.load(Ordering::SeqCst))
    }
}

impl From<Arc<AtomicBool>> for Cancel {
    fn from(own: Arc<AtomicBool>) -> Self {
        Self { own, outer: Vec::new() }
    }
}
