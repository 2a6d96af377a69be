//! The law of the journal: which record may follow which. Reads nothing, changes nothing.

use super::Record;
use crate::facts::{FallsTo, Outcome, RunKind};
use crate::operation::{Known, Object, OperationId};
use crate::plan::values::{PlanName, RunId};
use std::collections::BTreeSet;

/// How far a run has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// Operations of the program are being performed.
    Forward,
    /// An operation failed; no new one may begin before the fall does.
    Stopping,
    /// The run goes to the state that it falls to.
    Falling,
    /// The run is over.
    Ended(Outcome),
}

/// What the records so far tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Story {
    /// The plan.
    pub plan: PlanName,
    /// What the run is to do.
    pub kind: RunKind,
    /// How far it has come.
    pub phase: Phase,
    /// The operations that were begun and of which it is not known how they ended.
    pub open: BTreeSet<OperationId>,
    /// The operations that were performed.
    pub done: BTreeSet<OperationId>,
    /// Everything that may have come to exist.
    pub objects: BTreeSet<Object>,
    /// What the run had learned.
    pub known: Known,
    /// The state that it goes to, or went to, since it fell; none if it did not.
    pub falls_to: Option<FallsTo>,
    /// Whether it goes back to what was deployed before, if it fails.
    pub goes_back: bool,
}

/// A record that may not follow those before it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// The first record is not the beginning of a run.
    #[error("the first record does not begin a run")]
    NoBeginning,
    /// A run begins within a run.
    #[error("a run begins within the run {0}")]
    SecondBeginning(RunId),
    /// Something follows the end.
    #[error("a record follows the end of the run")]
    AfterTheEnd,
    /// An operation begins that is under way, or was done already.
    #[error("`{0}` begins twice")]
    BegunTwice(OperationId),
    /// An operation begins after another one failed.
    #[error("`{0}` begins although another operation has failed")]
    BegunAfterFailure(OperationId),
    /// An operation ends that was not under way.
    #[error("`{0}` ends without having begun")]
    NotBegun(OperationId),
    /// The previous plan is deployed again, and the run has not fallen for that.
    #[error("the run goes back without having fallen first")]
    BackWithoutAFall,
    /// The run ends while an operation is under way.
    #[error("the run ends while `{0}` is under way")]
    EndedTooEarly(OperationId),
}

impl Story {
    /// The story after one more record.
    ///
    /// # Errors
    /// The breach, when the record may not follow.
    pub fn next(story: Option<Self>, record: Record) -> Result<Self, Breach> {
        match (story, record) {
            (
                None,
                Record::Began { run, plan, kind, at: _, landfall: _, plan_sha256: _, goes_back, rollback_to: _ },
            ) => Ok(Self {
                plan,
                kind,
                phase: Phase::Forward,
                open: BTreeSet::new(),
                done: BTreeSet::new(),
                objects: BTreeSet::new(),
                known: Known::at_start(run),
                falls_to: None,
                goes_back,
            }),
            (
                None,
                Record::Intent { .. }
                | Record::Done { .. }
                | Record::Failed { .. }
                | Record::Falling { .. }
                | Record::GoingBack
                | Record::Ended { .. },
            ) => Err(Breach::NoBeginning),
            (Some(mut story), record) => story.follow(record).map(|()| story),
        }
    }

    /// Adds one more record; a record that may not follow changes nothing.
    ///
    /// # Errors
    /// The breach, when the record may not follow.
    pub fn follow(&mut self, record: Record) -> Result<(), Breach> {
        self.may_be_followed_by(&record)?;
        match record {
            Record::Began { .. } => {}
            Record::Intent { operation, objects } => {
                self.open.insert(operation);
                self.objects.extend(objects);
            }
            Record::Done { operation, learned } => {
                self.open.remove(&operation);
                self.done.insert(operation);
                self.known.learn(learned);
            }
            Record::Failed { operation, cause: _ } => {
                self.open.remove(&operation);
                if self.phase == Phase::Forward {
                    self.phase = Phase::Stopping;
                }
            }
            Record::Falling { cause: _, to } => {
                // What a crash left open is found by looking; its intent has told what to look for.
                self.open.clear();
                self.phase = Phase::Falling;
                self.falls_to = Some(to);
            }
            Record::GoingBack => {
                // From here on it is another program, whatever of the first one is not known.
                self.open.clear();
                self.done.clear();
                self.phase = Phase::Forward;
            }
            Record::Ended { outcome, left: _ } => self.phase = Phase::Ended(outcome),
        }
        Ok(())
    }

    /// The law: which record may follow.
    ///
    /// # Errors
    /// The breach, when this one may not.
    pub fn may_be_followed_by(&self, record: &Record) -> Result<(), Breach> {
        if let Phase::Ended(_) = self.phase {
            return Err(Breach::AfterTheEnd);
        }
        match record {
            Record::Began { .. } => Err(Breach::SecondBeginning(self.known.run.clone())),
            Record::Intent { operation, objects: _ } => {
                let again = match self.phase {
                    // The fall repeats what did not help the first time.
                    Phase::Falling => self.open.contains(operation),
                    Phase::Forward => self.open.contains(operation) || self.done.contains(operation),
                    Phase::Stopping => return Err(Breach::BegunAfterFailure(operation.clone())),
                    Phase::Ended(_) => return Err(Breach::AfterTheEnd),
                };
                if again { Err(Breach::BegunTwice(operation.clone())) } else { Ok(()) }
            }
            Record::Done { operation, learned: _ } | Record::Failed { operation, cause: _ } => {
                if self.open.contains(operation) { Ok(()) } else { Err(Breach::NotBegun(operation.clone())) }
            }
            Record::Falling { cause: _, to: _ } => Ok(()),
            Record::GoingBack if self.phase == Phase::Falling && self.falls_to == Some(FallsTo::Previous) => Ok(()),
            Record::GoingBack => Err(Breach::BackWithoutAFall),
            Record::Ended { outcome: _, left: _ } => {
                self.open.first().map_or(Ok(()), |open| Err(Breach::EndedTooEarly(open.clone())))
            }
        }
    }

