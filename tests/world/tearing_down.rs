//! Every fault of a teardown on purpose.

use crate::examples;
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::thorough;
use crate::promise;
use crate::server::{Server, Tear};
use landfall::operation::OperationId;
use landfall::run::Ending;
use std::collections::BTreeSet;

#[test]
fn a_teardown_leaves_nothing_of_the_plan_and_everything_of_others() {
    for example in examples::in_the_folder() {
        let mut server = Server::with_deployed(&example);
        let before = server.state.clone();
        let told = server.teardown(&[]);
        assert_eq!(told.ending, Some(Ending::TornDown), "{}", example.name);
        promise::hold(&mut server, &told, &before, &example, &"a teardown");
    }
}

#[test]
fn every_fault_at_every_operation_of_a_teardown_ends_containerless_or_with_nothing_changed() {
    for example in examples::in_the_folder() {
        let deployed = Server::with_deployed(&example);
        let performed: BTreeSet<OperationId> = deployed.again().teardown(&[]).performed.into_iter().collect();
        for operation in &performed {
            for kind in Kind::ALL {
                // A fault that comes each time lets the fall go through all its rounds.
                for each_time in [false, true].into_iter().take(if thorough() || kind == Kind::Fails { 2 } else { 1 }) {
                    let mut server = deployed.again().torn(Tear::OnlyTheIntents);
                    let before = server.state.clone();
                    let fault = Fault { each_time, ..Fault::once(operation, kind) };
                    let told = server.teardown(std::slice::from_ref(&fault));
                    promise::hold(&mut server, &told, &before, &example, &fault);
                }
            }
        }
    }
}
