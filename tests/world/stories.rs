//! Single faults that are worth a sentence of their own.

use crate::examples::{self, Example};
use crate::fault::{Fault, Kind};
use crate::server::Server;
use landfall::facts::{ContainerFact, Outcome};
use landfall::operation::OperationId;
use landfall::run::Ending;
use pretty_assertions::assert_eq;
use std::collections::BTreeMap;

fn shop() -> Example {
    examples::in_the_folder().into_iter().find(|example| example.name == "shop.json").unwrap()
}

fn once(operation: &str, kind: Kind) -> Fault {
    Fault::once(&OperationId::of(operation), kind)
}

#[test]
fn a_lie_about_the_point_of_no_return_leaves_the_old_deployment_running() {
    let mut server = Server::with_deployed(&shop());
    let before = server.state.clone();
    let told = server.deploy(&shop(), &[once("uncommit", Kind::Lies)]);
    let cause = "could not stop counting as deployed what is deployed now: it had no effect".to_owned();
    assert_eq!(told.ending, Some(Ending::Refused { cause }));
    assert_eq!(server.state, before.clone());
}

#[test]
fn a_plan_that_was_saved_but_not_confirmed_stops_counting_as_deployed_before_a_container_goes() {
    let mut server = Server::new(&shop());
    let faults = [once("commit", Kind::IsNotConfirmed), once("drop shop-web", Kind::ProgramIsKilled)];
    let told = server.deploy(&shop(), &faults);
    let after: Vec<_> = told.performed.iter().skip_while(|operation| operation.as_str() != "commit").collect();
    assert_eq!(after.get(1).map(|operation| operation.as_str()), Some("uncommit"));
    assert_eq!(server.recover(&[]).map(|recovered| recovered.outcome), Some(Outcome::RolledBack));
    assert_eq!(server.state.saved, None);
}

#[test]
fn an_end_of_the_old_deployment_that_can_not_be_confirmed_counts_when_a_look_says_so() {
    let mut server = Server::with_deployed(&shop());
    let told = server.deploy(&shop(), &[once("uncommit", Kind::IsNotConfirmed)]);
    assert!(matches!(told.ending, Some(Ending::RolledBack { .. })), "{:?}", told.ending);
    assert!(!server.state.containers.contains_key("shop-db"));
}

#[test]
fn a_container_of_somebody_with_one_of_our_names_is_left_alone() {
    let mut server = Server::new(&shop());
    let theirs = ContainerFact { labels: BTreeMap::new(), ..server.state.containers["somebody"].clone() };
    let theirs = ContainerFact { name: "shop-web".to_owned(), ..theirs };
    server.state.containers.insert("shop-web".to_owned(), theirs.clone());
    let told = server.deploy(&shop(), &[]);
    let cause = "could not create the container shop-web: the name is taken".to_owned();
    assert_eq!(told.ending, Some(Ending::RolledBack { cause }));
    assert_eq!(server.state.containers.get("shop-web"), Some(&theirs));
}

#[test]
fn what_a_killed_program_was_creating_is_found_when_it_appears_late() {
    let mut server = Server::new(&shop());
    server.deploy(&shop(), &[once("create web", Kind::ProgramIsKilledLate)]);
    assert!(server.state.containers.contains_key("shop-web"));
    assert_eq!(server.recover(&[]).map(|recovered| recovered.outcome), Some(Outcome::RolledBack));
    assert!(!server.state.containers.contains_key("shop-web"));
}

#[test]
fn a_rollback_waits_for_what_was_killed_and_removes_it_when_it_appears() {
    let mut server = Server::new(&shop());
    let told = server.deploy(&shop(), &[once("create web", Kind::FinishesLate)]);
    assert!(matches!(told.ending, Some(Ending::RolledBack { .. })), "{:?}", told.ending);
    assert!(!server.state.containers.contains_key("shop-web"));
}

#[test]
fn the_crontab_still_finishes_the_rollback_at_boot_while_something_is_left() {
    let mut server = Server::new(&shop());
    let stuck = OperationId::of("drop shop-db");
    let faults = [once("await web", Kind::Fails), Fault::each_time(&stuck, Kind::Fails)];
    let told = server.deploy(&shop(), &faults);
    assert!(matches!(told.ending, Some(Ending::Incomplete { .. })), "{:?}", told.ending);
    assert!(server.state.crontab.block.is_some());
    assert!(server.state.paths.contains(&server.layout.recover()));
    assert_eq!(server.recover(&[]).map(|recovered| recovered.outcome), Some(Outcome::RolledBack));
    assert_eq!(server.state.crontab.block, None);
}

#[test]
fn a_fall_whose_last_look_is_the_first_to_see_that_nothing_is_left_has_reached_its_floor() {
    let mut server = Server::new(&shop());
    let blind = (1..=8).map(|number| Fault::look(number, Kind::Fails));
    let faults: Vec<_> = [once("reserve crontab", Kind::Fails)].into_iter().chain(blind).collect();
    let told = server.deploy(&shop(), &faults[..8]);
    assert!(matches!(told.ending, Some(Ending::Refused { .. })), "{:?}", told.ending);
}

#[test]
fn an_operator_who_interrupts_while_the_plan_is_being_saved_comes_too_late() {
    let mut server = Server::new(&shop());
    let told = server.deploy(&shop(), &[once("commit", Kind::IsInterrupted)]);
    assert!(matches!(&told.ending, Some(Ending::Done { warnings, .. }) if warnings.is_empty()), "{:?}", told.ending);
    assert!(told.performed.contains(&OperationId::of("prune runs")));
}
