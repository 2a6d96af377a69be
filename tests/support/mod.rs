//! The words that a sentence about Landfall on a real throw-away VSN is built from: a VSN, what runs in it, what is seen on it.
#![allow(dead_code, unused_imports, reason = "a word that no sentence uses today still belongs to the language")]

mod bad_registry;
mod deployment;
mod eventually;
mod evidence;
mod images;
mod mail;
mod meanwhile;
mod process;
mod registry;
mod services;
mod system;
mod trouble;
mod vsn;
mod web;

pub use bad_registry::Wrong;
pub use deployment::{Ended, PLAN, SECRETS, Snapshot, document};
pub use eventually::{eventually, eventually_or, eventually_within};
pub use evidence::{Crontab, Entry, Kind};
pub use mail::{Mail, MailSink, Tls};
pub use process::{Output, Process, WITHOUT_SIGNALS_OF_GO};
pub use registry::{ACCOUNT, Pushed, Registry};
pub use system::engine;
pub use trouble::{At, Signal, Trouble};
pub use vsn::{Vsn, either, script};
