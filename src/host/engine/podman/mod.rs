//! The command that a change is for Podman, as the list that follows `podman`. Reads nothing, changes nothing.

mod container;
mod image;
mod mounts;
#[cfg(test)]
mod tests;

pub(super) use container::{capabilities, cores, plain_variables, restart_policy, ulimit};
pub use image::{add_tags, inspect_image_of, inspect_images, pull, retrieve, untag};

use super::literals;
use crate::operation::{Argument, DroppedContainer, EngineChange, NewSecret};
use crate::plan::values::{PlanName, Subnet};

/// Where a container mounts the file without which no engine starts it.
///
/// In the root folder, where nothing else is mounted over it and where a container whose own file system is read-only can
/// have it too.
pub const BOOT_GUARD: &str = "/.landfall-boot";

/// Takes a container off a network.
pub fn disconnect(container: &str, network: &str) -> Vec<Argument> {
    literals(["network", "disconnect", "--force", network, container])
}

/// The arguments of the call that makes a change; none where that takes no call.
pub fn command(change: &EngineChange) -> Option<Vec<Argument>> {
    Some(match change {
        EngineChange::DropContainer(dropped) => drop_container(dropped),
        EngineChange::DropNetwork { network } => literals(["network", "rm", network]),
        EngineChange::DropTag { tag, unless_image_of: _ } => literals(["rmi", tag]),
        EngineChange::DropImage { id } => literals(["rmi", "--force", id]),
        EngineChange::DropSecret { secret } => literals(["secret", "rm", secret]),
        EngineChange::CreateNetwork { network, subnets } => create_network(network, subnets),
        EngineChange::KeepNetwork { network: _, ranges: _ } => return None,
        EngineChange::CreateSecret(NewSecret { name, text: _ }) => {
            [literals(["secret", "create"]), vec![name.clone()], literals(["-"])].concat()
        }
        EngineChange::CreateContainer(container) => container::create(container),
        EngineChange::StopContainer { container } => stop(container),
        EngineChange::RenameContainer { container, to } => literals(["rename", container, to]),
        EngineChange::StartContainer { service: _, container, boot_guard: _ } => start(container),
    })
}

/// Stops a container as it asks to be stopped.
pub fn stop(container: &str) -> Vec<Argument> {
    literals(["stop", container])
}

/// Starts a container.
pub fn start(container: &str) -> Vec<Argument> {
    literals(["start", container])
}

/// A container's whole output. Of its last lines alone (`--tail`), Podman puts the beginning of a line that was written in pieces at the end
/// of the line before.
pub fn logs(container: &str) -> Vec<Argument> {
    literals(["logs", container])
}

/// Runs a command in a container, with a variable in its environment that tells it from all others.
pub fn exec<'a>(mark: &'a str, container: &'a str, command: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["exec", "--env", mark, container]).into_iter().chain(literals(command)).collect()
}

/// Runs a command in a container with this process's own standard input and outputs, on its terminal if there is one. No keys detach
/// from it: they would be taken from the command.
pub fn attached(container: &str, terminal: bool) -> Vec<Argument> {
    let tty = terminal.then_some("--tty");
    literals(["exec", "--interactive", "--detach-keys", ""].into_iter().chain(tty).chain([container]))
}

/// Everything that a container wrote, with the time before each line.
pub fn timed_logs(container: &str, since: Option<&str>, follow: bool) -> Vec<Argument> {
    let since = since.into_iter().flat_map(|since| ["--since", since]);
    let follow = follow.then_some("--follow");
    literals(["logs", "--timestamps"].into_iter().chain(since).chain(follow).chain([container]))
}

/// Stops a container with its own signal and grace period unless another is said, and removes it.
///
/// Without `--volumes`: a volume without a name that a container made is somebody's data.
fn drop_container(dropped: &DroppedContainer) -> Vec<Argument> {
    let DroppedContainer { container, grace_seconds } = dropped;
    let mut arguments = literals(["rm", "--force"]);
    if let Some(seconds) = grace_seconds {
        arguments.extend(option("--time", seconds));
    }
    arguments.push(Argument::literal(container));
    arguments
}

/// The same for several, each with its own.
pub fn drop_containers<'a>(containers: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["rm", "--force"].into_iter().chain(containers))
}

fn create_network(network: &PlanName, subnets: &[Subnet]) -> Vec<Argument> {
    let mut arguments = literals(["network", "create", "--driver", "bridge"]);
    arguments.extend(option("--label", format!("landfall.plan={network}")));
    if subnets.iter().any(|subnet| subnet.network().addr().is_ipv6()) {
        arguments.push(Argument::literal("--ipv6"));
    }
    arguments.extend(subnets.iter().flat_map(|subnet| option("--subnet", subnet.network())));
    arguments.push(Argument::literal(network));
    arguments
}

/// An option and its value.
fn option(name: &str, value: impl std::fmt::Display) -> [Argument; 2] {
    [Argument::literal(name), Argument::literal(value)]
}
