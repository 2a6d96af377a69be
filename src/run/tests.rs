//! The loop on a host that does what each test says.

use super::scripted::{change, comes_to_hold, done, operation, told, told_to_the_floor, told_with, wait};
use super::{Cancel, Ending, Event, Failure, Listener, Silence, WIDTH};
use crate::facts::{Observed, Outcome};
use crate::journal::Phase;
use crate::operation::{EngineChange, HostChange, OperationId};
use pretty_assertions::assert_eq;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

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
fn who_waits_in_a_fall_until_something_has_stopped_begins_then() {
    let (begun, looked) = (AtomicBool::new(false), AtomicBool::new(false));
    let next = change("next", &[]).once_stopped([OperationId::of("stop and drop")]);
    let left = vec![change("stop and drop", &[]), next];
    let floor = |_: &Observed| if looked.swap(true, Ordering::SeqCst) { Vec::new() } else { left.clone() };
    let meanwhile = AtomicBool::new(false);
    let told = told_to_the_floor(vec![change("a", &[])], &floor, (&Silence, &Cancel::never()), |id, _| {
        begun.fetch_or(id == "next", Ordering::SeqCst);
        if id == "stop and drop" {
            meanwhile.store(comes_to_hold(|| begun.load(Ordering::SeqCst)), Ordering::SeqCst);
        }
        if id == "a" { Err(Failure::new("no")) } else { Ok(()) }
    });
    assert_eq!(told.performed, ["a", "stop and drop", "next"]);
    let cause = "could not remove the keys that were installed in /root/.ssh: no".to_owned();
    assert_eq!((told.ending, meanwhile.into_inner()), (Ending::Refused { cause }, true));
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
