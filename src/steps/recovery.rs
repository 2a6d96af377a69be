//! Decides what becomes of a run that was interrupted. Reads nothing, changes nothing.

use super::floor::{self, Concerned, Names};
use super::ids;
use crate::facts::{FallsTo, Observed, Outcome, RunKind, Saved};
use crate::operation::{Layout, Object, Operation, OperationId};
use crate::plan::model::Plan;
use crate::plan::values::RunId;
use std::collections::BTreeSet;

/// What is on record of a run that has to be finished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interrupted {
    /// The run.
    pub run: RunId,
    /// What it was to do.
    pub kind: RunKind,
    /// Where it was falling to already; none if it was not, or if that is not on record.
    pub falls_to: Option<FallsTo>,
    /// The operations that it had performed.
    pub done: BTreeSet<OperationId>,
    /// Whether it was to go back to what was deployed before.
    pub goes_back: bool,
}

impl Interrupted {
    /// The state that it falls to. A fall goes on to where it went; otherwise the saved plan decides: it is what «deployed»
    /// means.
    pub fn falls_to(&self, saved: Option<&Saved>) -> FallsTo {
        match (self.falls_to, saved) {
            (Some(FallsTo::Deployed | FallsTo::AsSaved), None) => FallsTo::Containerless,
            (Some(to), _) => to,
            (None, None) if self.goes_back => FallsTo::Previous,
            (None, Some(_)) if self.kind.stays_deployed() => FallsTo::AsSaved,
            (None, Some(saved)) if saved.run == self.run => FallsTo::Deployed,
            (None, Some(_)) if !self.done.contains(&ids::uncommit()) => FallsTo::AsBefore,
            (None, Some(_) | None) => FallsTo::Containerless,
        }
    }

    /// How it has ended once that state is reached, and what was deployed before is deployed again where that is a part of it.
    pub fn outcome(&self, to: FallsTo, saved: Option<&Saved>) -> Outcome {
        let replaced = || {
            let mut services = saved.into_iter().flat_map(|saved| saved.services.values());
            services.any(|service| service.run.as_ref() == Some(&self.run))
        };
        match (to, self.kind) {
            (FallsTo::Deployed, _) => Outcome::Deployed,
            (FallsTo::AsBefore, _) => Outcome::Refused,
            (FallsTo::Previous, _) => Outcome::Restored,
            (FallsTo::AsSaved, RunKind::Replace | RunKind::Remake) if replaced() => Outcome::AsAsked,
            (FallsTo::AsSaved, _) => Outcome::Restored,
            (FallsTo::Containerless, RunKind::Teardown) => Outcome::TornDown,
            (
                FallsTo::Containerless,
                RunKind::Deploy
                | RunKind::Start
                | RunKind::Stop
                | RunKind::Restart
                | RunKind::Replace
                | RunKind::Remake,
            ) => Outcome::RolledBack,
        }
    }
}

/// What to do to reach a state from what is there; nothing when it is reached.
pub fn operations(
    to: FallsTo,
    layout: &Layout,
    (names, concerned, previous): (&Names, Option<&Concerned<'_>>, Option<&Saved>),
    observed: &Observed,
) -> Vec<Operation> {
    // A damaged journal does not tell that a service was being replaced.
    let out_of_place = concerned.map(|concerned| concerned.out_of_place(layout, observed)).unwrap_or_default();
    match (to, concerned) {
        (FallsTo::Previous, _) => match previous {
            Some(previous) => floor::before_the_previous(layout, names, previous, observed),
            None => floor::containerless(layout, names, observed),
        },
        (FallsTo::AsSaved, Some(concerned)) => floor::as_saved(layout, &concerned.clone().and(out_of_place), observed),
        (FallsTo::AsBefore, Some(concerned)) if !out_of_place.is_empty() => {
            floor::as_saved(layout, &concerned.clone().and(out_of_place), observed)
        }
        // Of services that nobody can describe, nothing is started.
        (FallsTo::AsSaved, None) => floor::as_before(layout, observed),
        (FallsTo::AsBefore, _) => floor::as_before(layout, observed),
        (FallsTo::Containerless, _) => floor::containerless(layout, names, observed),
        (FallsTo::Deployed, _) => floor::superseded(layout, observed),
    }
}

impl Names {
    /// What tells a plan's containers from strangers', from everything that is on record.
    pub fn on_record<'a>(
        layout: &Layout,
        objects: impl IntoIterator<Item = &'a Object>,
        records: impl IntoIterator<Item = &'a Saved>,
        keep_logs: bool,
    ) -> Self {
        let mut names = Self { keep_logs, ..Self::default() };
        names.containers.extend(objects.into_iter().filter_map(|object| match object {
            Object::Container(name) => Some(name.clone()),
            Object::Network(_)
            | Object::Secret(_)
            | Object::Images(_)
            | Object::Directory(_)
            | Object::Path(_)
            | Object::Key(_)
            | Object::CrontabBlock => None,
        }));
        for service in records.into_iter().flat_map(|saved| saved.services.values()) {
            let needed = service.depends_on.iter().map(|service| layout.container(service)).collect();
            names.containers.insert(service.container.clone());
            names.depends_on.entry(service.container.clone()).or_insert(needed);
        }
        names
    }

    /// The same with the containers of a plan that is going to be deployed.
    #[must_use]
    pub fn and_of(mut self, plan: &Plan, layout: &Layout) -> Self {
        for (name, service) in &plan.services {
            let needed = service.depends_on.iter().map(|(needed, _)| layout.container(needed));
            self.containers.insert(layout.container(name));
            // What is there may still be the container of before, with what that one depends on.
            self.depends_on.entry(layout.container(name)).or_default().extend(needed);
        }
        self
    }
}
