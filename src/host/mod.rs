//! The only folder that touches the system.
#![allow(clippy::disallowed_methods, reason = "touching the system is what this folder is for, and it alone")]

pub mod archive;
pub mod archive_folder;
pub mod awake;
pub mod command;
pub mod crontab;
pub mod elsewhere;
pub mod engine;
pub mod fetch;
pub mod files;
pub mod firewall;
pub mod history;
pub mod job_runs;
pub mod limits;
pub mod lock;
pub mod node;
pub mod parcel;
pub mod policy;
pub mod probe;
pub mod random;
pub mod registry;
pub mod run_folder;
pub mod signals;
pub mod sources;
#[cfg(test)]
mod sources_tests;
pub mod ssh_keys;
#[cfg(test)]
mod stand_in;
pub mod survey;
pub mod system;
pub mod threads;
pub mod usage;
