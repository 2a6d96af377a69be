//! `landfall status`: what is deployed, how healthy it is, and how the last run ended. Changes nothing.

mod more;
mod told;
mod under;
mod watch;

use super::arguments::{Format, Status};
use super::deployed::{Deployed, is_about};
use super::in_force;
use super::jobs::{self, JobStatus};
use super::screen::Screen;
use super::services::{self, Health};
use crate::exit::Exit;
use crate::facts::{Hotfix, LastRun, Outcome, Saved};
use crate::few::Few;
use crate::host::lock;
use crate::host::node::{state, stopped};
use crate::host::threads::beside;
use crate::host::{survey, system, usage};
use crate::operation::Layout;
use crate::plan::values::{PlanName, ServiceName};
use crate::run::Failure;
use more::{Measured, More};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};
use under::Under;

/// For how long the use of processors is measured, at least.
const SAMPLING: Duration = Duration::from_millis(200);

/// The state that a plan is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Its record is there.
    Deployed,
    /// Torn down on purpose, or never deployed.
    Containerless,
    /// Containerless after a failure.
    Failed,
    /// A run was interrupted: there is work for `recover`.
    Interrupted,
    /// A run is under way.
    InProgress,
    /// Deployed, and everything of it is stopped on purpose.
    Stopped,
}

#[derive(Debug, Serialize)]
struct PlanStatus {
    name: PlanName,
    state: State,
    /// What whoever is at work on it says of itself.
    under_way: Option<String>,
    deployed_at: Option<jiff::Timestamp>,
    plan_sha256: Option<String>,
    last_run: Option<LastRun>,
    /// How services deviate from the plan that was deployed; left out where none does.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hotfixes: BTreeMap<ServiceName, Hotfix>,
    services: Vec<ServiceStatus>,
    jobs: Vec<JobStatus>,
    /// What has changed under it; none where nothing is deployed.
    #[serde(flatten)]
    under: Option<Under>,
}

#[derive(Debug, Serialize)]
struct ServiceStatus {
    name: ServiceName,
    container: String,
    image_id: String,
    running: bool,
    healthy: bool,
    restarts: u32,
    /// Stopped on purpose.
    stopped: bool,
    reason: Option<String>,
    #[serde(flatten)]
    more: More,
}

/// Shows one plan, or all of them.
pub fn status(arguments: &Status, state_dir: &Path, screen: &Screen) -> Exit {
    let Status { name, watch, format } = arguments;
    if !system::is_root() {
        screen.line("the state of plans is root's own: run it with sudo");
        return Exit::Refused;
    }
    let names = match survey::plan_names(state_dir) {
        Ok(names) => names,
        Err(failure) => {
            screen.line(&failure.message);
            return Exit::Failed;
        }
    };
    let asked: Vec<_> = names.into_iter().filter(|there| name.as_ref().is_none_or(|name| name == there)).collect();
    if let Some(name) = name.as_ref().filter(|_| asked.is_empty()) {
        screen.line(&format!("there is no plan called {name} here: `landfall status` lists those that there are"));
        return Exit::Refused;
    }
    let human = |plans: &[PlanStatus]| plans.iter().map(told::human).collect::<Vec<_>>().join("\n");
    if *watch {
        return watch::watch(|| human(&look(&asked, state_dir, screen).0), screen);
    }
    let (plans, unreadable) = look(&asked, state_dir, screen);
    screen.result(&match format {
        Format::Human => human(&plans),
        Format::Json => format!("{:#}\n", serde_json::json!({ "plans": plans })),
    });
    match plans.iter().all(as_it_should_be) {
        _ if unreadable => Exit::Failed,
        true => Exit::Done,
        false => Exit::Unhealthy,
    }
}

/// What is told of a plan in JSON.
///
/// # Errors
/// What is on record can't be read, or the engine can't tell.
pub fn as_json(layout: &Layout) -> Result<serde_json::Value, Failure> {
    serde_json::to_value(of_plan(layout)?).map_err(|error| Failure::new(error.to_string()))
}

/// These plans as they are now, and whether there are some that can't be told of.
fn look(asked: &[PlanName], state_dir: &Path, screen: &Screen) -> (Vec<PlanStatus>, bool) {
    let (mut plans, mut unreadable) = (Vec::new(), false);
    for name in asked {
        match of_plan(&Layout::new(state_dir, name)) {
            Ok(plan) => plans.push(plan),
            // One plan's damaged record must not hide the others.
            Err(failure) => {
                screen.line(&format!("{name}: {}", failure.message));
                unreadable = true;
            }
        }
    }
    (plans, unreadable)
}

fn as_it_should_be(plan: &PlanStatus) -> bool {
    match plan.state {
        State::Deployed => plan.services.iter().all(|service| service.healthy || service.stopped),
        // Until the point of no return, what was deployed before still is.
        State::InProgress => plan.deployed_at.is_some() && plan.services.iter().all(|service| service.healthy),
        State::Containerless | State::Stopped => true,
        State::Failed | State::Interrupted => false,
    }
}

