//! Capabilities of Linux. Reads nothing, changes nothing.

use super::form::{Problem, shown};
use crate::diagnostics::Code;

/// Everything in capabilities(7), without `CAP_`.
const NAMES: &[&str] = &[
    "AUDIT_CONTROL",
    "AUDIT_READ",
    "AUDIT_WRITE",
    "BLOCK_SUSPEND",
    "BPF",
    "CHECKPOINT_RESTORE",
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "IPC_LOCK",
    "IPC_OWNER",
    "KILL",
    "LEASE",
    "LINUX_IMMUTABLE",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
    "MKNOD",
    "NET_ADMIN",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_RAW",
    "PERFMON",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYSLOG",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_CHROOT",
    "SYS_MODULE",
    "SYS_NICE",
    "SYS_PACCT",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "WAKE_ALARM",
];

const EVERY: &str = "ALL";

/// A capability by its name without `CAP_`, or `ALL`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability(String);

text!(Capability);

impl Capability {
    /// Reads `NET_ADMIN`, `CAP_NET_ADMIN` or `ALL`.
    ///
    /// # Errors
    /// A name that Linux doesn't know, or lower case.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let find = |text: &str| {
            let name = text.strip_prefix("CAP_").unwrap_or(text);
            (NAMES.contains(&name) || text == EVERY).then(|| Self(name.to_owned()))
        };
        find(text).ok_or_else(|| {
            let upper = text.to_ascii_uppercase();
            let problem = Problem::new(Code::UnknownCapability, format!("capability {} is not known", shown(text)))
                .label("a name of capabilities(7), in capitals");
            problem.write(find(&upper).or_else(|| find(nearest(upper.strip_prefix("CAP_").unwrap_or(&upper))?)))
        })
    }

    /// Whether it stands for every capability.
    pub fn is_all(&self) -> bool {
        self.0 == EVERY
    }
}

fn nearest(bare: &str) -> Option<&'static str> {
    let distances = NAMES.iter().chain([&EVERY]).map(|name| (strsim::damerau_levenshtein(name, bare), *name));
    distances.min().filter(|(distance, _)| *distance <= 2).map(|(_, name)| name)
}

value!(Capability {
    format: "landfall-capability",
    pattern: concat!(
        "^((CAP_)?(AUDIT_CONTROL|AUDIT_READ|AUDIT_WRITE|BLOCK_SUSPEND|BPF|CHECKPOINT_RESTORE|CHOWN|DAC_OVERRIDE",
        "|DAC_READ_SEARCH|FOWNER|FSETID|IPC_LOCK|IPC_OWNER|KILL|LEASE|LINUX_IMMUTABLE|MAC_ADMIN|MAC_OVERRIDE|MKNOD",
        "|NET_ADMIN|NET_BIND_SERVICE|NET_BROADCAST|NET_RAW|PERFMON|SETFCAP|SETGID|SETPCAP|SETUID|SYSLOG|SYS_ADMIN",
        "|SYS_BOOT|SYS_CHROOT|SYS_MODULE|SYS_NICE|SYS_PACCT|SYS_PTRACE|SYS_RAWIO|SYS_RESOURCE|SYS_TIME",
        "|SYS_TTY_CONFIG|WAKE_ALARM)|ALL)$"
    ),
    wrong: "the name of a capability, such as NET_ADMIN",
    description: "The name of a Linux capability, with or without CAP_, or ALL.",
    examples: [
        "NET_ADMIN",
        "NET_RAW",
        "ALL",
        "AUDIT_CONTROL",
        "AUDIT_READ",
        "AUDIT_WRITE",
        "BLOCK_SUSPEND",
        "BPF",
        "CHECKPOINT_RESTORE",
        "CHOWN",
        "DAC_OVERRIDE",
        "DAC_READ_SEARCH",
        "FOWNER",
        "FSETID",
        "IPC_LOCK",
        "IPC_OWNER",
        "KILL",
        "LEASE",
        "LINUX_IMMUTABLE",
        "MAC_ADMIN",
        "MAC_OVERRIDE",
        "MKNOD",
        "NET_BIND_SERVICE",
        "NET_BROADCAST",
        "PERFMON",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYSLOG",
        "SYS_ADMIN",
        "SYS_BOOT",
        "SYS_CHROOT",
        "SYS_MODULE",
        "SYS_NICE",
        "SYS_PACCT",
        "SYS_PTRACE",
        "SYS_RAWIO",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "WAKE_ALARM"
    ],
});
