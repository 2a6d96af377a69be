//! What a hotfix is: a service as it was replaced since the deployment. Reads nothing, changes nothing.

use super::record;
use crate::facts::{Hotfix, Saved};
use crate::operation::{EngineChange, Known, Layout, Program};
use crate::plan::model::{Image, ImageSource, Plan, Service};
use crate::plan::values::ServiceName;
use jiff::Timestamp;
use serde::Deserialize;
use std::path::PathBuf;

/// The plan as it is deployed: as it was accepted, with the services that were replaced since.
pub fn with_hotfixes(mut plan: Plan, saved: &Saved) -> Plan {
    for (name, hotfix) in &saved.hotfixes {
        // What was written by a version that describes services in another way is left as the plan has it.
        let described = Service::deserialize(&hotfix.service);
        if let (Ok(described), Some(service)) = (described, plan.services.get_mut(name)) {
            *service = described;
        }
    }
    plan
}

/// What is on record of a service that is being replaced, and who replaces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replaced {
    /// What is deployed.
    pub saved: Saved,
    /// The service.
    pub service: ServiceName,
    /// The plan as it was in force.
    pub plan: Plan,
    /// Who replaces it.
    pub by: String,
    /// The version of this program.
    pub landfall: String,
    /// Whether its secrets are made anew.
    pub secrets: bool,
    /// The folder that the archive of its new image is relative to, where another plan file describes it.
    pub folder: Option<PathBuf>,
}

/// The record with a service replaced, from the program and what the run has learned; `None` while its image is not known.
pub fn replaced(
    Replaced { saved, service, plan, by, landfall, secrets, folder }: &Replaced,
    layout: &Layout,
    program: &Program,
    known: &Known,
    at: Timestamp,
) -> Option<Saved> {
    let container = program.engine_changes().find_map(|change| {
        if let EngineChange::CreateContainer(container) = change { Some(container) } else { None }
    })?;
    let (old, now) = (saved.services.get(service)?, plan.services.get(service)?);
    let mut new = record::service(container, layout, known)?;
    new.run = Some(known.run.clone());
    let earlier = saved.hotfixes.get(service);
    let hotfix = Hotfix {
        run: known.run.clone(),
        at,
        by: by.clone(),
        landfall: landfall.clone(),
        from: earlier.map_or_else(|| source(&now.image), |earlier| earlier.from.clone()),
        to: source(&container.described.image),
        from_id: earlier.map_or_else(|| old.image_id.clone(), |earlier| earlier.from_id.clone()),
        folder: folder.clone().or_else(|| earlier.and_then(|earlier| earlier.folder.clone())),
        secrets: *secrets || earlier.is_some_and(|earlier| earlier.secrets),
        service: serde_json::to_value(&container.described).ok()?,
    };
    let mut then = saved.clone();
    then.secrets.retain(|secret| !old.secrets.contains(secret) || new.secrets.contains(secret));
    then.secrets.extend(new.secrets.iter().filter(|secret| !old.secrets.contains(secret)).cloned());
    then.services.insert(service.clone(), new);
    then.hotfixes.insert(service.clone(), hotfix);
    Some(then)
}

/// An image, as a person names it.
fn source(image: &Image) -> String {
    match image {
        Image::Reference(reference) => reference.to_string(),
        Image::Source(ImageSource::Registry { registry, .. }) => registry.to_string(),
        Image::Source(ImageSource::Archive { archive, .. }) => archive.to_string(),
        Image::Source(ImageSource::Ssh { ssh, .. }) => ssh.to_string(),
        Image::Source(ImageSource::Url { url, .. }) => url.to_string(),
        Image::Source(ImageSource::Build { build, .. }) => build.to_string(),
    }
}
