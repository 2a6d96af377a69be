//! Fetches with OpenSSH's client.

use super::{GRACE, Goal, SILENCE, Then, Trouble, fetched, known, of_the_program, unless_silent};
use crate::host::command::{Command, CommandProblem, require};
use crate::host::files::Nameless;
use crate::plan::values::SshLocation;
use crate::run::Failure;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How the other server is logged in to, and known.
pub struct SshAccess {
    /// The private key, as it stands in its file.
    pub key: Vec<u8>,
    /// The `known_hosts` lines of the servers that it may be.
    pub known_hosts: Vec<String>,
}

/// Nothing of root's configuration, agents and passwords; no server that is not known; no silence for longer than a minute.
const OPTIONS: [&str; 12] = [
    "BatchMode=yes",
    "IdentitiesOnly=yes",
    "IdentityAgent=none",
    "PreferredAuthentications=publickey",
    "StrictHostKeyChecking=yes",
    "GlobalKnownHostsFile=/dev/null",
    "UpdateHostKeys=no",
    "ClearAllForwardings=yes",
    "ConnectTimeout=20",
    "ServerAliveInterval=15",
    "ServerAliveCountMax=4",
    "LogLevel=ERROR",
];

/// What OpenSSH says, in lower case, what the server does then, and what helps. The first that fits counts.
const TROUBLES: [(&str, &str, Then); 9] = [
    (
        "host key verification failed",
        "is not known, or shows another key: see which one it has, and correct the key's `known_hosts`",
        Then::GiveUp,
    ),
    (
        "no matching host key",
        "has no host key of a kind in the key's `known_hosts`: add the line of another",
        Then::GiveUp,
    ),
    (
        "permission denied (",
        "does not let the key in: add its public key to the user's `authorized_keys` there",
        Then::GiveUp,
    ),
    ("error in libcrypto", "was not asked, for the key can't be read: is the secret the whole file?", Then::GiveUp),
    ("permission denied", "does not let the user read the file", Then::GiveUp),
    ("no such file", "has no such file: correct the path", Then::GiveUp),
    ("not found", "has no such file: correct the path", Then::GiveUp),
    ("could not resolve", "has no address: correct its name, or this server's name servers", Then::GoOn),
    ("connection refused", "accepts no connection: start it, or correct its name", Then::GoOn),
];

/// How one server is asked.
struct Client<'a> {
    sftp: PathBuf,
    key: Nameless,
    known_hosts: Nameless,
    from: &'a SshLocation,
}

impl<'a> Client<'a> {
    fn of(from: &'a SshLocation, access: &SshAccess) -> Result<Self, Failure> {
        let failure = |problem: &dyn std::fmt::Display| Failure::new(problem.to_string());
        let sftp = require("sftp").map_err(|problem| failure(&problem))?;
        let SshAccess { key, known_hosts } = access;
        let key = Nameless::holding(key).map_err(|problem| failure(&problem))?;
        let known_hosts = known_hosts.iter().map(|line| format!("{line}\n")).collect::<String>();
        let known_hosts = Nameless::holding(known_hosts.as_bytes()).map_err(|problem| failure(&problem))?;
        Ok(Self { sftp, key, known_hosts, from })
    }

    /// A call that does this there.
    fn call(&self, batch: String, left: Duration) -> Command {
        let Self { sftp, key, known_hosts, from } = self;
        let mut call = known(Command::new(sftp)).args(["-F", "none", "-b", "-"]);
        for option in OPTIONS {
            call = call.args(["-o", option]);
        }
        call.args(["-o", &format!("IdentityFile={}", key.path().display())])
            .args(["-o", &format!("UserKnownHostsFile={}", known_hosts.path().display())])
            .arg(format!("{}@{}", from.user(), from.host().before_port()))
            .stdin_bytes(batch)
            .deadline(left)
    }

    /// What lists the file.
    fn listing(&self) -> String {
        format!("ls -ln \"{}\"\n", self.from.path())
    }
}

/// How many bytes a file on another server has; `None` where it does not say so within this time.
pub fn size_by_ssh(from: &SshLocation, access: &SshAccess, limit: Duration) -> Option<u64> {
    let client = Client::of(from, access).ok()?;
    let listed = client.call(client.listing(), limit).grace(GRACE).run().ok()?;
    listed_size(&String::from_utf8_lossy(&listed.stdout))
}

