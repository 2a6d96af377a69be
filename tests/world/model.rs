//! A host in memory: what one plan and some strangers have on it, and how each action changes it.

mod acts;
mod confirms;

use crate::fault::{At, Fault, Kind};
use landfall::facts::{ContainerFact, EngineLook, ImageFact, NetworkFact, Observed, Saved, SecretFact};
use landfall::operation::{Action, EngineChange, Known, Layout, Learned, Look, Operation, OperationId, Program};
use landfall::plan::model::Plan;
use landfall::plan::values::ServiceName;
use landfall::run::{Cancel, Failure, Tell, World};
use landfall::steps::{self, Accepted, Replaced};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The crontab: lines of others, and our block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Crontab {
    pub others: Option<Vec<String>>,
    pub block: Option<Vec<String>>,
}

/// Everything that there is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    pub containers: BTreeMap<String, ContainerFact>,
    pub networks: BTreeMap<String, NetworkFact>,
    pub secrets: BTreeSet<String>,
    /// The tags of each image, by its ID.
    pub images: BTreeMap<String, BTreeSet<String>>,
    /// Files and folders of ours.
    pub paths: BTreeSet<PathBuf>,
    pub keys: BTreeSet<String>,
    pub crontab: Crontab,
    /// Data directories.
    pub data: BTreeSet<PathBuf>,
    pub saved: Option<Saved>,
    pub previous: Option<Saved>,
    /// The services that are stopped on purpose.
    pub stopped: BTreeSet<ServiceName>,
}

impl State {
    /// A boot: nothing runs, `/run` is empty.
    pub fn boot(&mut self, layout: &Layout) {
        self.containers.values_mut().for_each(|container| container.running = false);
        self.paths.retain(|path| !path.starts_with(layout.volatile()));
    }

    pub fn look(&self) -> EngineLook {
        EngineLook {
            containers: self.containers.values().cloned().collect(),
            images: self
                .images
                .iter()
                .map(|(id, tags)| ImageFact { id: id.clone(), tags: tags.iter().cloned().collect() })
                .collect(),
            networks: self.networks.values().cloned().collect(),
            secrets: self.secrets.iter().map(|name| SecretFact { name: name.clone() }).collect(),
        }
    }

    /// The files and folders of ours that a containerless host does not have.
    pub fn leftover_paths(&self, layout: &Layout) -> Vec<PathBuf> {
        let mut folders =
            vec![layout.jobs(), layout.configs(), layout.health(), layout.volatile().to_owned(), layout.recover()];
        folders.extend([layout.jobs_aside(), layout.keys_aside()]);
        let of_configs = self.paths.iter().filter_map(|path| path.strip_prefix(layout.configs()).ok()?.iter().next());
        folders.extend(of_configs.map(|run| layout.configs().join(run)).collect::<BTreeSet<_>>());
        folders.extend(self.paths.iter().filter(|path| path.ends_with("downloads")).cloned());
        folders.retain(|folder| self.paths.iter().any(|path| path.starts_with(folder)));
        folders.extend((!self.stopped.is_empty()).then(|| layout.stopped()));
        folders
    }

    /// The services whose boot guard is there.
    fn guarded(&self, layout: &Layout) -> BTreeSet<ServiceName> {
        let guards = self.paths.iter().filter_map(|path| path.strip_prefix(layout.boot_guards()).ok());
        guards.map(|name| ServiceName::parse(name.to_str().unwrap()).unwrap()).collect()
    }

    pub fn observed(&self, layout: &Layout, healthy: &BTreeSet<String>) -> Observed {
        Observed {
            look: self.look(),
            network_remains: false,
            monitors: Vec::new(),
            paths: self.leftover_paths(layout),
            keys: !self.keys.is_empty(),
            crontab_block: self.crontab.block.clone(),
            saved: self.saved.clone(),
            stopped: self.stopped.clone(),
            guarded: self.guarded(layout),
            healthy: healthy.clone(),
        }
    }
}

/// What is being deployed.
pub struct Deployed {
    pub plan: Plan,
    pub program: Program,
    pub accepted: Accepted,
    /// What is on record of a service that is being replaced.
    pub replaced: Option<Replaced>,
    /// What is deployed, where what was lost of it is made anew.
    pub remade: Option<Saved>,
}

/// Something that was done in a wrong order, or to somebody else's.
pub type Violation = String;

/// What the world remembers beside its state.
#[derive(Debug, Default)]
pub struct Memory {
    pub faults: Vec<Fault>,
    /// What an operation that was killed is still going to create.
    pub late: Vec<ContainerFact>,
    /// The operations that were performed, in order; one that was tried again stands again.
    pub performed: Vec<OperationId>,
    pub looks: usize,
    pub violations: Vec<Violation>,
    /// The operations whose confirming look fails, and whether by a panic.
    pub unconfirmed: BTreeMap<OperationId, bool>,
    /// What ended the program, and the journal as it was then.
    pub ended: Option<(Kind, Vec<u8>)>,
    /// The IDs of the containers that became healthy since they were started.
    pub healthy: BTreeSet<String>,
    /// Every container that was stopped or removed while it ran.
    pub interrupted: BTreeSet<String>,
}

