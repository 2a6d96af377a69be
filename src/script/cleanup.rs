//! The job that purges old syslog entries. Reads nothing, changes nothing.

use super::ScriptProblem;
use super::template::Templates;
use crate::operation::{Layout, Script};
use crate::plan::model::Cleanup;
use serde::Serialize;

/// What the system's log daemon writes in `/var/log`, as Debian, Fedora and their relatives configure it.
const LOGS: [&str; 20] = [
    "boot.log",
    "cron",
    "cron.log",
    "daemon.log",
    "debug",
    "kern.log",
    "local0.log",
    "local7.log",
    "lpr.log",
    "mail.err",
    "mail.info",
    "mail.log",
    "mail.warn",
    "maillog",
    "messages",
    "spooler",
    "syslog",
    "ufw.log",
    "user.log",
    "uucp.log",
];

/// Who logged in, and who became root.
const AUTH_LOGS: [&str; 2] = ["auth.log", "secure"];

const DAY: u64 = 24 * 60 * 60;

#[derive(Serialize)]
struct Values {
    keep: u64,
    /// How old the last rotation must be before another one: several firings a day make no pile of small files.
    pause: u64,
    include_auth: bool,
    logs: Vec<&'static str>,
}

/// The script `cleanup`.
pub(super) fn cleanup(cleanup: &Cleanup, layout: &Layout, templates: &Templates) -> Result<Script, ScriptProblem> {
    let Cleanup { schedule, keep, include_auth } = cleanup;
    let keep = keep.map_or_else(|| schedule.longest_gap().as_secs(), |keep| keep.as_seconds()).max(DAY);
    let auth = AUTH_LOGS.iter().filter(|_| *include_auth);
    let logs = LOGS.iter().chain(auth).copied().collect();
    templates.fill("cleanup", "cleanup", layout, Values { keep, pause: keep / 4, include_auth: *include_auth, logs })
}
