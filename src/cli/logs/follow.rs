//! Goes on with what services write from now on, over restarts and new deployments of theirs. Changes nothing.

use super::merge::Place;
use super::told::Teller;
use super::{Source, WAITING};
use crate::cli::deployed;
use crate::few::InOrder;
use crate::host::awake;
use crate::host::engine::{Engine, LogLine, Wanted};
use crate::host::threads::beside;
use crate::operation::Layout;
use crate::run::{Cancel, Failure};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// So long, what came is held back, for an earlier line of another service may still come.
const TOGETHER: Duration = Duration::from_millis(150);
/// How often it is looked whether there is still something to wait for, and somebody who reads.
const LOOK: Duration = Duration::from_millis(500);
/// The pauses between two attempts to go on with a container that has ended.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(3);

/// What is followed.
pub(super) struct Followed<'a> {
    pub(super) engine: &'a Engine,
    pub(super) layout: &'a Layout,
    pub(super) sources: &'a [Source],
    /// How far each of them was read.
    pub(super) places: Vec<Place>,
}

/// Tells what comes until `cancel` is set, nobody reads any more, or the plan has gone.
///
/// # Errors
/// The system has no threads.
pub(super) fn follow(followed: Followed<'_>, cancel: &Cancel, teller: &mut Teller<'_>) -> Result<(), Failure> {
    let Followed { engine, layout, sources, places } = followed;
    let enough = cancel.within();
    std::thread::scope(|scope| {
        let (sender, lines) = sync_channel(WAITING);
        let mut begun = Ok(());
        for (number, (source, place)) in
            sources.iter().zip(places).enumerate().filter(|(_, (source, _))| source.lasting)
        {
            let (sender, enough) = (sender.clone(), &enough);
            let listen = move || listen(engine, (number, source), place, (&sender, enough));
            begun = begun.and(beside(scope, listen).map(drop));
        }
        drop(sender);
        if begun.is_ok() {
            pass_on(&lines, layout, cancel, teller);
        }
        enough.cancel();
        // Who waits to hand on a line learns that nobody takes it any more.
        drop(lines);
        begun
    })
}

/// Listens to one service, again and again.
fn listen(
    engine: &Engine,
    (number, Source { service: _, container, lasting: _ }): (usize, &Source),
    mut place: Place,
    (sender, enough): (&SyncSender<(usize, LogLine)>, &Cancel),
) {
    let mut pause = SHORTEST_PAUSE;
    while !enough.is_cancelled() {
        let wanted = Wanted { container, since: place.since(), follow: true };
        let (sender, mut again) = (sender.clone(), place.again());
        let (counter, counted) = std::sync::mpsc::channel();
        let ended = engine.log(&wanted, enough, move |line| {
            if again(line.at) {
                return true;
            }
            // Its receiver lives as long as this call.
            let _ = counter.send(line.at);
            sender.send((number, line)).is_ok()
        });
        if let Err(failure) = ended {
            // A run may be making it anew at this moment.
            tracing::debug!(container, cause = %failure.message, "can't be followed");
        }
        let before = place.clone();
        counted.iter().for_each(|at| place.note(at));
        pause = if place == before { (pause * 2).min(LONGEST_PAUSE) } else { SHORTEST_PAUSE };
        awake::wait(pause, enough);
    }
}

/// Tells lines in the order of their time, as far as they come close together.
fn pass_on(lines: &Receiver<(usize, LogLine)>, layout: &Layout, cancel: &Cancel, teller: &mut Teller<'_>) {
    while !cancel.is_cancelled() && teller.is_read() {
        match lines.recv_timeout(LOOK) {
            Ok(first) => {
                let mut together = vec![first];
                let until = Instant::now() + TOGETHER;
                while together.len() < WAITING
                    && let Ok(next) = lines.recv_timeout(until.saturating_duration_since(Instant::now()))
                {
                    together.push(next);
                }
                together.put_in_order_by_key(|(_, line)| line.at);
                if !together.iter().all(|(number, line)| teller.tell(*number, line)) {
                    return;
                }
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) if is_gone(layout) => {
                teller.note(&format!("{} is not deployed any more", layout.plan()));
                return;
            }
            Err(RecvTimeoutError::Timeout) => {}
        }
    }
}

/// Whether nothing is deployed, and no run is about to change that.
fn is_gone(layout: &Layout) -> bool {
    !layout.saved().is_file() && deployed::under_way(layout.plan()).is_none() && !layout.saved().is_file()
}
