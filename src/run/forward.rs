//! Performs a program: whatever is ready, side by side.

use super::panic::{PANIC, survived};
use super::perform::{Telling, intent, learn, perform_and_confirm};
use super::places::{Places, touches};
use super::ready::{Agenda, Task};
use super::{Cancel, Event, Failure, Stage, World};
use crate::journal::{Journal, Record};
use crate::operation::{Action, HostChange, Known, Learned, Operation, Program};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::{Builder, Scope};

/// How performing a program ended.
pub enum End {
    /// Every operation was performed.
    Done {
        /// What the run learned.
        known: Known,
        /// What failed after the commit.
        warnings: Vec<String>,
    },
    /// It gave up.
    Stopped(Stopped),
}

/// A run that gave up; nothing of it is under way any more.
pub struct Stopped {
    /// Why.
    pub cause: String,
    /// Whether it had passed the point of no return.
    pub uncommitted: Uncommitted,
    /// Whether something may still be at work on the host.
    pub lingering: bool,
    /// Whether it had begun to stop, start or rename a container, or to say which are stopped on purpose.
    pub touched: bool,
    /// What it had learned.
    pub known: Known,
}

/// Whether what was deployed before still counts as deployed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Uncommitted {
    /// It does: ending that was not tried.
    #[default]
    No,
    /// Ending that was tried, and failed: only the host can tell.
    Unsure,
    /// It does not.
    Yes,
}

/// A program that is being performed.
pub struct Forward<'a, W: World> {
    stage: &'a Stage<'a, W>,
    journal: &'a mut Journal,
    agenda: Agenda<'a>,
    known: Arc<Known>,
    give_up: Cancel,
    under_way: usize,
    places: Places<'a>,
    trouble: Trouble,
    passed: Passed,
}

/// What went wrong so far.
#[derive(Default)]
struct Trouble {
    cause: Option<String>,
    lingering: bool,
    warnings: Vec<String>,
}

/// The barriers that were passed so far.
#[derive(Default)]
struct Passed {
    uncommit: Uncommitted,
    commit: bool,
    touched: bool,
}

