//! What operations are called, so that others can wait for them. Reads nothing, changes nothing.

use crate::operation::{Operation, OperationId};
use std::fmt::Display;

/// Retrieves the image of a service and of all that use the same.
pub fn retrieve(service: impl Display) -> OperationId {
    OperationId::of(format!("retrieve {service}"))
}

/// Verifies the image of a service.
pub fn verify(service: impl Display) -> OperationId {
    OperationId::of(format!("verify {service}"))
}

/// Drops a container.
pub fn drop(container: impl Display) -> OperationId {
    OperationId::of(format!("drop {container}"))
}

/// The point of no return.
pub fn uncommit() -> OperationId {
    OperationId::of("uncommit")
}

/// Drops the network.
pub fn drop_network() -> OperationId {
    OperationId::of("drop network")
}

/// Removes the keys.
pub fn remove_keys() -> OperationId {
    OperationId::of("remove keys")
}

/// Copies the keys, to go back to them if need be.
pub fn keep_keys() -> OperationId {
    OperationId::of("keep keys")
}

/// Puts the scripts aside, to go back to them if need be.
pub fn keep_jobs() -> OperationId {
    OperationId::of("keep jobs")
}

/// Creates the network.
pub fn network() -> OperationId {
    OperationId::of("create network")
}

/// Keeps the network.
pub fn keep_network() -> OperationId {
    OperationId::of("keep network")
}

/// Creates the container of a service.
pub fn create(service: impl Display) -> OperationId {
    OperationId::of(format!("create {service}"))
}

/// Starts the container of a service.
pub fn start(service: impl Display) -> OperationId {
    OperationId::of(format!("start {service}"))
}

/// Stops a container.
pub fn stop_container(container: impl Display) -> OperationId {
    OperationId::of(format!("stop {container}"))
}

/// Gives a container another name.
pub fn rename(container: impl Display) -> OperationId {
    OperationId::of(format!("rename {container}"))
}

/// Puts on record which services are stopped on purpose.
pub fn note_stopped() -> OperationId {
    OperationId::of("note stopped")
}

/// Waits for a service.
pub fn wait_for(service: impl Display) -> OperationId {
    OperationId::of(format!("await {service}"))
}

/// The ids of these operations.
pub fn of(operations: &[Operation]) -> Vec<OperationId> {
    operations.iter().map(|operation| operation.id.clone()).collect()
}
