//! Holds the bridge of a network while no container is on it. Netavark removes a bridge, and all of the network's rules in the firewall,
//! with the last container, and makes them anew with the next first one: a fifth of a second each time that every container is replaced.

use super::driver::Podman;
use super::lost::{has_rules, run};
use crate::host::command::{Command, find};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{Pid, gettid};
use sha2::{Digest, Sha256};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};

/// The bridge that is held, if one is.
#[derive(Debug, Default)]
pub(super) struct Held {
    anchor: Mutex<Option<Anchor>>,
    /// Lets go of one that is not needed any more.
    letting_go: Mutex<Option<JoinHandle<()>>>,
}

/// An interface at a bridge. Its other end lies in a network namespace that a thread of this process alone is in: with the thread both
/// ends go, however the process ends.
#[derive(Debug)]
struct Anchor {
    ip: PathBuf,
    bridge: String,
    interface: String,
    /// Ends the thread.
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A bridge has the lowest address of its interfaces, which must never be this one: when it goes, those who know the bridge by its
/// address would lose it.
const HIGHEST: &str = "fe:ff:ff:ff:ff:ff";

impl Podman {
    /// Holds the bridge of this network until a container is started, or the network goes. Does nothing where that can't be done, or
    /// where netavark's rules are not those of iptables: of others, those of a network are not told from those of its containers.
    pub fn hold_network(&self, network: &str) {
        let Some(bridge) = self.recorded_bridge(network) else { return };
        if has_rules(network).unwrap_or(false) {
            let anchor = Anchor::at(&bridge);
            tracing::debug!(bridge, held = anchor.is_some(), "the bridge is held while no container is on it");
            *lock(&self.held.anchor) = anchor;
        }
    }

    /// Lets go of the bridge that is held, if one is.
    pub(super) fn let_go(&self) {
        drop(lock(&self.held.anchor).take());
        self.held.until_let_go();
    }

    /// The same, without a wait until the system has done it, for as long as this process goes on.
    pub(super) fn let_go_meanwhile(&self) {
        if let Some(anchor) = lock(&self.held.anchor).take() {
            // Where there is no thread for it, it is done now.
            *lock(&self.held.letting_go) = Builder::new().spawn(move || drop(anchor)).ok();
        }
    }

    /// The bridge that is held.
    pub(super) fn held_bridge(&self) -> Option<String> {
        lock(&self.held.anchor).as_ref().map(|anchor| anchor.bridge.clone())
    }
}

impl Held {
    fn until_let_go(&self) {
        if let Some(letting_go) = lock(&self.letting_go).take() {
            // Whatever became of it, the interface goes with this process.
            let _ = letting_go.join();
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.until_let_go();
    }
}

fn lock<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Anchor {
    /// One at this bridge; `None` where the system refuses it.
    fn at(bridge: &str) -> Option<Self> {
        let ip = find("ip")?;
        let (tell, told) = channel();
        let (end, ended) = channel();
        let thread = Builder::new().spawn(move || stay(&tell, &ended)).ok()?;
        // Whatever fails from here on ends the thread.
        let namespace = told.recv().ok()?;
        let name = format!("lf{:.12}", format!("{:x}", Sha256::digest(bridge)));
        let (add, kind) =
            (["link", "add", &name, "address", HIGHEST, "master", bridge], ["type", "veth", "peer", "name"]);
        let peer = [name.clone(), "netns".to_owned(), namespace.to_string()];
        run(Command::new(&ip).args(add).args(kind).args(peer)).ok()?;
        Some(Self { ip, bridge: bridge.to_owned(), interface: name, end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Anchor {
    fn drop(&mut self) {
        // The system does it some time after the thread's end, and who looks next must not see it.
        if let Err(failure) = run(Command::new(&self.ip).args(["link", "delete", &self.interface])) {
            tracing::debug!(cause = failure.message, "the interface that held a bridge goes with its namespace");
        }
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            // It does nothing that can panic.
            let _ = thread.join();
        }
    }
}

/// Has the thread in a network namespace of its own until nobody holds the other end of `ended`.
fn stay(tell: &Sender<Pid>, ended: &Receiver<()>) {
    if unshare(CloneFlags::CLONE_NEWNET).is_ok() && tell.send(gettid()).is_ok() {
        let _ = ended.recv();
    }
}