/// A message of a worker.
enum Told<'a> {
    /// Nothing runs any more of what its operation removes.
    Stopped(&'a Operation),
    /// Its operation was performed, and is to be confirmed.
    Performed(&'a Operation),
    Ended(Ended<'a>),
}

/// An operation that has ended.
struct Ended<'a> {
    task: Task<'a>,
    result: Result<Learned, Failure>,
}

impl<'a, W: World> Forward<'a, W> {
    /// A program on its stage, with nothing performed yet.
    pub fn new(program: &'a Program, stage: &'a Stage<'a, W>, journal: &'a mut Journal, known: Known) -> Self {
        let tasks = program
            .steps
            .iter()
            .flat_map(|step| step.operations.iter().map(|operation| Task { step: Some(step.name), operation }));
        Self {
            stage,
            journal,
            agenda: Agenda::of(tasks),
            known: Arc::new(known),
            give_up: stage.interrupted.within(),
            under_way: 0,
            places: Places::of(program),
            trouble: Trouble::default(),
            passed: Passed::default(),
        }
    }

    /// Performs the program to its end, or until something fails or the operator asks for the end.
    pub fn perform(mut self) -> End {
        let (tell, ended) = channel();
        std::thread::scope(|scope| {
            // What is under way then ends before the scope does.
            if !survived(|| while self.turn(scope, &tell, &ended) {}) {
                self.trouble.lingering = true;
                self.give_up_because(PANIC.to_owned());
            }
        });
        // After a panic these were waited for, and nobody has noted them yet.
        for message in ended.try_iter() {
            survived(|| self.hear(message));
        }
        let Trouble { cause, lingering, mut warnings } = self.trouble;
        match cause {
            Some(cause) if !self.passed.commit => {
                let Passed { uncommit: uncommitted, commit: _, touched } = self.passed;
                End::Stopped(Stopped {
                    cause,
                    uncommitted,
                    lingering,
                    touched,
                    known: Arc::unwrap_or_clone(self.known),
                })
            }
            cause => {
                warnings.extend(cause);
                End::Done { known: Arc::unwrap_or_clone(self.known), warnings }
            }
        }
    }

    /// Begins what is ready, and notes what ends next; whether anything was under way.
    fn turn<'scope>(
        &mut self,
        scope: &'scope Scope<'scope, '_>,
        tell: &Sender<Told<'a>>,
        told: &Receiver<Told<'a>>,
    ) -> bool
    where
        'a: 'scope,
    {
        self.begin_what_is_ready(scope, tell);
        if self.under_way == 0 {
            return false;
        }
        // Each worker holds a clone of the sender and sends once, even after a panic.
        let Ok(message) = told.recv() else { return false };
        self.hear(message);
        true
    }

    fn hear(&mut self, message: Told<'a>) {
        match message {
            // Looks wait for one another, and for what others change: meanwhile the next one may change something.
            Told::Performed(operation) => self.places.leave(operation),
            Told::Stopped(operation) => {
                self.tell(Event::Stopped { operation });
                self.agenda.stopped(&operation.id);
            }
            Told::Ended(ended) => self.note(ended),
        }
    }

    fn begin_what_is_ready<'scope>(&mut self, scope: &'scope Scope<'scope, '_>, tell: &Sender<Told<'a>>)
    where
        'a: 'scope,
    {
        let mut batch = Vec::new();
        while let Some(task) = self.next() {
            batch.push(task);
        }
        if batch.is_empty() {
            return;
        }
        let intents = batch.iter().map(|task| intent(task.operation, &self.known, self.stage)).collect();
        if let Err(problem) = self.journal.append_durably(intents) {
            // Without its intent on record nothing is begun.
            batch.iter().for_each(|task| self.leave(task.operation));
            self.give_up_because(problem.to_string());
            return;
        }
        for task in batch {
            if self.trouble.cause.is_some() {
                self.leave(task.operation);
                continue;
            }
            self.passed.touched |= touches(&task.operation.action);
            self.tell(Event::Began { step: task.step, operation: task.operation });
            let (stage, known, cancel, tell) =
                (self.stage, Arc::clone(&self.known), self.give_up.clone(), tell.clone());
            let work = move || {
                // The loop outlives its workers, so there is always someone who listens.
                let performed = || {
                    // Of the commit nothing is heard before it is confirmed: until then, an interruption must not end the run.
                    if matches!(task.operation.action, Action::Engine(_)) {
                        let _ = tell.send(Told::Performed(task.operation));
                    }
                };
                // Who waits for the end of it hears of that.
                let stopped = || drop(tell.send(Told::Stopped(task.operation)));
                let telling = Telling { performed: &performed, stopped: &stopped };
                let result = perform_and_confirm(stage.world, (task.operation, telling), known, &cancel);
                let _ = tell.send(Told::Ended(Ended { task, result }));
            };
            if let Err(error) = Builder::new().spawn_scoped(scope, work) {
                let result = Err(Failure::new(format!("no thread can be had for it: {error}")));
                self.note(Ended { task, result });
            }
        }
    }

    /// The next operation to begin. After a failure there is none: what is under way ends, nothing new starts.
    fn next(&mut self) -> Option<Task<'a>> {
        if self.stage.interrupted.is_cancelled() && !self.passed.commit && !self.agenda.is_empty() {
            self.trouble.cause.get_or_insert_with(|| INTERRUPTED.to_owned());
        }
        if self.trouble.cause.is_some() {
            return None;
        }
        let task = self.agenda.take(|task| self.places.have_room_for(task.operation))?;
        self.under_way += 1;
        self.places.enter(task.operation);
        Some(task)
    }

    /// Notes that an operation is not under way any more.
    fn leave(&mut self, operation: &Operation) {
        self.under_way = self.under_way.saturating_sub(1);
        self.places.leave(operation);
    }

    fn note(&mut self, message: Ended<'a>) {
        let Ended { task: Task { step, operation }, result } = message;
        self.leave(operation);
        let record = match result {
            Ok(learned) => {
                self.passed.commit |= commits(&operation.action);
                if operation.action == Action::Host(HostChange::Uncommit) {
                    self.passed.uncommit = Uncommitted::Yes;
                }
                learn(&mut self.known, &learned);
                self.tell(Event::Done { step, operation });
                Record::Done { operation: operation.id.clone(), learned }
            }
            Err(failure) => {
                let Failure { message, lingering } = failure;
                // First what the fall depends on, should who listens panic.
                self.trouble.lingering |= lingering;
                if operation.action == Action::Host(HostChange::Uncommit) {
                    self.passed.uncommit = Uncommitted::Unsure;
                }
                self.tell(Event::Failed { step, operation, cause: &message });
                self.give_up_because(format!("could not {}: {message}", operation.action));
                if self.passed.commit {
                    Record::Done { operation: operation.id.clone(), learned: Learned::default() }
                } else {
                    Record::Failed { operation: operation.id.clone(), cause: message }
                }
            }
        };
        if let Err(problem) = self.journal.append(record) {
            self.give_up_because(problem.to_string());
        }
        self.agenda.ended(&operation.id);
    }

    /// Before the commit, a panic of who listens is one of the run, which falls. After it, nothing is worth ending the run for.
    fn tell(&self, event: Event<'_>) {
        if self.passed.commit { self.stage.tell(event) } else { self.stage.listener.hear(event) }
    }

    /// Before the commit a failure ends the run. After it the plan is deployed: what could not be tidied up is said, and
    /// tidied up next time.
    fn give_up_because(&mut self, cause: String) {
        if self.passed.commit {
            self.trouble.warnings.push(cause);
            return;
        }
        let cause = if self.stage.interrupted.is_cancelled() { INTERRUPTED.to_owned() } else { cause };
        self.trouble.cause.get_or_insert(cause);
        self.give_up.cancel();
    }
}

/// Whether from here on what the program makes counts as deployed.
fn commits(action: &Action) -> bool {
    [HostChange::Commit, HostChange::Recommit].map(Action::Host).contains(action)
}

/// The cause of a run that the operator ended.
const INTERRUPTED: &str = "interrupted";
