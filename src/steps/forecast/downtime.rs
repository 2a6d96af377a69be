//! How long services are down: bounds from what the plan says, along the order in which operations wait for one another.
//! Reads nothing, changes nothing.
//!
//! What the engine itself takes for its calls is not a part of it.

use crate::operation::{
    Action, CheckedService, DroppedContainer, EngineChange, Look, Operation, OperationId, Program, StepName,
};
use crate::plan::model::{Condition, Healthcheck, Plan};
use crate::plan::values::ServiceName;
use crate::steps::{Given, ids};
use std::collections::BTreeMap;
use std::time::Duration;

/// How long an engine waits for a container that does not say how long it may take to stop.
const GRACE: Duration = Duration::from_secs(10);

/// The shortest and the longest time that something takes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// The shortest.
    pub at_least: Duration,
    /// The longest; what takes longer fails.
    pub at_most: Duration,
}

/// How long services are down.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Downtime {
    /// Each service that runs now and after the deployment: from its stop until it is as it must be.
    pub services: Vec<(ServiceName, Window)>,
    /// From the first change until every service of the plan is as it must be.
    pub whole: Window,
    /// What the bounds of the whole come from, in the order in which it happens.
    pub shares: Vec<Share>,
    /// Images that are retrieved meanwhile, which takes a time that nobody can tell.
    pub open: Vec<OperationId>,
}

/// What one operation on the longest way adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// The operation.
    pub operation: OperationId,
    /// What it is, in a sentence.
    pub description: String,
    /// How long it takes.
    pub window: Window,
    /// Why so long.
    pub because: String,
}

/// An operation with what it takes.
struct Taken<'a> {
    operation: &'a Operation,
    window: Window,
    because: String,
}

pub(super) fn downtime(given: Given<'_>, saved: Option<&Plan>, program: &Program) -> Downtime {
    let taken: Vec<Taken<'_>> =
        after_the_point_of_no_return(program).map(|operation| take(given, saved, operation)).collect();
    let shortest = finishes(&taken, |window| window.at_least);
    let longest = finishes(&taken, |window| window.at_most);
    let services = given.plan.services.keys().filter(|service| runs_now(given, service)).map(|service| {
        let (dropped, up) = (ids::drop(given.layout.container(service)), ids::wait_for(service));
        let at_least = from(&taken, &dropped).get(&up).copied().unwrap_or_default();
        let at_most = longest.get(&up).copied().unwrap_or_default();
        (service.clone(), Window { at_least, at_most })
    });
    let ends: Vec<OperationId> = given.plan.services.keys().map(ids::wait_for).collect();
    let last =
        |finishes: &BTreeMap<OperationId, Duration>| ends.iter().filter_map(|end| finishes.get(end)).max().copied();
    Downtime {
        services: services.collect(),
        whole: Window { at_least: last(&shortest).unwrap_or_default(), at_most: last(&longest).unwrap_or_default() },
        shares: shares(&taken, &longest, &ends),
        open: taken.iter().filter(|taken| is_open(taken)).map(|taken| taken.operation.id.clone()).collect(),
    }
}

/// What happens until every service is as it must be; nothing is down before.
fn after_the_point_of_no_return(program: &Program) -> impl Iterator<Item = &Operation> {
    let down = |name: StepName| match name {
        StepName::StopAndDrop | StepName::CreateAndStart => true,
        StepName::Validate
        | StepName::Stop
        | StepName::Start
        | StepName::MaintenanceJobs
        | StepName::CheckAndFinish
        | StepName::GoBack => false,
    };
    program.steps.iter().filter(move |step| down(step.name)).flat_map(|step| &step.operations)
}

fn runs_now(given: Given<'_>, service: &ServiceName) -> bool {
    let name = given.layout.container(service);
    let found = given.facts.look.containers.iter().find(|container| container.name == name);
    found.is_some_and(|container| container.running && container.plan() == Some(given.plan.name.as_str()))
}

fn is_open(taken: &Taken<'_>) -> bool {
    matches!(taken.operation.action, Action::Retrieve(_))
}

