//! The engine's command of an operation, as the dry run prints it. Reads nothing, changes nothing.

use crate::host::engine::podman;
use crate::operation::{Action, Layout};

/// The command, program first, with `<image of web>` for what is known later; none for what needs no engine.
pub fn command(action: &Action, layout: &Layout) -> Option<Vec<String>> {
    let arguments = podman::command(action, layout)?;
    Some(std::iter::once("podman".to_owned()).chain(arguments.iter().map(ToString::to_string)).collect())
}
