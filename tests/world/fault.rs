//! What can go wrong with an operation or a look, and when.

use landfall::operation::OperationId;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It fails and has done nothing.
    Fails,
    /// It does what it should and says that it failed.
    ActsThenFails,
    /// It says that it worked and has done nothing.
    Lies,
    /// It works, and the look that should confirm it fails.
    IsNotConfirmed,
    /// It hangs without having done anything, until its deadline.
    Hangs,
    /// It does what it should, then hangs until its deadline.
    ActsThenHangs,
    /// It hangs and is killed at its deadline; a container that it was creating is there half.
    IsHalfDone,
    /// It hangs and is killed at its deadline; a container that it was creating appears later.
    FinishesLate,
    /// It panics and has done nothing.
    Panics,
    /// It does what it should, then panics.
    ActsThenPanics,
    /// It works, and the look that should confirm it panics.
    PanicsWhenConfirmed,
    /// The operator asks for the end while it works.
    IsInterrupted,
    /// The program is killed before it has done anything.
    ProgramIsKilled,
    /// The program is killed while it works: what it was doing is finished later by others.
    ProgramIsKilledLate,
    /// It does what it should, then the program is killed.
    ActsThenProgramIsKilled,
    /// The power goes before it has done anything.
    PowerGoes,
    /// It does what it should, then the power goes.
    ActsThenPowerGoes,
    /// The power goes while it works: a container that it was creating is there half.
    PowerGoesHalfway,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 18] = [
        Self::Fails,
        Self::ActsThenFails,
        Self::Lies,
        Self::IsNotConfirmed,
        Self::Hangs,
        Self::ActsThenHangs,
        Self::IsHalfDone,
        Self::FinishesLate,
        Self::Panics,
        Self::ActsThenPanics,
        Self::PanicsWhenConfirmed,
        Self::IsInterrupted,
        Self::ProgramIsKilled,
        Self::ProgramIsKilledLate,
        Self::ActsThenProgramIsKilled,
        Self::PowerGoes,
        Self::ActsThenPowerGoes,
        Self::PowerGoesHalfway,
    ];

    /// Those that end the program.
    pub fn ends_the_program(self) -> bool {
        match self {
            Self::ProgramIsKilled
            | Self::ProgramIsKilledLate
            | Self::ActsThenProgramIsKilled
            | Self::PowerGoes
            | Self::ActsThenPowerGoes
            | Self::PowerGoesHalfway => true,
            Self::Fails
            | Self::ActsThenFails
            | Self::Lies
            | Self::IsNotConfirmed
            | Self::Hangs
            | Self::ActsThenHangs
            | Self::IsHalfDone
            | Self::FinishesLate
            | Self::Panics
            | Self::ActsThenPanics
            | Self::PanicsWhenConfirmed
            | Self::IsInterrupted => false,
        }
    }

    /// Those after which the server boots.
    pub fn ends_the_power(self) -> bool {
        matches!(self, Self::PowerGoes | Self::ActsThenPowerGoes | Self::PowerGoesHalfway)
    }
}

/// When something goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum At {
    /// When this operation is performed.
    Operation(OperationId),
    /// At the n-th look at the whole host, from 1.
    Look(usize),
}

/// Something that goes wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// When.
    pub at: At,
    /// What.
    pub kind: Kind,
    /// Each time, or the first time only.
    pub each_time: bool,
}

impl Fault {
    /// Goes wrong the first time.
    pub fn once(operation: &OperationId, kind: Kind) -> Self {
        Self { at: At::Operation(operation.clone()), kind, each_time: false }
    }

    /// Goes wrong each time.
    pub fn each_time(operation: &OperationId, kind: Kind) -> Self {
        Self { at: At::Operation(operation.clone()), kind, each_time: true }
    }

    /// A look that goes wrong.
    pub fn look(number: usize, kind: Kind) -> Self {
        Self { at: At::Look(number), kind, each_time: false }
    }
}
