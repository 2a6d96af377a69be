//! The real handlers of signals, and a signal while each operation is at work: SIGTERM and SIGINT end a run, SIGHUP doesn't.

use crate::fault::{Fault, Kind};
use crate::faults_of_a_run::{situations, some_of, tell};
use crate::model::Operator;
use crate::promise;
use landfall::host::signals::Interrupts;
use landfall::run::{Cancel, Ending};
use nix::sys::signal::{Signal, raise};
use std::sync::Arc;

#[test]
fn a_signal_at_any_operation_of_any_plan_ends_the_run_as_promised_and_a_hangup_does_not_end_it() {
    let mut tried = 0;
    for situation in situations() {
        let program = situation.server.program(&situation.example);
        let operations: Vec<_> = program.operations().map(|operation| operation.id.clone()).collect();
        for operation in some_of(operations, 3) {
            for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
                // Other tests of this process are asked nothing: each run has a flag of its own.
                let interrupts = Interrupts::install().unwrap();
                let mut server = situation.server.again();
                let interrupted = Cancel::from(interrupts.flag());
                let raises = move || {
                    raise(signal).unwrap();
                    while interrupts.requests() == 0 && !interrupts.hung_up() {
                        std::thread::yield_now();
                    }
                };
                server.operator = Some(Operator { interrupted, interrupts: Arc::new(raises) });
                let before = server.state.clone();
                let fault = Fault::once(&operation, Kind::IsInterrupted);
                let told = server.deploy(&situation.example, std::slice::from_ref(&fault));
                let what = format!("{}, {operation:?}, {signal}: {:?}", situation.example.name, told.ending);
                let done = matches!(told.ending, Some(Ending::Done { .. }));
                assert!(done || signal != Signal::SIGHUP, "{what}");
                promise::hold(&mut server, &told, &before, &situation.example, &what);
                tried += 1;
            }
        }
    }
    tell(tried, "a signal at an operation of a deployment");
}
