//! The vocabulary of change, and the one sentence that describes each. Reads nothing, changes nothing.

mod action;
mod argument;
mod container;
mod describe;
mod engine_change;
mod host_change;
mod known;
mod layout;
mod look;
mod objects;

pub use action::{Action, PulledFrom, RetrievedImage};
pub use argument::{Argument, Piece};
pub use container::{ConfigMount, Container, SecretMount, SecretVariable};
pub use engine_change::{DroppedContainer, EngineChange, NewSecret, SecretText};
pub use host_change::{HostChange, NewDirectory, Script};
pub use known::{Known, Learned};
pub use layout::Layout;
pub use look::{CheckedService, Look, MountedDirectory, VerifiedImage};
pub use objects::Object;

use crate::few::Few;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

/// The name of an operation, distinct within its program: `start web`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct OperationId(Arc<str>);

impl OperationId {
    /// The name made of these words.
    pub fn of(words: impl fmt::Display) -> Self {
        Self(words.to_string().into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for OperationId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// One change, or one look that everything after depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// Its name.
    pub id: OperationId,
    /// The operations that must be done before it starts. Where many wait for the same, these are one.
    pub after: Arc<BTreeSet<OperationId>>,
    /// The removals of containers that may still be under way when it starts, if nothing runs any more of what they remove.
    pub once_stopped: BTreeSet<OperationId>,
    /// What it does.
    pub action: Action,
}

impl Operation {
    /// An operation that waits for these others.
    pub fn new(id: OperationId, after: impl IntoIterator<Item = OperationId>, action: impl Into<Action>) -> Self {
        Self::after_the_same(id, &Arc::new(after.into_iter().gathered()), action)
    }

    /// An operation that waits for what others wait for as well.
    pub fn after_the_same(id: OperationId, after: &Arc<BTreeSet<OperationId>>, action: impl Into<Action>) -> Self {
        Self { id, after: Arc::clone(after), once_stopped: BTreeSet::new(), action: action.into() }
    }

    /// The same, which also waits until nothing runs any more of what these removals remove.
    #[must_use]
    pub fn once_stopped(mut self, removals: impl IntoIterator<Item = OperationId>) -> Self {
        self.once_stopped.extend(removals);
        self
    }

    /// Every operation that it waits for, to its end or for what it stops.
    pub fn awaited(&self) -> impl Iterator<Item = &OperationId> {
        self.after.iter().chain(&self.once_stopped)
    }
}

/// One of the five steps of a deployment, or one of what is done between two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StepName {
    /// The plan, the server and the images are in order.
    Validate,
    /// The old containers, images and the network are gone.
    StopAndDrop,
    /// The new containers run.
    CreateAndStart,
    /// Containers are stopped, and kept.
    Stop,
    /// Containers are started.
    Start,
    /// Cron looks after them.
    MaintenanceJobs,
    /// Everything is healthy, and the plan is saved.
    CheckAndFinish,
    /// It failed, and the previous plan is deployed again.
    GoBack,
}

impl StepName {
    /// The step's name in words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Validate => "validate",
            Self::StopAndDrop => "stop and drop",
            Self::CreateAndStart => "create and start",
            Self::Stop => "stop",
            Self::Start => "start",
            Self::MaintenanceJobs => "maintenance jobs",
            Self::CheckAndFinish => "check and finish",
            Self::GoBack => "go back",
        }
    }
}

/// One step with its operations, in an order in which each stands after those that it waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Which of the five.
    pub name: StepName,
    /// Its operations.
    pub operations: Vec<Operation>,
}

/// All that a run is going to do: the steps in order. Operations may wait for operations of earlier steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Program {
    /// The steps in order.
    pub steps: Vec<Step>,
}

impl Program {
    /// All operations, in the order in which they are printed.
    pub fn operations(&self) -> impl Iterator<Item = &Operation> {
        self.steps.iter().flat_map(|step| &step.operations)
    }

    /// Everything that the engine is going to change, in the order in which it is printed.
    pub fn engine_changes(&self) -> impl Iterator<Item = &EngineChange> {
        self.operations().filter_map(|operation| match &operation.action {
            Action::Engine(change) => Some(change),
            Action::Retrieve(_) | Action::Host(_) | Action::Look(_) => None,
        })
    }

    /// The containers that are removed and that no other one's removal waits for: who waits for one of them waits for all.
    pub fn last_removed(&self) -> BTreeSet<&str> {
        let removals = || {
            self.operations().filter_map(|operation| match &operation.action {
                Action::Engine(EngineChange::DropContainer(DroppedContainer { container, grace_seconds: None })) => {
                    Some((operation, container.as_str()))
                }
                Action::Retrieve(_) | Action::Engine(_) | Action::Host(_) | Action::Look(_) => None,
            })
        };
        let awaited: BTreeSet<&OperationId> = removals().flat_map(|(operation, _)| operation.awaited()).gathered();
        removals().filter(|(operation, _)| !awaited.contains(&operation.id)).map(|(_, container)| container).gathered()
    }

    /// Everything that is going to change beside the engine, in the order in which it is printed.
    pub fn host_changes(&self) -> impl Iterator<Item = &HostChange> {
        self.operations().filter_map(|operation| match &operation.action {
            Action::Host(change) => Some(change),
            Action::Retrieve(_) | Action::Engine(_) | Action::Look(_) => None,
        })
    }

    /// The first reason why this is not a program, if there is one: an operation stands twice, or waits for one that does
    /// not stand before it.
    pub fn defect(&self) -> Option<String> {
        let mut before = BTreeSet::new();
        for operation in self.operations() {
            if let Some(missing) = operation.awaited().find(|id| !before.contains(*id)) {
                return Some(format!("`{}` waits for `{missing}`, which does not stand before it", operation.id));
            }
            if !before.insert(&operation.id) {
                return Some(format!("`{}` stands twice", operation.id));
            }
        }
        None
    }
}
