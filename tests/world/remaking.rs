//! Every fault of making anew what an engine has lost: it is as it is on record, or still lost, and nobody else was stopped.

use crate::examples::{self, Example};
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{side_by_side, some_of, tell};
use crate::model::State;
use crate::promise;
use crate::server::{Server, Tear, Told};
use landfall::facts::{ContainerFact, Saved};
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

fn container<'a>(server: &'a Server, service: &ServiceName) -> Option<&'a ContainerFact> {
    server.state.containers.get(&server.layout.container(service))
}

/// A record without which runs made its containers.
fn but_for_the_runs(saved: Option<&Saved>) -> Option<Saved> {
    let mut saved = saved.cloned()?;
    saved.services.values_mut().for_each(|service| service.run = None);
    Some(saved)
}

#[test]
fn after_the_store_was_emptied_everything_that_runs_on_is_made_anew_and_started_in_order() {
    let mut server = Server::with_deployed(&shop()).emptied();
    let before = server.state.clone();
    let told = server.remake(&shop(), true, &[]);
    assert!(matches!(&told.ending, Some(Ending::Done { warnings, .. }) if warnings.is_empty()), "{:?}", told.ending);
    let order: Vec<_> = told.performed.iter().map(OperationId::as_str).collect();
    let at = |id: &str| order.iter().position(|it| *it == id).unwrap_or_else(|| panic!("{id}: {order:?}"));
    assert!(at("verify db") < at("create db") && at("create network") < at("create db"), "{order:?}");
    assert!(at("create web") < at("start db") && at("await db") < at("start web"), "{order:?}");
    assert!(at("await web") < at("commit"), "{order:?}");
    // A one-shot has completed: it is not run again.
    assert!(!order.iter().any(|id| id.contains("migrate")), "{order:?}");
    for name in names(&["db", "web"]) {
        let saved = &server.state.saved.as_ref().unwrap().services[&name];
        let there = container(&server, &name).unwrap();
        assert_eq!((there.running, there.image_id.as_str()), (true, saved.image_id.hex()));
        assert_eq!(there.labels[ContainerFact::CONFIG], saved.config);
    }
    assert_eq!(but_for_the_runs(server.state.saved.as_ref()), but_for_the_runs(before.saved.as_ref()));
    assert_eq!((server.state.data.clone(), server.state.secrets.clone()), (before.data, before.secrets));
    assert!(server.recover(&[]).is_none());
}

#[test]
fn at_a_boot_it_is_made_and_not_started_and_what_is_stopped_on_purpose_is_never_started() {
    let mut server = Server::with_deployed(&shop()).emptied();
    server.remake(&shop(), false, &[]);
    assert_eq!(names(&["db", "web"]).iter().map(|name| container(&server, name).unwrap().running).max(), Some(false));
    let mut server = Server::with_deployed(&shop());
    server.change(landfall::facts::RunKind::Stop, &["web"], &[]);
    let mut server = server.emptied();
    server.remake(&shop(), true, &[]);
    let runs = |name: &str| container(&server, &ServiceName::parse(name).unwrap()).unwrap().running;
    assert_eq!((runs("db"), runs("web")), (true, false));
}

#[test]
fn a_single_container_that_is_lost_is_made_anew_beside_the_others_from_the_image_that_is_here() {
    let mut server = Server::with_deployed(&shop());
    server.state.containers.remove("shop-web");
    let told = server.remake(&shop(), true, &[]);
    let order: Vec<_> = told.performed.iter().map(OperationId::as_str).collect();
    let expected = BTreeSet::from(["verify web", "create web", "remove downloads", "start web", "await web", "commit"]);
    assert_eq!((order.iter().copied().collect(), order.last()), (expected, Some(&"commit")));
    assert_eq!(told.interrupted, BTreeSet::new());
}

