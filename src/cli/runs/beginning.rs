//! The beginning of a run: its folder, its log, and the first record of its journal.

use crate::cli::log;
use crate::facts::{EngineKind, RunKind};
use crate::host::node::state;
use crate::host::{files, run_folder};
use crate::journal::{Journal, Record};
use crate::operation::{Layout, Program};
use crate::plan::values::RunId;

/// A run that has begun: its folder is there, and its journal says so.
pub struct Begun {
    /// Its name.
    pub run: RunId,
    /// Its journal.
    pub journal: Journal,
}

/// What a run is that begins.
#[derive(Debug, Clone)]
pub struct Begins {
    /// What it is to do.
    pub kind: RunKind,
    /// The SHA-256 of its plan, for a deployment.
    pub plan_sha256: Option<String>,
    /// Whether it goes back to what was deployed before, if it fails.
    pub goes_back: bool,
    /// The run whose accepted plan it deploys again, if it does.
    pub rollback_to: Option<RunId>,
    /// How many operations it has.
    pub operations: usize,
}

impl Begins {
    /// A run of this kind, with this program.
    pub fn of(kind: RunKind, program: &Program) -> Self {
        Self { kind, plan_sha256: None, goes_back: false, rollback_to: None, operations: program.operations().count() }
    }
}

/// Makes a run's folder, its log and its journal.
///
/// # Errors
/// When the system refuses: nothing was changed then but the state folder.
pub fn begin(layout: &Layout, engine: EngineKind, begins: Begins) -> Result<Begun, String> {
    let text = |problem: &dyn std::fmt::Display| problem.to_string();
    let (run, log) = run_folder::make(layout).map_err(|problem| text(&problem))?;
    log::to_file(log);
    state::write_engine(layout, engine).map_err(|failure| failure.message)?;
    let operations = begins.operations;
    let began = began(layout, &run, begins);
    let path = layout.journal(&run);
    let written = Journal::create(&path, operations).and_then(|mut journal| {
        journal.append_durably(vec![began])?;
        Ok(journal)
    });
    match written {
        Ok(journal) => Ok(Begun { run, journal }),
        // A journal that was not begun would be taken for that of a run that was interrupted.
        Err(problem) => match files::remove_if_there(&path) {
            Ok(_) => Err(problem.to_string()),
            Err(left) => Err(format!("{problem}; {left}")),
        },
    }
}

pub(super) fn began(layout: &Layout, run: &RunId, begins: Begins) -> Record {
    let Begins { kind, plan_sha256, goes_back, rollback_to, operations: _ } = begins;
    Record::Began {
        run: run.clone(),
        plan: layout.plan().clone(),
        kind,
        at: jiff::Timestamp::now(),
        landfall: env!("CARGO_PKG_VERSION").to_owned(),
        plan_sha256,
        goes_back,
        rollback_to,
    }
}
