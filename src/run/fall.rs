//! Establishes a floor from what is observed, and repeats itself until two looks in a row find nothing left.

use super::panic::caught;
use super::perform::{Telling, intent, learn, perform_and_confirm};
use super::places::only_waits;
use super::ready::{Agenda, Task};
use super::{Cancel, Event, Failure, Stage, WIDTH, World};
use crate::facts::{FallsTo, Observed};
use crate::journal::{Journal, Record};
use crate::operation::{Action, EngineChange, HostChange, Known, Layout, Learned, Operation, StepName};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::Builder;

/// The function that says what to do to reach a state from what is observed; nothing when it is reached.
pub type Floor<'a> = dyn Fn(&Observed) -> Vec<Operation> + Sync + 'a;

/// How far a fall came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallen {
    /// The floor is established.
    Reached,
    /// It could not be: what is left, each with the reason.
    Incomplete(Vec<String>),
}

/// How many times something is tried before it counts as not to be had.
const ROUNDS: usize = 8;

/// Falls: looks, does what the floor asks for, looks again, until two looks in a row find nothing left.
///
/// A journal that can't be written does not keep a run from falling: what there is to clean up is found by looking.
pub fn fall<W: World>(
    floor: &Floor<'_>,
    stage: &Stage<'_, W>,
    journal: &mut Journal,
    known: &Known,
    reason: Reason<'_>,
) -> Fallen {
    let Reason { cause, to, mut lingering } = reason;
    put_on_record(journal, vec![Record::Falling { cause: cause.to_owned(), to }]);
    stage.tell(Event::Falling { cause });
    let mut known = Arc::new(known.clone());
    let mut failures = BTreeMap::new();
    let (mut rounds, mut clean_looks, mut waits_in_vain) = (0_usize, 0_usize, 0_usize);
    loop {
        let looked = caught(|| stage.world.observe().map(|observed| (floor(&observed), observed)));
        tracing::debug!(rounds, operations = ?looked.as_ref().map(|(all, _)| all.len()), "looked for what is left");
        match looked {
            Ok((operations, _)) if operations.is_empty() => {
                clean_looks += 1;
                // What was killed can come back late; where nothing was, one look is as good as two.
                if clean_looks == 2 || !lingering {
                    return Fallen::Reached;
                }
                stage.world.settle();
                continue;
            }
            Ok((operations, observed)) if rounds == ROUNDS => {
                let waits = waits(stage.layout, &operations, &observed);
                return Fallen::Incomplete(left(&operations, &failures).into_iter().chain(waits).collect());
            }
            Ok((operations, _)) => {
                failures = once(&operations, stage, journal, &mut known);
                waits_in_vain += usize::from(only_waits_failed(&operations, &failures));
            }
            Err(failure) if rounds == ROUNDS => {
                let unseen = format!("could not {SEE}: {}", failure.message);
                let others = failures.into_iter().filter(|(what, _)| what != SEE);
                let others = others.map(|(what, why)| format!("could not {what}: {why}"));
                return Fallen::Incomplete([unseen].into_iter().chain(others).collect());
            }
            Err(failure) => {
                failures.insert(SEE.to_owned(), failure.message);
            }
        }
        // A service that is not healthy after so long twice over will not be the next time.
        (rounds, clean_looks) = (if waits_in_vain == 2 { ROUNDS } else { rounds + 1 }, 0);
        if !failures.is_empty() {
            lingering = true;
            stage.world.settle();
        }
    }
}

/// Whether something failed, and all that did was to wait for services.
fn only_waits_failed(operations: &[Operation], failures: &BTreeMap<String, String>) -> bool {
    let failed = operations.iter().filter(|operation| failures.contains_key(&operation.action.to_string()));
    let (waits, others): (Vec<_>, Vec<_>) = failed.partition(|operation| only_waits(&operation.action));
    !waits.is_empty() && others.is_empty()
}

/// What is done by looking, as a report says it.
const SEE: &str = "see what is left";

/// What is left, each with the reason. Output that is to be kept is nothing that is left.
fn left(operations: &[Operation], failures: &BTreeMap<String, String>) -> Vec<String> {
    let why = |action: &Action| {
        let what = action.to_string();
        let reason = failures.get(&what).map_or("it came back each time", String::as_str);
        format!("could not {what}: {reason}")
    };
    let actions = operations.iter().map(|operation| &operation.action);
    actions.filter(|action| !matches!(action, Action::Host(HostChange::KeepLog { container: _ }))).map(why).collect()
}

/// What a floor asks to be removed when nothing else is left: where something is, these are left, too.
fn waits(layout: &Layout, operations: &[Operation], observed: &Observed) -> Vec<String> {
    let recover = layout.recover();
    let crontab = observed.crontab_block.as_ref().map(|_| HostChange::RemoveCrontab);
    let script = observed.paths.contains(&recover).then_some(HostChange::RemovePath { path: recover });
    let waits = crontab.into_iter().chain(script).map(Action::Host).filter(|_| observed.saved.is_none());
    waits
        .filter(|action| operations.iter().all(|operation| operation.action != *action))
        .map(|action| format!("could not {action}: it goes last, for with it the next boot tries again"))
        .collect()
}

/// Why a run falls.
#[derive(Debug, Clone, Copy)]
pub struct Reason<'a> {
    /// What an operator is told.
    pub cause: &'a str,
    /// Where to.
    pub to: FallsTo,
    /// Whether something may still be at work on the host.
    pub lingering: bool,
}

