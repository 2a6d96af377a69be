//! The real world: performs operations on this server, and looks at it.

pub mod accepted;
mod aside;
mod builds;
mod confirm;
mod cron;
mod deployment;
mod health;
mod images;
mod keys;
mod leftovers;
mod living;
mod looks;
mod observe;
mod perform;
mod record;
mod removals;
pub mod state;
pub mod stopped;
mod together;
mod watched;

pub use deployment::Deployment;
pub use keys::{InstalledKeys, key_content, key_sha256};
pub use watched::{fetched, watched};

use crate::facts::{Observed, Saved};
use crate::host::command::on_behalf_of;
use crate::host::engine::Engine;
use crate::host::fetch;
use crate::operation::{Known, Layout, Learned, Operation};
use crate::plan::model::{Plan, Service};
use crate::plan::values::ServiceName;
use crate::run::{Cancel, Failure, Tell, Watcher, World};
use crate::steps::{self, Replaced};
use images::VerifiedImages;
use looks::SharedLooks;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, SystemTime};
use together::Together;

/// After how long what a killed call had begun is there to be seen: it appeared up to about a second later.
const APPEARING: Duration = Duration::from_millis(1500);

/// This server, as far as one plan is concerned.
pub struct Node {
    /// Where everything of the plan lies.
    pub layout: Layout,
    /// The engine.
    pub engine: Engine,
    /// The program that runs now, for the boot job.
    pub program: PathBuf,
    /// What is deployed, where the run is a deployment.
    pub deployment: Option<Deployment>,
    /// The plan as it is deployed already, where the run leaves it so.
    pub in_force: Option<Plan>,
    /// What is on record of a service, where the run replaces it.
    pub replaced: Option<Replaced>,
    /// What is deployed, where the run makes anew what the engine has lost of it.
    pub remade: Option<Saved>,
    /// How many bytes of a service's image come over the network, as far as that is known.
    pub expected: BTreeMap<ServiceName, u64>,
    /// Who is told how far retrievals have come.
    pub watcher: Watcher,
    looks: SharedLooks,
    keys: Mutex<()>,
    restarts: Mutex<BTreeMap<ServiceName, u32>>,
    /// The IDs of the containers that became healthy since they were started, each with what the container was called.
    healthy: Mutex<BTreeMap<String, String>>,
    /// Containers that go, each lot as soon as it is there: one that is slow to stop keeps nobody waiting who is not with it.
    removals: Together<String, bool>,
    /// Those that have gone, until that was confirmed.
    seen_to_go: Mutex<BTreeSet<String>>,
    /// The containers that may go together.
    last_removed: OnceLock<BTreeSet<String>>,
    /// Once the network that stays, if one does, was held.
    held: OnceLock<()>,
    /// Tags that go.
    tags: Together<String, ()>,
    /// What images say of themselves that were looked at: an image ID stands for its content.
    verified: VerifiedImages,
}

impl Node {
    /// This server, for a run of one plan.
    pub fn new(layout: Layout, engine: Engine, program: PathBuf, deployment: Option<Deployment>) -> Self {
        let looks = SharedLooks::at(&engine);
        Self {
            layout,
            engine,
            program,
            deployment,
            in_force: None,
            replaced: None,
            remade: None,
            expected: BTreeMap::new(),
            watcher: Watcher::nobody(),
            looks,
            keys: Mutex::default(),
            restarts: Mutex::default(),
            healthy: Mutex::default(),
            removals: Together::so_many(usize::MAX),
            seen_to_go: Mutex::default(),
            last_removed: OnceLock::new(),
            held: OnceLock::new(),
            tags: Together::default(),
            verified: VerifiedImages::default(),
        }
    }

    /// This server, for a run that leaves this plan deployed.
    pub fn keeping(layout: Layout, engine: Engine, program: PathBuf, in_force: Plan) -> Self {
        Self { in_force: Some(in_force), ..Self::new(layout, engine, program, None) }
    }

    /// A service as the run knows it.
    fn described(&self, service: &ServiceName) -> Option<&Service> {
        let deployed = self.deployment.as_ref().map(|deployment| &*deployment.plan);
        deployed.or(self.in_force.as_ref()).and_then(|plan| plan.services.get(service))
    }

    fn deployment(&self) -> Result<&Deployment, Failure> {
        let defect =
            || Failure::new("this operation belongs to a deployment, and none is under way: a defect of Landfall");
        self.deployment.as_ref().ok_or_else(defect)
    }

    /// The record that the commit writes.
    fn to_save(&self, known: &Known) -> Result<Saved, Failure> {
        let Deployment { plan: _, secrets: _, accepted, program, sources: _ } = self.deployment()?;
        let now = jiff::Timestamp::now();
        let saved = match (&self.replaced, &self.remade) {
            (None, None) => steps::saved(&self.layout, program, known, accepted, now),
            (Some(replaced), _) => steps::replaced(replaced, &self.layout, program, known, now),
            (None, Some(saved)) => Some(steps::remade(saved, program, known)),
        };
        saved.ok_or_else(|| Failure::new("an image is not known at the commit, which is a defect of Landfall"))
    }
}

impl World for Node {
    fn perform(
        &self,
        operation: &Operation,
        known: &Known,
        cancel: &Cancel,
        stopped: Tell<'_>,
    ) -> Result<Learned, Failure> {
        tracing::debug!(operation = %operation.id, "begins");
        let began = std::time::Instant::now();
        let perform = || self.perform_action(&operation.action, known, (cancel, stopped));
        let result = on_behalf_of(&operation.id, perform);
        let milliseconds = began.elapsed().as_millis();
        match &result {
            Ok(_) => tracing::info!(operation = %operation.id, milliseconds, "performed"),
            Err(failure) => {
                tracing::warn!(operation = %operation.id, milliseconds, cause = %failure.message, "failed");
            }
        }
        result
    }

    fn confirm(&self, operation: &Operation, known: &Known) -> Result<Learned, Failure> {
        on_behalf_of(&operation.id, || self.confirm_action(&operation.action, known))
    }

    fn observe(&self) -> Result<Observed, Failure> {
        self.observe_plan()
    }

    fn settle(&self) {
        // A call whose caller was killed goes on, and a stalled one for long: it would finish after the last look.
        self.engine.end_orphans();
        fetch::end_orphans();
        self.engine.mend_namespaces();
        self.engine.finish_stops(self.layout.plan());
        let temporary = self.layout.state().join(format!("{}lost", Layout::UNFINISHED));
        // The last run is the one that is under way, or was interrupted.
        let run = state::runs(&self.layout).ok().and_then(|runs| runs.into_iter().next_back());
        let since = run.and_then(|run| run.began()).map(SystemTime::from);
        since.into_iter().for_each(|since| self.engine.remove_unconnected(since));
        self.engine.mend_storage(self.layout.plan(), &temporary, since);
        std::thread::sleep(APPEARING);
    }
}