/// What must hold after a fault, and then a recovery without one.
fn hold(server: &mut Server, told: &Told, before: &State, example: &Example, lost: &BTreeSet<ServiceName>) {
    match &told.ending {
        Some(Ending::Done { .. }) => assert_ne!(server.state.saved, before.saved),
        Some(Ending::Restored { .. } | Ending::Refused { .. }) => assert_eq!(server.state.saved, before.saved),
        Some(Ending::Incomplete { left, .. }) => assert!(!left.is_empty()),
        None => {}
        other => panic!("{other:?}"),
    }
    assert_eq!(told.violations, Vec::<String>::new());
    let interrupted = |told: &Told| before.containers.values().any(|there| told.interrupted.contains(&there.id));
    assert!(!interrupted(told), "others were interrupted");
    if let Some(recovered) = server.recover(&[]) {
        assert_eq!((recovered.left, recovered.told.violations), (Vec::new(), Vec::new()));
        assert_eq!(
            recovered.told.interrupted.iter().filter(|id| before.containers.values().any(|it| it.id == **id)).count(),
            0
        );
    }
    assert_eq!(but_for_the_runs(server.state.saved.as_ref()), but_for_the_runs(before.saved.as_ref()));
    assert_eq!((&server.state.data, &server.state.secrets), (&before.data, &before.secrets));
    let saved = server.state.saved.clone().unwrap();
    for name in lost {
        let (on_record, run) = (&saved.services[name], saved.services[name].run.as_ref());
        match container(server, name) {
            // Whatever bears its name is the one that is on record.
            Some(there) => {
                let made_by = there.labels.get(ContainerFact::RUN).cloned();
                assert_eq!(
                    (there.image_id.as_str(), made_by),
                    (on_record.image_id.hex(), run.map(ToString::to_string))
                );
            }
            None => assert_eq!(run, None, "{name} is on record as made anew, and is not there"),
        }
    }
    let state = server.state.clone();
    assert!(server.recover(&[]).is_none());
    assert_eq!(server.state, state);
    if server.state.containers.len() < before.containers.len() + lost.len() {
        let again = server.remake(example, true, &[]);
        assert!(matches!(again.ending, Some(Ending::Done { .. })), "{:?}", again.ending);
    }
    assert!(lost.iter().all(|name| container(server, name).is_some()));
    server.deploy(example, &[]);
    assert_eq!(promise::broken(server, before, example), Vec::<String>::new());
}

#[test]
fn every_fault_of_making_anew_ends_as_it_is_on_record_or_still_lost_and_nobody_else_stopped() {
    let (large, shop) = (examples::large(), shop());
    let emptied = |example: &Example| Server::with_deployed(example).emptied();
    let mut alone = Server::with_deployed(&shop);
    alone.state.containers.remove("shop-web");
    let situations = [
        (&shop, emptied(&shop), true),
        (&shop, emptied(&shop), false),
        (&shop, alone, true),
        (&large, emptied(&large), true),
    ];
    let mut cases = Vec::new();
    for (example, server, starts) in &situations {
        let (_, program, _) = server.lost(example, *starts);
        for operation in program.operations() {
            cases.extend(Kind::ALL.map(|kind| (*example, server, *starts, operation.id.clone(), kind)));
        }
    }
    let (small, large): (Vec<_>, Vec<_>) = cases.into_iter().partition(|(example, ..)| example.name == "shop.json");
    let cases: Vec<_> = some_of(small, 2).into_iter().chain(some_of(large, 31)).collect();
    let tried = AtomicUsize::new(0);
    side_by_side(&cases, |(example, server, starts, operation, kind)| {
        for (tear, each_time) in [(Tear::HalfALine, false), (Tear::OnlyTheIntents, false), (Tear::Whole, true)] {
            let mut server = server.again().torn(tear);
            let before = server.state.clone();
            let (lost, _, _) = server.lost(example, *starts);
            let fault = Fault { each_time, ..Fault::once(operation, *kind) };
            let told = server.remake(example, *starts, std::slice::from_ref(&fault));
            let what = format!("{} {fault:?} {tear:?}: {:?}", example.name, told.ending);
            let held = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                hold(&mut server, &told, &before, example, &lost);
            }));
            assert!(held.is_ok(), "{what}\n{:?}", told.performed);
            tried.fetch_add(1, Ordering::Relaxed);
        }
    });
    tell(tried.into_inner(), "one fault at each operation of making anew what was lost");
}
