//! Fills in the facts that a deployment depends on, by looking. Changes nothing.

mod chosen;
mod directories;
mod keys;
mod machine;
mod plans;
mod sizes;
mod state;

pub use chosen::chosen_engine;
pub use directories::directories;
pub use plans::{names as plan_names, unfinished};

use crate::facts::{ArchiveFact, CrontabFact, Engine, EngineLook, Facts, FileFact, RegistryTrusts};
use crate::few::Few;
use crate::host::crontab::{Crontab, block};
use crate::host::sources::Sources;
use crate::host::threads::beside;
use crate::host::{command, engine, system};
use crate::operation::{Layout, RetrievedImage};
use crate::plan::model::Plan;
use crate::plan::secrets::Secrets;
use crate::plan::values::{PlanName, PlanPath, RegistryName, ServiceName};
use crate::run::Failure;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is given to a survey.
pub struct Looked<'a> {
    /// The engine that the plan asks for, if there is one: see [`chosen_engine`].
    pub engine: Option<&'a engine::Engine>,
    /// What is in them.
    pub sources: &'a Sources,
    /// The files that the plan names, as whoever opened them found them.
    pub files: BTreeMap<PlanPath, FileFact>,
    /// What folders of archives have for the services, as whoever searched them found it.
    pub archives: BTreeMap<ServiceName, ArchiveFact>,
    /// The commands that are needed.
    pub commands: Vec<String>,
}

/// Everything about this server that a deployment of this plan depends on.
///
/// # Errors
/// When something that must be known can't be seen.
pub fn facts(
    plan: &Plan,
    secrets: &Secrets,
    layout: &Layout,
    state_folder: &Path,
    looked: &Looked<'_>,
) -> Result<Facts, Failure> {
    let Looked { engine: found, sources, files, archives, commands } = looked;
    let commands = commands.iter().map(|name| (name.clone(), command::find(name)));
    let commands: BTreeMap<_, _> = commands.gathered();
    let given = sizes::Given { plan, secrets, sources };
    let (engine, look, trusts, remote, listening, crontab) = std::thread::scope(|scope| {
        let crontab = beside(scope, || crontab(&plan.name))?;
        let listening = beside(scope, system::listening_ports)?;
        let remote = beside(scope, || sizes::sizes(given, *found))?;
        let trusts = beside(scope, || found.map(|found| found.trusts(&registries(plan))))?;
        let look = beside(scope, || found.map(engine::Engine::look))?;
        let engine = found.map(engine::Engine::fact);
        Ok((engine, look.join(), trusts.join(), remote.join(), listening.join(), crontab.join()))
    })?;
    let panicked = |_| Failure::new("a look at the server ended in a panic, which is a defect of Landfall");
    let (look, trusts, remote) = (look.map_err(panicked)?, trusts.map_err(panicked)?, remote.map_err(panicked)??);
    let listening = listening.map_err(panicked)?.map_err(|error| Failure::new(error.to_string()))?;
    // It may not be any more what it said it was.
    let engine = if matches!(look, Some(Err(_))) { found.map(engine::Engine::fact_now) } else { engine };
    // An engine that does not answer is a finding of its own.
    let look = match (look, &engine) {
        (Some(Ok(look)), _) => look,
        (None, _) | (_, Some(Engine { problem: Some(_), .. }) | None) => EngineLook::default(),
        (Some(Err(failure)), Some(_)) => return Err(failure),
    };
    let trusts = match (trusts, &engine) {
        (Some(Ok(trusts)), _) => trusts,
        (None, _) | (_, Some(Engine { problem: Some(_), .. }) | None) => RegistryTrusts::new(),
        (Some(Err(failure)), Some(_)) => return Err(failure),
    };
    Ok(Facts {
        deployed_on: chosen::deployed_on(layout)?,
        machine: machine::machine(plan, layout, engine.as_ref(), &look, listening)?,
        commands,
        engine,
        look,
        directories: directories::directories(plan)?,
        files: files.clone(),
        archives: archives.clone(),
        trusts,
        remote,
        crontab: crontab.map_err(panicked)?,
        keys: keys::keys(plan, secrets, layout)?,
        saved: plans::saved(state_folder)?,
    })
}

/// The registries that the plan's images are pulled from.
fn registries(plan: &Plan) -> BTreeSet<RegistryName> {
    let images = RetrievedImage::all_of(plan);
    images.iter().flat_map(|image| &image.places).map(|place| place.reference.registry().clone()).gathered()
}

/// What root's crontab is to this plan.
pub fn crontab(plan: &PlanName) -> CrontabFact {
    if let Some(problem) = state::crontab_problem() {
        return CrontabFact::Unusable(problem);
    }
    let text = match Crontab::find().map_err(|problem| problem.to_string()) {
        Ok(crontab) => crontab.read().map_err(|problem| problem.to_string()),
        Err(problem) => return CrontabFact::Unusable(problem),
    };
    match text {
        Ok(None) => CrontabFact::Absent,
        Ok(Some(text)) => match block::lines(&text, plan.as_str()) {
            Ok(_) => CrontabFact::Present { plans: block::plans(&text) },
            Err(problem) => CrontabFact::Unusable(problem.to_string()),
        },
        Err(problem) => CrontabFact::Unusable(problem),
    }
}
