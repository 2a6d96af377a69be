//! A host that does what each test says, and runs on it.
#![allow(clippy::disallowed_methods, reason = "a journal is a file")]

use super::{Cancel, Ending, Failure, Floor, Floors, Listener, Silence, Stage, Tell, World, run};
use crate::facts::{Observed, RunKind};
use crate::journal::{Journal, Phase, Record};
use crate::operation::{
    Action, CheckedService, HostChange, Known, Layout, Learned, Look, Operation, OperationId, Program, Step, StepName,
};
use crate::plan::model::Condition;
use crate::plan::values::{Duration, PlanName, RunId, ServiceName};
use std::path::Path;
use std::sync::Mutex;
use std::time::Instant;

/// A host on which each operation does what a test says.
struct Scripted<F> {
    perform: F,
    performed: Mutex<Vec<String>>,
}

impl<F: Fn(&str, &Cancel) -> Result<(), Failure> + Sync> World for Scripted<F> {
    fn perform(&self, operation: &Operation, _: &Known, cancel: &Cancel, tell: Tell<'_>) -> Result<Learned, Failure> {
        self.performed.lock().unwrap().push(operation.id.to_string());
        if operation.id.as_str().starts_with("stop and ") {
            tell();
        }
        (self.perform)(operation.id.as_str(), cancel).map(|()| Learned::default())
    }

    fn confirm(&self, operation: &Operation, _: &Known) -> Result<Learned, Failure> {
        // Only a test that says so cares for what happens then.
        match operation.id.as_str().strip_prefix("see ") {
            Some(what) => (self.perform)(&format!("confirm {what}"), &Cancel::never()).map(|()| Learned::default()),
            None => Ok(Learned::default()),
        }
    }

    fn observe(&self) -> Result<Observed, Failure> {
        Ok(Observed::default())
    }

    fn settle(&self) {}
}

/// What a run came to.
pub struct Told {
    pub ending: Ending,
    pub performed: Vec<String>,
    pub phase: Phase,
}

pub fn done(warnings: &[&str]) -> Ending {
    let warnings = warnings.iter().map(|warning| (*warning).to_owned()).collect();
    Ending::Done { known: Known::at_start(RunId::parse("20261121t101112").unwrap()), warnings }
}

/// Runs operations on a host that does this; nothing is ever left to clean up.
pub fn told_with(
    operations: Vec<Operation>,
    hears: (&dyn Listener, &Cancel),
    perform: impl Fn(&str, &Cancel) -> Result<(), Failure> + Sync,
) -> Told {
    told_to_the_floor(operations, &|_| Vec::new(), hears, perform)
}

/// The same, where this is left before the point of no return.
pub fn told_to_the_floor(
    operations: Vec<Operation>,
    floor: &Floor<'_>,
    (listener, interrupted): (&dyn Listener, &Cancel),
    perform: impl Fn(&str, &Cancel) -> Result<(), Failure> + Sync,
) -> Told {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    let mut journal = Journal::create(&path, operations.len()).unwrap();
    let (run_id, plan) = (RunId::parse("20261121t101112").unwrap(), PlanName::parse("shop").unwrap());
    let began = Record::Began {
        run: run_id.clone(),
        plan: plan.clone(),
        kind: RunKind::Deploy,
        at: jiff::Timestamp::UNIX_EPOCH,
        landfall: "test".to_owned(),
        plan_sha256: None,
        goes_back: false,
        rollback_to: None,
    };
    journal.append_durably(vec![began]).unwrap();
    let world = Scripted { perform, performed: Mutex::default() };
    let layout = Layout::new(Path::new(Layout::STATE), &plan);
    let floors = Floors { before_uncommit: floor, after_uncommit: &|_| Vec::new(), on_purpose: false, previous: None };
    let stage = Stage { world: &world, listener, layout: &layout, interrupted };
    let program = Program { steps: vec![Step { name: StepName::CreateAndStart, operations }] };
    let ending = run(&program, &floors, &stage, &mut journal, Known::at_start(run_id));
    let phase = Journal::story(&path).unwrap().unwrap().phase;
    Told { ending, performed: world.performed.into_inner().unwrap(), phase }
}

pub fn told(operations: Vec<Operation>, perform: impl Fn(&str, &Cancel) -> Result<(), Failure> + Sync) -> Told {
    told_with(operations, (&Silence, &Cancel::never()), perform)
}

pub fn operation(id: &str, after: &[&str], action: impl Into<Action>) -> Operation {
    Operation::new(OperationId::of(id), after.iter().map(OperationId::of), action)
}

pub fn change(id: &str, after: &[&str]) -> Operation {
    operation(id, after, HostChange::RemoveKeys)
}

pub fn wait(id: &str) -> Operation {
    let service = CheckedService {
        service: ServiceName::parse("web").unwrap(),
        container: "shop-web".to_owned(),
        condition: Condition::ServiceHealthy,
        healthcheck: None,
        ports: Vec::new(),
        stable_for: Duration::seconds(0),
        deadline: Duration::seconds(1),
    };
    operation(id, &[], Look::AwaitService(Box::new(service)))
}

/// Whether something comes to hold; it is only a defect that makes this wait for long.
pub fn comes_to_hold(holds: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > std::time::Duration::from_secs(20) {
            return false;
        }
        std::thread::yield_now();
    }
    true
}
