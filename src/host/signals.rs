//! SIGINT and SIGTERM become a flag that the run looks at; SIGHUP is noted and nothing more.
//!
//! A broken pipe on standard output doesn't end the program either: Rust's start-up ignores SIGPIPE, and the write returns
//! the error.

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::{Handle, Signals};
use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

/// A signal that asks the run to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, as from Ctrl-C.
    Interrupt,
    /// SIGTERM, as from `kill`.
    Terminate,
}

#[derive(Debug, Default)]
struct Seen {
    flag: Arc<AtomicBool>,
    first: Mutex<Option<Signal>>,
    listeners: Mutex<Vec<Sender<Signal>>>,
    requests: AtomicUsize,
    hangup: AtomicBool,
}

/// The handlers, in place until this is dropped.
#[derive(Debug)]
pub struct Interrupts {
    seen: Arc<Seen>,
    handle: Handle,
    thread: Option<JoinHandle<()>>,
}

impl Interrupts {
    /// Takes over SIGINT, SIGTERM and SIGHUP. Programs that are started afterwards get the default handling.
    ///
    /// # Errors
    /// The system's, when a handler can't be set or a thread not started.
    pub fn install() -> io::Result<Self> {
        let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
        let handle = signals.handle();
        let seen = Arc::new(Seen::default());
        let noting = Arc::clone(&seen);
        let thread = std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            for signal in signals.forever() {
                match signal {
                    SIGINT => noting.request(Signal::Interrupt),
                    SIGTERM => noting.request(Signal::Terminate),
                    SIGHUP => noting.note_hangup(),
                    other => tracing::debug!(signal = other, "unexpected signal"),
                }
            }
        })?;
        Ok(Self { seen, handle, thread: Some(thread) })
    }

    /// The first signal that asked for the end, if any.
    pub fn requested(&self) -> Option<Signal> {
        *self.seen.first.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many times the end was asked for. A second time changes nothing: a rollback runs to its end.
    pub fn requests(&self) -> usize {
        self.seen.requests.load(Ordering::SeqCst)
    }

    /// Whether the operator's connection dropped (SIGHUP); the run goes on.
    pub fn hung_up(&self) -> bool {
        self.seen.hangup.load(Ordering::SeqCst)
    }

    /// A flag that becomes true with the first request; made for [`super::command::Cancel::from`].
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.seen.flag)
    }

    /// A channel that receives every request from now on, and at once the first one if it has already come.
    pub fn listen(&self) -> Receiver<Signal> {
        let (sender, receiver) = channel();
        let mut listeners = self.seen.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(signal) = self.requested() {
            let _ = sender.send(signal);
        }
        listeners.push(sender);
        receiver
    }
}

impl Seen {
    fn request(&self, signal: Signal) {
        let mut listeners = self.listeners.lock().unwrap_or_else(PoisonError::into_inner);
        self.first.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(signal);
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.flag.store(true, Ordering::SeqCst);
        listeners.retain(|listener| listener.send(signal).is_ok());
        tracing::info!(?signal, "asked to end");
    }

    fn note_hangup(&self) {
        self.hangup.store(true, Ordering::SeqCst);
        tracing::info!("the operator's connection dropped; going on");
    }
}

impl Drop for Interrupts {
    fn drop(&mut self) {
        self.handle.close();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::signal::{Signal as Number, raise};
    use pretty_assertions::assert_eq;

    #[test]
    fn the_first_request_counts_a_second_changes_nothing_and_a_hangup_is_only_noted() {
        let interrupts = Interrupts::install().unwrap();
        let requests = interrupts.listen();
        raise(Number::SIGHUP).unwrap();
        while !interrupts.hung_up() {
            std::thread::yield_now();
        }
        assert_eq!((interrupts.requested(), interrupts.requests()), (None, 0));
        assert!(!interrupts.flag().load(Ordering::SeqCst));
        raise(Number::SIGTERM).unwrap();
        assert_eq!(requests.recv(), Ok(Signal::Terminate));
        raise(Number::SIGINT).unwrap();
        assert_eq!(requests.recv(), Ok(Signal::Interrupt));
        assert_eq!((interrupts.requested(), interrupts.requests()), (Some(Signal::Terminate), 2));
        assert!(interrupts.flag().load(Ordering::SeqCst));
        assert_eq!(interrupts.listen().recv(), Ok(Signal::Terminate));
    }
}
