//! Something fails, and then something else on the way down.

use crate::examples;
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{hold_each, thorough};
use crate::server::Server;
use landfall::operation::OperationId;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The first faults: before the point of no return, at it, right after it, late, and at the very end.
pub fn first_faults(operations: &[OperationId]) -> Vec<Fault> {
    let named = |name: &str| operations.iter().find(|operation| operation.as_str() == name).unwrap();
    let mut starts = operations.iter().filter(|operation| operation.as_str().starts_with("start "));
    let mut creates = operations.iter().filter(|operation| operation.as_str().starts_with("create "));
    // Another version is deployed on the network that is there.
    let networks = operations.iter().filter(|operation| operation.as_str().ends_with(" network"));
    let mut faults = vec![
        Fault::once(named("reserve crontab"), Kind::ActsThenFails),
        Fault::once(named("uncommit"), Kind::ActsThenFails),
        Fault::once(named("uncommit"), Kind::Fails),
        Fault::once(named("install crontab"), Kind::IsNotConfirmed),
        Fault::once(named("commit"), Kind::Fails),
        Fault::once(named("commit"), Kind::ActsThenFails),
        Fault::once(named("commit"), Kind::IsNotConfirmed),
    ];
    faults.extend(networks.map(|network| Fault::once(network, Kind::FinishesLate)));
    faults.extend(starts.next_back().map(|start| Fault::once(start, Kind::IsInterrupted)));
    faults.extend(creates.next_back().map(|create| Fault::once(create, Kind::FinishesLate)));
    faults
}

#[test]
fn every_fault_of_every_fall_ends_deployed_or_containerless_or_with_nothing_changed() {
    let mut plans = examples::in_the_folder();
    plans.extend(thorough().then(examples::large));
    let mut cases = Vec::new();
    for example in &plans {
        for server in [Server::new(example), Server::with_deployed(example)].map(Arc::new) {
            let program: Vec<_> = server.program(example).operations().map(|operation| operation.id.clone()).collect();
            for first in first_faults(&program) {
                let told = server.again().deploy(example, std::slice::from_ref(&first));
                let after =
                    |operation: &&OperationId| !program.contains(operation) || operation.as_str().starts_with("drop");
                let fall: BTreeSet<_> = told.performed.iter().filter(after).cloned().collect();
                let seconds = fall.iter().flat_map(|operation| Kind::ALL.map(|kind| Fault::once(operation, kind)));
                let seconds = seconds.flat_map(|second| [Fault { each_time: true, ..second.clone() }, second]);
                cases.extend(seconds.map(|second| (example, Arc::clone(&server), [first.clone(), second])));
            }
        }
    }
    hold_each(cases, "a fault of a run, then one of its fall");
}
