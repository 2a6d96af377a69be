//! What the engine has lost of a plan, and what stands in the way of making it anew. Changes nothing.

use crate::diagnostics::{Finding, Place, Severity};
use crate::facts::{EngineLook, Facts, Saved};
use crate::few::Few;
use crate::host::engine::Engine;
use crate::host::sources::{self, Sources};
use crate::host::survey::{self, Looked};
use crate::host::{files, node};
use crate::operation::Layout;
use crate::plan::model::{Maintenance, Plan, Requires};
use crate::plan::secrets::Secrets;
use crate::plan::values::ServiceName;
use crate::rules;
use crate::run::Failure;
use crate::steps::{self, Remake};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What is deployed.
#[derive(Clone, Copy)]
pub struct OnRecord<'a> {
    /// Where everything of it lies.
    pub layout: &'a Layout,
    /// The record of it.
    pub saved: &'a Saved,
    /// The plan as it is in force.
    pub plan: &'a Plan,
    /// What it runs on.
    pub engine: &'a Engine,
}

/// What is lost of it.
pub struct Found {
    /// The plan with exactly the images that are on record.
    pub pinned: Plan,
    /// The services whose containers are gone.
    pub lost: BTreeSet<ServiceName>,
    /// Those of them that can't be made anew now, each with the reason and what to type.
    pub obstacles: BTreeMap<ServiceName, String>,
    /// What the server looks like.
    pub facts: Facts,
    /// The archives that images are taken from.
    pub sources: Sources,
    /// The services that are stopped on purpose.
    pub stopped: BTreeSet<ServiceName>,
}

impl Found {
    /// Looks at the server; none where nothing is lost.
    ///
    /// # Errors
    /// What must be known can't be seen.
    pub fn of(it: OnRecord<'_>, look: &EngineLook) -> Result<Option<Self>, Failure> {
        let OnRecord { layout, saved, plan, engine } = it;
        let lost = steps::lost(saved, look);
        if lost.is_empty() {
            return Ok(None);
        }
        let pinned = steps::as_on_record(plan.clone(), saved);
        let has_image = |name: &ServiceName| {
            let id = saved.services.get(name).map(|service| service.image_id.hex());
            look.images.iter().any(|there| Some(there.id.as_str()) == id)
        };
        let retrieved = lost.iter().filter(|name| !has_image(name)).cloned().gathered();
        let narrow = alone(&pinned, &retrieved);
        let folder = saved.beneath.as_ref().and_then(|beneath| beneath.folder.as_deref()).unwrap_or(Path::new("/"));
        let (sources, files) = Sources::open(&narrow, folder, sources::Trust::Owners(files::trusted_owners()));
        let archives = sources.found_in_folders(&narrow, &|| false);
        let commands = rules::needed_commands(&narrow).into_keys().collect();
        let looked = Looked { engine: Some(engine), sources: &sources, files, archives, commands };
        let state_folder = layout.state().parent().unwrap_or(layout.state());
        let mut facts = survey::facts(&narrow, &Secrets::default(), layout, state_folder, &looked)?;
        let findings = rules::of_the_server(&narrow, &facts);
        facts.directories = survey::directories(&alone(&pinned, &lost))?;
        let stopped = node::stopped::read(layout)?;
        let mut found = Self { pinned, lost, obstacles: BTreeMap::new(), facts, sources, stopped };
        let own = found.lost.iter().filter_map(|name| Some((name.clone(), found.remake(it, false).obstacle(name)?)));
        let own: BTreeMap<_, _> = own.gathered();
        let judged = retrieved.iter().filter_map(|name| Some((name.clone(), against(name, &findings, layout)?)));
        found.obstacles = judged.chain(own).gathered();
        Ok(Some(found))
    }

    /// What is lost is made anew from.
    pub fn remake<'a>(&'a self, it: OnRecord<'a>, starts: bool) -> Remake<'a> {
        let OnRecord { layout, saved, plan, engine: _ } = it;
        Remake { plan, pinned: &self.pinned, saved, layout, facts: &self.facts, stopped: &self.stopped, starts }
    }
}

/// The plan with these services alone, and nothing that belongs to a deployment.
fn alone(plan: &Plan, services: &BTreeSet<ServiceName>) -> Plan {
    let mut alone = plan.clone();
    alone.services.retain(|name, _| services.contains(name));
    for service in alone.services.values_mut() {
        service.depends_on = crate::plan::model::Dependencies::default();
        service.healthcheck = None;
        service.configs.clear();
    }
    let hosts: BTreeSet<_> =
        alone.services.values().filter_map(|service| Some(service.image.reference()?.registry().clone())).gathered();
    alone.registries.retain(|host, _| hosts.contains(host));
    Plan { maintenance: Maintenance::default(), requires: Requires::default(), ssh_keys: BTreeMap::new(), ..alone }
}

/// What of the server speaks against a service, or against all of them.
fn against(service: &ServiceName, findings: &[Finding], layout: &Layout) -> Option<String> {
    let about = |finding: &&Finding| {
        let (Place::Value(pointer) | Place::Key(pointer)) = &finding.place else { return true };
        let mut segments = pointer.segments();
        segments.next() != Some("services") || segments.next() == Some(service.as_str())
    };
    let finding = findings.iter().filter(|finding| finding.severity == Severity::Error).find(about)?;
    let label = if finding.label.is_empty() { String::new() } else { format!(", {}", finding.label) };
    Some(format!(
        "{}{label} ({}): once that is cured, type `landfall remake {}`, or deploy the plan anew with `landfall deploy PLAN`",
        finding.message,
        finding.code,
        layout.plan()
    ))
}
