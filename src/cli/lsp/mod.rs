//! `landfall lsp`: the language server for plans and secrets files. Standard output carries the protocol and nothing else.

mod client;
mod diagnostics;
mod documents;
mod features;
mod formatting;
mod guard;
mod names;
mod outline;
mod pair;
mod session;
mod subject;
mod text;
mod tokens;
mod verdicts;
mod wire;
mod words;

use crate::exit::Exit;
use serde_json::Value;
use session::Session;
use std::collections::VecDeque;
use std::io;
use std::sync::mpsc::{Receiver, channel};
use wire::Incoming;

/// Serves one client until it says `exit` or goes away.
pub fn lsp() -> Exit {
    guard::install();
    let incoming = read_aside();
    let mut session = Session::new();
    let mut waiting = VecDeque::new();
    loop {
        let Some(message) = next(&incoming, &mut waiting, &mut session) else { return Exit::Failed };
        let cancelled = waiting.iter().any(|later| cancels(later, &message));
        session.take(message, cancelled);
        if send(session.outgoing()).is_err() {
            return Exit::Failed;
        }
        if let Some(exit) = session.ended() {
            return exit;
        }
    }
}

/// Messages are read while others are answered, so that a cancellation is seen in time.
fn read_aside() -> Receiver<Incoming> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut input = io::stdin().lock();
        while let Ok(Some(message)) = wire::read(&mut input) {
            if sender.send(message).is_err() {
                return;
            }
        }
    });
    receiver
}

/// The next message; none once the client has gone away. When nothing waits, there is time to judge.
fn next(incoming: &Receiver<Incoming>, waiting: &mut VecDeque<Incoming>, session: &mut Session) -> Option<Incoming> {
    while let Ok(message) = incoming.try_recv() {
        waiting.push_back(message);
    }
    if let Some(message) = waiting.pop_front() {
        return Some(message);
    }
    session.settle();
    send(session.outgoing()).ok()?;
    incoming.recv().ok()
}

fn send(messages: Vec<Value>) -> io::Result<()> {
    let mut output = io::stdout().lock();
    messages.iter().try_for_each(|message| wire::write(&mut output, message))
}

/// Whether `later` says that the answer to `message` is not wanted any more.
fn cancels(later: &Incoming, message: &Incoming) -> bool {
    match (later, message) {
        (Incoming::Notification { method, params }, Incoming::Request { id, method: _, params: _ }) => {
            method == "$/cancelRequest" && params.get("id") == Some(id)
        }
        _ => false,
    }
}
