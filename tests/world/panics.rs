//! A panic in the loop itself: whoever listens to a run panics at its n-th event, for every n.

use crate::fault::Fault;
use crate::faults_of_a_run::{Situation, places, side_by_side, situations, some_of};
use crate::promise;
use crate::server::Told;
use crate::{fault::Kind, server::Server};
use landfall::run::Ending;

/// Runs with a listener that panics at this event, and holds the promise against what it came to.
fn panics_at(number: usize, situation: &Situation, run: impl Fn(&mut Server) -> Told) -> Told {
    let mut server = situation.server.again();
    server.listener_panics_at = Some(number);
    let before = server.state.clone();
    let told = run(&mut server);
    promise::hold(&mut server, &told, &before, &situation.example, &format!("a panic at event {number}"));
    told
}

#[test]
fn regression_070_a_panic_in_the_loop_at_any_event_of_a_run_rolls_it_back() {
    side_by_side(&situations(), |situation| {
        let run = |server: &mut Server| server.deploy(&situation.example, &[]);
        let events = run(&mut situation.server.again()).heard;
        assert!(events > 10, "{}: only {events} events", situation.example.name);
        for number in some_of((1..=events).collect(), 3) {
            let told = panics_at(number, situation, run);
            match told.ending.unwrap() {
                Ending::Refused { cause } | Ending::RolledBack { cause } => {
                    assert_eq!(cause, "a panic, which is a defect of Landfall", "event {number}");
                }
                // It was deployed by then.
                Ending::Done { known: _, warnings } => assert_eq!(warnings, [""; 0], "event {number}"),
                Ending::TornDown | Ending::Restored { .. } | Ending::Incomplete { .. } => panic!("event {number}"),
            }
        }
    });
}

#[test]
fn a_panic_of_whoever_listens_does_not_keep_a_run_from_falling() {
    let situations = situations();
    side_by_side(&some_of(places(&situations), 61), |(situation, operation)| {
        let faults = [Fault::once(operation, Kind::ActsThenFails)];
        let run = |server: &mut Server| server.deploy(&situation.example, &faults);
        let undisturbed = run(&mut situation.server.again());
        for number in some_of((1..=undisturbed.heard).collect(), 5) {
            panics_at(number, situation, run);
        }
    });
}

#[test]
fn a_panic_in_the_loop_at_any_event_of_a_teardown_leaves_what_was_deployed_or_nothing_of_it() {
    for situation in situations().iter().filter(|situation| situation.server.state.saved.is_some()) {
        let run = |server: &mut Server| server.teardown(&[]);
        let events = run(&mut situation.server.again()).heard;
        for number in 1..=events {
            let told = panics_at(number, situation, run);
            assert!(!matches!(told.ending, Some(Ending::Incomplete { .. })), "event {number}: {:?}", told.ending);
        }
    }
}
