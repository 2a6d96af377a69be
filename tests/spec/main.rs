//! What Landfall does on a real server, told in sentences: each test starts a throw-away VSN with real rooted Podman. Needs root.
//!
//! `on_docker.rs` runs the same sentences on real Docker; what it leaves out is about Podman alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a test that can't go on must fail, and a test acts on the system"
)]

mod archives;
mod both_engines;
mod data_moved;
mod diff;
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
mod podman;
mod podman_driver;
mod podman_fields;
mod podman_memory;
mod podman_ports;
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
mod test_bed;
mod threats;
mod timings;
