//! Progress: a live line for each service on a terminal, plain lines elsewhere.

use super::live::Live;
use super::log;
use super::pace::Pace;
use super::screen::Screen;
use crate::few::Few;
use crate::operation::{Program, RetrievedImage, StepName};
use crate::plan::values::ServiceName;
use crate::run::{Amount, Event, Listener, Watcher};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Tells what happens in a run, and notes how long each step takes.
#[derive(Clone)]
pub struct Progress {
    screen: Screen,
    quiet: bool,
    told: Arc<Mutex<Told>>,
}

#[derive(Default)]
struct Told {
    steps: BTreeMap<StepName, (Instant, Instant)>,
    announced: Option<StepName>,
    /// How many operations of each step are not done, as far as the program is known.
    open: BTreeMap<StepName, usize>,
    /// What is told once the steps before are over.
    held: BTreeMap<StepName, Vec<Line>>,
    falling: bool,
    /// How fast the images come, by the service that is told of.
    paces: BTreeMap<ServiceName, Pace>,
    live: Option<Live>,
}

/// A line that stays.
enum Line {
    /// A step.
    Heading(&'static str),
    /// An operation that is done: on a terminal its service's live line says so.
    Done(String),
    /// An operation that failed.
    Failed(String),
}

impl Told {
    /// The lines whose turn has come: those of each step, below its heading, once all before it are done. With `everything`
    /// nothing is held back any longer.
    fn due(&mut self, everything: bool) -> Vec<Line> {
        let mut due = Vec::new();
        let steps: BTreeSet<StepName> = self.open.keys().chain(self.steps.keys()).copied().gathered();
        for step in steps {
            if self.steps.contains_key(&step) && self.announced.is_none_or(|announced| announced < step) {
                self.announced = Some(step);
                due.push(Line::Heading(step.words()));
            }
            due.extend(self.held.remove(&step).into_iter().flatten());
            if !everything && self.open.get(&step).is_some_and(|open| *open > 0) {
                break;
            }
        }
        due
    }
}

impl Progress {
    /// Tells it on this screen.
    pub fn on(screen: &Screen) -> Self {
        let live = screen.is_terminal().then(Live::new);
        Self { screen: *screen, quiet: false, told: Arc::new(Mutex::new(Told { live, ..Told::default() })) }
    }

    /// Tells nothing, and only notes how long each step takes.
    pub fn quiet(screen: &Screen) -> Self {
        Self { screen: *screen, quiet: true, told: Arc::default() }
    }

    /// From here on the operations of this program are told step by step, although those of several go on at once.
    pub fn expect(&self, program: &Program) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.open = program.steps.iter().map(|step| (step.name, step.operations.len())).gathered();
    }

    /// Who is told how far images have come, and tells it here.
    pub fn watcher(&self) -> Watcher {
        if self.quiet {
            return Watcher::nobody();
        }
        let progress = self.clone();
        Watcher::new(move |image, amount| progress.come(image, amount, Instant::now()))
    }

    fn come(&self, image: &RetrievedImage, amount: Amount, now: Instant) {
        let Some(service) = image.services.first() else { return };
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let pace = told.paces.entry(service.clone()).or_insert_with(|| Pace::from(now));
        pace.note(now, amount);
        let (line, bar) = (pace.due(now).then(|| format!("  {service}: {}", pace.told())), pace.drawn());
        match (&mut told.live, line) {
            (Some(live), _) => live.come(service, &bar),
            (None, Some(line)) => self.line(&told, &line),
            (None, None) => {}
        }
    }

    /// How long each step has taken. Steps overlap: what a step does while an earlier one is still under way counts there,
    /// so that the times add up to the whole.
    pub fn steps(&self) -> Vec<(StepName, Duration)> {
        let told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let mut reached = told.steps.values().map(|(began, _)| *began).min();
        let mut times = Vec::new();
        for (step, (_, ended)) in &told.steps {
            let before = reached.unwrap_or(*ended);
            times.push((*step, ended.saturating_duration_since(before)));
            reached = Some(before.max(*ended));
        }
        times
    }

    /// Takes the live lines away, so that what is printed next stands alone.
    pub fn end(&self) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        self.tell_due(&mut told, true);
        if let Some(live) = told.live.take() {
            live.clear();
        }
    }

    fn tell_due(&self, told: &mut Told, everything: bool) {
        for line in told.due(everything) {
            self.stay(told, &line);
        }
    }

    fn stay(&self, told: &Told, line: &Line) {
        match line {
            Line::Heading(step) => self.line(told, step),
            Line::Done(text) if told.live.is_some() => log::keep(text),
            Line::Done(text) | Line::Failed(text) => self.line(told, text),
        }
    }

    /// Tells how an operation ended, or holds it until its step's turn has come. Once one has failed nothing is held.
    fn ended(&self, told: &mut Told, step: Option<StepName>, line: Line) {
        let Some(step) = step else { return self.stay(told, &line) };
        let failed = matches!(line, Line::Failed(_));
        if let Some(open) = told.open.get_mut(&step) {
            *open = open.saturating_sub(1);
        }
        told.held.entry(step).or_default().push(line);
        self.tell_due(told, failed);
    }

    fn line(&self, told: &Told, text: &str) {
        log::keep(text);
        match &told.live {
            _ if self.quiet => {}
            Some(live) => live.above(text),
            None => self.screen.line(text),
        }
    }
}

impl Listener for Progress {
    fn hear(&self, event: Event<'_>) {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::Began { step, operation } => {
                let now = Instant::now();
                if let Some(step) = step {
                    told.steps.entry(step).or_insert((now, now));
                }
                self.tell_due(&mut told, false);
                if let Some(live) = &mut told.live {
                    live.show(operation, &operation.action.to_string());
                }
            }
            Event::Stopped { operation: _ } => {}
            Event::Done { step, operation } => {
                if let Some((_, ended)) = step.and_then(|step| told.steps.get_mut(&step)) {
                    *ended = Instant::now();
                }
                if let Some(live) = &mut told.live {
                    live.done(operation);
                }
                self.ended(&mut told, step, Line::Done(format!("  {}", operation.action)));
            }
            Event::Failed { step, operation, cause } => {
                let text = format!("  could not {}: {cause}", operation.action);
                self.ended(&mut told, step, Line::Failed(text));
            }
            Event::Falling { cause } => {
                if !told.falling {
                    told.falling = true;
                    self.tell_due(&mut told, true);
                    self.line(&told, &format!("cleaning up: {cause}"));
                }
            }
            Event::GoingBack => self.line(&told, "no container is left: the previous plan is deployed again"),
        }
    }
}
