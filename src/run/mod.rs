//! The only loop: forward, backward, recover, interrupt.
//!
//! It performs a program on a [`World`]: writes each operation's intent, performs it, has the result confirmed by a look at
//! the host, writes that it is done. When something fails it establishes the floor, from what it observes.

mod amount;
mod back;
mod cancel;
mod events;
mod fall;
mod forward;
mod panic;
mod perform;
mod places;
mod ready;
#[cfg(test)]
mod scripted;
#[cfg(test)]
mod tests;
mod world;

pub use amount::{Amount, Watcher};
pub use back::{Back, go_back};
pub use cancel::Cancel;
pub use events::{Event, Listener, Silence};
pub use fall::{Fallen, Floor, Reason};
pub use world::{Failure, Tell, World};

use crate::facts::{FallsTo, Observed, Outcome};
use crate::journal::{Journal, Record};
use crate::operation::{Known, Layout, Program};
use forward::{Stopped, Uncommitted};

/// How many operations that call the engine run side by side: more were seen to be no faster.
pub const WIDTH: usize = 8;

/// The states that a deployment can fall to.
pub struct Floors<'a, W: World> {
    /// While what was deployed before still counts as deployed: as before the run.
    pub before_uncommit: &'a Floor<'a>,
    /// After that: no container of the plan.
    pub after_uncommit: &'a Floor<'a>,
    /// Whether the program only opens the way to the second floor: a teardown on purpose.
    pub on_purpose: bool,
    /// What was deployed before, where the run goes back to it once it has fallen that far.
    pub previous: Option<Back<'a, W>>,
}

/// What a run falls to that leaves the plan deployed, whatever becomes of it.
pub struct Kept<'a> {
    /// Every service that the run is about as it is on record.
    pub floor: &'a Floor<'a>,
    /// Whether what is on record is what the run was to bring about.
    pub as_asked: &'a (dyn Fn(&Observed) -> bool + Sync),
}

/// Where a run happens: everything that the loop needs beside its program.
pub struct Stage<'a, W: World> {
    /// The host.
    pub world: &'a W,
    /// Who is told what happens.
    pub listener: &'a dyn Listener,
    /// Where everything of the plan lies.
    pub layout: &'a Layout,
    /// Set when the operator asks the run to end.
    pub interrupted: &'a Cancel,
}

impl<W: World> Stage<'_, W> {
    /// Tells the listener something, while nothing may keep the run from going on: not even a panic of who listens.
    fn tell(&self, event: Event<'_>) {
        if !panic::survived(|| self.listener.hear(event)) {
            tracing::error!("a panic of who listens: the run goes on");
        }
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every operation was performed.
    Done {
        /// What the run learned.
        known: Known,
        /// What failed after the commit and did no harm.
        warnings: Vec<String>,
    },
    /// No container of the plan is left, as asked.
    TornDown,
    /// It failed before the point of no return; the host is as before.
    Refused {
        /// Why.
        cause: String,
    },
    /// It failed after the point of no return; no container of the plan is left.
    RolledBack {
        /// Why.
        cause: String,
    },
    /// It failed after it had begun to change something, and everything is again as it was before.
    Restored {
        /// Why.
        cause: String,
    },
    /// It failed, and the floor could not be established.
    Incomplete {
        /// Why it failed.
        cause: String,
        /// What is left, each with the reason.
        left: Vec<String>,
    },
}

impl Ending {
    /// What goes on record.
    pub fn outcome(&self) -> Outcome {
        match self {
            Self::Done { known: _, warnings: _ } => Outcome::Deployed,
            Self::TornDown => Outcome::TornDown,
            Self::Refused { cause: _ } => Outcome::Refused,
            Self::RolledBack { cause: _ } => Outcome::RolledBack,
            Self::Restored { cause: _ } => Outcome::Restored,
            Self::Incomplete { cause: _, left: _ } => Outcome::RollbackIncomplete,
        }
    }

    /// What could not be removed.
    pub fn left(&self) -> &[String] {
        match self {
            Self::Incomplete { cause: _, left } => left,
            Self::Done { known: _, warnings: _ }
            | Self::TornDown
            | Self::Refused { cause: _ }
            | Self::RolledBack { cause: _ }
            | Self::Restored { cause: _ } => &[],
        }
    }
}

/// Why a teardown falls.
pub const ON_PURPOSE: &str = "torn down on purpose";

/// Performs a program; on any failure, falls.
///
/// The journal already holds the beginning of the run, and gets its end here. A journal that can't be written is a failure
/// like any other; the fall itself doesn't need it.
pub fn run<W: World>(
    program: &Program,
    floors: &Floors<'_, W>,
    stage: &Stage<'_, W>,
    journal: &mut Journal,
    known: Known,
) -> Ending {
    match forward::Forward::new(program, stage, journal, known).perform() {
        forward::End::Done { known, warnings: _ } if floors.on_purpose => {
            let reason = Reason { cause: ON_PURPOSE, to: FallsTo::Containerless, lingering: false };
            let ending = match fall::fall(floors.after_uncommit, stage, journal, &known, reason) {
                Fallen::Reached => Ending::TornDown,
                Fallen::Incomplete(left) => Ending::Incomplete { cause: ON_PURPOSE.to_owned(), left },
            };
            end(journal, ending.outcome(), ending.left());
            ending
        }
        forward::End::Done { known, mut warnings } => {
            let end = vec![Record::Ended { outcome: Outcome::Deployed, left: Vec::new() }];
            warnings.extend(journal.append_durably(end).err().map(|problem| problem.to_string()));
            Ending::Done { known, warnings }
        }
        forward::End::Stopped(stopped) => {
            let ending = fall_from(stopped, floors, stage, journal);
            end(journal, ending.outcome(), ending.left());
            ending
        }
    }
}

