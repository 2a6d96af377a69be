//! Looks at the same things that many share: whoever asks gets an answer from a look that began after the question, and those
//! who ask while one is under way share the next.

use crate::run::Failure;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long others may join who ask for the same: who asks because of the same event asks within this time, and any program takes many
/// times as long.
pub const GATHERING: Duration = Duration::from_millis(2);

/// What a look found.
pub type Seen<T> = Result<Arc<Vec<T>>, Failure>;

/// Shared looks at the same things.
pub struct Looks<T> {
    look: Box<dyn Fn() -> Result<Vec<T>, Failure> + Send + Sync>,
    state: Mutex<State<T>>,
    changed: Condvar,
}

/// Looks are numbered from 1 in the order in which they begin; one runs at a time.
struct State<T> {
    begun: u64,
    running: bool,
    /// How many wait for a look to end.
    waiting: usize,
    /// The last look that ended, with its number.
    last: Option<(u64, Seen<T>)>,
}

impl<T> Looks<T> {
    /// Looks that this function performs.
    pub fn by(look: impl Fn() -> Result<Vec<T>, Failure> + Send + Sync + 'static) -> Self {
        let state = Mutex::new(State { begun: 0, running: false, waiting: 0, last: None });
        Self { look: Box::new(look), state, changed: Condvar::new() }
    }

    /// What exists, as of a moment after this call began.
    ///
    /// # Errors
    /// The look failed.
    pub fn now(&self) -> Seen<T> {
        let mut state = self.lock();
        let needed = state.begun + 1;
        loop {
            if let Some((number, seen)) = &state.last
                && *number >= needed
            {
                return seen.clone();
            }
            if !state.running {
                return self.lead(state);
            }
            state.waiting += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Performs the next look, for everybody who waits for it.
    fn lead(&self, mut state: MutexGuard<'_, State<T>>) -> Seen<T> {
        state.running = true;
        drop(state);
        // Until it begins, it answers whoever asks.
        std::thread::sleep(GATHERING);
        let mut state = self.lock();
        state.begun += 1;
        let number = state.begun;
        drop(state);
        let ended = Ended { looks: self, number };
        let seen = (self.look)().map(Arc::new);
        ended.with(seen.clone());
        seen
    }

    /// How many wait for a look to end.
    #[cfg(test)]
    fn waiting(&self) -> usize {
        self.lock().waiting
    }

    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets the others go on even where the look panics.
struct Ended<'a, T> {
    looks: &'a Looks<T>,
    number: u64,
}

impl<T> Ended<'_, T> {
    fn with(self, seen: Seen<T>) {
        self.looks.lock().last = Some((self.number, seen));
    }
}

impl<T> Drop for Ended<'_, T> {
    fn drop(&mut self) {
        self.looks.lock().running = false;
        self.looks.changed.notify_all();
    }
}

#[cfg(test)]
#[path = "looks_tests.rs"]
mod tests;
