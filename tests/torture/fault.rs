//! What is under way when a fault comes, and what the fault is.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;

/// What Landfall is told to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Work {
    Deploy,
    Teardown,
    Recover,
}

/// What ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The program dies; what it had started lives on.
    Kill,
    /// It is asked to end.
    Terminate,
    /// The whole process group is interrupted, as a terminal does.
    Interrupt,
    /// The operator's connection drops: the work goes on.
    HangUp,
    /// Everything dies, and the server boots again.
    PowerCut,
}

impl Fault {
    pub fn any(random: &mut Rng) -> Self {
        match random.u8(0..12) {
            0..5 => Self::Kill,
            5..7 => Self::Terminate,
            7..9 => Self::Interrupt,
            9 => Self::HangUp,
            _ => Self::PowerCut,
        }
    }

    /// Whether the program gets no chance to end as it must.
    pub fn is_sudden(self) -> bool {
        match self {
            Self::Kill | Self::PowerCut => true,
            Self::Terminate | Self::Interrupt | Self::HangUp => false,
        }
    }
}

/// A moment from the beginning of something that lasts this long to a little after its end.
pub fn moment(random: &mut Rng, lasts: Duration) -> Duration {
    lasts.mul_f64(1.1 * random.f64())
}

impl fmt::Display for Work {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Deploy => "deploy",
            Self::Teardown => "teardown",
            Self::Recover => "recover",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Kill => "KILL",
            Self::Terminate => "TERM",
            Self::Interrupt => "INT",
            Self::HangUp => "HUP",
            Self::PowerCut => "power",
        })
    }
}