/// Performs a program that leaves the plan deployed; on any failure, goes to what is on record, whether that is how it was before or
/// how it was to be. The rest as in [`run`].
pub fn run_and_keep<W: World>(
    program: &Program,
    kept: &Kept<'_>,
    stage: &Stage<'_, W>,
    journal: &mut Journal,
    known: Known,
) -> Ending {
    let Stopped { cause, uncommitted: _, lingering, touched, known } =
        match forward::Forward::new(program, stage, journal, known).perform() {
            forward::End::Stopped(stopped) => stopped,
            forward::End::Done { known, mut warnings } => {
                let end = vec![Record::Ended { outcome: Outcome::AsAsked, left: Vec::new() }];
                warnings.extend(journal.append_durably(end).err().map(|problem| problem.to_string()));
                return Ending::Done { known, warnings };
            }
        };
    let reason = Reason { cause: &cause, to: FallsTo::AsSaved, lingering };
    let fallen = fall::fall(kept.floor, stage, journal, &known, reason);
    let ending = match (fallen, patiently(stage.world, kept.as_asked)) {
        (Fallen::Incomplete(left), _) => Ending::Incomplete { cause, left },
        (Fallen::Reached, Err(failure)) => {
            Ending::Incomplete { cause, left: vec![format!("could not see what is left: {}", failure.message)] }
        }
        (Fallen::Reached, Ok(true)) => Ending::Done { known, warnings: vec![cause] },
        (Fallen::Reached, Ok(false)) if touched => Ending::Restored { cause },
        (Fallen::Reached, Ok(false)) => Ending::Refused { cause },
    };
    let outcome = match ending.outcome() {
        Outcome::Deployed => Outcome::AsAsked,
        outcome => outcome,
    };
    end(journal, outcome, ending.left());
    ending
}

/// Falls to the state that a run which gave up must fall to.
fn fall_from<W: World>(
    stopped: Stopped,
    floors: &Floors<'_, W>,
    stage: &Stage<'_, W>,
    journal: &mut Journal,
) -> Ending {
    let Stopped { cause, uncommitted, lingering, touched: _, known } = stopped;
    let as_before = match uncommitted {
        Uncommitted::No => true,
        Uncommitted::Yes => false,
        Uncommitted::Unsure => match still_deployed(stage.world, &known) {
            Ok(still) => still,
            Err(failure) => {
                return Ending::Incomplete {
                    cause,
                    left: vec![format!("could not see what is left: {}", failure.message)],
                };
            }
        },
    };
    let Floors { before_uncommit, after_uncommit, on_purpose: _, previous } = floors;
    let (to, floor) = match previous {
        _ if as_before => (FallsTo::AsBefore, *before_uncommit),
        Some(back) => (FallsTo::Previous, back.floor),
        None => (FallsTo::Containerless, *after_uncommit),
    };
    match (fall::fall(floor, stage, journal, &known, Reason { cause: &cause, to, lingering }), previous) {
        (Fallen::Incomplete(left), _) => Ending::Incomplete { cause, left },
        (Fallen::Reached, _) if as_before => Ending::Refused { cause },
        (Fallen::Reached, Some(back)) => go_back(&cause, (back, after_uncommit), stage, journal, &known),
        (Fallen::Reached, None) => Ending::RolledBack { cause },
    }
}

/// Whether what was deployed before still counts as deployed, although ending that was tried.
fn still_deployed<W: World>(world: &W, known: &Known) -> Result<bool, Failure> {
    patiently(world, &|observed| observed.saved.as_ref().is_some_and(|saved| saved.run != known.run))
}

/// Whether something holds of a host, however hard that is to see.
fn patiently<W: World>(world: &W, holds: &dyn Fn(&Observed) -> bool) -> Result<bool, Failure> {
    patiently_seen(world, holds)
}

/// What is made of a look at a host, however hard that is to have. A panic is a failure like any other: the run must fall after it too.
fn patiently_seen<W: World, T>(world: &W, made_of: impl Fn(&Observed) -> T) -> Result<T, Failure> {
    let look = || panic::caught(|| world.observe().map(|observed| made_of(&observed)));
    (0..LOOKS).fold(look(), |seen, _| {
        seen.or_else(|_| {
            world.settle();
            look()
        })
    })
}

/// How many more times a look is tried before a host counts as not to be seen.
const LOOKS: usize = 5;

/// Goes to a floor without having tried anything: what recovery does after a crash, and `teardown` on purpose.
///
/// The journal holds the beginning of a run; its end is left to the caller, who knows what the floor means.
pub fn establish<W: World>(
    floor: &Floor<'_>,
    stage: &Stage<'_, W>,
    journal: &mut Journal,
    known: &Known,
    reason: Reason<'_>,
) -> Fallen {
    fall::fall(floor, stage, journal, known, reason)
}

/// Puts the end of a run on record. Where that fails, recovery finds nothing to do and tries again.
pub fn end(journal: &mut Journal, outcome: Outcome, left: &[String]) {
    if let Err(problem) = journal.append_durably(vec![Record::Ended { outcome, left: left.to_vec() }]) {
        tracing::error!(%problem, "the end of the run is not on record");
    }
}
