//! Every fault of starting, stopping and restarting services: what is on record as stopped is stopped, all else runs on.

use crate::examples::{self, Example};
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{side_by_side, some_of, tell};
use crate::model::State;
use crate::promise;
use crate::server::{Server, Tear, Told};
use landfall::facts::{Outcome, RunKind};
use landfall::operation::OperationId;
use landfall::plan::values::ServiceName;
use landfall::run::Ending;
use pretty_assertions::assert_eq;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

fn shop() -> Example {
    examples::in_the_folder().into_iter().find(|example| example.name == "shop.json").unwrap()
}

fn names(names: &[&str]) -> BTreeSet<ServiceName> {
    names.iter().map(|name| ServiceName::parse(name).unwrap()).collect()
}

/// Those of the plan's services that run.
fn running(server: &Server, example: &Example) -> BTreeSet<ServiceName> {
    let runs = |name: &&ServiceName| {
        server.state.containers.get(&server.layout.container(name)).is_some_and(|there| there.running)
    };
    example.plan.services.keys().filter(runs).cloned().collect()
}

#[test]
fn what_is_stopped_is_on_record_before_anything_stops_and_dependents_go_first() {
    let mut server = Server::with_deployed(&shop());
    let told = server.change(RunKind::Stop, &[], &[]);
    let order: Vec<_> = told.performed.iter().map(OperationId::as_str).take(3).collect();
    assert_eq!(order, ["note stopped", "stop shop-web", "stop shop-db"]);
    assert_eq!((running(&server, &shop()), server.state.stopped.clone()), (names(&[]), names(&["db", "web"])));
    let told = server.change(RunKind::Start, &["web"], &[]);
    let order: Vec<_> = told.performed.iter().map(OperationId::as_str).collect();
    assert_eq!(order, ["start db", "await db", "start web", "await web", "note stopped"]);
    assert_eq!((running(&server, &shop()), server.state.stopped.clone()), (names(&["db", "web"]), names(&[])));
}

#[test]
fn a_start_of_which_a_service_does_not_become_healthy_stops_everything_again() {
    let mut server = Server::with_deployed(&shop());
    server.change(RunKind::Stop, &[], &[]);
    let before = server.state.clone();
    let told = server.change(RunKind::Start, &[], &[Fault::once(&OperationId::of("await web"), Kind::Fails)]);
    let cause = "could not wait until web is healthy, at most 30s: it failed".to_owned();
    assert_eq!(told.ending, Some(Ending::Restored { cause }));
    assert_eq!(server.state, before);
}

#[test]
fn a_restart_that_is_killed_while_everything_is_down_is_finished_by_a_recovery() {
    let mut server = Server::with_deployed(&shop());
    server.change(RunKind::Restart, &[], &[Fault::once(&OperationId::of("start db"), Kind::ProgramIsKilled)]);
    assert_eq!(running(&server, &shop()), names(&[]));
    assert_eq!(server.recover(&[]).map(|recovered| recovered.outcome), Some(Outcome::Restored));
    assert_eq!(running(&server, &shop()), names(&["db", "web"]));
}

#[test]
fn a_service_that_does_not_become_healthy_again_is_told_after_two_tries() {
    let mut server = Server::with_deployed(&shop());
    let sick = Fault::each_time(&OperationId::of("await web"), Kind::Fails);
    let told = server.change(RunKind::Restart, &["web"], &[sick]);
    let cause = "could not wait until web is healthy, at most 30s: it failed".to_owned();
    assert_eq!(told.ending, Some(Ending::Incomplete { cause: cause.clone(), left: vec![cause] }));
    assert_eq!(told.performed.iter().filter(|id| id.as_str() == "await web").count(), 3);
}

