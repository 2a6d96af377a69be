//! `landfall replace`: one service of what is deployed, in place, or else the old one comes back.

mod candidate;
mod told;

use super::arguments::{Format, Replace};
use super::keeping::{self, Asked, Deployed, Done, Refusal};
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::{Observed, RunKind};
use crate::host::node::{Node, state};
use crate::operation::{Known, Program};
use crate::run::{self, Kept, Stage};
use crate::steps::Replaced;
use crate::steps::floor::{self, Concerned};
use candidate::Candidate;
use std::path::Path;
use std::sync::Arc;

/// Replaces a service, or prints how it would.
pub fn replace(arguments: &Replace, state_dir: &Path, screen: &Screen) -> Exit {
    let asked = Asked { kind: RunKind::Replace, name: &arguments.name, format: arguments.format };
    if arguments.dry_run {
        return keeping::looking_at_what_is_deployed(asked, state_dir, screen, |deployed| {
            let candidate = Candidate::of(arguments, deployed, state_dir, screen)?;
            let program = program(&candidate, deployed)?;
            screen.result(&told::preview(&candidate, deployed, &program, arguments.format));
            Ok(Exit::Done)
        });
    }
    keeping::with_what_is_deployed(asked, state_dir, screen, |deployed| {
        let candidate = Candidate::of(arguments, deployed, state_dir, screen)?;
        let program = program(&candidate, deployed)?;
        perform(candidate, Arc::new(program), (deployed, arguments.format), screen)
    })
}

fn program(candidate: &Candidate, deployed: &Deployed<'_>) -> Result<Program, Refusal> {
    let program = candidate.replacement(deployed).program().ok_or_else(|| {
        let (name, service) = (deployed.layout.plan(), &candidate.service);
        Refusal::Refused(format!(
            "what is on record of {service} does not tell its secrets or configs: deploy {name} again, with `landfall deploy PLAN`"
        ))
    })?;
    match program.defect() {
        None => Ok(program),
        Some(defect) => {
            Err(Refusal::Failed(format!("the program is not in order, which is a defect of Landfall: {defect}")))
        }
    }
}

fn perform(
    candidate: Candidate,
    program: Arc<Program>,
    (deployed, format): (&Deployed<'_>, Format),
    screen: &Screen,
) -> Result<Exit, Refusal> {
    let Deployed { layout, saved, plan, engine, progress, interrupted, program: this } = deployed;
    let begun = deployed.begin(RunKind::Replace, &program)?;
    let (run, mut journal) = (begun.run, begun.journal);
    if let Err(failure) =
        state::write_json(&layout.run(&run).join("program.json"), &keeping::document(deployed, &program))
    {
        tracing::warn!(cause = %failure.message, "the program is not on record");
    }
    let concerned = Concerned::of(plan, candidate.replacement(deployed).concerned());
    let service = candidate.service.clone();
    let mut known = Known { addresses: deployed.addresses()?, ..Known::at_start(run.clone()) };
    let image = saved.services.get(&service).filter(|_| !candidate.image).map(|saved| saved.image_id.clone());
    known.images.extend(image.map(|image| (service.clone(), image)));
    let words = told::done(&candidate, deployed);
    let replaced = Replaced {
        saved: (*saved).clone(),
        service: service.clone(),
        plan: (*plan).clone(),
        by: crate::host::system::operator(),
        landfall: env!("CARGO_PKG_VERSION").to_owned(),
        secrets: candidate.secrets_anew,
        folder: candidate.folder.clone(),
    };
    let mut node = Node::keeping((*layout).clone(), (*engine).clone(), this.clone(), candidate.plan.clone());
    node.deployment = Some(candidate.into_deployment(saved, &program));
    node.replaced = Some(replaced);
    node.watcher = progress.watcher();
    let kept = Kept {
        floor: &|observed: &Observed| floor::as_saved(layout, &concerned, observed),
        as_asked: &|observed: &Observed| {
            let there = observed.saved.as_ref().and_then(|saved| saved.services.get(&service));
            there.is_some_and(|there| there.run.as_ref() == Some(&run))
        },
    };
    let stage = Stage { world: &node, listener: *progress, layout, interrupted };
    progress.expect(&program);
    let ending = run::run_and_keep(&program, &kept, &stage, &mut journal, known);
    let done = Done { words: &words, services: &concerned.services, format };
    Ok(deployed.finish((&run, RunKind::Replace), &ending, &done, screen))
}
