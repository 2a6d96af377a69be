//! The course of a run: what was performed when, what it had waited for, and which programs were run. Reads nothing, changes
//! nothing.

use crate::few::Few;
use crate::operation::{Operation, OperationId, StepName};
use std::collections::BTreeMap;
use std::time::Duration;

/// The course of a run; times are since its beginning.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Course {
    /// The operations, in the order in which they began.
    pub operations: Vec<Performed>,
    /// The programs, in the order in which they began.
    pub programs: Vec<Program>,
    /// Until the end.
    pub whole: Duration,
}

/// An operation that was performed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Performed {
    /// Which one.
    pub operation: OperationId,
    /// The step that it belongs to; none while falling.
    pub step: Option<StepName>,
    /// Of the operations that it waited for, the one that ended last.
    pub waited_for: Option<OperationId>,
    /// When it could have begun: all that it waits for was done.
    pub ready: Duration,
    /// When it began. What lies between is the wait for one of the eight places.
    pub began: Duration,
    /// When nothing ran any more of what it removes, where others waited for no more.
    pub stopped: Option<Duration>,
    /// When it was done, or had failed; none while it is under way.
    pub ended: Option<Duration>,
    /// Whether it failed.
    pub failed: bool,
}

/// A program that was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// Program and subcommand.
    pub command: String,
    /// The operation that it was run for.
    pub operation: Option<OperationId>,
    /// When it was started.
    pub began: Duration,
    /// When it had ended.
    pub ended: Duration,
}

impl Course {
    /// Notes that an operation begins.
    pub fn begin(&mut self, step: Option<StepName>, operation: &Operation, at: Duration) {
        let times = |of: fn(&Performed) -> Option<Duration>| -> BTreeMap<&OperationId, Duration> {
            self.operations.iter().filter_map(|performed| Some((&performed.operation, of(performed)?))).gathered()
        };
        let done = times(|performed| performed.ended);
        let stopped = times(|performed| performed.stopped.or(performed.ended));
        let ends = operation.after.iter().filter_map(|id| Some((id, *done.get(id)?)));
        let stops = operation.once_stopped.iter().filter_map(|id| Some((id, *stopped.get(id)?)));
        let last = ends.chain(stops).max_by_key(|(_, reached)| *reached);
        let performed = Performed {
            operation: operation.id.clone(),
            step,
            waited_for: last.map(|(id, _)| id.clone()),
            ready: last.map_or(at, |(_, ended)| ended),
            began: at,
            stopped: None,
            ended: None,
            failed: false,
        };
        self.operations.push(performed);
    }

    /// Notes that nothing runs any more of what an operation removes.
    pub fn stop(&mut self, operation: &OperationId, at: Duration) {
        if let Some(performed) = self.operations.iter_mut().rev().find(|performed| performed.operation == *operation) {
            performed.stopped = Some(at);
        }
    }

    /// Notes that an operation is done, or has failed.
    pub fn end(&mut self, operation: &OperationId, failed: bool, at: Duration) {
        // While falling, the same operation may be tried again.
        let open = |performed: &&mut Performed| performed.operation == *operation && performed.ended.is_none();
        if let Some(performed) = self.operations.iter_mut().rev().find(open) {
            performed.ended = Some(at);
            performed.failed = failed;
        }
    }

    /// How long no program was run: what is left is Landfall's own, and pauses between two looks at a service.
    pub fn without_a_program(&self) -> Duration {
        let mut reached = Duration::ZERO;
        let mut idle = Duration::ZERO;
        for program in &self.programs {
            idle += program.began.saturating_sub(reached);
            reached = reached.max(program.ended);
        }
        idle + self.whole.saturating_sub(reached)
    }
}

/// The first of the lanes, numbered from 0, that is free for each of these spans, so that no two in one lane overlap.
pub fn lanes(spans: impl IntoIterator<Item = (Duration, Duration)>) -> Vec<usize> {
    let mut free: Vec<Duration> = Vec::new();
    let mut lanes = Vec::new();
    for (began, ended) in spans {
        let lane = free.iter().position(|free| *free <= began).unwrap_or(free.len());
        match free.get_mut(lane) {
            Some(lane) => *lane = ended,
            None => free.push(ended),
        }
        lanes.push(lane);
    }
    lanes
}
