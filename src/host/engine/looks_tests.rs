//! Looks at the engine that several operations share.

use super::{Looks, Seen};
use crate::facts::ContainerFact;
use crate::run::Failure;
use pretty_assertions::assert_eq;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::scope;

fn container(restarts: u32) -> ContainerFact {
    ContainerFact { restarts, ..ContainerFact::running("shop-web", "") }
}

/// Looks whose n-th result has n restarts; each says that it has begun, and ends when it is told to.
fn looks() -> (Looks<ContainerFact>, Receiver<u32>, Sender<()>) {
    let (begun, beginnings) = channel();
    let (end, ends) = channel();
    let (count, ends) = (AtomicU32::new(0), Mutex::new(ends));
    let looks = Looks::by(move || {
        let number = count.fetch_add(1, Ordering::SeqCst) + 1;
        begun.send(number).unwrap();
        ends.lock().unwrap().recv().unwrap();
        Ok(vec![container(number)])
    });
    (looks, beginnings, end)
}

fn number(seen: Seen<ContainerFact>) -> u32 {
    seen.unwrap()[0].restarts
}

#[test]
fn those_who_ask_during_a_look_share_the_next_one() {
    let (looks, beginnings, end) = looks();
    scope(|scope| {
        let first = scope.spawn(|| number(looks.now()));
        assert_eq!(beginnings.recv(), Ok(1));
        let later: Vec<_> = (0..10).map(|_| scope.spawn(|| number(looks.now()))).collect();
        while looks.waiting() < 10 {
            std::thread::yield_now();
        }
        end.send(()).unwrap();
        assert_eq!(first.join().unwrap(), 1);
        assert_eq!(beginnings.recv(), Ok(2));
        end.send(()).unwrap();
        let seen: Vec<u32> = later.into_iter().map(|thread| thread.join().unwrap()).collect();
        assert_eq!(seen, [2; 10]);
    });
    assert_eq!(beginnings.try_recv().ok(), None);
}

#[test]
fn a_look_that_has_ended_answers_nobody_who_asks_afterwards() {
    let (looks, _beginnings, end) = looks();
    end.send(()).unwrap();
    end.send(()).unwrap();
    assert_eq!((number(looks.now()), number(looks.now())), (1, 2));
}

#[test]
fn a_look_that_failed_failed_for_all() {
    let looks = Looks::<ContainerFact>::by(|| Err(Failure::new("database is locked")));
    assert_eq!(looks.now(), Err(Failure::new("database is locked")));
}

#[test]
fn a_look_that_panics_leaves_the_next_to_somebody_else() {
    let panicked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&panicked);
    let looks = Looks::by(move || match count.fetch_add(1, Ordering::SeqCst) {
        0 => panic!("this is the panic"),
        number => Ok(vec![container(number)]),
    });
    let first = scope(|scope| scope.spawn(|| looks.now().is_ok()).join());
    assert_eq!(first.map_err(|panic| panic.downcast_ref::<&'static str>().copied()), Err(Some("this is the panic")));
    assert_eq!(looks.now(), Ok(Arc::new(vec![container(1)])));
}
