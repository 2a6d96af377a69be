//! Where things stand in a plan, and what a container mounts. Reads nothing, changes nothing.

use crate::diagnostics::{Place, Pointer, Source};
use crate::plan::model::{Cleanup, Config, HealthJob, Job, Maintenance, Plan, SecretFile, Service, Tmpfs, Volume};
use crate::plan::values::{ContainerPath, Schedule, ServiceName};

/// A service.
pub fn service(name: &ServiceName) -> Pointer {
    Pointer::of_names(&["services", name.as_str()])
}

/// A field of a service.
pub fn field(name: &ServiceName, field: &str) -> Pointer {
    Pointer::of_names(&["services", name.as_str(), field])
}

/// An element of a list of a service.
pub fn element(name: &ServiceName, field: &str, index: usize) -> Pointer {
    self::field(name, field).then(index)
}

/// Where a service says that it waits for another: a member where `depends_on` is an object, an element where it is a list.
pub fn dependency(source: &Source, name: &ServiceName, other: &ServiceName) -> Pointer {
    let list = field(name, "depends_on");
    let written = format!("\"{other}\"");
    let is_it =
        |element: &Pointer| source.text().get(source.span_of(&Place::Value(element.clone()))) == Some(written.as_str());
    let elements = (0..).map(|index| list.then(index)).take_while(|element| source.has(element));
    elements.into_iter().find(is_it).unwrap_or_else(|| list.then(other))
}

/// Every schedule of a plan.
pub fn schedules(plan: &Plan) -> Vec<(Pointer, &Schedule)> {
    let Maintenance { cleanup, healthcheck, jobs, mail: _ } = &plan.maintenance;
    let at = Pointer::of(["maintenance"]);
    let cleanup = cleanup.as_ref().map(|Cleanup { schedule, keep: _, include_auth: _ }| (at.then("cleanup"), schedule));
    let healthcheck = healthcheck.as_ref().map(|HealthJob { schedule }| (at.then("healthcheck"), schedule));
    let jobs = jobs
        .iter()
        .map(|(name, Job { schedule, service: _, exec: _, timeout: _ })| (at.then("jobs").then(name), schedule));
    cleanup.into_iter().chain(healthcheck).chain(jobs).map(|(at, schedule)| (at.then("schedule"), schedule)).collect()
}

/// Something that a container mounts.
#[derive(Debug, Clone)]
pub struct Mounted<'a> {
    /// `volume`, `tmpfs`, `config` or `secret`.
    pub what: &'static str,
    /// Where in the container.
    pub target: &'a ContainerPath,
    /// Where in the plan the target stands.
    pub pointer: Pointer,
}

/// Everything that a service's container mounts.
pub fn mounts<'a>(name: &ServiceName, service: &'a Service) -> Vec<Mounted<'a>> {
    let target = |field, index| element(name, field, index).then("target");
    let mut mounts = Vec::new();
    for (index, Volume { target: at, source: _, read_only: _, owner: _, mode: _, mountpoint: _ }) in
        service.volumes.iter().enumerate()
    {
        mounts.push(Mounted { what: "volume", target: at, pointer: target("volumes", index) });
    }
    for (index, tmpfs) in service.tmpfs.iter().enumerate() {
        let pointer = match tmpfs {
            Tmpfs::Target(_) => element(name, "tmpfs", index),
            Tmpfs::Detailed { target: _, size: _, mode: _ } => target("tmpfs", index),
        };
        mounts.push(Mounted { what: "tmpfs", target: tmpfs.target(), pointer });
    }
    for (index, Config { target: at, source: _, owner: _, mode: _ }) in service.configs.iter().enumerate() {
        mounts.push(Mounted { what: "config", target: at, pointer: target("configs", index) });
    }
    for (index, SecretFile { target: at, secret: _, owner: _, mode: _, decode: _ }) in
        service.secrets.iter().enumerate()
    {
        mounts.push(Mounted { what: "secret", target: at, pointer: target("secrets", index) });
    }
    mounts
}
