//! The program is killed, and then something goes wrong while the next one finishes its run.

use crate::examples;
use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{side_by_side, some_of, tell, thorough};
use crate::promise;
use crate::server::{Server, Tear};
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

#[test]
fn every_fault_of_every_recovery_ends_deployed_or_containerless_or_with_nothing_changed() {
    let mut plans = examples::in_the_folder();
    plans.extend(thorough().then(examples::large));
    let kinds = [Kind::ProgramIsKilledLate, Kind::ActsThenPowerGoes, Kind::PowerGoesHalfway];
    let tried = AtomicUsize::new(0);
    for example in &plans {
        let deployed = Server::with_deployed(example);
        let program = deployed.program(example);
        let cases: Vec<_> =
            program.operations().flat_map(|operation| kinds.map(|kind| Fault::once(&operation.id, kind))).collect();
        side_by_side(&some_of(cases, 23), |first| {
            let mut crashed = deployed.again().torn(Tear::OnlyTheIntents);
            let before = crashed.state.clone();
            let told = crashed.deploy(example, std::slice::from_ref(first));
            let performed = crashed.again().recover(&[]).map(|recovered| recovered.told.performed).unwrap_or_default();
            let performed: BTreeSet<_> = performed.into_iter().collect();
            let seconds = performed.iter().flat_map(|operation| Kind::ALL.map(|kind| Fault::once(operation, kind)));
            let seconds = seconds.flat_map(|second| [Fault { each_time: true, ..second.clone() }, second]);
            for second in some_of(seconds.collect(), 7) {
                let mut server = crashed.again();
                let recovered = server.recover(std::slice::from_ref(&second));
                let violations = recovered.map(|recovered| recovered.told.violations).unwrap_or_default();
                assert_eq!(violations, Vec::<String>::new(), "{first:?}, {second:?}");
                promise::hold(&mut server, &told, &before, example, &[first, &second]);
                tried.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    tell(tried.into_inner(), "a fault that ends a run, then one of its recovery");
}
