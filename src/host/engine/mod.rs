//! Container engines: which commands they are given, what they have, and how each call ends.
//!
//! [`Engine`] is the only way in. Of each engine there is a module that says which command a change is, as a list, and reads
//! nothing, and a driver that runs the very list that the dry run prints. All else is Podman's.

mod arrived;
mod attempts;
mod brief;
mod commands;
mod deadline;
mod details;
mod docker;
mod downloads;
mod driver;
mod graces;
mod held;
mod look;
mod looks;
mod lost;
mod marked;
mod options;
mod podman;
mod ports;
mod pull;
mod registry;
mod removals;
mod retrieve;
mod said;
mod scratch;
mod seam;
mod secret_store;
mod secret_values;
mod store_lock;
mod stored;
mod stored_images;
mod written;

pub use arrived::Arrived;
pub use commands::{command, inspect_image_of, pull, retrieve, stop};
pub use details::{ImageDetails, ImageTold};
pub use docker::Docker;
pub use downloads::{build_context, certificates};
pub use driver::{Answer, Podman};
pub use look::{FirstProcess, Life, Process, forget_what_it_said};
pub use looks::{GATHERING, Looks};
pub use lost::ImageLayers;
pub(super) use marked::{CALLER, end_orphans};
pub use pull::{Access, Login};
pub use retrieve::Order;
pub use scratch::sweep as remove_what_looks_left;
pub use seam::{Engine, Wanted};
pub use secret_store::SecretStore;
pub use secret_values::secret_values;
pub use written::LogLine;

use crate::operation::Argument;

/// Arguments that are known from the start.
fn literals<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    texts.into_iter().map(Argument::literal).collect()
}
