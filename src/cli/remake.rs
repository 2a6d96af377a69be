//! `landfall remake`: makes anew what the engine has lost of what is deployed, exactly as it is on record.

mod found;

pub use found::{Found, OnRecord};

use super::arguments::{Format, Remake as Arguments};
use super::keeping::{self, Asked, Deployed, Refusal};
use super::runs;
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::{Observed, RunKind, Saved};
use crate::few::Few;
use crate::host::lock;
use crate::host::node::{Deployment, Node, state};
use crate::operation::{Known, Program};
use crate::plan::secrets::Secrets;
use crate::plan::values::{ImageId, ServiceName};
use crate::run::{self, Ending, Failure, Kept, Stage};
use crate::steps::Accepted;
use crate::steps::floor::{self, Concerned};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// Makes anew what is lost.
pub fn remake(arguments: &Arguments, state_dir: &Path, screen: &Screen) -> Exit {
    let Arguments { name, at_boot } = arguments;
    let asked = Asked { kind: RunKind::Remake, name, format: Format::Human };
    keeping::with_what_is_deployed(asked, state_dir, screen, |deployed| {
        if !at_boot && lock::is_booting(deployed.layout.volatile()) {
            return Err(keeping::booting(name));
        }
        let came = perform(!at_boot, deployed)?;
        Ok(tell(&came, *at_boot, deployed, screen))
    })
}

/// What came of it.
#[derive(Default)]
struct Came {
    made: BTreeSet<ServiceName>,
    /// The services that are still lost, each with the reason.
    still_lost: BTreeMap<ServiceName, String>,
    /// The worst end of a run, where one failed.
    worst: Option<Exit>,
}

/// All together; where that fails, image by image: one that can't be had must not keep the others away.
fn perform(starts: bool, deployed: &Deployed<'_>) -> Result<Came, Refusal> {
    let text = |failure: Failure| Refusal::Failed(failure.message);
    let mut came = Came::default();
    let mut ahead: Vec<Option<ImageId>> = vec![None];
    while let Some(alone) = ahead.pop() {
        let saved = state::read_saved(&deployed.layout.saved()).map_err(text)?;
        let saved = saved.as_ref().unwrap_or(deployed.saved);
        let it = OnRecord { layout: deployed.layout, saved, plan: deployed.plan, engine: deployed.engine };
        let look = deployed.engine.look().map_err(text)?;
        let Some(found) = Found::of(it, &look).map_err(text)? else { break };
        came.still_lost.extend(found.obstacles.clone());
        let image = |name: &ServiceName| saved.services.get(name).map(|service| service.image_id.clone());
        let mut services: BTreeSet<_> =
            found.lost.iter().filter(|name| !found.obstacles.contains_key(*name)).cloned().gathered();
        services.retain(|name| alone.is_none() || image(name) == alone);
        if services.is_empty() || deployed.interrupted.is_cancelled() {
            continue;
        }
        let ending = attempt((&services, starts), found, it, deployed)?;
        match &ending {
            Ending::Done { known: _, warnings: _ } | Ending::TornDown => came.made.extend(services),
            Ending::Refused { cause }
            | Ending::Restored { cause }
            | Ending::RolledBack { cause }
            | Ending::Incomplete { cause, left: _ } => {
                let images: BTreeSet<_> = services.iter().filter_map(image).gathered();
                if alone.is_none() && images.len() > 1 {
                    ahead.extend(images.into_iter().map(Some));
                } else {
                    came.still_lost.extend(services.iter().map(|name| (name.clone(), failed(cause, deployed))));
                    came.worst = Some(worse(came.worst, &ending));
                }
            }
        }
    }
    Ok(came)
}

/// What is told of a service that a run could not make anew.
fn failed(cause: &str, deployed: &Deployed<'_>) -> String {
    let name = deployed.layout.plan();
    format!("{cause}: `landfall remake {name}` tries again, and `landfall deploy PLAN` takes what there is now")
}

/// A run that left something is worse than one that did not.
fn worse(worst: Option<Exit>, ending: &Ending) -> Exit {
    let left = matches!(ending, Ending::Incomplete { cause: _, left: _ });
    if left { Exit::Incomplete } else { worst.unwrap_or(Exit::Restored) }
}