impl Goal<'_> {
    /// Fetches a file. The key lies in memory alone.
    ///
    /// # Errors
    /// What the server did, with the cure; that there is no room for it; that `sftp` is missing.
    pub fn fetch(self, from: &SshLocation, access: &SshAccess) -> Result<File, Failure> {
        let client = Client::of(from, access)?;
        let Goal { file, room, limit: _, cancel: _ } = self;
        let who = format!("the server {}", from.host().before_port());
        let asked = |batch: String, left: Duration| {
            let call = client.call(batch, left);
            let silent =
                || Trouble { message: format!("{who} sends nothing any more: see whether it works"), then: Then::GoOn };
            let ended = unless_silent(self, SILENCE, |cancel| call.cancel(cancel).run());
            let ended = ended.map_err(|Failure { message, .. }| Trouble { message, then: Then::GiveUp })?;
            ended.ok_or_else(silent)?.map_err(|problem| trouble(&problem, &who))
        };
        let path = from.path();
        fetched(self, &|left| {
            let listed = asked(client.listing(), left)?;
            let bytes = listed_size(&String::from_utf8_lossy(&listed.stdout));
            if bytes.is_some_and(|bytes| bytes > room) {
                let message = format!(
                    "{who} has an archive of {} bytes, for which there is no room here",
                    bytes.unwrap_or_default()
                );
                return Err(Trouble { message, then: Then::GiveUp });
            }
            asked(format!("get -a \"{path}\" \"{}\"\n", shown(file)), left).map(drop)
        })
    }
}

/// A path of ours, in double quotes.
fn shown(file: &Path) -> String {
    file.display().to_string().replace('\\', "\\\\").replace('"', "\\\"")
}

/// The size in a line like `-rw-r--r--    1 0        0           10240 Nov 21 12:00 /srv/a.tar`.
fn listed_size(listing: &str) -> Option<u64> {
    let line = listing.lines().find(|line| line.starts_with('-'))?;
    line.split_ascii_whitespace().nth(4)?.parse().ok()
}

/// What ends `sftp` where the connection ended just before it asked for more.
const BROKEN_PIPE: i32 = 13;

fn trouble(problem: &CommandProblem, who: &str) -> Trouble {
    if matches!(problem, CommandProblem::Signalled { command: _, signal: BROKEN_PIPE, stderr_tail: _ }) {
        return Trouble { message: format!("{who} ended the transfer early: look at its log"), then: Then::GoOn };
    }
    let CommandProblem::Failed { command: _, code: _, stderr_tail } = problem else {
        return of_the_program(problem, who);
    };
    let said = stderr_tail.trim();
    let lower = said.to_lowercase();
    let known = TROUBLES.iter().find(|(words, _, _)| lower.contains(words));
    let (what, then) =
        known.map_or(("ended the transfer early: look at its log", Then::GoOn), |(_, what, then)| (*what, *then));
    let last = said.lines().last().unwrap_or("nothing");
    Trouble { message: format!("{who} {what}. sftp said: {last}"), then }
}

#[cfg(test)]
mod tests {
    use super::{Then, listed_size, trouble};
    use crate::host::command::{CommandName, CommandProblem};
    use pretty_assertions::assert_eq;

    #[test]
    fn regression_069_a_connection_that_ends_while_sftp_asks_for_more_is_gone_on_with() {
        let command = CommandName::new("sftp".as_ref(), None);
        let problem = CommandProblem::Signalled { command, signal: 13, stderr_tail: String::new() };
        let trouble = trouble(&problem, "the server images.example");
        assert_eq!(trouble.message, "the server images.example ended the transfer early: look at its log");
        assert!(matches!(trouble.then, Then::GoOn));
    }

    #[test]
    fn the_size_is_read_from_what_sftp_lists() {
        let listing =
            "sftp> ls -ln \"/srv/a.tar\"\n-rw-r--r--    1 0        0           10240 Nov 21 12:00 /srv/a.tar\n";
        assert_eq!(listed_size(listing), Some(10240));
        assert_eq!(listed_size("sftp> ls\n"), None);
    }
}
