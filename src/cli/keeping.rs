//! What the commands share that leave a plan deployed: `start`, `stop`, `restart`, `replace`.

mod told;

pub use told::{Done, document, outcome_as_json, preview};

use super::arguments::Format;
use super::in_force;
use super::log;
use super::mail;
use super::progress::Progress;
use super::recover;
use super::runs::{self, Begins, Begun, Recovered};
use super::screen::Screen;
use crate::exit::Exit;
use crate::facts::{RunKind, Saved};
use crate::host::engine::Engine;
use crate::host::lock::{self, LockProblem, RunLock};
use crate::host::node::state;
use crate::host::signals::Interrupts;
use crate::host::{limits, survey, system};
use crate::operation::{Layout, Program};
use crate::plan::model::Plan;
use crate::plan::values::{PlanName, RunId, ServiceName};
use crate::run::{Cancel, Ending};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// What a command was asked for.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// What it is to do.
    pub kind: RunKind,
    /// Of which plan.
    pub name: &'a PlanName,
    /// How it is told.
    pub format: Format,
}

/// Why a run does not begin. Nothing was changed.
pub enum Refusal {
    /// It can't be done like this.
    Refused(String),
    /// Something else is at work.
    Busy(String),
    /// The system, or what is on record, does not allow it.
    Failed(String),
}

/// What is deployed, while nobody else changes it.
pub struct Deployed<'a> {
    /// Where everything of it lies.
    pub layout: &'a Layout,
    /// The record of it.
    pub saved: &'a Saved,
    /// The plan as it is in force, hotfixes included.
    pub plan: &'a Plan,
    /// The engine that it is on.
    pub engine: &'a Engine,
    /// Who is told.
    pub progress: &'a Progress,
    /// Set when the operator asks for the end.
    pub interrupted: &'a Cancel,
    /// The program that runs now.
    pub program: PathBuf,
}

/// What such a run does, in a word.
pub fn verb(kind: RunKind) -> &'static str {
    match kind {
        RunKind::Deploy => "deploy",
        RunKind::Teardown => "tear down",
        RunKind::Start => "start",
        RunKind::Stop => "stop",
        RunKind::Restart => "restart",
        RunKind::Replace => "replace",
        RunKind::Remake => "remake",
    }
}

