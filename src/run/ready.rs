//! Which operations may begin. Reads nothing, changes nothing.

use crate::few::Few;
use crate::operation::{Operation, OperationId, StepName};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// An operation with the step that it belongs to; none while falling.
#[derive(Debug, Clone, Copy)]
pub struct Task<'a> {
    /// The step.
    pub step: Option<StepName>,
    /// The operation.
    pub operation: &'a Operation,
}

/// The operations that have not begun, and what each still waits for.
#[derive(Debug)]
pub struct Agenda<'a> {
    waiting: BTreeMap<&'a OperationId, (Task<'a>, usize)>,
    dependents: BTreeMap<&'a OperationId, Vec<&'a OperationId>>,
    /// Who waits until nothing runs any more of what an operation removes.
    once_stopped: BTreeMap<&'a OperationId, Vec<&'a OperationId>>,
    ready: VecDeque<Task<'a>>,
}

impl<'a> Agenda<'a> {
    /// The agenda of these operations. What an operation waits for and what is not among them counts as done.
    pub fn of(tasks: impl IntoIterator<Item = Task<'a>>) -> Self {
        let tasks: Vec<_> = tasks.into_iter().collect();
        let all: BTreeSet<_> = tasks.iter().map(|task| &task.operation.id).gathered();
        let mut agenda = Self {
            waiting: BTreeMap::new(),
            dependents: BTreeMap::new(),
            once_stopped: BTreeMap::new(),
            ready: VecDeque::new(),
        };
        for task in tasks {
            let of = |ids: &'a BTreeSet<OperationId>| ids.iter().filter(|id| all.contains(*id)).collect::<Vec<_>>();
            let (done, stopped) = (of(&task.operation.after), of(&task.operation.once_stopped));
            if done.is_empty() && stopped.is_empty() {
                agenda.ready.push_back(task);
                continue;
            }
            agenda.waiting.insert(&task.operation.id, (task, done.len() + stopped.len()));
            for id in done {
                agenda.dependents.entry(id).or_default().push(&task.operation.id);
            }
            for id in stopped {
                agenda.once_stopped.entry(id).or_default().push(&task.operation.id);
            }
        }
        agenda
    }

    /// The next operation that may begin and for which `fits` holds, in the program's order.
    pub fn take(&mut self, mut fits: impl FnMut(&Task<'a>) -> bool) -> Option<Task<'a>> {
        let at = self.ready.iter().position(&mut fits)?;
        self.ready.remove(at)
    }

    /// Notes that an operation has ended, so that those that waited for it may begin.
    pub fn ended(&mut self, id: &OperationId) {
        self.stopped(id);
        let dependents = self.dependents.remove(id).unwrap_or_default();
        self.release(dependents);
    }

    /// Notes that nothing runs any more of what an operation removes, so that those that waited for no more may begin.
    pub fn stopped(&mut self, id: &OperationId) {
        let dependents = self.once_stopped.remove(id).unwrap_or_default();
        self.release(dependents);
    }

    fn release(&mut self, dependents: Vec<&'a OperationId>) {
        for dependent in dependents {
            let Some((task, left)) = self.waiting.get_mut(dependent) else { continue };
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.ready.push_back(*task);
                self.waiting.remove(dependent);
            }
        }
    }

    /// Whether every operation has begun.
    pub fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::{Agenda, Task};
    use crate::operation::{HostChange, Operation, OperationId};
    use pretty_assertions::assert_eq;

    /// A removal; what waits until nothing runs any more of what it removes, alone or with something else; and what waits for its end.
    fn operations() -> Vec<Operation> {
        let id = |name: &str| OperationId::of(name);
        let of = |name: &str, after: &[&str]| {
            Operation::new(id(name), after.iter().map(|name| id(name)), HostChange::RemoveKeys)
        };
        let once_stopped = |name, after| of(name, after).once_stopped([id("drop"), id("of another program")]);
        let both = once_stopped("both", &["drop"]);
        vec![of("drop", &[]), of("other", &[]), once_stopped("next", &[]), once_stopped("later", &["other"]), both]
    }

    /// What may begin now.
    fn begun(agenda: &mut Agenda<'_>) -> Vec<String> {
        std::iter::from_fn(|| agenda.take(|_| true)).map(|task| task.operation.id.to_string()).collect()
    }

    #[test]
    fn what_waits_for_a_stop_may_begin_once_that_is_told_and_everything_else_waits_for_the_end() {
        let operations = operations();
        let mut agenda = Agenda::of(operations.iter().map(|operation| Task { step: None, operation }));
        let mut told = vec![begun(&mut agenda)];
        let id = OperationId::of;
        agenda.stopped(&id("drop"));
        told.push(begun(&mut agenda));
        agenda.ended(&id("other"));
        told.push(begun(&mut agenda));
        agenda.ended(&id("drop"));
        told.push(begun(&mut agenda));
        assert_eq!(told, [vec!["drop", "other"], vec!["next"], vec!["later"], vec!["both"]]);
        assert_eq!(agenda.is_empty(), true);
    }

    #[test]
    fn where_no_stop_is_told_the_end_is_waited_for() {
        let operations = operations();
        let mut agenda = Agenda::of(operations.iter().map(|operation| Task { step: None, operation }));
        let mut told = vec![begun(&mut agenda)];
        agenda.ended(&OperationId::of("drop"));
        told.push(begun(&mut agenda));
        assert_eq!(told, [vec!["drop", "other"], vec!["next", "both"]]);
    }
}
