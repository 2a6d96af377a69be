//! What people want to know of a service besides whether it is healthy. Changes nothing.

use crate::cli::deployed::Deployed;
use crate::cli::services::Health;
use crate::few::Few;
use crate::host::engine::Life;
use crate::host::job_runs;
use crate::host::usage::{self, Sample};
use crate::plan::model::Image;
use crate::plan::values::ServiceName;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the data directories of a plan are measured.
const MEASURING: Duration = Duration::from_secs(2);

/// What there is to know of a service.
#[derive(Debug, Default, Serialize)]
pub(super) struct More {
    /// Since when it has been healthy, as far as that is known.
    pub(super) healthy_since: Option<Timestamp>,
    /// Since when its container runs.
    pub(super) running_since: Option<Timestamp>,
    /// What its image calls its version.
    pub(super) version: Option<String>,
    /// Its ports, as the plan writes them.
    pub(super) ports: Vec<String>,
    /// The memory of its processes.
    pub(super) memory_bytes: Option<u64>,
    /// The most that it may have.
    pub(super) memory_limit_bytes: Option<u64>,
    /// How much of one processor it uses, in hundredths.
    pub(super) cpu_percent: Option<f64>,
    /// What its data directories take of the disk.
    pub(super) disk_bytes: Option<u64>,
    /// Whether they take more, which there was no time to measure.
    pub(super) disk_at_least: bool,
    /// What its check said.
    pub(super) output: String,
}

/// What was measured of all services.
pub(super) struct Measured {
    pub(super) lives: BTreeMap<String, Life>,
    pub(super) before: Sample,
    pub(super) after: Sample,
    /// Bytes, and whether that is all.
    pub(super) disk: BTreeMap<ServiceName, (u64, bool)>,
}

/// What is known of a service.
pub(super) fn of(deployed: &Deployed, health: &Health<'_>, measured: &Measured) -> More {
    let Measured { lives, before, after, disk } = measured;
    let container = &health.saved.container;
    let running_since = lives.get(container).and_then(|life| life.started_at);
    let layout = &deployed.layout;
    let remembered = job_runs::healthy_since(layout, health.name);
    let healthy_since = match (&health.verdict, remembered) {
        (Err(_), _) => None,
        (Ok(()), Some(since)) => Some(running_since.map_or(since, |running| running.max(since))),
        // The job has not looked since it was told that it is unhealthy.
        (Ok(()), None) if job_runs::is_remembered_unhealthy(layout, health.name) => None,
        (Ok(()), None) => running_since,
    };
    let disk = disk.get(health.name);
    More {
        healthy_since,
        running_since,
        version: health.described.and_then(|described| version(&described.image)),
        ports: health.described.iter().flat_map(|described| &described.ports).map(ToString::to_string).collect(),
        memory_bytes: after.memory_bytes(container),
        memory_limit_bytes: health.described.and_then(|described| described.memory).map(|memory| memory.bytes()),
        cpu_percent: after.cpu_percent(before, container),
        disk_bytes: disk.map(|(bytes, _)| *bytes),
        disk_at_least: disk.is_some_and(|(_, all)| !all),
        output: health.output.clone(),
    }
}

/// What the data directories of each service that has some take of the disk, as far as there is time.
pub(super) fn disk(deployed: &Deployed) -> BTreeMap<ServiceName, (u64, bool)> {
    let deadline = Instant::now() + MEASURING;
    let services =
        deployed.plan.iter().flat_map(|plan| &plan.services).filter(|(_, service)| !service.volumes.is_empty());
    let measure = |(name, service): (&ServiceName, &crate::plan::model::Service)| {
        let sizes =
            service.volumes.iter().map(|volume| usage::size(Path::new(&volume.source.to_string()), Some(deadline)));
        let all = sizes.fold((0, true), |(bytes, all), size| (bytes + size.bytes, all && size.complete));
        (name.clone(), all)
    };
    services.map(measure).gathered()
}

/// What an image's name calls its version.
fn version(image: &Image) -> Option<String> {
    image.called()?.tag().map(str::to_owned)
}
