//! Deployments that go back to the plan before: every fault of them, of the fall, of the way back and of recoveries.

use crate::examples::{self, Example};
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{hold_each, side_by_side, some_of, tell, thorough};
use crate::model::State;
use crate::promise::{self, is_brought_back};
use crate::server::{Recovered, Server, Tear};
use landfall::facts::{ContainerFact, Outcome};
use landfall::operation::OperationId;
use landfall::run::Ending;
use pretty_assertions::assert_eq;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

fn going_back(example: &Example) -> Example {
    example.with("\"version\": 1,", "\"version\": 1, \"on_failure\": \"previous\",")
}

fn shop() -> Example {
    examples::in_the_folder().into_iter().find(|example| example.name == "shop.json").unwrap()
}

/// A later version of it: another image of its web server, and other jobs.
fn later() -> Example {
    going_back(&shop().with("images/shop-v1.oci.tar.zst", "images/shop-v2.oci.tar.zst").with("@weekly", "@daily"))
}

/// What goes back, over what is deployed.
fn situations() -> Vec<(Example, Server)> {
    let large = examples::large();
    let mut situations = vec![
        (later(), Server::with_deployed(&shop())),
        (going_back(&large), Server::with_deployed(&examples::large_before())),
    ];
    if thorough() {
        let of_itself = |example: &Example| (going_back(example), Server::with_deployed(example));
        situations.extend(examples::in_the_folder().iter().map(of_itself));
        let dedicated = going_back(&large.with("\"version\": 1,", "\"version\": 1, \"teardown\": \"node\","));
        situations.push((dedicated, Server::with_deployed(&examples::large_before())));
    }
    situations
}

fn once(operation: &str, kind: Kind) -> Fault {
    Fault::once(&OperationId::of(operation), kind)
}

fn images(state: &State) -> Vec<&str> {
    let ours = state.containers.values().filter(|there| there.plan() == Some("shop"));
    ours.map(|there| there.image_id.as_str()).collect()
}

#[test]
fn a_deployment_that_fails_brings_the_plan_before_back_from_what_was_kept_of_it() {
    let mut server = Server::with_deployed(&shop());
    let before = server.state.clone();
    let told = server.deploy(&later(), &[once("await web", Kind::Fails)]);
    let cause = "could not wait until web is healthy, at most 30s: it failed".to_owned();
    assert_eq!(told.ending, Some(Ending::Restored { cause }));
    assert_eq!(promise::untrue(&told, &server, &before), Vec::<String>::new());
    assert_eq!(promise::broken(&server, &before, &shop()), Vec::<String>::new());
    assert_eq!(images(&server.state), images(&before));
    assert_eq!(server.state.crontab, before.crontab);
    let order: Vec<_> = told.performed.iter().map(OperationId::as_str).collect();
    let at = |id: &str| order.iter().position(|it| *it == id).unwrap_or_else(|| panic!("{id} of {order:?}"));
    assert!(at("drop shop-web") < at("create web again") && at("check db again") < at("commit again"), "{order:?}");
    assert!(!order.iter().any(|id| id.starts_with("retrieve") && at(id) > at("await web")), "{order:?}");
    assert!(server.recover(&[]).is_none());
}

#[test]
fn old_images_go_once_the_new_plan_counts_as_deployed() {
    let mut server = Server::with_deployed(&shop());
    let old: BTreeSet<String> = server.state.images.values().flatten().cloned().collect();
    let told = server.deploy(&later(), &[]);
    let order: Vec<_> = told.performed.iter().map(OperationId::as_str).collect();
    let commit = order.iter().position(|id| *id == "commit").unwrap();
    let drops: Vec<_> = order.iter().enumerate().filter(|(_, id)| id.starts_with("drop image")).collect();
    assert!(!drops.is_empty() && drops.iter().all(|(at, _)| *at > commit), "{order:?}");
    let left: BTreeSet<String> = server.state.images.values().flatten().cloned().collect();
    let gone: Vec<_> = old.difference(&left).collect();
    assert_eq!(gone.len(), 2, "those of migrate and web: {gone:?}");
}

