//! The faults of `main.rs` that come from outside, on real Docker: a run ended at random moments and by power cuts, and calls of other
//! programs that go wrong. The observer that holds every promise against what it sees is the same. Needs root.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "as in `main.rs`, which uses up what these tests share"
)]

mod canaries;
mod fault;
mod figures;
mod going_back;
mod observer;
mod operations;
mod replacing;
mod scene;
mod server;
mod story;
#[path = "../support/mod.rs"]
mod support;
mod sweeps;

use sweeps::{FAULTS_OF_A_STORY, number};