fn take<'a>(given: Given<'_>, saved: Option<&Plan>, operation: &'a Operation) -> Taken<'a> {
    let nothing = || (Window::default(), String::new());
    let (window, because) = match &operation.action {
        Action::Engine(EngineChange::DropContainer(dropped)) => stop(given, saved, dropped),
        Action::Look(Look::AwaitService(service)) => wait(service),
        Action::Look(Look::VerifyImage(_) | Look::CheckService(_)) => nothing(),
        Action::Retrieve(_) | Action::Engine(_) | Action::Host(_) => nothing(),
    };
    Taken { operation, window, because }
}

/// A process may end at once, or be killed when its grace period is over.
fn stop(given: Given<'_>, saved: Option<&Plan>, dropped: &DroppedContainer) -> (Window, String) {
    let DroppedContainer { container, grace_seconds } = dropped;
    let runs = given.facts.look.containers.iter().any(|found| found.name == *container && found.running);
    if !runs {
        return (Window::default(), String::new());
    }
    let described =
        saved.and_then(|saved| saved.services.iter().find(|(name, _)| given.layout.container(name) == *container));
    let grace =
        grace_seconds.map(Duration::from_secs).or(described.map(|(_, service)| service.stop_grace_period.as_std()));
    let because =
        if described.is_some() { "`stop_grace_period` of what is deployed" } else { "the engine's own grace period" };
    (Window { at_least: Duration::ZERO, at_most: grace.unwrap_or(GRACE) }, because.to_owned())
}

fn wait(service: &CheckedService) -> (Window, String) {
    let CheckedService { service: _, container: _, condition, healthcheck, ports: _, stable_for, deadline } = service;
    let window = Window { at_least: stable_for.as_std(), at_most: deadline.as_std() };
    let because = match (condition, healthcheck) {
        (Condition::ServiceCompletedSuccessfully, _) => format!("a one-shot, `timeout` {deadline}"),
        (Condition::ServiceHealthy, None) => {
            format!("no health check: it must run for {stable_for}, and has failed after {deadline}")
        }
        (Condition::ServiceHealthy, Some(check)) => {
            let Healthcheck { probe: _, interval, timeout, retries, start_period, stable_for } = check;
            format!(
                "`start_period` {start_period} + `retries` {retries} × (`interval` {interval} + `timeout` {timeout}) + \
                 `stable_for` {stable_for}"
            )
        }
    };
    (window, because)
}

/// When each operation ends if each takes so long, and begins as soon as what it waits for is done.
fn finishes(taken: &[Taken<'_>], takes: impl Fn(Window) -> Duration) -> BTreeMap<OperationId, Duration> {
    let mut finishes: BTreeMap<OperationId, Duration> = BTreeMap::new();
    for Taken { operation, window, because: _ } in taken {
        let begins = operation.awaited().filter_map(|id| finishes.get(id)).max().copied().unwrap_or_default();
        finishes.insert(operation.id.clone(), begins + takes(*window));
    }
    finishes
}

/// When what waits for this operation, directly or not, ends at the earliest, counted from where it begins.
fn from(taken: &[Taken<'_>], first: &OperationId) -> BTreeMap<OperationId, Duration> {
    let mut finishes: BTreeMap<OperationId, Duration> = BTreeMap::new();
    for Taken { operation, window, because: _ } in taken {
        let begins = operation.awaited().filter_map(|id| finishes.get(id)).max().copied();
        let begins = if operation.id == *first { Some(Duration::ZERO) } else { begins };
        if let Some(begins) = begins {
            finishes.insert(operation.id.clone(), begins + window.at_least);
        }
    }
    finishes
}

/// What adds to the longest way to the last service.
fn shares(taken: &[Taken<'_>], longest: &BTreeMap<OperationId, Duration>, ends: &[OperationId]) -> Vec<Share> {
    let finish = |id: &&OperationId| longest.get(*id).copied();
    let mut next = ends.iter().filter(|id| longest.contains_key(*id)).max_by_key(finish);
    let mut shares = Vec::new();
    while let Some(one) = next.and_then(|id| taken.iter().find(|taken| taken.operation.id == *id)) {
        if one.window != Window::default() {
            shares.push(Share {
                operation: one.operation.id.clone(),
                description: one.operation.action.to_string(),
                window: one.window,
                because: one.because.clone(),
            });
        }
        next = one.operation.awaited().filter(|id| longest.contains_key(*id)).max_by_key(finish);
    }
    shares.reverse();
    shares
}
