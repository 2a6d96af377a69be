//! What an engine said, as an operator is told it. Reads nothing, changes nothing.

use crate::host::command::CommandProblem;
use crate::run::Failure;

/// How much of what an engine said is passed on.
const MOST_LINES: usize = 2;
const MOST_CHARACTERS: usize = 400;

/// What Docker's client says first of what its daemon says.
const DAEMONS: &str = "Error response from daemon: ";

/// What Docker says of a port that a container publishes, or that it holds for nobody: since its daemon was killed, or the power was
/// cut, in the middle of a start. Nothing but a restart of the daemon gives it back (seen with 20.10.24).
const HELD: &str = "port is already allocated";
const FREED: &str =
    "; if `docker ps` shows no container with this port, restart Docker to free it, as by `systemctl restart docker`";

/// The failure that a call's problem is.
pub(super) fn failure(problem: CommandProblem) -> Failure {
    match problem {
        CommandProblem::Failed { command, code, stderr_tail } => Failure::new(match gist(&stderr_tail) {
            Some(gist) => format!("`{command}` failed: {gist}"),
            None => format!("`{command}` failed with exit code {code} and said nothing"),
        }),
        CommandProblem::Signalled { command, signal, stderr_tail } => Failure::lingering(match gist(&stderr_tail) {
            Some(gist) => format!("`{command}` was ended by signal {signal}: {gist}"),
            None => format!("`{command}` was ended by signal {signal}"),
        }),
        CommandProblem::Deadline { command, seconds, stderr_tail } => Failure::lingering(match gist(&stderr_tail) {
            Some(gist) => format!("`{command}` had not ended after {seconds} s and was killed: {gist}"),
            None => format!("`{command}` had not ended after {seconds} s and was killed"),
        }),
        killed @ (CommandProblem::Cancelled { command: _ }
        | CommandProblem::TooMuchOutput { command: _, limit: _ }
        | CommandProblem::Input { command: _, reason: _ }) => Failure::lingering(killed.to_string()),
        not_begun
        @ (CommandProblem::NotFound { command: _ } | CommandProblem::NotStarted { command: _, reason: _ }) => {
            Failure::new(not_begun.to_string())
        }
    }
}

/// The lines that say what went wrong: those that say that they are errors where there are any, without progress and warnings.
pub(super) fn gist<'a>(stderr: &'a str) -> Option<String> {
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !line.is_empty() && !is_noise(line)).collect();
    let error = |line: &&'a str| line.strip_prefix("Error: ").or(line.starts_with(DAEMONS).then_some(*line));
    let errors: Vec<&str> = lines.iter().filter_map(error).collect();
    // Docker's client says last that it failed, and its daemon before that why.
    let reasons: Vec<&str> =
        errors.iter().copied().filter(|line| !line.starts_with("failed to start containers: ")).collect();
    let errors = if reasons.is_empty() { errors } else { reasons };
    let told = if errors.is_empty() { lines } else { errors };
    let last = told.get(told.len().saturating_sub(MOST_LINES)..).unwrap_or_default().join("; ");
    let cut: String = last.chars().take(MOST_CHARACTERS).collect();
    match (cut.is_empty(), cut.len() < last.len()) {
        (true, _) => None,
        (false, true) => Some(format!("{cut}…")),
        (false, false) if cut.ends_with(HELD) => Some(format!("{cut}{FREED}")),
        (false, false) => Some(cut),
    }
}

/// Log lines below an error, and what conmon says where there is no log daemon.
fn is_noise(line: &str) -> bool {
    let log = line.starts_with("time=\"");
    (log && !line.contains("level=error") && !line.contains("level=fatal"))
        || line == "failed to connect to syslog: Initialization"
}

/// Whether a removal failed because there is nothing to remove.
pub(super) fn is_gone(stderr: &str) -> bool {
    const GONE: [&str; 9] = [
        "no such container",
        "network not found",
        "no such network",
        "no such secret",
        "no such image",
        "no such object",
        "image not known",
        "is not connected to network",
        "is not connected to the network",
    ];
    let is_network =
        |gist: &str| gist.starts_with("error response from daemon: network ") && gist.ends_with(" not found");
    gist(stderr)
        .map(|gist| gist.to_lowercase())
        .is_some_and(|gist| GONE.iter().any(|gone| gist.contains(gone)) || is_network(&gist))
}

/// Whether a listing failed because something that it had begun to read was removed meanwhile, or was not complete yet.
pub(super) fn is_of_a_change_meanwhile(stderr: &str) -> bool {
    const HALF: [&str; 5] =
        ["image not known", "layer not known", "container not known", "file does not exist", "size is not known"];
    is_gone(stderr) || gist(stderr).is_some_and(|gist| HALF.iter().any(|half| gist.ends_with(half)))
}

#[cfg(test)]
#[path = "said_tests.rs"]
mod tests;
