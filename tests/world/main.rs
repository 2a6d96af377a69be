//! Every fault at every operation, on a host in memory: the end is deployed or containerless, or nothing was changed.
//!
//! [`model`] is the host: an engine, files, a crontab, the saved plan. [`fault`] makes it fail, lie, panic, lose power. [`server`]
//! runs deployments, teardowns and recoveries on it, with the real loop, the real journal and the real decisions. [`promise`]
//! is what must hold afterwards, whatever happened.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "the journals are files, a test may fail, and says how much it tried"
)]

mod examples;
mod fault;
mod faults_of_a_fall;
mod faults_of_a_recovery;
mod faults_of_a_run;
mod faults_together;
mod going_back;
mod looks;
mod model;
mod panics;
mod promise;
mod remaking;
mod replacing;
mod server;
mod signals;
mod starting;
mod stories;
mod tearing_down;