    /// Whether the run is over.
    pub fn ended(&self) -> bool {
        matches!(self.phase, Phase::Ended(_))
    }
}

#[cfg(test)]
mod tests {
    use super::{Breach, Phase, Story};
    use crate::facts::{FallsTo, Outcome, RunKind};
    use crate::journal::Record;
    use crate::operation::{Learned, OperationId};
    use crate::plan::values::{PlanName, RunId};
    use pretty_assertions::assert_eq;

    fn began() -> Record {
        Record::Began {
            run: RunId::parse("20261121t101112").unwrap(),
            plan: PlanName::parse("shop").unwrap(),
            kind: RunKind::Deploy,
            at: jiff::Timestamp::UNIX_EPOCH,
            landfall: "0.1.0".to_owned(),
            plan_sha256: None,
            goes_back: true,
            rollback_to: None,
        }
    }
    fn intent(name: &str) -> Record {
        Record::Intent { operation: OperationId::of(name), objects: Vec::new() }
    }
    fn done(name: &str) -> Record {
        Record::Done { operation: OperationId::of(name), learned: Learned::default() }
    }
    fn failed(name: &str) -> Record {
        Record::Failed { operation: OperationId::of(name), cause: "no".to_owned() }
    }
    fn falling() -> Record {
        Record::Falling { cause: "no".to_owned(), to: FallsTo::Containerless }
    }
    fn for_the_previous() -> Record {
        Record::Falling { cause: "no".to_owned(), to: FallsTo::Previous }
    }
    fn ended() -> Record {
        Record::Ended { outcome: Outcome::RolledBack, left: Vec::new() }
    }
    fn told(records: impl IntoIterator<Item = Record>) -> Result<Phase, Breach> {
        let mut story = None;
        for record in records {
            story = Some(Story::next(story, record)?);
        }
        story.map(|story| story.phase).ok_or(Breach::NoBeginning)
    }

    #[test]
    fn the_law_takes_what_a_run_writes_and_refuses_the_rest() {
        let a = || OperationId::of("a");
        let cases: Vec<(&str, Vec<Record>, Result<Phase, Breach>)> = vec![
            ("begun", vec![began()], Ok(Phase::Forward)),
            ("performed", vec![began(), intent("a"), done("a"), intent("b")], Ok(Phase::Forward)),
            ("failed", vec![began(), intent("a"), intent("b"), failed("a"), done("b")], Ok(Phase::Stopping)),
            ("falls", vec![began(), intent("a"), failed("a"), falling(), intent("a")], Ok(Phase::Falling)),
            ("falls again", vec![began(), intent("a"), falling(), intent("a"), falling()], Ok(Phase::Falling)),
            (
                "repeats while falling",
                vec![began(), falling(), intent("a"), done("a"), intent("a")],
                Ok(Phase::Falling),
            ),
            ("ends", vec![began(), falling(), ended()], Ok(Phase::Ended(Outcome::RolledBack))),
            (
                "goes back, with another program",
                vec![began(), intent("a"), done("a"), for_the_previous(), Record::GoingBack, intent("a")],
                Ok(Phase::Forward),
            ),
            (
                "goes back in vain",
                vec![began(), for_the_previous(), Record::GoingBack, intent("a"), failed("a"), falling(), ended()],
                Ok(Phase::Ended(Outcome::RolledBack)),
            ),
            ("goes back from nowhere", vec![began(), Record::GoingBack], Err(Breach::BackWithoutAFall)),
            ("goes back from elsewhere", vec![began(), falling(), Record::GoingBack], Err(Breach::BackWithoutAFall)),
            ("nothing begun", vec![intent("a")], Err(Breach::NoBeginning)),
            (
                "two beginnings",
                vec![began(), began()],
                Err(Breach::SecondBeginning(RunId::parse("20261121t101112").unwrap())),
            ),
            ("after the end", vec![began(), ended(), intent("a")], Err(Breach::AfterTheEnd)),
            ("begun twice", vec![began(), intent("a"), intent("a")], Err(Breach::BegunTwice(a()))),
            ("done and begun again", vec![began(), intent("a"), done("a"), intent("a")], Err(Breach::BegunTwice(a()))),
            (
                "begun after a failure",
                vec![began(), intent("b"), failed("b"), intent("a")],
                Err(Breach::BegunAfterFailure(a())),
            ),
            ("not begun", vec![began(), done("a")], Err(Breach::NotBegun(a()))),
            ("ended too early", vec![began(), intent("a"), ended()], Err(Breach::EndedTooEarly(a()))),
        ];
        for (name, records, expected) in cases {
            assert_eq!(told(records), expected, "{name}");
        }
    }
}
