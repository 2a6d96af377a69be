//! `landfall start`, `stop` and `restart`: services of what is deployed, in order of dependency.

use super::arguments::{Format, Services as Arguments};
use super::keeping::{self, Asked, Deployed, Done, Refusal};
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::{ContainerFact, Observed, RunKind};
use crate::few::Few;
use crate::host::node::{Node, state, stopped};
use crate::operation::{Known, Program};
use crate::plan::model::Plan;
use crate::plan::values::ServiceName;
use crate::run::{self, Kept, Stage};
use crate::steps::floor::{self, Concerned};
use crate::steps::{self, Services};
use std::collections::BTreeSet;
use std::path::Path;

/// Starts, stops or restarts services, or prints how it would.
pub fn change(kind: RunKind, arguments: &Arguments, state_dir: &Path, screen: &Screen) -> Exit {
    let Arguments { name, services, dry_run, format } = arguments;
    let named: BTreeSet<ServiceName> = services.iter().cloned().gathered();
    let asked = Asked { kind, name, format: *format };
    if *dry_run {
        return keeping::looking_at_what_is_deployed(asked, state_dir, screen, |deployed| {
            let change = Change::of(kind, &named, deployed)?;
            let what = format!("{} services of {name}", keeping::verb(kind));
            screen.result(&keeping::preview(&what, deployed, &change.program, *format));
            Ok(Exit::Done)
        });
    }
    keeping::with_what_is_deployed(asked, state_dir, screen, |deployed| {
        let change = Change::of(kind, &named, deployed)?;
        if change.concerned.is_empty() {
            screen.result(&match format {
                Format::Human => format!("{name}: there is nothing to {}\n", keeping::verb(kind)),
                Format::Json => keeping::outcome_as_json(name, "as_asked", &change.concerned, (None, &[])),
            });
            return Ok(Exit::Done);
        }
        for name in &change.left_without {
            screen.line(&format!("{name} runs on, and depends on what is stopped"));
        }
        run_it(&change, (deployed, *format), screen)
    })
}

/// What is going to be done.
struct Change {
    kind: RunKind,
    concerned: BTreeSet<ServiceName>,
    stopped_then: BTreeSet<ServiceName>,
    /// What runs on without what it depends on.
    left_without: BTreeSet<ServiceName>,
    program: Program,
}

impl Change {
    fn of(kind: RunKind, named: &BTreeSet<ServiceName>, deployed: &Deployed<'_>) -> Result<Self, Refusal> {
        let Deployed { layout, plan, engine, .. } = deployed;
        known_and_lasting(plan, named)?;
        let now = stopped::read(layout).map_err(|failure| Refusal::Failed(failure.message))?;
        let containers = engine.containers().map_err(|failure| Refusal::Failed(failure.message))?;
        let services = Services { plan, layout, containers: &containers, stopped: &now };
        let concerned = services.concerned(kind, named);
        all_there(deployed, &concerned, &containers)?;
        let stopped_then = services.stopped_then(kind, &concerned);
        let left_without = match kind {
            RunKind::Stop => services.left_without(&concerned),
            RunKind::Start
            | RunKind::Restart
            | RunKind::Deploy
            | RunKind::Teardown
            | RunKind::Replace
            | RunKind::Remake => BTreeSet::new(),
        };
        let program =
            if concerned.is_empty() { Program { steps: Vec::new() } } else { services.program(kind, &concerned) };
        Ok(Self { kind, concerned, stopped_then, left_without, program })
    }
}

fn run_it(change: &Change, (deployed, format): (&Deployed<'_>, Format), screen: &Screen) -> Result<Exit, Refusal> {
    let Change { kind, concerned, stopped_then, left_without: _, program } = change;
    let Deployed { layout, saved: _, plan, engine, progress, interrupted, program: this } = deployed;
    if let Some(defect) = program.defect() {
        return Err(Refusal::Failed(format!("the program is not in order, which is a defect of Landfall: {defect}")));
    }
    let begun = deployed.begin(*kind, program)?;
    let (run, mut journal) = (begun.run, begun.journal);
    let recorded = keeping::document(deployed, program);
    if let Err(failure) = state::write_json(&layout.run(&run).join("program.json"), &recorded) {
        tracing::warn!(cause = %failure.message, "the program is not on record");
    }
    let node = Node::keeping((*layout).clone(), (*engine).clone(), this.clone(), (*plan).clone());
    let concerned_by = Concerned::of(plan, concerned.clone());
    let kept = Kept {
        floor: &|observed: &Observed| floor::as_saved(layout, &concerned_by, observed),
        as_asked: &|observed: &Observed| *kind != RunKind::Restart && observed.stopped == *stopped_then,
    };
    let stage = Stage { world: &node, listener: *progress, layout, interrupted };
    let known = Known { addresses: deployed.addresses()?, ..Known::at_start(run.clone()) };
    progress.expect(program);
    let ending = run::run_and_keep(program, &kept, &stage, &mut journal, known);
    let words = done(*kind, plan, concerned, stopped_then);
    let done = Done { words: &words, services: concerned, format };
    Ok(deployed.finish((&run, *kind), &ending, &done, screen))
}

/// What is told of a run that did what it was to do.
fn done(kind: RunKind, plan: &Plan, concerned: &BTreeSet<ServiceName>, stopped: &BTreeSet<ServiceName>) -> String {
    let names: Vec<_> = concerned.iter().map(ToString::to_string).collect();
    let names = names.join(", ");
    let name = &plan.name;
    match kind {
        RunKind::Stop if steps::all_stopped(plan, stopped) => {
            format!("{name} is stopped, and stays so until `landfall start {name}`: {names}")
        }
        RunKind::Stop => format!("{name}: stopped until `landfall start {name}`: {names}"),
        RunKind::Restart => format!("{name}: restarted, and healthy: {names}"),
        RunKind::Start | RunKind::Deploy | RunKind::Teardown | RunKind::Replace | RunKind::Remake => {
            format!("{name}: started, and healthy: {names}")
        }
    }
}

/// Whether the plan has these services, and each is one that runs on.
fn known_and_lasting(plan: &Plan, named: &BTreeSet<ServiceName>) -> Result<(), Refusal> {
    for name in named {
        match plan.services.get(name) {
            None => return Err(keeping::no_such_service(plan, name)),
            Some(service) if service.one_shot() => {
                return Err(Refusal::Refused(format!(
                    "{name} is a one-shot: it has completed, and only a deployment runs it again (`landfall deploy`)"
                )));
            }
            Some(_) => {}
        }
    }
    Ok(())
}

/// Whether the engine has every container that is needed.
fn all_there(
    deployed: &Deployed<'_>,
    concerned: &BTreeSet<ServiceName>,
    there: &[ContainerFact],
) -> Result<(), Refusal> {
    let plan = deployed.layout.plan();
    let gone = concerned.iter().find(|name| {
        let called = deployed.layout.container(name);
        !there.iter().any(|container| container.name == called && container.plan() == Some(plan.as_str()))
    });
    gone.map_or(Ok(()), |name| Err(keeping::container_gone(deployed, name)))
}
