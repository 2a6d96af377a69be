//! The rules of the server's firewall, as its own programs print them. Reads only.

use super::command::{Command, find};
use std::path::PathBuf;
use std::time::Duration;

/// How long each program may take.
const DEADLINE: Duration = Duration::from_secs(10);

/// The programs, with what they print their rules for.
const PROGRAMS: [(&str, &[&str]); 3] = [("nft", &["list", "ruleset"]), ("iptables-save", &[]), ("ip6tables-save", &[])];

/// What each program prints, at most so many bytes at the end; or why it does not.
pub fn rules(most: usize) -> Vec<(&'static str, Result<Vec<u8>, String>)> {
    let printed = |(program, arguments): (&'static str, &[&str])| {
        let found = find(program).ok_or_else(|| "is not installed".to_owned());
        let call = |path: PathBuf| Command::new(&path).args(arguments).deadline(DEADLINE).keep_the_last(most).run();
        (program, found.and_then(|path| call(path).map(|output| output.stdout).map_err(|problem| problem.to_string())))
    };
    PROGRAMS.into_iter().map(printed).collect()
}