/// What must hold after a run with a fault, and then a recovery without one.
fn hold(
    server: &mut Server,
    told: &Told,
    before: &State,
    example: &Example,
    asked: (&BTreeSet<ServiceName>, &BTreeSet<ServiceName>),
) {
    let (concerned, then) = asked;
    let boot = server.state.containers.values().all(|there| !there.running);
    match &told.ending {
        Some(Ending::Done { .. }) => assert_eq!(server.state.stopped, *then),
        Some(Ending::Restored { .. } | Ending::Refused { .. }) => assert_eq!(server.state.stopped, before.stopped),
        Some(Ending::Incomplete { left, .. }) => assert!(!left.is_empty()),
        None => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(told.violations, Vec::<String>::new());
    let others: Vec<_> = before
        .containers
        .values()
        .filter(|there| told.interrupted.contains(&there.id))
        .filter(|there| !concerned.iter().any(|name| server.layout.container(name) == there.name))
        .map(|there| there.name.clone())
        .collect();
    assert_eq!(others, Vec::<String>::new(), "others were interrupted");
    let recovered = server.recover(&[]);
    assert_eq!(recovered.map(|recovered| recovered.left).unwrap_or_default(), Vec::<String>::new());
    assert!([then, &before.stopped].contains(&&server.state.stopped), "{:?}", server.state.stopped);
    let saved = |state: &State| state.saved.clone();
    assert_eq!(saved(&server.state), saved(before));
    assert_eq!(promise::broken(server, before, example), Vec::<String>::new());
    let lasting = example.plan.services.iter().filter(|(_, service)| !service.one_shot()).map(|(name, _)| name.clone());
    let expected: BTreeSet<_> = lasting.filter(|name| !server.state.stopped.contains(name)).collect();
    let now = running(server, example);
    if boot && told.ending.is_none() {
        // The boot job starts them, not the recovery; what was stopped already is not started by anybody.
        assert!(now.is_subset(&expected), "{now:?} {expected:?}");
    } else {
        assert_eq!(now, expected);
    }
    let state = server.state.clone();
    assert!(server.recover(&[]).is_none());
    assert_eq!(server.state, state);
}

#[test]
fn every_fault_of_a_start_a_stop_and_a_restart_ends_as_it_was_or_as_it_was_to_be() {
    let large = examples::large();
    let mut situations = Vec::new();
    for example in [shop(), large] {
        let deployed = Server::with_deployed(&example);
        let mut stopped = deployed.again();
        stopped.change(RunKind::Stop, &[], &[]);
        for (kind, server) in [(RunKind::Stop, &deployed), (RunKind::Restart, &deployed), (RunKind::Start, &stopped)] {
            let lasting = example.plan.services.iter().find(|(_, service)| !service.one_shot()).unwrap().0.to_string();
            situations.push((example.clone(), kind, server.again(), Vec::new()));
            situations.push((example.clone(), kind, server.again(), vec![lasting]));
        }
    }
    let mut cases = Vec::new();
    for (example, kind, server, named) in &situations {
        let named: Vec<&str> = named.iter().map(String::as_str).collect();
        let (_, _, program) = server.asked(*kind, &named);
        for operation in program.operations() {
            cases.extend(Kind::ALL.map(|fault| (example, *kind, server, named.clone(), operation.id.clone(), fault)));
        }
    }
    // The small plan with everything; of the large one, which tells nothing but the order, a part.
    let (small, large): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(example, ..)| example.name == "shop.json");
    let cases: Vec<_> = small.into_iter().chain(some_of(large, 37)).collect();
    let tried = AtomicUsize::new(0);
    side_by_side(&cases, |(example, kind, server, named, operation, fault)| {
        for (tear, each_time) in [(Tear::HalfALine, false), (Tear::OnlyTheIntents, false), (Tear::Whole, true)] {
            let mut server = server.again().torn(tear);
            let before = server.state.clone();
            let (concerned, then, _) = server.asked(*kind, named);
            let fault = Fault { each_time, ..Fault::once(operation, *fault) };
            let told = server.change(*kind, named, std::slice::from_ref(&fault));
            let what = format!("{} {kind:?} {named:?} {fault:?} {tear:?}: {:?}", example.name, told.ending);
            let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                hold(&mut server, &told, &before, example, (&concerned, &then));
            }));
            assert!(held.is_ok(), "{what}\n{:?}", told.performed);
            tried.fetch_add(1, Ordering::Relaxed);
        }
    });
    tell(tried.into_inner(), "one fault at each operation of a start, a stop or a restart");
}
