//! An output that is written on a thread of its own: whoever stops reading it keeps nobody from going on.

use std::io::{self, Write};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// How many bytes may wait for a reader. A run keeps everything in its log as well.
const MOST: usize = 4 * 1024 * 1024;
/// At most so much is written at once, so that it shows whether anybody reads.
const PIECE: usize = 4096;

/// What may become of a text that nobody reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Importance {
    /// It is what the program was called for.
    Kept,
    /// It is left out once too much waits.
    Droppable,
}

/// An output, and what waits to be written to it.
#[derive(Debug)]
pub struct Outlet {
    queue: Sender<Vec<u8>>,
    backlog: Arc<Backlog>,
}

#[derive(Debug, Default)]
struct Backlog {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    /// How many bytes somebody has taken.
    taken: u64,
    /// Nobody took any for as long as somebody was willing to wait; then how many had been taken.
    stuck_at: Option<u64>,
}

impl Outlet {
    /// Everything goes to `out`.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn to(out: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, texts) = channel();
        let backlog = Arc::new(Backlog::default());
        let noted = Arc::clone(&backlog);
        std::thread::Builder::new().name("screen".to_owned()).spawn(move || write_all(out, &texts, &noted))?;
        Ok(Self { queue, backlog })
    }

    /// Has a text written when its turn comes; never waits.
    pub fn send(&self, text: &str, importance: Importance) {
        let mut state = self.backlog.lock();
        if importance == Importance::Droppable && state.waiting > MOST {
            return;
        }
        state.waiting += text.len();
        // The writer lives as long as the program.
        let _ = self.queue.send(text.as_bytes().to_vec());
    }

    /// Waits until everything is written, or until nobody has read on for `patience`. Once nobody has, it does not wait again
    /// until somebody does.
    pub fn settle(&self, patience: Duration) {
        let mut state = self.backlog.lock();
        while state.waiting > 0 && state.stuck_at != Some(state.taken) {
            let taken = state.taken;
            let waited = self.backlog.changed.wait_timeout_while(state, patience, |state| state.taken == taken);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            if state.taken == taken {
                state.stuck_at = Some(taken);
            }
        }
    }
}

impl Backlog {
    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, bytes: usize) {
        let mut state = self.lock();
        state.waiting = state.waiting.saturating_sub(bytes);
        state.taken += bytes as u64;
        self.changed.notify_all();
    }
}

fn write_all(mut out: impl Write, texts: &Receiver<Vec<u8>>, backlog: &Backlog) {
    for text in texts {
        for piece in text.chunks(PIECE) {
            // A reader that has gone away, or a full disk, ends no run.
            let _ = out.write_all(piece).and_then(|()| out.flush());
            backlog.take(piece.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Importance, MOST, Outlet, PIECE};
    use pretty_assertions::assert_eq;
    use std::io::Read;
    use std::time::Duration;

    #[test]
    fn what_is_sent_arrives_in_its_order_and_is_waited_for() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let outlet = Outlet::to(writer).unwrap();
        outlet.send("one ", Importance::Droppable);
        outlet.send("two", Importance::Kept);
        outlet.settle(Duration::MAX);
        drop(outlet);
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert_eq!(read, "one two");
    }

    #[test]
    fn regression_050_who_does_not_read_holds_nobody_up_and_gets_what_matters_later() {
        let (mut reader, writer) = std::io::pipe().unwrap();
        let outlet = Outlet::to(writer).unwrap();
        let line = "x".repeat(PIECE);
        for _ in 0..2 * MOST / PIECE {
            outlet.send(&line, Importance::Droppable);
        }
        outlet.settle(Duration::from_millis(10));
        outlet.send("result", Importance::Kept);
        // It is known by now that nobody reads.
        outlet.settle(Duration::MAX);
        drop(outlet);
        let mut read = String::new();
        reader.read_to_string(&mut read).unwrap();
        assert!(read.ends_with("xresult"));
        assert!((MOST..=MOST + 64 * PIECE).contains(&read.len()), "{}", read.len());
    }

    #[test]
    fn who_has_gone_away_holds_nobody_up() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let outlet = Outlet::to(writer).unwrap();
        outlet.send("result", Importance::Kept);
        outlet.settle(Duration::MAX);
    }
}