/// Nobody starts what it waits for before the next round.
fn in_vain(operation: &Operation, failed: &[&Operation]) -> Option<Failure> {
    let is_start = |failed: &&Operation| {
        matches!(
            failed.action,
            Action::Engine(EngineChange::StartContainer { service: _, container: _, boot_guard: _ })
        )
    };
    let mut starts = failed.iter().copied().filter(is_start);
    let is_in_vain = only_waits(&operation.action) && starts.any(|start| operation.after.contains(&start.id));
    is_in_vain.then(|| Failure::new("it was not started"))
}

fn put_on_record(journal: &mut Journal, records: Vec<Record>) {
    if let Err(problem) = journal.append_durably(records) {
        tracing::error!(%problem, "the fall goes on without its record");
    }
}

/// A message of a worker.
enum Told<'a> {
    /// Nothing runs any more of what its operation removes.
    Stopped(&'a Operation),
    /// Its operation has ended.
    Ended(Task<'a>, Result<Learned, Failure>),
}

/// What came of operations that are performed once.
struct Round<'a> {
    /// Why each failed that did, by what it is.
    failures: BTreeMap<String, String>,
    /// Those.
    failed: Vec<&'a Operation>,
}

impl<'a> Round<'a> {
    /// Notes how an operation ended, and says what to put on record of it.
    fn note<W: World>(
        &mut self,
        stage: &Stage<'_, W>,
        known: &mut Arc<Known>,
        (step, operation): (Option<StepName>, &'a Operation),
        result: Result<Learned, Failure>,
    ) -> Record {
        let id = operation.id.clone();
        match result {
            Ok(learned) => {
                learn(known, &learned);
                stage.tell(Event::Done { step, operation });
                Record::Done { operation: id, learned: Learned::default() }
            }
            Err(Failure { message: cause, lingering: _ }) => {
                stage.tell(Event::Failed { step, operation, cause: &cause });
                self.failed.push(operation);
                self.failures.insert(operation.action.to_string(), cause.clone());
                Record::Failed { operation: id, cause }
            }
        }
    }
}

/// Performs operations once, side by side in their order; one that fails does not keep the others from being tried.
fn once<W: World>(
    operations: &[Operation],
    stage: &Stage<'_, W>,
    journal: &mut Journal,
    known: &mut Arc<Known>,
) -> BTreeMap<String, String> {
    let mut agenda = Agenda::of(operations.iter().map(|operation| Task { step: None, operation }));
    let mut round = Round { failures: BTreeMap::new(), failed: Vec::new() };
    let (tell, told) = channel();
    let cancel = Cancel::never();
    std::thread::scope(|scope| {
        let mut under_way = 0_usize;
        loop {
            let mut batch = Vec::new();
            while let Some(task) = (under_way + batch.len() < WIDTH).then(|| agenda.take(|_| true)).flatten() {
                batch.push(task);
            }
            let intents: Vec<_> = batch.iter().map(|task| intent(task.operation, known, stage)).collect();
            if !intents.is_empty() {
                put_on_record(journal, intents);
            }
            for task in batch {
                under_way += 1;
                stage.tell(Event::Began { step: None, operation: task.operation });
                let in_vain = in_vain(task.operation, &round.failed);
                let (tell, cancel, known) = (tell.clone(), &cancel, Arc::clone(known));
                let work = move || {
                    let stopped = || drop(tell.send(Told::Stopped(task.operation)));
                    let telling = Telling { stopped: &stopped, ..Telling::NOBODY };
                    let perform = || perform_and_confirm(stage.world, (task.operation, telling), known, cancel);
                    let _ = tell.send(Told::Ended(task, in_vain.map_or_else(perform, Err)));
                };
                // Where no thread can be had, one after another must do.
                if Builder::new().spawn_scoped(scope, work.clone()).is_err() {
                    work();
                }
            }
            if under_way == 0 {
                return;
            }
            let (Task { step, operation }, result) = match told.recv() {
                Ok(Told::Ended(task, result)) => (task, result),
                Ok(Told::Stopped(operation)) => {
                    stage.tell(Event::Stopped { operation });
                    agenda.stopped(&operation.id);
                    continue;
                }
                Err(_) => return,
            };
            under_way = under_way.saturating_sub(1);
            agenda.ended(&operation.id);
            let record = round.note(stage, known, (step, operation), result);
            if let Err(problem) = journal.append(record) {
                tracing::error!(%problem, "the fall goes on without its record");
            }
        }
    });
    round.failures
}

#[cfg(test)]
mod tests {
    use super::in_vain;
    use crate::operation::{EngineChange, HostChange, Operation};
    use crate::plan::values::ServiceName;
    use crate::run::scripted::{operation, wait};
    use pretty_assertions::assert_eq;
    use std::path::PathBuf;

    #[test]
    fn what_failed_to_start_is_not_awaited_and_everything_else_is() {
        let (service, container) = (ServiceName::parse("web").unwrap(), "shop-web".to_owned());
        let start = EngineChange::StartContainer { service, container, boot_guard: PathBuf::from("/guard") };
        let start = operation("start web", &[], start);
        let removal = operation("remove keys", &["start web"], HostChange::RemoveKeys);
        let after = |after: &str| operation("wait web", &[after], wait("wait web").action);
        let told = |operation: &Operation, failed: &[&Operation]| {
            in_vain(operation, failed).map(|failure| (failure.message, failure.lingering))
        };
        assert_eq!(told(&after("start web"), &[&removal, &start]), Some(("it was not started".to_owned(), false)));
        assert_eq!(told(&after("start web"), &[&removal]), None);
        // What ran already may be healthy without what it depends on.
        assert_eq!([told(&after("wait db"), &[&wait("wait db")]), told(&after("start db"), &[&start])], [None, None]);
        assert_eq!(told(&removal, &[&start]), None);
    }
}