#[test]
fn where_the_way_back_fails_too_no_container_is_left_and_both_causes_are_told() {
    let mut server = Server::with_deployed(&shop());
    let before = server.state.clone();
    let told = server.deploy(&later(), &[once("await web", Kind::Fails), once("await db again", Kind::Fails)]);
    let cause = "could not wait until web is healthy, at most 30s: it failed; and the previous plan could not be deployed again: \
                 could not wait until db is healthy, at most 210s: it failed";
    assert_eq!(told.ending, Some(Ending::RolledBack { cause: cause.to_owned() }));
    assert_eq!(promise::untrue(&told, &server, &before), Vec::<String>::new());
    assert!(server.recover(&[]).is_none());
}

#[test]
fn an_image_that_somebody_removed_meanwhile_leaves_no_container_and_is_named() {
    let mut server = Server::with_deployed(&shop());
    let image = server.state.saved.as_ref().unwrap().services.values().next().unwrap().image_id.clone();
    server.deploy(&later(), &[once("await web", Kind::ProgramIsKilled)]);
    server.state.images.remove(image.hex());
    let Recovered { outcome, left, told: _ } = server.recover(&[]).unwrap();
    assert_eq!((outcome, left), (Outcome::RolledBack, Vec::new()));
    assert_eq!((server.state.saved.clone(), images(&server.state)), (None, Vec::new()));
}

#[test]
fn a_kill_before_anything_failed_is_finished_with_the_plan_before() {
    let mut server = Server::with_deployed(&shop());
    let before = server.state.clone();
    server.deploy(&later(), &[once("create web", Kind::ProgramIsKilled)]);
    assert_eq!(server.recover(&[]).map(|recovered| recovered.outcome), Some(Outcome::Restored));
    assert!(is_brought_back(&server.state, &before));
    assert!(server.state.containers["shop-web"].running);
    assert_eq!(promise::broken(&server, &before, &shop()), Vec::<String>::new());
}

#[test]
fn regression_120_after_a_power_cut_what_runs_on_of_the_plan_before_is_there_for_the_boot_job_and_no_one_shot_that_never_ran()
 {
    let mut server = Server::with_deployed(&shop());
    let before = server.state.clone();
    server.deploy(&later(), &[once("create web", Kind::PowerGoes)]);
    let recovered = server.recover(&[]).unwrap();
    assert_eq!(recovered.outcome, Outcome::Restored);
    assert!(is_brought_back(&server.state, &before));
    let ours: Vec<_> = server.state.containers.values().filter(|there| there.plan() == Some("shop")).collect();
    let told: Vec<_> = ours.iter().map(|there: &&ContainerFact| (there.name.as_str(), there.running)).collect();
    assert_eq!(told, [("shop-db", false), ("shop-web", false)]);
    assert_eq!(promise::broken(&server, &before, &shop()), Vec::<String>::new());
}

#[test]
fn a_plan_that_was_never_deployed_here_has_nothing_to_go_back_to() {
    let mut server = Server::new(&shop());
    let before = server.state.clone();
    let told = server.deploy(&later(), &[once("await web", Kind::Fails)]);
    assert!(matches!(told.ending, Some(Ending::RolledBack { .. })), "{:?}", told.ending);
    assert_eq!(promise::untrue(&told, &server, &before), Vec::<String>::new());
}

#[test]
fn a_plan_that_came_back_can_come_back_again() {
    let mut server = Server::with_deployed(&shop());
    let before = server.state.clone();
    for _ in 0..2 {
        let told = server.deploy(&later(), &[once("check web", Kind::Fails)]);
        assert!(matches!(told.ending, Some(Ending::Restored { .. })), "{:?}", told.ending);
        assert!(is_brought_back(&server.state, &before));
        assert_eq!(promise::broken(&server, &before, &shop()), Vec::<String>::new());
    }
}

/// What must hold where nothing goes wrong twice: one of the two plans is deployed, once recovery ran.
fn one_is_deployed(server: &Server, what: &dyn std::fmt::Debug) {
    assert!(server.state.saved.is_some(), "{what:?}: neither the new plan nor the one before is deployed");
}

