//! What a reader wants to know of a plan that is right.

use crate::cli::review;
use crate::few::Few;
use crate::plan::model::{Cleanup, HealthJob, Image, ImageSource, Job, Maintenance, Plan, Service, Volume};
use crate::plan::review::Review;
use crate::plan::values::{Schedule, ServiceName};
use jiff::Zoned;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// How many firings of a schedule are told.
const FIRINGS: usize = 3;

/// A plan, summed up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// Its name.
    pub name: String,
    /// What a person reviews of it, with its hash.
    pub review: Review,
    /// Services that start side by side, in the order of start.
    pub start_order: Vec<Vec<String>>,
    /// Each service's image: what kind of source, and which.
    pub images: Vec<(String, &'static str, String)>,
    /// Published ports by service, as they are written.
    pub ports: Vec<(String, String)>,
    /// Data directories by service.
    pub volumes: Vec<(String, Volume)>,
    /// Schedules by what runs.
    pub schedules: Vec<Firings>,
}

/// When something fires next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firings {
    /// `cleanup`, `healthcheck`, or a job's name.
    pub name: String,
    /// The schedule as it is written.
    pub schedule: String,
    /// The next three firings, in the local time zone.
    pub next: Vec<Zoned>,
}

impl Overview {
    /// Sums a plan up, as of `now`.
    pub fn of(plan: &Plan, review: Review, now: &Zoned) -> Self {
        let services = || plan.services.iter().map(|(name, service)| (name.to_string(), service));
        let image = |(name, service): (String, &Service)| {
            let (source, image) = image(&service.image);
            (name, source, image)
        };
        let ports = services()
            .flat_map(|(name, service)| service.ports.iter().map(move |port| (name.clone(), port.to_string())));
        let volumes = services()
            .flat_map(|(name, service)| service.volumes.iter().map(move |volume| (name.clone(), volume.clone())));
        Self {
            name: plan.name.to_string(),
            review,
            start_order: start_order(&plan.services),
            images: services().map(image).collect(),
            ports: ports.collect(),
            volumes: volumes.collect(),
            schedules: schedules(&plan.maintenance, now),
        }
    }

    /// The same as data.
    pub fn json(&self) -> Value {
        let Self { name, review, start_order, images, ports, volumes, schedules } = self;
        let image = |(service, source, image): &(String, &str, String)| json!({ "service": service, "source": source, "image": image });
        let volume = |(service, volume): &(String, Volume)| {
            let Volume { source, target, read_only, owner: _, mode: _, mountpoint } = volume;
            json!({
                "service": service, "source": source, "target": target, "read_only": read_only, "mountpoint": mountpoint,
            })
        };
        let firings = |Firings { name, schedule, next }: &Firings| {
            let written = next.iter().map(|at| at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string());
            json!({ "name": name, "schedule": schedule, "next": written.collect::<Vec<_>>() })
        };
        let mut overview = json!({
            "name": name,
            "start_order": start_order,
            "images": images.iter().map(image).collect::<Vec<_>>(),
            "ports": ports.iter().map(|(service, port)| json!({ "service": service, "port": port })).collect::<Vec<_>>(),
            "volumes": volumes.iter().map(volume).collect::<Vec<_>>(),
            "schedules": schedules.iter().map(firings).collect::<Vec<_>>(),
        });
        if let (Value::Object(overview), Value::Object(review)) = (&mut overview, review::as_json(review)) {
            overview.extend(review);
        }
        overview
    }
}

/// Each service comes after everything that it waits for; those that wait for nothing more start side by side.
fn start_order(services: &BTreeMap<ServiceName, Service>) -> Vec<Vec<String>> {
    let mut waits_for: BTreeMap<&ServiceName, usize> = services
        .iter()
        .map(|(name, service)| {
            (name, service.depends_on.iter().filter(|(other, _)| services.contains_key(*other)).count())
        })
        .gathered();
    let mut awaited_by: BTreeMap<&ServiceName, Vec<&ServiceName>> = BTreeMap::new();
    for (name, service) in services {
        service.depends_on.iter().for_each(|(other, _)| awaited_by.entry(other).or_default().push(name));
    }
    let mut order: Vec<Vec<String>> = Vec::new();
    let mut ready: Vec<&ServiceName> =
        waits_for.iter().filter(|(_, number)| **number == 0).map(|(name, _)| *name).collect();
    while !ready.is_empty() {
        let mut next = BTreeSet::new();
        for waiting in ready.iter().flat_map(|name| awaited_by.remove(name).unwrap_or_default()) {
            if let Some(number) = waits_for.get_mut(waiting) {
                *number = number.saturating_sub(1);
                if *number == 0 {
                    next.insert(waiting);
                }
            }
        }
        order.push(ready.iter().map(ToString::to_string).collect());
        ready = next.into_iter().collect();
    }
    order
}

fn image(image: &Image) -> (&'static str, String) {
    match image {
        Image::Reference(reference) => ("registry", reference.to_string()),
        Image::Source(ImageSource::Registry { registry, digest, tls_verify: _, ca: _, id: _, timeout: _ }) => {
            let digest = digest.as_ref().map_or_else(String::new, |digest| format!("@{digest}"));
            ("registry", format!("{registry}{digest}"))
        }
        Image::Source(ImageSource::Archive { archive, sha256: _, reference, id: _ }) => match reference {
            Some(reference) if archive.is_folder() => ("archive", format!("{reference} from {archive}")),
            Some(_) | None => ("archive", archive.to_string()),
        },
        Image::Source(ImageSource::Ssh { ssh, key: _, sha256: _, id: _, timeout: _ }) => ("ssh", ssh.to_string()),
        Image::Source(ImageSource::Url { url, sha256: _, id: _, ca: _, timeout: _ }) => ("url", url.to_string()),
        Image::Source(ImageSource::Build { build, file: _, args: _, target: _, id: _, timeout: _ }) => {
            ("build", build.to_string())
        }
    }
}

fn schedules(maintenance: &Maintenance, now: &Zoned) -> Vec<Firings> {
    let Maintenance { cleanup, healthcheck, jobs, mail: _ } = maintenance;
    let firings = |name: &str, schedule: &Schedule| {
        let next = std::iter::successors(schedule.next(now), |at| schedule.next(at)).take(FIRINGS);
        Firings { name: name.to_owned(), schedule: schedule.to_string(), next: next.collect() }
    };
    let cleanup = cleanup.as_ref().map(|Cleanup { schedule, keep: _, include_auth: _ }| firings("cleanup", schedule));
    let healthcheck = healthcheck.as_ref().map(|HealthJob { schedule }| firings("healthcheck", schedule));
    let job =
        jobs.iter().map(|(name, Job { schedule, service: _, exec: _, timeout: _ })| firings(name.as_str(), schedule));
    cleanup.into_iter().chain(healthcheck).chain(job).collect()
}
