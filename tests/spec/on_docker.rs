//! The sentences of `main.rs`, from the same files, on real rooted Docker: what a plan's author sees must not differ. Needs root.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that can't go on must fail, and a test acts on the system; what these tests share, `main.rs` uses up"
)]

mod archives;
mod both_engines;
mod data_moved;
mod diff;
mod docker;
mod docker_fields;
mod dry_run;
mod earlier_plans;
mod engine;
mod every_day;
mod exclusive;
mod expect;
mod fallen_back;
mod fetched;
mod fields;
mod first_deployment;
mod going_back;
mod hostile;
mod hotfix;
mod image_sources;
mod images;
mod interruptions;
mod jobs;
mod killed_pulls;
mod leftovers;
mod life;
mod lost_images;
mod meanwhile;
mod moving;
mod operating;
mod os_update;
mod plans;
mod progress;
mod redeployment;
mod refusals;
mod registries;
mod registry_accounts;
mod rollback;
mod room;
mod secret_values;
mod starter;
#[path = "../support/mod.rs"]
mod support;
mod support_file;
mod teardown;
mod threats;
mod timings;
