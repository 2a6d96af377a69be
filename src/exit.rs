//! Every exit status. They are a contract. Reads nothing, changes nothing.

use crate::run::Ending;
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done as asked.
    Done,
    /// A defect of ours, or a failure of the environment that fits nothing else.
    Failed,
    /// Wrong usage of the command line.
    Usage,
    /// The plan, the secrets or the server don't pass step 1; nothing was changed.
    Refused,
    /// Failed, and rolled back to containerless.
    RolledBack,
    /// Failed, and the rollback could not finish.
    Incomplete,
    /// Another run holds the lock; nothing was changed.
    Busy,
    /// Failed, and everything is again as it was before.
    Restored,
    /// `status`: a plan is not as it should be.
    Unhealthy,
    /// `diff`: there is a difference.
    Different,
}

impl Exit {
    /// The number.
    pub fn status(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Refused => 3,
            Self::RolledBack => 4,
            Self::Incomplete => 5,
            Self::Busy => 6,
            Self::Restored => 7,
            Self::Unhealthy => 8,
            Self::Different => 9,
        }
    }
}

impl From<&Ending> for Exit {
    fn from(ending: &Ending) -> Self {
        match ending {
            Ending::Done { known: _, warnings: _ } | Ending::TornDown => Self::Done,
            Ending::Refused { cause: _ } => Self::Refused,
            Ending::RolledBack { cause: _ } => Self::RolledBack,
            Ending::Restored { cause: _ } => Self::Restored,
            Ending::Incomplete { cause: _, left: _ } => Self::Incomplete,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.status())
    }
}