/// Who can ask a run to end.
#[derive(Clone)]
pub struct Operator {
    /// What the run looks at.
    pub interrupted: Cancel,
    /// Asks for the end.
    pub interrupts: Arc<dyn Fn() + Send + Sync>,
}

impl Default for Operator {
    fn default() -> Self {
        let interrupted = Cancel::never();
        let flag = interrupted.clone();
        Self { interrupted, interrupts: Arc::new(move || flag.cancel()) }
    }
}

/// The host of one run.
pub struct Model {
    pub layout: Layout,
    pub deployed: Option<Deployed>,
    /// The plan that is in force, or comes to be.
    pub plan: Option<Plan>,
    pub operator: Operator,
    pub journal: PathBuf,
    inner: Arc<Mutex<(State, Memory)>>,
}

impl Model {
    pub fn new(layout: &Layout, journal: PathBuf, deployed: Option<Deployed>, state: State, faults: &[Fault]) -> Self {
        let memory = Memory { faults: faults.to_vec(), ..Memory::default() };
        Self {
            layout: layout.clone(),
            plan: deployed.as_ref().map(|deployed| deployed.plan.clone()).or_else(|| in_force(&state)),
            deployed,
            operator: Operator::default(),
            journal,
            inner: Arc::new(Mutex::new((state, memory))),
        }
    }

    /// The same host, for a run of the plan that was deployed before.
    pub fn of_the_previous(&self, plan: &Plan) -> Self {
        Self {
            layout: self.layout.clone(),
            deployed: None,
            plan: Some(plan.clone()),
            operator: self.operator.clone(),
            journal: self.journal.clone(),
            inner: Arc::clone(&self.inner),
        }
    }

    pub fn into_parts(self) -> (State, Memory) {
        let mut inner = self.lock();
        std::mem::take(&mut *inner)
    }

    fn lock(&self) -> MutexGuard<'_, (State, Memory)> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, memory: &mut Memory, kind: Kind) -> Failure {
        memory.ended = Some((kind, std::fs::read(&self.journal).unwrap()));
        Failure::new(GONE)
    }

    fn act(
        &self,
        state: &mut State,
        memory: &mut Memory,
        operation: &Operation,
        known: &Known,
    ) -> Result<Learned, Failure> {
        memory.violations.extend(acts::left_behind(self, state, &operation.action, &memory.performed));
        let ran: Vec<_> =
            state.containers.values().filter(|there| there.running).map(|there| there.id.clone()).collect();
        let result = acts::act(self, state, &mut memory.violations, &operation.action, known);
        let runs = |id: &&String| state.containers.values().any(|there| there.running && there.id == **id);
        memory.interrupted.extend(ran.iter().filter(|id| !runs(id)).cloned());
        memory.healthy.retain(|id| runs(&id));
        if let (Ok(_), Action::Look(Look::AwaitService(service))) = (&result, &operation.action) {
            memory.healthy.extend(state.containers.get(&service.container).map(|there| there.id.clone()));
        }
        result
    }

    /// Stops what an action removes; whether it did.
    fn stop(&self, (state, memory): (&mut State, &mut Memory), action: &Action) -> bool {
        let Action::Engine(EngineChange::DropContainer(dropped)) = action else { return false };
        memory.violations.extend(acts::left_behind(self, state, action, &memory.performed));
        let Some(container) = state.containers.get_mut(&dropped.container).filter(|there| there.running) else {
            return false;
        };
        container.running = false;
        memory.interrupted.insert(container.id.clone());
        memory.healthy.remove(&container.id);
        true
    }

    /// What a killed `create` leaves: its storage, without labels, or the whole container some time later.
    fn remains(&self, (state, memory): (&mut State, &mut Memory), operation: &Operation, known: &Known, whole: bool) {
        let Action::Engine(EngineChange::CreateContainer(container)) = &operation.action else {
            if whole {
                let _ = self.act(state, memory, operation, known);
            }
            return;
        };
        let fact = acts::container(container, known);
        if whole {
            memory.late.push(fact);
        } else {
            let storage = ContainerFact {
                labels: BTreeMap::new(),
                image_id: String::new(),
                networks: Vec::new(),
                storage_only: true,
                ..fact
            };
            state.containers.entry(storage.name.clone()).or_insert(storage);
        }
    }

    fn goes_wrong(
        &self,
        kind: Kind,
        (state, memory): (&mut State, &mut Memory),
        operation: &Operation,
        known: &Known,
    ) -> Result<Learned, Failure> {
        match kind {
            Kind::Fails => Err(Failure::new("it failed")),
            Kind::ActsThenFails => {
                self.act(state, memory, operation, known)?;
                Err(Failure::new("it says that it failed"))
            }
            Kind::Lies => Ok(Learned::default()),
            Kind::IsNotConfirmed | Kind::PanicsWhenConfirmed => {
                memory.unconfirmed.insert(operation.id.clone(), kind == Kind::PanicsWhenConfirmed);
                self.act(state, memory, operation, known)
            }
            Kind::Hangs => Err(Failure::lingering(DEADLINE)),
            Kind::ActsThenHangs => {
                self.act(state, memory, operation, known)?;
                Err(Failure::lingering(DEADLINE))
            }
            Kind::IsHalfDone | Kind::FinishesLate => {
                self.remains((state, memory), operation, known, kind == Kind::FinishesLate);
                Err(Failure::lingering(DEADLINE))
            }
            Kind::Panics => panic!("{PANIC}"),
            Kind::ActsThenPanics => {
                let _ = self.act(state, memory, operation, known);
                panic!("{PANIC}")
            }
            Kind::IsInterrupted => {
                (self.operator.interrupts)();
                self.act(state, memory, operation, known)
            }
            Kind::ProgramIsKilled | Kind::PowerGoes => Err(self.end(memory, kind)),
            Kind::ProgramIsKilledLate | Kind::PowerGoesHalfway => {
                self.remains((state, memory), operation, known, kind == Kind::ProgramIsKilledLate);
                Err(self.end(memory, kind))
            }
            Kind::ActsThenPowerGoes | Kind::ActsThenProgramIsKilled => {
                let _ = self.act(state, memory, operation, known);
                Err(self.end(memory, kind))
            }
        }
    }
}