fn of_plan(layout: &Layout) -> Result<PlanStatus, Failure> {
    let saved = state::read_saved(&layout.saved())?;
    let last = state::read_last(layout)?;
    let mut unfinished = survey::unfinished(layout)?.is_some();
    let under_way = lock::held_by().filter(|holder| unfinished && is_about(holder, layout.plan()));
    // A run that ended between these two looks was not interrupted.
    unfinished = unfinished && (under_way.is_some() || survey::unfinished(layout)?.is_some());
    let stopped = stopped::read(layout)?;
    let state = match (&saved, &last) {
        _ if under_way.is_some() => State::InProgress,
        _ if unfinished => State::Interrupted,
        (_, Some(LastRun { outcome: Outcome::RollbackIncomplete, .. })) => State::Interrupted,
        (Some(saved), _) if is_all_stopped(saved, &stopped) => State::Stopped,
        (Some(_), _) => State::Deployed,
        (None, Some(LastRun { outcome: Outcome::RolledBack, .. })) => State::Failed,
        (None, Some(_) | None) => State::Containerless,
    };
    let AsItIs { services, jobs, under } =
        saved.clone().map(|saved| as_it_is(saved, layout, &stopped)).transpose()?.unwrap_or_default();
    Ok(PlanStatus {
        name: layout.plan().clone(),
        state,
        under_way,
        deployed_at: saved.as_ref().map(|saved| saved.deployed_at),
        plan_sha256: saved.as_ref().map(|saved| saved.plan_sha256.clone()),
        last_run: last,
        hotfixes: saved.as_ref().map(|saved| saved.hotfixes.clone()).unwrap_or_default(),
        services,
        jobs,
        under,
    })
}

/// What is on record, as it is now.
#[derive(Default)]
struct AsItIs {
    services: Vec<ServiceStatus>,
    jobs: Vec<JobStatus>,
    under: Option<Under>,
}

/// The services and jobs of what is on record, as they are now.
fn as_it_is(saved: Saved, layout: &Layout, stopped: &BTreeSet<ServiceName>) -> Result<AsItIs, Failure> {
    let plan = in_force::plan(&saved);
    let deployed = Deployed { engine: state::engine(layout)?, layout: layout.clone(), plan, saved };
    let (services, under) = std::thread::scope(|scope| {
        let under = beside(scope, || under::of(&deployed))?;
        let services = services(&deployed, stopped)?;
        let panicked = |_| Failure::new("a look at the server ended in a panic, which is a defect of Landfall");
        Ok::<_, Failure>((services, under.join().map_err(panicked)??))
    })?;
    let with_cure = |mut service: ServiceStatus| {
        if let (Some(cure), Some(reason)) = (under.reasons.get(&service.name), &mut service.reason) {
            reason.push_str(&format!(": {cure}"));
        }
        service
    };
    let services = services.into_iter().map(with_cure).collect();
    Ok(AsItIs { services, jobs: jobs::of_plan(&deployed)?, under: Some(under) })
}

/// Whether everything that runs on is stopped on purpose.
fn is_all_stopped(saved: &Saved, stopped: &BTreeSet<ServiceName>) -> bool {
    let mut lasting = saved.services.iter().filter(|(_, service)| !service.one_shot).peekable();
    lasting.peek().is_some() && lasting.all(|(name, _)| stopped.contains(name))
}

/// Every service as it is now. What it uses is measured while it is asked.
fn services(deployed: &Deployed, stopped: &BTreeSet<ServiceName>) -> Result<Vec<ServiceStatus>, Failure> {
    let names: Vec<String> = deployed.saved.services.values().map(|service| service.container.clone()).collect();
    let living = deployed.engine.living(&names)?;
    let lives: BTreeMap<_, _> = living.iter().map(|(container, life)| (container.name.clone(), *life)).gathered();
    let containers: Vec<_> = living.into_iter().map(|(container, _)| container).collect();
    let first: BTreeMap<_, _> = lives.iter().filter_map(|(name, life)| Some((name.clone(), life.pid?))).gathered();
    let began = Instant::now();
    let before = usage::sample(&first);
    let (asked, disk) = std::thread::scope(|scope| {
        let disk = beside(scope, || more::disk(deployed))?;
        let asked = services::ask(deployed, &containers, deployed.saved.services.iter().gathered());
        Ok::<_, Failure>((asked, disk.join().unwrap_or_default()))
    })?;
    std::thread::sleep(SAMPLING.saturating_sub(began.elapsed()));
    let measured = Measured { lives, before, after: usage::sample(&first), disk };
    let status = |health: Health<'_>| {
        let more = more::of(deployed, &health, &measured);
        let Health { name, saved, described: _, container, output: _, verdict, took: _ } = health;
        ServiceStatus {
            name: name.clone(),
            container: saved.container.clone(),
            image_id: saved.image_id.hex().to_owned(),
            running: container.is_some_and(|container| container.running),
            healthy: verdict.is_ok(),
            restarts: container.map_or(0, |container| container.restarts),
            stopped: stopped.contains(name),
            reason: verdict.err(),
            more,
        }
    };
    Ok(asked.into_iter().map(status).collect())
}
