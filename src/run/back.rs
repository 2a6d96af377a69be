//! Goes back: deploys what was deployed before the run again, once no container is left.

use super::fall::{self, Fallen, Floor, Reason};
use super::forward::{End, Forward, Stopped};
use super::{Cancel, Ending, Event, Stage, World, patiently_seen};
use crate::facts::{FallsTo, Observed};
use crate::journal::{Journal, Record};
use crate::operation::{Known, Program};

/// How a run goes back to what was deployed before it.
pub struct Back<'a, W: World> {
    /// The host, as a run of the previous plan sees it.
    pub world: &'a W,
    /// No container of the plan, and everything there that the previous plan is made from.
    pub floor: &'a Floor<'a>,
    /// What is to be done from there; or why that can't be.
    pub program: &'a (dyn Fn(&Observed) -> Result<Program, String> + Sync),
    /// What is known of the previous plan.
    pub known: Known,
}

/// Why the previous plan could not be deployed again.
struct InVain {
    cause: String,
    lingering: bool,
}

/// Deploys the previous plan again, from its floor. Where that fails, no container is left.
///
/// The journal holds the fall to that floor; its end is left to the caller.
pub fn go_back<W: World>(
    cause: &str,
    (back, containerless): (&Back<'_, W>, &Floor<'_>),
    stage: &Stage<'_, W>,
    journal: &mut Journal,
    known: &Known,
) -> Ending {
    let InVain { cause: why, lingering } = match back.perform(stage, journal) {
        Ok(tidied) if tidied => return Ending::Restored { cause: cause.to_owned() },
        Ok(_) => return back.tidied(cause, stage, journal, known),
        Err(in_vain) => in_vain,
    };
    let cause = format!("{cause}; and the previous plan could not be deployed again: {why}");
    let reason = Reason { cause: &cause, to: FallsTo::Containerless, lingering };
    match fall::fall(containerless, stage, journal, known, reason) {
        Fallen::Reached => Ending::RolledBack { cause },
        Fallen::Incomplete(left) => Ending::Incomplete { cause, left },
    }
}

impl<W: World> Back<'_, W> {
    /// What could not be removed after it counts as deployed again is tried again, and told: copies of keys may be among it.
    fn tidied(&self, cause: &str, stage: &Stage<'_, W>, journal: &mut Journal, known: &Known) -> Ending {
        let reason = Reason { cause, to: FallsTo::Previous, lingering: true };
        match fall::fall(self.floor, stage, journal, known, reason) {
            Fallen::Reached => Ending::Restored { cause: cause.to_owned() },
            Fallen::Incomplete(left) => Ending::Incomplete { cause: cause.to_owned(), left },
        }
    }

    /// Whether everything was tidied up, too, once the previous plan counts as deployed again.
    fn perform(&self, stage: &Stage<'_, W>, journal: &mut Journal) -> Result<bool, InVain> {
        let in_vain = |cause: String| InVain { cause, lingering: false };
        let program = patiently_seen(stage.world, self.program)
            .map_err(|failure| in_vain(format!("what is left could not be seen: {}", failure.message)))?
            .map_err(in_vain)?;
        journal.append_durably(vec![Record::GoingBack]).map_err(|problem| in_vain(problem.to_string()))?;
        stage.tell(Event::GoingBack);
        // As a rollback it goes on to its end, whoever asks for another one.
        let never = Cancel::never();
        let stage = Stage { world: self.world, listener: stage.listener, layout: stage.layout, interrupted: &never };
        match Forward::new(&program, &stage, journal, self.known.clone()).perform() {
            End::Done { known: _, warnings } => {
                warnings
                    .iter()
                    .for_each(|warning| tracing::warn!(warning, "after the previous plan was deployed again"));
                Ok(warnings.is_empty())
            }
            End::Stopped(Stopped { cause, uncommitted: _, lingering, touched: _, known: _ }) => {
                Err(InVain { cause, lingering })
            }
        }
    }
}
