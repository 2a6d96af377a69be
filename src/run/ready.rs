//! Which operations may begin. Reads nothing, changes nothing.

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
    ready: VecDeque<Task<'a>>,
}

impl<'a> Agenda<'a> {
    /// The agenda of these operations. What an operation waits for and what is not among them counts as done.
    pub fn of(tasks: impl IntoIterator<Item = Task<'a>>) -> Self {
        let tasks: Vec<_> = tasks.into_iter().collect();
        let all: BTreeSet<_> = tasks.iter().map(|task| &task.operation.id).collect();
        let mut agenda = Self { waiting: BTreeMap::new(), dependents: BTreeMap::new(), ready: VecDeque::new() };
        for task in tasks {
            let before: Vec<_> = task.operation.after.iter().filter(|id| all.contains(*id)).collect();
            if before.is_empty() {
                agenda.ready.push_back(task);
                continue;
            }
            agenda.waiting.insert(&task.operation.id, (task, before.len()));
            for id in before {
                agenda.dependents.entry(id).or_default().push(&task.operation.id);
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
        for dependent in self.dependents.remove(id).unwrap_or_default() {
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
