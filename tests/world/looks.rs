//! Looks at the whole host that fail.

use crate::examples;
use crate::fault::{Fault, Kind};
use crate::promise;
use crate::server::Server;
use landfall::operation::OperationId;

#[test]
fn looks_that_fail_keep_no_run_from_ending_as_it_must() {
    for example in examples::in_the_folder() {
        for deployed in [Server::new(&example), Server::with_deployed(&example)] {
            for (operation, kind) in [
                ("reserve crontab", Kind::Fails),
                ("uncommit", Kind::ActsThenFails),
                ("uncommit", Kind::Fails),
                ("commit", Kind::ActsThenFails),
            ] {
                let first = Fault::once(&OperationId::of(operation), kind);
                let looks = deployed.again().deploy(&example, std::slice::from_ref(&first)).looks;
                for (number, kind) in (1..=looks)
                    .flat_map(|number| [(number, Kind::Fails), (number, Kind::Panics), (number, Kind::PowerGoes)])
                {
                    let mut server = deployed.again();
                    let before = server.state.clone();
                    let faults = [first.clone(), Fault::look(number, kind)];
                    let told = server.deploy(&example, &faults);
                    promise::hold(&mut server, &told, &before, &example, &faults);
                }
                // A host that can't be seen for a long time, from the first look or the second.
                for from in [1, 2] {
                    let mut server = deployed.again();
                    let before = server.state.clone();
                    let blind = (from..from + 20).map(|number| Fault::look(number, Kind::Fails));
                    let faults: Vec<_> = [first.clone()].into_iter().chain(blind).collect();
                    let told = server.deploy(&example, &faults);
                    promise::hold(&mut server, &told, &before, &example, &(first.clone(), "blind"));
                }
            }
        }
    }
}
