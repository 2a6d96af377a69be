//! The command that a change is for Docker, as the list that follows `docker`. Reads nothing, changes nothing.

mod container;
mod image;
#[cfg(test)]
mod tests;

pub use image::{inspect_image_of, pull, retrieve};

use super::literals;
use super::options::Options;
use crate::operation::{Argument, DroppedContainer, EngineChange};
use crate::plan::values::{PlanName, Subnet};

/// The arguments of the call that makes a change. None for a secret: outside of a swarm Docker has no store for them, and a file
/// of Landfall's takes its place.
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
        EngineChange::StartContainer { service: _, container, boot_guard: _ } => literals(["start", container]),
        EngineChange::CreateSecret(_) | EngineChange::DropSecret { secret: _ } => return None,
    })
}

/// Stops a container with its own signal and grace period unless another is said. Docker's removal would kill it at once, so that
/// this comes first.
pub fn stop(dropped: &DroppedContainer) -> Vec<Argument> {
    let DroppedContainer { container, grace_seconds } = dropped;
    Options::of(["stop"]).each("--time", *grace_seconds).then([Argument::literal(container)]).finish()
}

fn create_network(network: &PlanName, subnets: &[Subnet]) -> Vec<Argument> {
    Options::of(["network", "create", "--driver", "bridge"])
        .with("--label", format_args!("landfall.plan={network}"))
        .switch("--ipv6", subnets.iter().any(|subnet| subnet.network().addr().is_ipv6()))
        .each("--subnet", subnets.iter().map(|subnet| subnet.network()))
        .then([Argument::literal(network)])
        .finish()
}
