//! A device that plans may ask for. Reads nothing, changes nothing.

use std::fmt;

use crate::diagnostics::Code;
use crate::plan::values::form::{Problem, shown};
use crate::plan::values::{Device, HostPath};

/// A device that plans may ask for, and what may be done with it: `/dev/x` or `/dev/x:rw`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllowedDevice {
    path: HostPath,
    permissions: String,
}

impl AllowedDevice {
    /// Reads `/dev/x` or `/dev/x:rw`.
    ///
    /// # Errors
    /// A path outside `/dev`, or permissions other than `r`, `w` and `m`, each at most once.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (path, permissions) = text.split_once(':').unwrap_or((text, Device::EVERYTHING));
        let path = HostPath::parse(path).ok().filter(|path| path.as_str().starts_with("/dev/"));
        // What a plan can say of a device is exactly this.
        match path.filter(|path| Device::parse(&format!("{path}:{path}:{permissions}")).is_ok()) {
            Some(path) => Ok(Self { path, permissions: permissions.to_owned() }),
            None => Err(Problem::new(Code::BadDevice, format!("device {} is not a device", shown(text)))
                .label("`/dev/x`, or `/dev/x:rw` with `r`, `w` and `m` (make), each at most once, in this order")),
        }
    }

    /// Whether a plan's device is this one, and no more is to be done with it than is allowed.
    pub fn covers(&self, device: &Device) -> bool {
        *device.host() == self.path && device.permissions().chars().all(|wanted| self.permissions.contains(wanted))
    }
}

impl fmt::Display for AllowedDevice {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, permissions } = self;
        if permissions == Device::EVERYTHING { write!(out, "{path}") } else { write!(out, "{path}:{permissions}") }
    }
}

value!(AllowedDevice {
    format: "landfall-allowed-device",
    pattern: concat!("^/dev", absolute_path!(",\":\\u0000-\\u001f\\u007f-\\u009f"), "(:(r|w|m|rw|rm|wm|rwm))?$"),
    beyond: ["a path of more than 4095 bytes, or with a part of more than 255"],
    wrong: "/dev/x or /dev/x:rw",
    description: "A device of the VSN that plans may ask for, optionally what may be done with it.",
    examples: ["/dev/ttyUSB0", "/dev/sdb:r"],
});
