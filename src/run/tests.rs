//! The loop on a host that does what each test says.
#![allow(clippy::disallowed_methods, reason = "a journal is a file")]

use super::{Cancel, Ending, Event, Failure, Floors, Listener, Silence, Stage, Tell, WIDTH, World, run};
use crate::facts::{Observed, Outcome, RunKind};
use crate::journal::{Journal, Phase, Record};
use crate::operation::{
    Action, CheckedService, EngineChange, HostChange, Known, Layout, Learned, Look, Operation, OperationId, Program,
    Step, StepName,
};
use crate::plan::model::Condition;
use crate::plan::values::{Duration, PlanName, RunId, ServiceName};
use pretty_assertions::assert_eq;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
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
struct Told {
    ending: Ending,
    performed: Vec<String>,
    phase: Phase,
}

fn done(warnings: &[&str]) -> Ending {
    let warnings = warnings.iter().map(|warning| (*warning).to_owned()).collect();
    Ending::Done { known: Known::at_start(RunId::parse("20261121t101112").unwrap()), warnings }
}

/// Runs operations on a host that does this; nothing is ever left to clean up.
fn told_with(
    operations: Vec<Operation>,
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
    let floors =
        Floors { before_uncommit: &|_| Vec::new(), after_uncommit: &|_| Vec::new(), on_purpose: false, previous: None };
    let stage = Stage { world: &world, listener, layout: &layout, interrupted };
    let program = Program { steps: vec![Step { name: StepName::CreateAndStart, operations }] };
    let ending = run(&program, &floors, &stage, &mut journal, Known::at_start(run_id));
    let phase = Journal::story(&path).unwrap().unwrap().phase;
    Told { ending, performed: world.performed.into_inner().unwrap(), phase }
}

fn told(operations: Vec<Operation>, perform: impl Fn(&str, &Cancel) -> Result<(), Failure> + Sync) -> Told {
    told_with(operations, (&Silence, &Cancel::never()), perform)
}

pub(super) fn operation(id: &str, after: &[&str], action: impl Into<Action>) -> Operation {
    Operation::new(OperationId::of(id), after.iter().map(OperationId::of), action)
}

fn change(id: &str, after: &[&str]) -> Operation {
    operation(id, after, HostChange::RemoveKeys)
}

