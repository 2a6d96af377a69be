//! Every fault at every operation of every program, alone.

use crate::examples::{self, Example};
use crate::fault::{Fault, Kind};
use crate::promise;
use crate::server::{Server, Tear};
use std::ops::Deref;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Whether everything is tried with everything, which takes a quarter of an hour: `LANDFALL_THOROUGH=1`.
pub fn thorough() -> bool {
    std::env::var_os("LANDFALL_THOROUGH").is_some()
}

/// Every n-th of many cases; all of them where that was asked for.
pub fn some_of<T>(cases: Vec<T>, every: usize) -> Vec<T> {
    cases.into_iter().step_by(if thorough() { 1 } else { every }).collect()
}

/// A way to come to a deployment: the plan, and what was deployed before.
pub struct Situation {
    pub example: Example,
    pub server: Server,
    /// The faults that are worth trying: where only details of the program differ, a few stand for all.
    pub kinds: &'static [Kind],
}

/// One fault for each way in which a run can come to its end.
const FEW: &[Kind] = &[Kind::Fails, Kind::Lies, Kind::IsHalfDone, Kind::ActsThenPanics, Kind::ProgramIsKilledLate];

/// Every example on an empty server and over itself; the large one also over an earlier version of it, and its variants.
pub fn situations() -> Vec<Situation> {
    let mut situations = Vec::new();
    let mut add = |server, example: &Example, kinds| {
        situations.push(Situation { server, example: example.clone(), kinds });
    };
    for example in examples::in_the_folder() {
        add(Server::new(&example), &example, &Kind::ALL);
        add(Server::with_deployed(&example), &example, &Kind::ALL);
    }
    let (large, before) = (examples::large(), examples::large_before());
    let late = large.with("\"version\": 1,", "\"version\": 1, \"staging\": \"after\",");
    let dedicated = large.with("\"version\": 1,", "\"version\": 1, \"teardown\": \"node\",");
    let of_the_large = if thorough() { &Kind::ALL } else { FEW };
    add(Server::new(&large), &large, of_the_large);
    add(Server::with_deployed(&before), &large, of_the_large);
    add(Server::with_deployed(&before), &late, of_the_large);
    add(Server::with_deployed(&before), &dedicated, of_the_large);
    situations
}

/// Says how many cases a test has tried, and of what.
pub fn tell(cases: usize, what: &str) {
    println!("cases in memory: {cases}: {what}");
}

/// Holds the promises where two faults come over a deployment, and the journal loses what it may: of these cases, as many as [`some_of`]
/// takes.
pub fn hold_each<S: Deref<Target = Server> + Sync>(cases: Vec<(&Example, S, [Fault; 2])>, what: &str) {
    let cases = some_of(cases, 61);
    side_by_side(&cases, |(example, server, faults)| {
        let mut server = server.again().torn(Tear::OnlyTheIntents);
        let before = server.state.clone();
        let told = server.deploy(example, faults);
        promise::hold(&mut server, &told, &before, example, faults);
    });
    tell(cases.len(), what);
}

/// Does something for each item, four at a time.
pub fn side_by_side<T: Sync>(items: &[T], each: impl Fn(&T) + Sync) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
                    each(item);
                }
            });
        }
    });
}

/// Every operation of every situation.
pub fn places(situations: &[Situation]) -> Vec<(&Situation, landfall::operation::OperationId)> {
    let of = |situation: &Situation| situation.server.program(&situation.example);
    let places = situations.iter().map(|situation| (situation, of(situation)));
    places
        .flat_map(|(situation, program)| {
            program.operations().map(|operation| (situation, operation.id.clone())).collect::<Vec<_>>()
        })
        .collect()
}

fn try_once(situation: &Situation, fault: &Fault, tear: Tear) {
    let mut server = situation.server.again().torn(tear);
    let before = server.state.clone();
    let told = server.deploy(&situation.example, std::slice::from_ref(fault));
    assert_eq!(told.ending.is_none(), fault.kind.ends_the_program(), "{fault:?}: {:?}", told.ending);
    promise::hold(&mut server, &told, &before, &situation.example, &(fault, tear));
}

#[test]
fn a_deployment_without_a_fault_ends_deployed() {
    for situation in situations() {
        let mut server = situation.server.again();
        let before = server.state.clone();
        let told = server.deploy(&situation.example, &[]);
        promise::hold(&mut server, &told, &before, &situation.example, &"nothing");
    }
}

#[test]
fn every_fault_at_every_operation_ends_deployed_or_containerless_or_with_nothing_changed() {
    let situations = situations();
    let places = places(&situations);
    assert!(places.len() > 300, "only {} operations", places.len());
    let tried = AtomicUsize::new(0);
    side_by_side(&places, |(situation, operation)| {
        for kind in situation.kinds.iter().copied() {
            let tears = match kind.ends_the_power() {
                true => [Tear::HalfALine, Tear::OnlyTheIntents].as_slice(),
                false => &[Tear::Whole],
            };
            for tear in tears {
                try_once(situation, &Fault::once(operation, kind), *tear);
                tried.fetch_add(1, Ordering::Relaxed);
            }
        }
    });
    tell(tried.into_inner(), &format!("one fault at each of {} operations of a deployment", places.len()));
}

#[test]
fn a_fault_that_comes_each_time_is_told_and_recovered_from_once_it_is_gone() {
    let situations = situations();
    let kinds = [Kind::Fails, Kind::ActsThenFails, Kind::Lies, Kind::Hangs, Kind::IsHalfDone, Kind::Panics];
    let places = some_of(places(&situations), 5);
    side_by_side(&places, |(situation, operation)| {
        for kind in kinds {
            try_once(situation, &Fault::each_time(operation, kind), Tear::Whole);
        }
    });
    tell(places.len() * kinds.len(), "a fault of a deployment that comes each time");
}
