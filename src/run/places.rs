//! Which operations take one of the places that changes of the engine have, and what shows of them. Reads nothing, changes nothing.

use super::WIDTH;
use crate::operation::{Action, EngineChange, HostChange, Look, Operation, OperationId};
use std::collections::BTreeSet;

/// Who has one of the places.
#[derive(Debug, Default)]
pub struct Places<'a>(BTreeSet<&'a OperationId>);

impl<'a> Places<'a> {
    /// Whether an operation may begin.
    pub fn have_room_for(&self, operation: &Operation) -> bool {
        self.0.len() < WIDTH || takes_none(&operation.action)
    }

    /// Gives an operation its place, if it takes one.
    pub fn enter(&mut self, operation: &'a Operation) {
        if !takes_none(&operation.action) {
            self.0.insert(&operation.id);
        }
    }

    /// Takes its place back from an operation that has one.
    pub fn leave(&mut self, operation: &Operation) {
        self.0.remove(&operation.id);
    }
}

/// Whether an operation only waits for a service.
pub fn only_waits(action: &Action) -> bool {
    matches!(action, Action::Look(Look::AwaitService(_) | Look::CheckService(_)))
}

/// Operations that wait for a service take no place; nor do those that are performed together.
fn takes_none(action: &Action) -> bool {
    let together = matches!(action, Action::Engine(EngineChange::DropTag { tag: _, unless_image_of: _ }));
    together || only_waits(action)
}

/// What shows to those who use the services.
pub fn touches(action: &Action) -> bool {
    match action {
        Action::Engine(change) => matches!(
            change,
            EngineChange::StopContainer { container: _ }
                | EngineChange::RenameContainer { container: _, to: _ }
                | EngineChange::StartContainer { service: _, container: _, boot_guard: _ }
        ),
        Action::Host(change) => matches!(change, HostChange::NoteStopped { services: _ }),
        Action::Retrieve(_) | Action::Look(_) => false,
    }
}
