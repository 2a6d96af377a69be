//! Asks the services of a deployed plan how they are, side by side. Changes nothing.

use super::deployed::Deployed;
use crate::facts::{ContainerFact, SavedService};
use crate::few::Few;
use crate::host::engine::Engine;
use crate::host::node::state;
use crate::host::probe::{self, Asked, Heard};
use crate::host::threads::beside;
use crate::operation::Layout;
use crate::plan::model::{Probe, Service};
use crate::plan::values::ServiceName;
use crate::run::Cancel;
use crate::script;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// How a service is.
#[derive(Debug)]
pub struct Health<'a> {
    /// Its name.
    pub name: &'a ServiceName,
    /// What is on record of it.
    pub saved: &'a SavedService,
    /// What the plan says of it, where that can be read.
    pub described: Option<&'a Service>,
    /// Its container, if the engine has it.
    pub container: Option<&'a ContainerFact>,
    /// What its check printed or was answered.
    pub output: String,
    /// What is wrong, if something is.
    pub verdict: Result<(), String>,
    /// How long asking took.
    pub took: Duration,
}

/// Asks these services, of which `containers` has what the engine has of the whole plan.
pub fn ask<'a>(
    deployed: &'a Deployed,
    containers: &'a [ContainerFact],
    services: BTreeMap<&'a ServiceName, &'a SavedService>,
) -> Vec<Health<'a>> {
    let Deployed { layout, saved, plan, engine } = deployed;
    let of = |service: &SavedService| containers.iter().find(|container| container.name == service.container);
    let addresses: BTreeMap<ServiceName, IpAddr> =
        saved.services.iter().filter_map(|(name, service)| Some((name.clone(), of(service)?.address?))).gathered();
    let server = &Server { engine, layout, addresses: &addresses };
    std::thread::scope(|scope| {
        let asked: Vec<_> = services
            .into_iter()
            .map(|(name, service)| {
                let described = plan.as_ref().and_then(|plan| plan.services.get(name));
                let container = of(service);
                let it = It { name, saved: service, described, container };
                (it, beside(scope, move || timed(|| heard(it, server))))
            })
            .collect();
        asked
            .into_iter()
            .map(|(It { name, saved, described, container }, health)| {
                let wrong =
                    |reason: &str| (Heard { verdict: Err(reason.to_owned()), output: String::new() }, Duration::ZERO);
                let (Heard { verdict, output }, took) = match health {
                    Ok(health) => health.join().unwrap_or_else(|_| wrong("asking it ended in a panic")),
                    Err(failure) => wrong(&failure.message),
                };
                Health { name, saved, described, container, output, verdict, took }
            })
            .collect()
    })
}

/// What a service's check is, in a line.
pub fn check_of(health: &Health<'_>) -> String {
    if health.saved.one_shot {
        return "it ended with 0".to_owned();
    }
    match health.described.and_then(|described| described.healthcheck.as_ref()).map(|check| &check.probe) {
        Some(Probe::Exec(command)) => command.iter().map(|word| script::typed(word)).collect::<Vec<_>>().join(" "),
        Some(Probe::Http(check)) => check.url.to_string(),
        Some(Probe::Tcp(target)) => format!("tcp {target}"),
        None => "it runs".to_owned(),
    }
}

/// What every service is asked with.
struct Server<'a> {
    engine: &'a Engine,
    layout: &'a Layout,
    addresses: &'a BTreeMap<ServiceName, IpAddr>,
}

/// Who is asked.
#[derive(Clone, Copy)]
struct It<'a> {
    name: &'a ServiceName,
    saved: &'a SavedService,
    described: Option<&'a Service>,
    container: Option<&'a ContainerFact>,
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed())
}

/// Whether a service is as it should be, and what its check said.
fn heard(it: It<'_>, server: &Server<'_>) -> Heard {
    let silent = |verdict| Heard { verdict, output: String::new() };
    // That it has completed is on record; an engine that was emptied needs not tell it as well.
    if it.saved.one_shot && it.container.is_none() {
        return silent(Ok(()));
    }
    let container = match stands(it) {
        Ok(container) => container,
        Err(reason) => return silent(Err(reason)),
    };
    let Some(described) = it.described.filter(|_| !it.saved.one_shot) else { return silent(Ok(())) };
    let heard = answer(it.name, described, container, server);
    match heard.verdict {
        Ok(()) => {
            Heard { verdict: probe::published_ports(server.engine, &described.ports, container.address), ..heard }
        }
        Err(_) => heard,
    }
}

/// Its container, if that is the one that was deployed and is in the state that it should be in.
fn stands(It { name: _, saved, described: _, container }: It<'_>) -> Result<&ContainerFact, String> {
    let container = container.ok_or("its container is gone")?;
    if container.image_id != saved.image_id.hex() {
        return Err("its container was made from another image".to_owned());
    }
    match (saved.one_shot, container.exit_code) {
        (true, Some(0)) => Ok(container),
        (true, Some(code)) => Err(format!("it ended with exit status {code}")),
        (true, None) => Err("it has not completed".to_owned()),
        (false, _) if container.running => Ok(container),
        (false, _) => Err("it does not run".to_owned()),
    }
}

/// What a service's own check says.
fn answer(name: &ServiceName, described: &Service, container: &ContainerFact, server: &Server<'_>) -> Heard {
    let Some(check) = &described.healthcheck else { return Heard { verdict: Ok(()), output: String::new() } };
    let Server { engine, layout, addresses } = server;
    let never = Cancel::never();
    let (timeout, written) = (check.timeout.as_std(), check.timeout);
    let asked = Asked { container: &container.name, addresses, timeout, written, cancel: &never };
    // The plan may have gone from where it was deployed from: the health check job's copy is the one that counts.
    let certificate = |_: &_| state::read(&script::check_authority(layout, name));
    probe::hear(engine, &check.probe, &asked, &certificate)
}
