//! What has changed under a deployment since it was made: the engine, the system, and what the engine has lost. Changes nothing.

use crate::cli::beneath::{self, Change};
use crate::cli::deployed::Deployed;
use crate::cli::remake::{Found, OnRecord};
use crate::facts::{EngineLook, SavedService};
use crate::plan::values::ServiceName;
use crate::run::Failure;
use crate::steps;
use serde::Serialize;
use std::collections::BTreeMap;

/// What is not as it was.
#[derive(Debug, Default, Serialize)]
pub(super) struct Under {
    /// What is another one now.
    pub(super) changed: Vec<Change>,
    /// What the engine does not have any more.
    pub(super) lost: Lost,
    /// Why the containers that are gone can't be made anew, or that they can, by service.
    #[serde(skip)]
    pub(super) reasons: BTreeMap<ServiceName, String>,
}

/// What an engine has lost.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(super) struct Lost {
    /// The services whose containers are gone.
    pub(super) containers: Vec<ServiceName>,
    /// The services whose images are gone.
    pub(super) images: Vec<ServiceName>,
    /// The services some of whose secrets are gone.
    pub(super) secrets: Vec<ServiceName>,
    /// Whether the network is gone.
    pub(super) network: bool,
}

/// Compares what is there with what is on record.
///
/// # Errors
/// The engine can't tell what it has.
pub(super) fn of(deployed: &Deployed) -> Result<Under, Failure> {
    let Deployed { layout, saved, plan, engine } = deployed;
    let changed = beneath::changes(saved, &engine.fact());
    let look = engine.look()?;
    let lost = lost(deployed, &look);
    let mut reasons = BTreeMap::new();
    if let Some(plan) = plan.as_ref().filter(|_| !lost.containers.is_empty()) {
        let found = Found::of(OnRecord { layout, saved, plan, engine }, &look)?;
        let why = |name: &ServiceName, found: &Found| {
            let by_itself = || format!("`landfall remake {}` makes it anew, as the next boot does", layout.plan());
            found.obstacles.get(name).cloned().unwrap_or_else(by_itself)
        };
        let lost = found.iter().flat_map(|found| found.lost.iter().map(|name| (name.clone(), why(name, found))));
        reasons.extend(lost);
    }
    Ok(Under { changed, lost, reasons })
}

fn lost(deployed: &Deployed, look: &EngineLook) -> Lost {
    let saved = &deployed.saved;
    let of = |is_lost: &dyn Fn(&SavedService) -> bool| {
        let services = saved.services.iter().filter(|(_, service)| !service.one_shot && is_lost(service));
        services.map(|(name, _)| name.clone()).collect()
    };
    let image = |service: &SavedService| !look.images.iter().any(|there| there.id == service.image_id.hex());
    let secrets = |service: &SavedService| {
        service.secrets.iter().any(|name| !look.secrets.iter().any(|there| there.name == *name))
    };
    Lost {
        containers: steps::lost(saved, look).into_iter().collect(),
        images: of(&image),
        secrets: of(&secrets),
        network: !look.networks.iter().any(|there| there.name == saved.network),
    }
}

/// Lines for people; none where everything is as it was.
pub(super) fn told(under: &Under) -> String {
    let Under { changed, lost, reasons: _ } = under;
    let changes: Vec<_> = changed.iter().map(|Change { what, was, is }| format!("{what} {is}, was {was}")).collect();
    let mut text = String::new();
    if !changes.is_empty() {
        text.push_str(&format!("  changed since the deployment: {}\n", changes.join("; ")));
    }
    let Lost { containers, images, secrets, network } = lost;
    let of = |what: &str, services: &[ServiceName]| {
        let names: Vec<_> = services.iter().map(ServiceName::as_str).collect();
        (!names.is_empty()).then(|| format!("{what} of {}", names.join(", ")))
    };
    let lost = [of("containers", containers), of("images", images), of("secrets", secrets)].into_iter().flatten();
    let lost: Vec<_> = lost.chain(network.then(|| "the network".to_owned())).collect();
    if !lost.is_empty() {
        text.push_str(&format!("  gone from the engine: {}\n", lost.join("; ")));
    }
    text
}