/// The plan that is on record, with its hotfixes.
pub fn in_force(state: &State) -> Option<Plan> {
    let saved = state.saved.as_ref()?;
    Some(steps::with_hotfixes(serde_json::from_str(&saved.plan).unwrap(), saved))
}

/// What every call is told once the program was ended: nothing of it happens.
const GONE: &str = "the program is gone";
/// What an operation is told that hung: its deadline has come, without any time having passed.
const DEADLINE: &str = "it did not end in time and was killed";
/// What a panic that was asked for says; it is not printed.
pub const PANIC: &str = "a panic that a test asked for";

fn take(memory: &mut Memory, matches: impl Fn(&At) -> bool) -> Option<Kind> {
    let at = memory.faults.iter().position(|fault| matches(&fault.at))?;
    let kind = memory.faults[at].kind;
    if !memory.faults[at].each_time {
        memory.faults.remove(at);
    }
    Some(kind)
}

impl World for Model {
    fn perform(
        &self,
        operation: &Operation,
        known: &Known,
        cancel: &Cancel,
        stopped: Tell<'_>,
    ) -> Result<Learned, Failure> {
        let mut inner = self.lock();
        let (state, memory) = &mut *inner;
        if memory.ended.is_some() {
            return Err(Failure::new(GONE));
        }
        memory.performed.push(operation.id.clone());
        let waits = matches!(
            operation.action,
            Action::Retrieve(_) | Action::Look(Look::AwaitService(_) | Look::CheckService(_))
        );
        if waits && cancel.is_cancelled() {
            return Err(Failure::new("it was asked to end"));
        }
        match take(memory, |at| *at == At::Operation(operation.id.clone())) {
            Some(kind) => self.goes_wrong(kind, (state, memory), operation, known),
            None if self.stop((state, memory), &operation.action) => {
                // Whoever waits for no more goes on, before the rest of it goes.
                drop(inner);
                stopped();
                std::thread::yield_now();
                let mut inner = self.lock();
                let (state, memory) = &mut *inner;
                if memory.ended.is_some() {
                    return Err(Failure::new(GONE));
                }
                self.act(state, memory, operation, known)
            }
            None => self.act(state, memory, operation, known),
        }
    }

    fn confirm(&self, operation: &Operation, known: &Known) -> Result<Learned, Failure> {
        let mut inner = self.lock();
        let (state, memory) = &mut *inner;
        if memory.ended.is_some() {
            return Err(Failure::new(GONE));
        }
        match memory.unconfirmed.remove(&operation.id) {
            Some(true) => panic!("{PANIC}"),
            Some(false) => return Err(Failure::new("it can't be seen whether it worked")),
            None => {}
        }
        confirms::confirm(self, state, &operation.action, known)
    }

    fn observe(&self) -> Result<Observed, Failure> {
        let mut inner = self.lock();
        let (state, memory) = &mut *inner;
        if memory.ended.is_some() {
            return Err(Failure::new(GONE));
        }
        memory.looks += 1;
        let looks = memory.looks;
        match take(memory, |at| *at == At::Look(looks)) {
            None | Some(Kind::IsInterrupted) => {
                let running = state.containers.values().filter(|there| there.running).map(|there| &there.id);
                let healthy = running.filter(|id| memory.healthy.contains(*id)).cloned().collect();
                Ok(state.observed(&self.layout, &healthy))
            }
            Some(Kind::Panics | Kind::ActsThenPanics) => panic!("{PANIC}"),
            Some(kind) if kind.ends_the_program() => Err(self.end(memory, kind)),
            Some(_) => Err(Failure::new("it can't be seen")),
        }
    }

    fn settle(&self) {
        let mut inner = self.lock();
        let (state, memory) = &mut *inner;
        if memory.ended.is_none() {
            let late = std::mem::take(&mut memory.late);
            late.into_iter().for_each(|container| {
                state.containers.entry(container.name.clone()).or_insert(container);
            });
        }
    }
}