/// One run that makes these services anew.
fn attempt(
    (services, starts): (&BTreeSet<ServiceName>, bool),
    found: Found,
    it: OnRecord<'_>,
    deployed: &Deployed<'_>,
) -> Result<Ending, Refusal> {
    let OnRecord { layout, saved, plan, engine } = it;
    let remake = found.remake(it, starts);
    let program = remake.program(services).ok_or_else(|| {
        let name = layout.plan();
        Refusal::Refused(format!(
            "what is on record of {name} does not tell its secrets or configs: deploy it again, with `landfall deploy PLAN`"
        ))
    })?;
    if let Some(defect) = program.defect() {
        return Err(Refusal::Failed(format!("the program is not in order, which is a defect of Landfall: {defect}")));
    }
    let program = Arc::new(program);
    let images = remake.images_here(services);
    let runs::Begun { run, mut journal } = deployed.begin(RunKind::Remake, &program)?;
    let mut known = Known { addresses: deployed.addresses()?, ..Known::at_start(run.clone()) };
    known.images.extend(images);
    let mut node = Node::keeping(layout.clone(), engine.clone(), deployed.program.clone(), plan.clone());
    node.deployment = Some(deployment(found, plan, saved, &program));
    node.remade = Some(saved.clone());
    node.watcher = deployed.progress.watcher();
    let concerned = Concerned::of(plan, services.clone()).by(RunKind::Remake);
    let kept = Kept {
        floor: &|observed: &Observed| floor::as_saved(layout, &concerned, observed),
        as_asked: &|observed: &Observed| {
            let there = |name| observed.saved.as_ref()?.services.get(name)?.run.as_ref();
            services.iter().all(|name| there(name) == Some(&run))
        },
    };
    let stage = Stage { world: &node, listener: deployed.progress, layout, interrupted: deployed.interrupted };
    deployed.progress.expect(&program);
    let ending = run::run_and_keep(&program, &kept, &stage, &mut journal, known);
    runs::finish(layout, &run, RunKind::Remake, &ending);
    runs::forget_old(layout, plan.history.keep, &run);
    Ok(ending)
}

/// What the run is performed with: no secrets, for those of the engine's store are used, or nothing is.
fn deployment(found: Found, plan: &crate::plan::model::Plan, saved: &Saved, program: &Arc<Program>) -> Deployment {
    let accepted = Accepted {
        text: saved.plan.clone(),
        sha256: saved.plan_sha256.clone(),
        hash: saved.hash.clone(),
        files: saved.files.clone(),
        by: saved.deployed_by.clone(),
        landfall: saved.landfall.clone(),
        git_commit: saved.git_commit.clone(),
        beneath: saved.beneath.clone(),
    };
    let (plan, program) = (plan.clone(), Arc::clone(program));
    Deployment { plan: Arc::new(plan), secrets: Secrets::default(), accepted, program, sources: found.sources }
}

/// The boot job reads what is still lost, a line a service: `NAME: REASON`. People also read what was made.
fn tell(came: &Came, at_boot: bool, deployed: &Deployed<'_>, screen: &Screen) -> Exit {
    let Came { made, still_lost, worst } = came;
    deployed.progress.end();
    let plan = deployed.layout.plan();
    let mut text = String::new();
    if !at_boot {
        let names: Vec<_> = made.iter().map(ToString::to_string).collect();
        text.push_str(&match (names.is_empty(), still_lost.is_empty()) {
            (true, true) => format!("{plan}: nothing is lost\n"),
            (true, false) => format!("{plan}: these are lost, and could not be made anew; the data is untouched\n"),
            (false, _) => format!("{plan}: made anew, as it is on record: {}\n", names.join(", ")),
        });
    }
    for (name, reason) in still_lost {
        text.push_str(&format!("{name}: {}\n", reason.replace('\n', " ")));
    }
    screen.result(&text);
    match (worst, still_lost.is_empty()) {
        (Some(worst), _) => *worst,
        (None, true) => Exit::Done,
        (None, false) => Exit::Refused,
    }
}
