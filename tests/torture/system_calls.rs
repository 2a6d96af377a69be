//! Landfall's own system calls fail, or are the last that it makes: the n-th of a kind in any of its threads, for every n that there is.

use std::fmt;

use fastrand::Rng;

use crate::fault::Work;
use crate::server::Server;

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Injected {
    /// The program dies instead of making it.
    Kill,
    /// It fails with this error.
    Error(&'static str),
}

/// The kinds of calls that write, under all their names.
pub const KINDS: [&str; 6] = [
    "openat",
    "write,pwrite64,ftruncate,fallocate",
    "fsync,fdatasync",
    "rename,renameat,renameat2",
    "mkdir,mkdirat",
    "unlink,unlinkat",
];

/// What each kind of call meets.
pub const INJECTED: [Injected; 4] =
    [Injected::Kill, Injected::Error("ENOSPC"), Injected::Error("EIO"), Injected::Error("EROFS")];

impl fmt::Display for Injected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill => formatter.write_str("signal=KILL"),
            Self::Error(error) => write!(formatter, "error={error}"),
        }
    }
}

/// Injects so many times something at some call, on one server.
pub fn at_some_calls(seed: u64, times: u64) -> u64 {
    let mut random = Rng::with_seed(seed);
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    let mut happen = 0;
    for _ in 0..times {
        let work = random.choice([Work::Deploy, Work::Deploy, Work::Teardown]).unwrap();
        let kind = random.choice(KINDS).unwrap();
        let injected = random.choice(INJECTED).unwrap();
        // No thread makes many more of a kind, and most calls are its first ones.
        let most = random.usize(1..60);
        let number = random.usize(1..=most);
        happen += u64::from(at_call(&mut server, work, kind, injected, number));
    }
    server.deploy_undisturbed("v1");
    happen
}

/// Injects this at the call number `first`, then at every `step`-th, until there is no such call; how many there were.
pub fn at_every_call(work: Work, kind: &str, injected: Injected, (first, step): (usize, usize)) -> u64 {
    let mut server = Server::start();
    server.deploy_undisturbed("v1");
    for (count, number) in (first..).step_by(step).enumerate() {
        if !at_call(&mut server, work, kind, injected, number) {
            return count as u64;
        }
    }
    unreachable!("every program ends")
}

/// Whether there was such a call. Whatever it came to is as promised.
fn at_call(server: &mut Server, work: Work, kind: &str, injected: Injected, number: usize) -> bool {
    if server.version.is_none() {
        server.deploy_undisturbed("v1");
    }
    println!("{work}, {kind} number {number}: {injected}");
    let trace = format!("--trace={kind}");
    let inject = format!("--inject={kind}:{injected}:when={number}");
    // The engine and its children are programs of their own: not followed.
    let strace = ["strace", "--follow-forks", "--detach-on=execve", "--output=/srv/calls", &trace, &inject];
    let new = server.other_version();
    let ended = server.begin(work, new, &strace).wait();
    server.assert_untouched();
    let calls = String::from_utf8_lossy(&server.vsn.read("/srv/calls").unwrap()).into_owned();
    let kills = injected == Injected::Kill;
    let happened = calls.contains("(INJECTED)") || kills && ended.status.is_none();
    // Also where nothing is left to do: how the run ended may be on record in its journal alone.
    server.recover();
    println!("  {}", ended.stderr.lines().last().unwrap_or_default());
    server.settle(work, new, ended.status, !kills);
    happened
}
