//! Which operations take one of the places that changes of the engine have, and what shows of them. Reads nothing, changes nothing.

use super::WIDTH;
use crate::operation::{Action, EngineChange, HostChange, Look, Operation, OperationId, Program};
use std::collections::BTreeSet;

/// Who has one of the places.
#[derive(Debug)]
pub struct Places<'a> {
    taken: BTreeSet<&'a OperationId>,
    /// The containers that are removed together.
    together: BTreeSet<&'a str>,
}

impl<'a> Places<'a> {
    /// Those for the operations of a program, none of which has begun.
    pub fn of(program: &'a Program) -> Self {
        Self { taken: BTreeSet::new(), together: program.last_removed() }
    }

    /// Whether an operation may begin.
    pub fn have_room_for(&self, operation: &Operation) -> bool {
        self.taken.len() < WIDTH || self.takes_none(&operation.action)
    }

    /// Gives an operation its place, if it takes one.
    pub fn enter(&mut self, operation: &'a Operation) {
        if !self.takes_none(&operation.action) {
            self.taken.insert(&operation.id);
        }
    }

    /// Takes its place back from an operation that has one.
    pub fn leave(&mut self, operation: &Operation) {
        self.taken.remove(&operation.id);
    }

    /// Operations that wait for a service take no place; nor do those that are performed together.
    fn takes_none(&self, action: &Action) -> bool {
        let together = match action {
            Action::Engine(EngineChange::DropTag { tag: _, unless_image_of: _ }) => true,
            Action::Engine(EngineChange::DropContainer(dropped)) => self.together.contains(dropped.container.as_str()),
            Action::Retrieve(_) | Action::Engine(_) | Action::Host(_) | Action::Look(_) => false,
        };
        together || only_waits(action)
    }
}

/// Whether an operation only waits for a service.
pub fn only_waits(action: &Action) -> bool {
    matches!(action, Action::Look(Look::AwaitService(_) | Look::CheckService(_)))
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

#[cfg(test)]
mod tests {
    use super::{Places, WIDTH};
    use crate::operation::{DroppedContainer, EngineChange, Operation, OperationId, Program, Step, StepName};
    use pretty_assertions::assert_eq;

    /// Removes a container, after others.
    fn drop(number: usize, after: &[usize]) -> Operation {
        let id = |number: usize| OperationId::of(format!("drop {number}"));
        let dropped = DroppedContainer { container: format!("shop-{number}"), grace_seconds: None };
        Operation::new(id(number), after.iter().map(|number| id(*number)), EngineChange::DropContainer(dropped))
    }

    #[test]
    fn removals_that_go_together_take_no_place_and_those_that_another_one_waits_for_take_one_each() {
        let first = (0..WIDTH).map(|number| drop(number, &[]));
        let others: Vec<usize> = (0..WIDTH).collect();
        let last = [drop(WIDTH, &others), drop(WIDTH + 1, &[])];
        let operations: Vec<Operation> = first.chain(last).collect();
        let program = Program { steps: vec![Step { name: StepName::StopAndDrop, operations }] };
        let mut places = Places::of(&program);
        let have_room = |places: &Places<'_>| -> Vec<bool> {
            [0, WIDTH, WIDTH + 1].map(|at| places.have_room_for(program.operations().nth(at).unwrap())).to_vec()
        };
        let (mut entered, mut room) = (program.operations(), Vec::new());
        for operation in entered.by_ref().take(WIDTH - 1) {
            places.enter(operation);
        }
        room.push(have_room(&places));
        entered.for_each(|operation| places.enter(operation));
        room.push(have_room(&places));
        places.leave(program.operations().next().unwrap());
        room.push(have_room(&places));
        assert_eq!(room, [vec![true; 3], vec![false, true, true], vec![true; 3]]);
    }
}