/// Takes the lock, finishes what an earlier run left, and does something with what is deployed.
pub fn with_what_is_deployed(
    asked: Asked<'_>,
    state_dir: &Path,
    screen: &Screen,
    act: impl FnOnce(&Deployed<'_>) -> Result<Exit, Refusal>,
) -> Exit {
    screen.go_on_without_readers();
    system::set_neutral_umask();
    system::leave_no_core_file();
    guarded(asked, state_dir, screen, act).unwrap_or_else(|refusal| tell(refusal, asked, screen))
}

fn tell(refusal: Refusal, asked: Asked<'_>, screen: &Screen) -> Exit {
    let (cause, exit, outcome) = match refusal {
        Refusal::Refused(cause) => (cause, Exit::Refused, "refused"),
        Refusal::Busy(cause) => (cause, Exit::Busy, "busy"),
        Refusal::Failed(cause) => (cause, Exit::Failed, "failed"),
    };
    match asked.format {
        Format::Human => screen.line(&format!("{cause}\nnothing was changed")),
        Format::Json => screen.result(&outcome_as_json(asked.name, outcome, &BTreeSet::new(), (Some(&cause), &[]))),
    }
    exit
}

fn guarded(
    asked: Asked<'_>,
    state_dir: &Path,
    screen: &Screen,
    act: impl FnOnce(&Deployed<'_>) -> Result<Exit, Refusal>,
) -> Result<Exit, Refusal> {
    let Asked { kind, name, format } = asked;
    let layout = may_look(asked, state_dir)?;
    limits::prepare().map_err(Refusal::Failed)?;
    let interrupts = Interrupts::install();
    let interrupts = interrupts.map_err(|error| Refusal::Failed(format!("signals can't be handled: {error}")))?;
    let _lock = RunLock::acquire(&format!("{} of {name}", verb(kind))).map_err(|problem| match problem {
        LockProblem::Busy { holder: _ } => Refusal::Busy(problem.to_string()),
        LockProblem::System(_) => Refusal::Failed(problem.to_string()),
    })?;
    // The boot job itself has what is lost made anew.
    if kind != RunKind::Remake && lock::is_booting(layout.volatile()) {
        return Err(booting(name));
    }
    let progress = if format == Format::Human { Progress::on(screen) } else { Progress::quiet(screen) };
    finish_what_is_left(&layout, &progress, screen)?;
    look(&layout, &progress, &Cancel::from(interrupts.flag()), act)
}

/// As [`with_what_is_deployed`], while others may change it: for those that only look.
pub fn looking_at_what_is_deployed(
    asked: Asked<'_>,
    state_dir: &Path,
    screen: &Screen,
    act: impl FnOnce(&Deployed<'_>) -> Result<Exit, Refusal>,
) -> Exit {
    let name = asked.name;
    let looked = may_look(asked, state_dir).and_then(|layout| {
        if survey::unfinished(&layout).map_err(|failure| Refusal::Failed(failure.message))?.is_some() {
            return Err(Refusal::Refused(format!(
                "a run of {name} is under way, or was interrupted: `landfall status {name}` tells which"
            )));
        }
        look(&layout, &Progress::quiet(screen), &Cancel::never(), act)
    });
    looked.unwrap_or_else(|refusal| tell(refusal, asked, screen))
}

/// The layout of a plan that there is, for root.
fn may_look(Asked { kind, name, format: _ }: Asked<'_>, state_dir: &Path) -> Result<Layout, Refusal> {
    if !system::is_root() {
        return Err(Refusal::Refused(format!("to {} services needs root: run it with sudo", verb(kind))));
    }
    let layout = Layout::new(state_dir, name);
    if layout.state().is_dir() {
        return Ok(layout);
    }
    let cause = format!("there is no plan called {name} here: `landfall status` lists those that there are");
    Err(Refusal::Refused(cause))
}

/// Does something with what is on record as deployed.
fn look(
    layout: &Layout,
    progress: &Progress,
    interrupted: &Cancel,
    act: impl FnOnce(&Deployed<'_>) -> Result<Exit, Refusal>,
) -> Result<Exit, Refusal> {
    let name = layout.plan();
    let text = |failure: crate::run::Failure| Refusal::Failed(failure.message);
    let saved = state::read_saved(&layout.saved()).map_err(text)?;
    let not_deployed =
        || Refusal::Refused(format!("{name} is not deployed: deploy it first, with `landfall deploy PLAN`"));
    let saved = saved.ok_or_else(not_deployed)?;
    let unreadable = || {
        Refusal::Failed(format!(
            "the plan that {name} was deployed from can't be read by this version: deploy it again, with `landfall deploy PLAN`"
        ))
    };
    let plan = in_force::plan(&saved).ok_or_else(unreadable)?;
    let engine = state::engine(layout).map_err(text)?;
    act(&Deployed {
        layout,
        saved: &saved,
        plan: &plan,
        engine: &engine,
        progress,
        interrupted,
        program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("landfall")),
    })
}

/// Finishes the run before, if a crash has interrupted it.
fn finish_what_is_left(layout: &Layout, progress: &Progress, screen: &Screen) -> Result<(), Refusal> {
    match runs::recover(layout, progress) {
        Ok(None) => Ok(()),
        // What could not be brought up again may be what is to be stopped or replaced now.
        Ok(Some(Recovered { run: _, kind, outcome, left })) => {
            screen.line(&recover::told((layout.plan(), kind), outcome, &left));
            Ok(())
        }
        Err(cause) => Err(Refusal::Failed(format!("an earlier run was interrupted, and can't be finished: {cause}"))),
    }
}

impl Deployed<'_> {
    /// Begins a run.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn begin(&self, kind: RunKind, program: &Program) -> Result<Begun, Refusal> {
        runs::begin(self.layout, self.engine.kind(), Begins::of(kind, program)).map_err(Refusal::Failed)
    }

    /// The address of each service that runs.
    ///
    /// # Errors
    /// When the engine can't tell.
    pub fn addresses(&self) -> Result<BTreeMap<ServiceName, IpAddr>, Refusal> {
        in_force::addresses(self.plan, self.layout, self.engine).map_err(Refusal::Failed)
    }

    /// Puts the end of a run on record, and tells it.
    pub fn finish(&self, (run, kind): (&RunId, RunKind), ending: &Ending, done: &Done<'_>, screen: &Screen) -> Exit {
        let Done { words, services, format } = done;
        runs::finish(self.layout, run, kind, ending);
        runs::forget_old(self.layout, self.plan.history.keep, run);
        self.progress.end();
        let text = told::told(self.layout.plan(), ending, words);
        log::keep(&text);
        match ending {
            _ if *format == Format::Json => {
                let cause = runs::cause_of(ending);
                let told = (cause.as_deref(), ending.left());
                screen.result(&outcome_as_json(self.layout.plan(), told::outcome_word(ending), services, told));
            }
            Ending::Done { known: _, warnings: _ } | Ending::TornDown => screen.result(&text),
            Ending::Refused { cause: _ }
            | Ending::RolledBack { cause: _ }
            | Ending::Restored { cause: _ }
            | Ending::Incomplete { cause: _, left: _ } => screen.tell(&text),
        }
        mail::about_kept(self.layout, (run, kind), ending, screen);
        Exit::from(ending)
    }
}

/// The boot job is at work.
pub fn booting(name: &PlanName) -> Refusal {
    Refusal::Busy(format!(
        "the services of {name} are being started after a boot: `landfall status {name}` tells when they are up"
    ))
}

/// The plan has no such service.
pub fn no_such_service(plan: &Plan, name: &ServiceName) -> Refusal {
    let names: Vec<_> = plan.services.keys().map(ToString::to_string).collect();
    Refusal::Refused(format!("{} has no service called {name}: it has {}", plan.name, names.join(", ")))
}

/// The engine does not have the container that is on record.
pub fn container_gone(deployed: &Deployed<'_>, name: &ServiceName) -> Refusal {
    Refusal::Refused(format!(
        "the container {} of {name} is gone from {}, although it is on record: make it anew, with `landfall remake {}`",
        deployed.layout.container(name),
        deployed.engine.kind().program(),
        deployed.layout.plan()
    ))
}
