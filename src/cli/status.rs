//! `landfall status`: what is deployed, how healthy it is, and how the last run ended. Changes nothing.

use super::arguments::{Format, Status};
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::{ContainerFact, LastRun, Outcome, Saved, SavedService};
use crate::host::engine::Engine;
use crate::host::lock;
use crate::host::node::state;
use crate::host::probe::{self, Asked};
use crate::host::threads::beside;
use crate::host::{survey, system};
use crate::operation::Layout;
use crate::plan::model::{Plan, Service};
use crate::plan::reading;
use crate::plan::values::{PlanName, ServiceName};
use crate::run::{Cancel, Failure};
use crate::script;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::Path;

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
    services: Vec<ServiceStatus>,
}

#[derive(Debug, Serialize)]
struct ServiceStatus {
    name: ServiceName,
    container: String,
    image_id: String,
    running: bool,
    healthy: bool,
    restarts: u32,
    #[serde(skip)]
    reason: Option<String>,
}

/// Shows one plan, or all of them.
pub fn status(arguments: &Status, state_dir: &Path, screen: &Screen) -> Exit {
    let Status { name, format } = arguments;
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
    let (mut plans, mut unreadable) = (Vec::new(), false);
    for name in &asked {
        match of_plan(&Layout::new(state_dir, name)) {
            Ok(plan) => plans.push(plan),
            // One plan's damaged record must not hide the others.
            Err(failure) => {
                screen.line(&format!("{name}: {}", failure.message));
                unreadable = true;
            }
        }
    }
    screen.result(&match format {
        Format::Human => plans.iter().map(human).collect::<Vec<_>>().join("\n"),
        Format::Json => format!("{:#}\n", serde_json::json!({ "plans": plans })),
    });
    match plans.iter().all(as_it_should_be) {
        _ if unreadable => Exit::Failed,
        true => Exit::Done,
        false => Exit::Unhealthy,
    }
}

fn as_it_should_be(plan: &PlanStatus) -> bool {
    match plan.state {
        State::Deployed => plan.services.iter().all(|service| service.healthy),
        // Until the point of no return, what was deployed before still is.
        State::InProgress => plan.deployed_at.is_some() && plan.services.iter().all(|service| service.healthy),
        State::Containerless => true,
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
    let state = match (&saved, &last) {
        _ if under_way.is_some() => State::InProgress,
        _ if unfinished => State::Interrupted,
        (_, Some(LastRun { outcome: Outcome::RollbackIncomplete, .. })) => State::Interrupted,
        (Some(_), _) => State::Deployed,
        (None, Some(LastRun { outcome: Outcome::RolledBack, .. })) => State::Failed,
        (None, Some(_) | None) => State::Containerless,
    };
    Ok(PlanStatus {
        name: layout.plan().clone(),
        state,
        under_way,
        deployed_at: saved.as_ref().map(|saved| saved.deployed_at),
        plan_sha256: saved.as_ref().map(|saved| saved.plan_sha256.clone()),
        last_run: last,
        services: saved.as_ref().map(|saved| services(saved, layout)).transpose()?.unwrap_or_default(),
    })
}

/// Whether the run that says this of itself works on this plan, or on all of them.
fn is_about(holder: &str, plan: &PlanName) -> bool {
    let what = holder.split(',').next().unwrap_or_default();
    what == "recover" || what.rsplit_once(" of ").is_some_and(|(_, name)| name == plan.as_str())
}

/// Every service as it is now, asked side by side.
fn services(saved: &Saved, layout: &Layout) -> Result<Vec<ServiceStatus>, Failure> {
    let engine = state::engine(layout)?;
    let containers = engine.look()?.containers;
    let plan = reading::plan("the saved plan", saved.plan.as_bytes()).content;
    let of = |name: &ServiceName| {
        containers
            .iter()
            .find(|container| saved.services.get(name).is_some_and(|service| service.container == container.name))
    };
    let addresses: BTreeMap<ServiceName, IpAddr> =
        saved.services.keys().filter_map(|name| Some((name.clone(), of(name)?.address?))).collect();
    let server = &Server { engine: &engine, layout, addresses: &addresses };
    let plan = plan.as_ref();
    Ok(std::thread::scope(|scope| {
        let asked: Vec<_> = saved
            .services
            .iter()
            .map(|(name, service)| {
                let container = of(name);
                (name, service, container, beside(scope, move || healthy((name, service), container, plan, server)))
            })
            .collect();
        asked
            .into_iter()
            .map(|(name, SavedService { container: called, image_id, .. }, container, health)| {
                let panic = |_| Err("asking it ended in a panic".to_owned());
                let health = health.map_err(|failure| failure.message);
                let health = health.and_then(|health| health.join().unwrap_or_else(panic));
                ServiceStatus {
                    name: name.clone(),
                    container: called.clone(),
                    image_id: image_id.hex().to_owned(),
                    running: container.is_some_and(|container| container.running),
                    healthy: health.is_ok(),
                    restarts: container.map_or(0, |container| container.restarts),
                    reason: health.err(),
                }
            })
            .collect()
    }))
}

/// What every service is asked with.
struct Server<'a> {
    engine: &'a Engine,
    layout: &'a Layout,
    addresses: &'a BTreeMap<ServiceName, IpAddr>,
}

