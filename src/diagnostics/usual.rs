//! How grave each kind of mistake is. Reads nothing, changes nothing.

use super::{Code, Severity};

impl Code {
    /// How grave it is, where the circumstances don't say otherwise: a file that is not there is a warning in `check` only.
    pub fn usual_severity(self) -> Severity {
        let warned_of = matches!(
            self,
            Self::PortOnAllInterfaces
                | Self::SecretNeverUsed
                | Self::SecretInEnvironment
                | Self::NobodyIsTold
                | Self::CheckOfUnpublishedPort
                | Self::OptionSurprises
                | Self::MovableTag
                | Self::NoMemoryLimit
                | Self::NoHealthcheck
                | Self::DatabasePortOnAllInterfaces
                | Self::ScheduleInClockChange
                | Self::NotVerified
        );
        if warned_of { Severity::Warning } else { Severity::Error }
    }
}