#[test]
fn every_fault_of_a_deployment_ends_with_the_new_plan_or_the_one_before() {
    let mut cases = Vec::new();
    let situations = situations();
    for (example, server) in &situations {
        for operation in server.program(example).operations() {
            cases.extend(Kind::ALL.map(|kind| (example, server, operation.id.clone(), kind)));
        }
    }
    let cases = some_of(cases, 13);
    let tried = AtomicUsize::new(0);
    side_by_side(&cases, |(example, server, operation, kind)| {
        let tears =
            if kind.ends_the_power() { [Tear::HalfALine, Tear::OnlyTheIntents].as_slice() } else { &[Tear::Whole] };
        for tear in tears {
            let mut server = server.again().torn(*tear);
            let before = server.state.clone();
            let fault = Fault::once(operation, *kind);
            let told = server.deploy(example, std::slice::from_ref(&fault));
            let mut recovered = server.again();
            recovered.recover(&[]);
            one_is_deployed(&recovered, &(&example.name, &fault, tear));
            promise::hold(&mut server, &told, &before, example, &(fault, tear));
            tried.fetch_add(1, Ordering::Relaxed);
        }
    });
    tell(tried.into_inner(), "one fault at each operation of a deployment that goes back");
}

#[test]
fn every_fault_of_the_way_back_ends_with_the_plan_before_or_no_container() {
    let mut cases = Vec::new();
    let situations = situations();
    for (example, server) in &situations {
        for first in [once("install crontab", Kind::Fails), once("commit", Kind::ActsThenFails)] {
            let told = server.again().deploy(example, std::slice::from_ref(&first));
            let at = told.performed.iter().position(|id| *id == *first_operation(&first)).unwrap();
            let way: BTreeSet<_> = told.performed[at + 1..].iter().cloned().collect();
            let seconds = way.iter().flat_map(|operation| Kind::ALL.map(|kind| Fault::once(operation, kind)));
            let seconds = seconds.flat_map(|second| [Fault { each_time: true, ..second.clone() }, second]);
            cases.extend(seconds.map(|second| (example, server, [first.clone(), second])));
        }
    }
    hold_each(cases, "a fault of a deployment, then one of its fall or of the way back");
}

fn first_operation(fault: &Fault) -> &OperationId {
    match &fault.at {
        crate::fault::At::Operation(operation) => operation,
        crate::fault::At::Look(_) => panic!("a look is no operation"),
    }
}

#[test]
fn every_fault_of_a_recovery_that_goes_back_ends_with_the_plan_before_or_no_container() {
    let situations = situations();
    let kinds = [Kind::ProgramIsKilledLate, Kind::ActsThenPowerGoes, Kind::PowerGoesHalfway];
    let tried = AtomicUsize::new(0);
    for (example, deployed) in &situations {
        let mut firsts: Vec<Vec<Fault>> = Vec::new();
        for operation in deployed.program(example).operations() {
            firsts.extend(kinds.map(|kind| vec![Fault::once(&operation.id, kind)]));
        }
        // Killed on the way back.
        let failed = once("install crontab", Kind::Fails);
        let performed = deployed.again().deploy(example, std::slice::from_ref(&failed)).performed;
        let back = performed.iter().filter(|id| id.as_str().ends_with(" again"));
        firsts.extend(back.flat_map(|id| kinds.map(|kind| vec![failed.clone(), Fault::once(id, kind)])));
        side_by_side(&some_of(firsts, 97), |first| {
            let mut crashed = deployed.again().torn(Tear::OnlyTheIntents);
            let before = crashed.state.clone();
            let told = crashed.deploy(example, first);
            let performed = crashed.again().recover(&[]).map(|recovered| recovered.told.performed).unwrap_or_default();
            let performed: BTreeSet<_> = performed.into_iter().collect();
            let seconds = performed.iter().flat_map(|operation| Kind::ALL.map(|kind| Fault::once(operation, kind)));
            let seconds = seconds.flat_map(|second| [Fault { each_time: true, ..second.clone() }, second]);
            for second in some_of(seconds.collect(), 61) {
                let mut server = crashed.again();
                let recovered = server.recover(std::slice::from_ref(&second));
                let violations = recovered.map(|recovered| recovered.told.violations).unwrap_or_default();
                assert_eq!(violations, Vec::<String>::new(), "{first:?}, {second:?}");
                promise::hold(&mut server, &told, &before, example, &(first, &second));
                tried.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tell(tried.into_inner(), "a fault that ends a run which goes back, then one of its recovery");
}