/// Whether a service is as it should be; the reason if not.
fn healthy(
    (name, service): (&ServiceName, &SavedService),
    container: Option<&ContainerFact>,
    plan: Option<&Plan>,
    server: &Server<'_>,
) -> Result<(), String> {
    let container = container.ok_or("its container is gone")?;
    if container.image_id != service.image_id.hex() {
        return Err("its container was made from another image".to_owned());
    }
    if service.one_shot {
        return match container.exit_code {
            Some(0) => Ok(()),
            Some(code) => Err(format!("it ended with exit status {code}")),
            None => Err("it has not completed".to_owned()),
        };
    }
    if !container.running {
        return Err("it does not run".to_owned());
    }
    let Some(described) = plan.and_then(|plan| plan.services.get(name)) else { return Ok(()) };
    answers(name, described, container, server).and_then(|()| probe::published_ports(&described.ports))
}

/// Whether a service's own check is content.
fn answers(
    name: &ServiceName,
    described: &Service,
    container: &ContainerFact,
    server: &Server<'_>,
) -> Result<(), String> {
    let Some(check) = &described.healthcheck else { return Ok(()) };
    let Server { engine, layout, addresses } = server;
    let never = Cancel::never();
    let (timeout, written) = (check.timeout.as_std(), check.timeout);
    let asked = Asked { container: &container.name, addresses, timeout, written, cancel: &never };
    // The plan may have gone from where it was deployed from: the health check job's copy is the one that counts.
    let certificate = |_: &_| state::read(&script::check_authority(layout, name));
    probe::ask(engine, &check.probe, &asked, &certificate)
}

fn human(plan: &PlanStatus) -> String {
    let PlanStatus { name, state, under_way, deployed_at, plan_sha256: _, last_run, services } = plan;
    let words = match state {
        State::Deployed => "deployed".to_owned(),
        State::Containerless => "containerless, on purpose".to_owned(),
        State::Failed => "containerless, after a failure".to_owned(),
        State::Interrupted => "interrupted: `landfall recover` finishes it".to_owned(),
        State::InProgress => format!("in progress: {}", under_way.as_deref().unwrap_or("a run")),
    };
    let since = deployed_at.map(|at| format!(", since {at}")).unwrap_or_default();
    let mut text = format!("{name}: {words}{since}\n");
    let width = services.iter().map(|service| service.name.as_str().len()).max().unwrap_or(0);
    for ServiceStatus { name, container: _, image_id, running, healthy, restarts, reason } in services {
        let health = match (healthy, running, reason) {
            (true, true, _) => "healthy".to_owned(),
            (true, false, _) => "completed".to_owned(),
            (false, _, Some(reason)) => format!("unhealthy: {reason}"),
            (false, _, None) => "unhealthy".to_owned(),
        };
        let restarts = if *restarts == 0 { String::new() } else { format!(", restarted {restarts} times") };
        let image: String = image_id.chars().take(12).collect();
        text.push_str(&format!("  {:width$}  {image}  {health}{restarts}\n", name.as_str()));
    }
    if let Some(LastRun { run, kind: _, outcome: _, ended_at: _, cause: Some(cause), left }) = last_run {
        text.push_str(&format!("  the last run, {run}, failed: {cause}\n"));
        left.iter().for_each(|left| text.push_str(&format!("    left: {left}\n")));
    }
    text
}
