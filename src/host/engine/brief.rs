//! Spares the engines' clients what they do for nothing. Changes nothing by itself.

use crate::host::command::Command;

/// How many percent of what it keeps a client of ours may throw away before it collects that: both are written in Go. The usual 100 has
/// a call collect several times in its tenth of a second, which took up to 30 % of its processor time, for 2 MiB of memory.
const COLLECTION: (&str, &str) = ("GOGC", "1000");

/// Calls that move images or last: what they throw away would add up.
const LONG: [&str; 5] = ["build", "load", "logs", "pull", "save"];

/// The call as it is to be, if it is one that is over soon.
pub(super) fn spared(call: Command, arguments: &[String]) -> Command {
    let (variable, percent) = COLLECTION;
    let long = arguments.first().is_some_and(|verb| LONG.contains(&verb.as_str()));
    if long { call } else { call.env(variable, percent) }
}