pub(super) fn wait(id: &str) -> Operation {
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
fn comes_to_hold(holds: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !holds() {
        if begun.elapsed() > std::time::Duration::from_secs(20) {
            return false;
        }
        std::thread::yield_now();
    }
    true
}

#[test]
fn as_many_changes_as_fit_run_side_by_side_and_never_more() {
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let operations = (0..2 * WIDTH).map(|number| change(&format!("change {number}"), &[])).collect();
    let told = told(operations, |_, _| {
        most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        let full = comes_to_hold(|| most.load(Ordering::SeqCst) >= WIDTH);
        now.fetch_sub(1, Ordering::SeqCst);
        if full { Ok(()) } else { Err(Failure::new("too few run")) }
    });
    assert_eq!((told.ending, most.load(Ordering::SeqCst)), (done(&[]), WIDTH));
}

#[test]
fn changes_that_are_being_confirmed_keep_no_other_change_from_running() {
    let begun = AtomicUsize::new(0);
    let operations = (0..2 * WIDTH).map(|number| {
        let secret = format!("landfall.shop.20261121t101112.{number}");
        operation(&format!("see {number}"), &[], EngineChange::DropSecret { secret })
    });
    let operations = operations.collect();
    let told = told(operations, |id, _| {
        if !id.starts_with("confirm ") {
            begun.fetch_add(1, Ordering::SeqCst);
            return Ok(());
        }
        let all = comes_to_hold(|| begun.load(Ordering::SeqCst) == 2 * WIDTH);
        if all { Ok(()) } else { Err(Failure::new("the others did not run meanwhile")) }
    });
    assert_eq!(told.ending, done(&[]));
}

#[test]
fn operations_that_only_wait_keep_no_change_from_running() {
    let changed = AtomicBool::new(false);
    let mut operations: Vec<_> = (0..2 * WIDTH).map(|number| wait(&format!("await {number}"))).collect();
    operations.push(change("change", &[]));
    let told = told(operations, |id, _| {
        if id == "change" {
            changed.store(true, Ordering::SeqCst);
            return Ok(());
        }
        let in_time = comes_to_hold(|| changed.load(Ordering::SeqCst));
        if in_time { Ok(()) } else { Err(Failure::new("no change ran")) }
    });
    assert_eq!(told.ending, done(&[]));
}

#[test]
fn an_operation_begins_after_those_that_it_waits_for() {
    let told = told(vec![change("a", &[]), change("b", &["a"]), change("c", &["a", "b"])], |_, _| Ok(()));
    assert_eq!(
        (told.performed, told.phase),
        (["a", "b", "c"].map(str::to_owned).to_vec(), Phase::Ended(Outcome::Deployed))
    );
}

#[test]
fn who_waits_until_something_has_stopped_begins_then() {
    let begun = AtomicBool::new(false);
    let next = change("next", &[]).once_stopped([OperationId::of("stop and drop")]);
    let told = told(vec![change("stop and drop", &[]), next], |id, _| {
        begun.fetch_or(id == "next", Ordering::SeqCst);
        comes_to_hold(|| begun.load(Ordering::SeqCst)).then_some(()).ok_or_else(|| Failure::new("none began meanwhile"))
    });
    assert_eq!(told.ending, done(&[]));
}

#[test]
fn a_panic_is_a_failure_after_which_the_run_falls() {
    let told = told(vec![operation("uncommit", &[], HostChange::Uncommit), change("a", &["uncommit"])], |id, _| {
        assert!(id != "a", "a defect that a test asked for");
        Ok(())
    });
    let cause = "could not remove the keys that were installed in /root/.ssh: a panic, which is a defect of Landfall";
    assert_eq!(told.ending, Ending::RolledBack { cause: cause.to_owned() });
    assert_eq!(told.phase, Phase::Ended(Outcome::RolledBack));
}

/// Notes that an operation failed.
struct Failed(AtomicBool);

impl Listener for Failed {
    fn hear(&self, event: Event<'_>) {
        if let Event::Failed { step: _, operation: _, cause: _ } = event {
            self.0.store(true, Ordering::SeqCst);
        }
    }
}

#[test]
fn nothing_begins_after_a_failure_and_what_is_under_way_ends_first() {
    let failed = Failed(AtomicBool::new(false));
    let operations = vec![change("a", &[]), change("b", &[]), change("c", &["b"])];
    let told = told_with(operations, (&failed, &Cancel::never()), |id, _| match id {
        "a" => Err(Failure::new("no")),
        _ if comes_to_hold(|| failed.0.load(Ordering::SeqCst)) => Ok(()),
        _ => Err(Failure::new("nobody was told of the failure")),
    });
    let mut performed = told.performed;
    performed.sort();
    assert_eq!(performed, ["a", "b"]);
    let cause = "could not remove the keys that were installed in /root/.ssh: no".to_owned();
    assert_eq!((told.ending, told.phase), (Ending::Refused { cause }, Phase::Ended(Outcome::Refused)));
}

#[test]
fn a_failure_asks_what_only_waits_to_end() {
    let asked = AtomicBool::new(false);
    let told = told(vec![wait("await"), change("a", &[])], |id, cancel| match id {
        "a" => Err(Failure::new("no")),
        _ => {
            asked.store(comes_to_hold(|| cancel.is_cancelled()), Ordering::SeqCst);
            Err(Failure::new("asked to end"))
        }
    });
    let cause = "could not remove the keys that were installed in /root/.ssh: no".to_owned();
    assert_eq!((told.ending, asked.into_inner()), (Ending::Refused { cause }, true));
}

#[test]
fn an_interrupt_before_the_commit_ends_the_run_and_one_after_it_changes_nothing() {
    let operations = || {
        vec![
            change("before", &[]),
            operation("commit", &["before"], HostChange::Commit),
            change("after", &["commit"]),
            change("last", &["after"]),
        ]
    };
    let at = |moment: &str| {
        let interrupted = Cancel::never();
        told_with(operations(), (&Silence, &interrupted), |id, _| {
            if id == moment {
                interrupted.cancel();
            }
            Ok(())
        })
    };
    let early = at("before");
    assert_eq!(early.performed, ["before"]);
    assert_eq!(early.ending, Ending::Refused { cause: "interrupted".to_owned() });
    for moment in ["commit", "after", "last"] {
        let late = at(moment);
        assert_eq!(late.performed, ["before", "commit", "after", "last"], "{moment}");
        assert_eq!(late.ending, done(&[]), "{moment}");
    }
}

#[test]
fn a_failure_after_the_commit_is_a_warning_and_the_rest_goes_on() {
    let operations = vec![operation("commit", &[], HostChange::Commit), change("a", &["commit"]), change("b", &["a"])];
    let told = told(operations, |id, _| if id == "a" { Err(Failure::new("no")) } else { Ok(()) });
    assert_eq!(told.performed, ["commit", "a", "b"]);
    assert_eq!(told.ending, done(&["could not remove the keys that were installed in /root/.ssh: no"]));
    assert_eq!(told.phase, Phase::Ended(Outcome::Deployed));
}

#[test]
fn what_can_not_be_put_on_record_is_not_begun() {
    // The law refuses an operation that begins twice: a journal that can't take a record, without a broken disk.
    let before = told(vec![change("a", &[]), change("b", &["a"]), change("a", &["b"])], |_, _| Ok(()));
    assert_eq!(before.performed, ["a", "b"]);
    let Ending::Refused { cause } = &before.ending else { panic!("{:?}", before.ending) };
    assert!(cause.ends_with("is not in order: `a` begins twice"), "{cause}");
    assert_eq!(before.phase, Phase::Ended(Outcome::Refused));
}

#[test]
fn a_record_that_can_not_be_written_after_the_commit_is_a_warning() {
    let operations = vec![change("a", &[]), operation("commit", &["a"], HostChange::Commit), change("a", &["commit"])];
    let told = told(operations, |_, _| Ok(()));
    assert_eq!(told.performed, ["a", "commit"]);
    let Ending::Done { known: _, warnings } = &told.ending else { panic!("{:?}", told.ending) };
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(told.phase, Phase::Ended(Outcome::Deployed));
}

#[test]
fn a_flag_within_a_flag_within_a_flag_is_set_by_the_outermost() {
    let outermost = Cancel::never();
    let (middle, innermost) = (outermost.within(), outermost.within().within());
    assert!(!innermost.is_cancelled());
    outermost.cancel();
    assert!(middle.is_cancelled() && innermost.is_cancelled());
    let outermost = Cancel::never();
    outermost.within().cancel();
    assert!(!outermost.is_cancelled());
}
