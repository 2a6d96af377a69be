//! What a run goes back to if it fails: the plan that was deployed before it.

use super::in_force;
use crate::difference::backwards;
use crate::facts::{Facts, FallsTo, Observed, Saved};
use crate::host::engine::Engine;
use crate::host::node::{Node, state};
use crate::journal::Journal;
use crate::operation::{Known, Layout, Program};
use crate::plan::model::{OnFailure, Plan};
use crate::plan::reading;
use crate::run::{self, Back, Ending, Stage};
use crate::steps::{self, Previous, floor, floor::Names};
use std::path::PathBuf;

/// The plan that was deployed before a run, and the server as a run of it sees it.
pub struct Returning {
    /// The plan.
    pub previous: Previous,
    /// The server.
    pub node: Node,
    layout: Layout,
}

impl Returning {
    /// What a run goes back to whose record of what was deployed is this one.
    ///
    /// # Errors
    /// When the plan that stands there can't be read by this version.
    pub fn to(saved: Saved, layout: &Layout, engine: &Engine, program: PathBuf) -> Result<Self, String> {
        let plan = reading::plan("the previous plan", saved.plan.as_bytes()).content;
        let plan = plan.ok_or("the previous plan can't be read by this version")?;
        let previous = Previous::of(saved, plan, layout);
        previous.is_told()?;
        let node = Node::keeping(layout.clone(), engine.clone(), program, previous.plan().clone());
        Ok(Self { previous, node, layout: layout.clone() })
    }

    /// No container of the plan, and everything there that it needs.
    pub fn floor(&self, names: &Names, observed: &Observed) -> Vec<crate::operation::Operation> {
        floor::before_the_previous(&self.layout, names, self.previous.saved(), observed)
    }

    /// What a recovery does: after a boot, the boot job starts what is there then.
    ///
    /// # Errors
    /// What is missing for it.
    fn program_of_a_recovery(&self, observed: &Observed) -> Result<Program, String> {
        self.previous.program(observed, self.previous.may_start(observed))
    }

    /// Deploys the previous plan again in a recovery, once no container is left.
    pub fn finish(
        &self,
        (stage, names, cause): (&Stage<'_, Node>, &Names, &str),
        journal: &mut Journal,
        known: &Known,
    ) -> Ending {
        let back = Back {
            world: &self.node,
            floor: &|observed| self.floor(names, observed),
            program: &|observed| self.program_of_a_recovery(observed),
            known: self.previous.known(&known.run),
        };
        let containerless = |observed: &Observed| floor::containerless(&self.layout, names, observed);
        run::go_back(cause, (&back, &containerless), stage, journal, known)
    }
}

/// Where a run falls to that was to go back to the previous plan: there, if that can be had.
pub fn destination(layout: &Layout, node: &Node) -> (FallsTo, Result<Returning, String>) {
    let saved = state::read_saved(&layout.previous()).map_err(|failure| failure.message);
    let saved = saved.and_then(|saved| saved.ok_or_else(|| format!("{} is gone", layout.previous().display())));
    let returning = saved.and_then(|saved| Returning::to(saved, layout, &node.engine, node.program.clone()));
    if let Err(cause) = &returning {
        tracing::error!(cause, "the previous plan can't be deployed again");
        return (FallsTo::Containerless, returning);
    }
    (FallsTo::Previous, returning)
}

/// What is told before a deployment begins of the state that it falls to, where that is not the usual one, or not the one that stands in
/// the plan as it is `written`.
pub fn foretold(written: Option<&Plan>, plan: &Plan, facts: &Facts) -> Vec<String> {
    match (plan.on_failure, steps::previous(plan, facts)) {
        (OnFailure::Containerless, _) if written.is_some_and(|written| written.on_failure == OnFailure::Previous) => {
            vec![format!(
                "`--on-failure containerless` counts before the plan's `\"on_failure\": \"previous\"`: if this fails, no container of {} is \
                 left",
                plan.name
            )]
        }
        (OnFailure::Containerless, _) => Vec::new(),
        (OnFailure::Previous, None) => {
            vec![format!(
                "no plan {} is deployed here to go back to: if this fails, none of its containers is left",
                plan.name
            )]
        }
        (OnFailure::Previous, Some(saved)) => {
            let images: Vec<_> = saved.services.values().map(|service| service.tag.as_str()).collect();
            vec![format!(
                "if this fails, the plan that is deployed now comes back ({}); until the new one counts as deployed, these images are \
                 kept for it: {}",
                called(saved),
                images.join(", ")
            )]
        }
    }
}

/// A deployment, as a person knows it.
pub fn called(saved: &Saved) -> String {
    let commit = saved.git_commit.as_ref().and_then(|commit| commit.get(..12));
    let commit = commit.map(|commit| format!(", commit {commit}")).unwrap_or_default();
    format!("of {:.0}, by {}{commit}", saved.deployed_at, saved.deployed_by)
}

/// What is told of a deployment of this plan that has ended, beside its cause and the state of the server.
pub fn told(plan: &Plan, previous: Option<&Saved>, ending: &Ending) -> Vec<String> {
    match (ending, previous) {
        (Ending::Restored { cause: _ }, Some(previous)) => {
            let before = in_force::plan(previous);
            let older = before.as_ref().map(|before| older(plan, before)).unwrap_or_default();
            vec![
                format!("the previous plan is running again ({})", called(previous)),
                format!("data is not rolled back with the containers{older}"),
            ]
        }
        (Ending::RolledBack { cause: _ }, None) if plan.on_failure == OnFailure::Previous => {
            vec!["there was no previous plan to go back to".to_owned()]
        }
        (
            Ending::Done { known: _, warnings: _ }
            | Ending::TornDown
            | Ending::Refused { cause: _ }
            | Ending::RolledBack { cause: _ }
            | Ending::Restored { cause: _ }
            | Ending::Incomplete { cause: _, left: _ },
            _,
        ) => Vec::new(),
    }
}

/// That data stays as it is, and which services get older versions than they have now.
pub fn data_stays(plan: &Plan, facts: &Facts) -> String {
    let now = facts.saved.get(&plan.name).and_then(in_force::plan);
    let older = now.map(|now| older(&now, plan)).unwrap_or_default();
    format!("data is not rolled back with the containers{older}")
}

/// A warning where a deployment takes services to older versions than they have now.
pub fn goes_backwards(plan: &Plan, facts: &Facts) -> Option<String> {
    let now = facts.saved.get(&plan.name).and_then(in_force::plan)?;
    let older = older(&now, plan);
    (!older.is_empty()).then(|| format!("warning: data is not rolled back with the containers{older}"))
}

/// `: db goes back from 16.2 to 15.6`; nothing where no version is known to go backwards.
fn older(from: &Plan, to: &Plan) -> String {
    let each = backwards(from, to).into_iter();
    let each: Vec<_> = each.map(|it| format!("{} goes back from {} to {}", it.service, it.from, it.to)).collect();
    if each.is_empty() { String::new() } else { format!(": {}", each.join(", ")) }
}
