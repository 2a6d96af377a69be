//! Docker: the command that a change is, as the list that follows `docker`, and the driver that runs it.

mod build;
mod container;
mod contents;
mod created;
mod driver;
mod image;
mod image_names;
mod info;
mod look;
#[cfg(test)]
mod look_tests;
mod pulled;
mod retrieve;
mod store;
mod stored;
#[cfg(test)]
mod tests;
mod trust;

pub use driver::Docker;
pub use image::{add_tag, inspect_image, inspect_image_of, names_by_digest, pull, retrieve, untag};

use super::literals;
use super::options::Options;
use crate::operation::Layout;
use crate::operation::{Argument, DroppedContainer, EngineChange};
use crate::plan::values::{PlanName, Subnet};
use crate::run::Failure;
use secrecy::SecretSlice;
use std::collections::BTreeMap;

/// Every secret of a plan, by the name that the plan's containers know it by.
///
/// # Errors
/// They are there and can't be read.
pub(super) fn secret_values(layout: &Layout) -> Result<BTreeMap<String, SecretSlice<u8>>, Failure> {
    store::SecretFiles::of(layout).values()
}

/// The arguments of the call that makes a change. None where that takes no call, as for a secret: outside of a swarm Docker has no store
/// for them, and a file of Landfall's takes its place.
pub fn command(change: &EngineChange) -> Option<Vec<Argument>> {
    Some(match change {
        EngineChange::DropContainer(DroppedContainer { container, grace_seconds: _ }) => {
            literals(["rm", "--force", container])
        }
        EngineChange::DropNetwork { network } => literals(["network", "rm", network]),
        EngineChange::DropTag { tag, unless_image_of: _ } => literals(["rmi", tag]),
        EngineChange::DropImage { id } => literals(["rmi", "--force", id]),
        EngineChange::CreateNetwork { network, subnets } => create_network(network, subnets),
        EngineChange::CreateContainer(container) => container::create(container),
        EngineChange::StopContainer { container } => literals(["stop", container]),
        EngineChange::RenameContainer { container, to } => literals(["rename", container, to]),
        EngineChange::StartContainer { service: _, container, boot_guard: _ } => literals(["start", container]),
        EngineChange::CreateSecret(_)
        | EngineChange::DropSecret { secret: _ }
        | EngineChange::KeepNetwork { network: _, ranges: _ } => return None,
    })
}

/// Stops a container with its own signal and grace period unless another is said. Docker's removal would kill it at once, so that
/// this comes first.
pub fn stop(dropped: &DroppedContainer) -> Vec<Argument> {
    let DroppedContainer { container, grace_seconds } = dropped;
    Options::of(["stop"]).each("--time", *grace_seconds).then([Argument::literal(container)]).finish()
}

/// Stops several, each with its own signal and grace period.
pub fn stop_all<'a>(containers: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["stop"].into_iter().chain(containers))
}

/// Removes several that are stopped.
pub fn drop_containers<'a>(containers: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["rm", "--force"].into_iter().chain(containers))
}

/// Tells the grace period of each, in a line of its own; where it has none of its own, no number.
pub fn graces<'a>(containers: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["container", "inspect", "--format", "{{.Config.StopTimeout}}"].into_iter().chain(containers))
}

/// Takes a container off a network.
pub fn disconnect(container: &str, network: &str) -> Vec<Argument> {
    literals(["network", "disconnect", "--force", network, container])
}

/// A container's whole output.
pub fn logs(container: &str) -> Vec<Argument> {
    literals(["logs", container])
}

/// Runs a command in a container, with a variable in its environment that tells it from all others.
pub fn exec<'a>(mark: &'a str, container: &'a str, command: impl IntoIterator<Item = &'a str>) -> Vec<Argument> {
    literals(["exec", "--env", mark, container]).into_iter().chain(literals(command)).collect()
}

/// Runs a command in a container with this process's own standard input and outputs, on its terminal if there is one.
pub fn attached(container: &str, terminal: bool) -> Vec<Argument> {
    Options::of(["exec", "--interactive"]).switch("--tty", terminal).then([Argument::literal(container)]).finish()
}

/// Everything that a container wrote, with the time before each line.
pub fn timed_logs(container: &str, since: Option<&str>, follow: bool) -> Vec<Argument> {
    Options::of(["logs", "--timestamps"])
        .each("--since", since)
        .switch("--follow", follow)
        .then([Argument::literal(container)])
        .finish()
}

fn create_network(network: &PlanName, subnets: &[Subnet]) -> Vec<Argument> {
    Options::of(["network", "create", "--driver", "bridge"])
        .with("--label", format_args!("landfall.plan={network}"))
        .switch("--ipv6", subnets.iter().any(|subnet| subnet.network().addr().is_ipv6()))
        .each("--subnet", subnets.iter().map(|subnet| subnet.network()))
        .then([Argument::literal(network)])
        .finish()
}
