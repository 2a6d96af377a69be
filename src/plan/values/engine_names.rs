//! Names that the engine and the kernel give meaning to: labels, kernel settings, devices. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, is_word, shown};
use super::path::HostPath;
use crate::diagnostics::Code;

/// The key of a container's label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LabelKey(String);

/// A kernel setting that every container has for itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SysctlName(String);

/// A device of the server, its path in the container, and what may be done with it: `/dev/x[:/dev/y[:rwm]]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Device {
    host: HostPath,
    container: HostPath,
    permissions: String,
}

text!(LabelKey);
text!(SysctlName);

impl LabelKey {
    /// Whose labels a plan can't set.
    const RESERVED: &[&str] = &["landfall.", "io.containers."];

    /// Reads the key of a label.
    ///
    /// # Errors
    /// A key of the wrong form, or one that Landfall or Podman gives a meaning to.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '/' | '-');
        if !is_word(text, 128, |c| c.is_ascii_alphanumeric(), rest) {
            return Err(Problem::new(Code::BadName, format!("label {} is not a label's key", shown(text)))
                .label("a letter or digit, then up to 127 letters, digits, `.`, `_`, `/` and `-`"));
        }
        match Self::RESERVED.iter().find(|prefix| text.starts_with(**prefix)) {
            Some(prefix) => Err(Problem::new(Code::ReservedName, format!("label {} is taken", shown(text)))
                .label(format!("`{prefix}*` has a meaning of its own"))
                .help("choose another key")),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl SysctlName {
    /// Kernel settings outside `net.` and `fs.mqueue.` that every container has for itself.
    const NAMESPACED: &[&str] = &[
        "kernel.msgmax",
        "kernel.msgmnb",
        "kernel.msgmni",
        "kernel.sem",
        "kernel.shm_rmid_forced",
        "kernel.shmall",
        "kernel.shmmax",
        "kernel.shmmni",
    ];

    /// Reads the name of a kernel setting.
    ///
    /// # Errors
    /// A name of the wrong form, or a setting that containers share with the server.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let part = |part: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
            is_word(part, 64, allowed, allowed)
        };
        if !text.contains('.') || !text.split('.').all(part) {
            let dotted = text.trim_start_matches("/proc/sys/").replace('/', ".");
            return Err(Problem::new(Code::BadSysctl, format!("sysctl {} is not a kernel setting", shown(text)))
                .label("names joined by dots: `net.core.somaxconn`")
                .write(Some(dotted).filter(|dotted| dotted != text && Self::parse(dotted).is_ok())));
        }
        let own = text.starts_with("net.") || text.starts_with("fs.mqueue.") || Self::NAMESPACED.contains(&text);
        if own {
            return Ok(Self(text.to_owned()));
        }
        Err(Problem::new(Code::BadSysctl, format!("sysctl {} belongs to the whole server", shown(text)))
            .label("containers have `net.*`, `fs.mqueue.*` and the IPC settings for themselves")
            .help("set it on the VSN, in `/etc/sysctl.d`"))
    }
}

impl Device {
    pub(super) const EVERYTHING: &str = "rwm";

    /// Reads `/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`.
    ///
    /// # Errors
    /// A path outside `/dev`, or permissions other than `r`, `w` and `m`, each at most once.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem = |what: &str| Problem::new(Code::BadDevice, format!("device {} {what}", shown(text)));
        let mut parts = text.splitn(3, ':');
        let host = parts.next().unwrap_or_default();
        let container = parts.next().unwrap_or(host);
        let permissions = parts.next().unwrap_or(Self::EVERYTHING);
        if are_permissions(container) {
            return Err(problem("has permissions, but no path in the container")
                .label("what stands second is a path")
                .write(device(host).map(|host| format!("{host}:{host}:{container}"))));
        }
        let (Some(host), Some(container)) = (device(host), device(container)) else {
            return Err(problem("is not a device").label("`/dev/x`, `/dev/x:/dev/y` or `/dev/x:/dev/y:rw`"));
        };
        if !are_permissions(permissions) {
            return Err(problem(&format!("has no permissions {}", shown(permissions)))
                .label("`r`, `w` and `m` (make), each at most once, in this order"));
        }
        Ok(Self { host, container, permissions: permissions.to_owned() })
    }

    /// The device on the server.
    pub fn host(&self) -> &HostPath {
        &self.host
    }

    /// Its path in the container.
    pub fn container(&self) -> &HostPath {
        &self.container
    }

    /// Some of `rwm`, in this order: read, write, make.
    pub fn permissions(&self) -> &str {
        &self.permissions
    }
}

fn device(text: &str) -> Option<HostPath> {
    HostPath::parse(text).ok().filter(|path| path.as_str().starts_with("/dev/"))
}

fn are_permissions(text: &str) -> bool {
    matches!(text, "r" | "w" | "m" | "rw" | "rm" | "wm" | "rwm")
}

impl fmt::Display for Device {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, container, permissions } = self;
        if permissions != Self::EVERYTHING {
            write!(out, "{host}:{container}:{permissions}")
        } else if host != container {
            write!(out, "{host}:{container}")
        } else {
            write!(out, "{host}")
        }
    }
}

value!(LabelKey {
    format: "landfall-label",
    pattern: r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$",
    unless: r"^(landfall|io\.containers)\.",
    wrong: "a letter or digit, then up to 127 letters, digits, ., _, / and -; landfall.* and io.containers.* are taken",
    description: "The key of a label; landfall.* and io.containers.* are reserved.",
    examples: ["org.example.team"],
});

value!(SysctlName {
    format: "landfall-sysctl",
    pattern: concat!(
        r"^((net|fs\.mqueue)(\.[A-Za-z0-9_-]{1,64})+",
        r"|kernel\.(msgmax|msgmnb|msgmni|sem|shm_rmid_forced|shmall|shmmax|shmmni))$"
    ),
    wrong: "a setting that every container has for itself: net.*, fs.mqueue.*, or one of System V IPC",
    description: "A kernel setting that every container has for itself.",
    examples: ["net.core.somaxconn"],
});

value!(Device {
    format: "landfall-device",
    pattern: concat!(
        "^/dev",
        absolute_path!(",\":\\u0000-\\u001f\\u007f-\\u009f"),
        "(:/dev",
        absolute_path!(",\":\\u0000-\\u001f\\u007f-\\u009f"),
        "(:(r|w|m|rw|rm|wm|rwm))?)?$"
    ),
    beyond: ["a path of more than 4095 bytes, or with a part of more than 255"],
    wrong: "/dev/x, /dev/x:/dev/y or /dev/x:/dev/y:rw",
    description: "A device of the VSN, optionally its path in the container and what may be done with it.",
    examples: ["/dev/ttyUSB0", "/dev/sdb:/dev/disk:rw"],
});
