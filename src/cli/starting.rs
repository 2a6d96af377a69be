//! `landfall start`, `stop` and `restart`: services of what is deployed, in order of dependency.

use super::arguments::Services as Arguments;
use super::keeping::{self, Deployed, Refusal};
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::{ContainerFact, Observed, RunKind};
use crate::host::node::{Node, stopped};
use crate::operation::{Known, Program};
use crate::plan::model::Plan;
use crate::plan::values::ServiceName;
use crate::run::{self, Kept, Stage};
use crate::steps::floor::{self, Concerned};
use crate::steps::{self, Services};
use std::collections::BTreeSet;
use std::path::Path;

/// Starts, stops or restarts services.
pub fn change(kind: RunKind, arguments: &Arguments, state_dir: &Path, screen: &Screen) -> Exit {
    let Arguments { name, services } = arguments;
    let named: BTreeSet<ServiceName> = services.iter().cloned().collect();
    keeping::with_what_is_deployed((kind, name), state_dir, screen, |deployed| perform(kind, &named, deployed, screen))
}

fn perform(
    kind: RunKind,
    named: &BTreeSet<ServiceName>,
    deployed: &Deployed<'_>,
    screen: &Screen,
) -> Result<Exit, Refusal> {
    let Deployed { layout, plan, engine, .. } = deployed;
    known_and_lasting(plan, named)?;
    let now = stopped::read(layout).map_err(|failure| Refusal::Failed(failure.message))?;
    let containers = engine.containers().map_err(|failure| Refusal::Failed(failure.message))?;
    let services = Services { plan, layout, containers: &containers, stopped: &now };
    let concerned = services.concerned(kind, named);
    if concerned.is_empty() {
        screen.result(&format!("{}: there is nothing to {}\n", plan.name, keeping::verb(kind)));
        return Ok(Exit::Done);
    }
    all_there(deployed, &concerned, &containers)?;
    for name in services.left_without(&concerned).iter().filter(|_| kind == RunKind::Stop) {
        screen.line(&format!("{name} runs on, and depends on what is stopped"));
    }
    let then = services.stopped_then(kind, &concerned);
    let program = services.program(kind, &concerned);
    let asked = Asked { kind, concerned, stopped_then: then, program };
    run_it(&asked, deployed, screen)
}

/// What is going to be done.
struct Asked {
    kind: RunKind,
    concerned: BTreeSet<ServiceName>,
    stopped_then: BTreeSet<ServiceName>,
    program: Program,
}

fn run_it(asked: &Asked, deployed: &Deployed<'_>, screen: &Screen) -> Result<Exit, Refusal> {
    let Asked { kind, concerned, stopped_then, program } = asked;
    let Deployed { layout, saved: _, plan, engine, progress, interrupted, program: this } = deployed;
    if let Some(defect) = program.defect() {
        return Err(Refusal::Failed(format!("the program is not in order, which is a defect of Landfall: {defect}")));
    }
    let begun = deployed.begin(*kind, program)?;
    let (run, mut journal) = (begun.run, begun.journal);
    let node = Node::keeping((*layout).clone(), (*engine).clone(), this.clone(), (*plan).clone());
    let concerned_by = Concerned { plan, services: concerned.clone() };
    let kept = Kept {
        floor: &|observed: &Observed| floor::as_saved(layout, &concerned_by, observed),
        as_asked: &|observed: &Observed| *kind != RunKind::Restart && observed.stopped == *stopped_then,
    };
    let stage = Stage { world: &node, listener: *progress, layout, interrupted };
    let known = Known { addresses: deployed.addresses()?, ..Known::at_start(run.clone()) };
    progress.expect(program);
    let ending = run::run_and_keep(program, &kept, &stage, &mut journal, known);
    let done = done(*kind, plan, concerned, stopped_then);
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
        RunKind::Start | RunKind::Deploy | RunKind::Teardown | RunKind::Replace => {
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
