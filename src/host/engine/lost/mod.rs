//! Mends what Podman can't: it loses track of a container whose monitor and network namespace are gone.

pub(super) mod exits;
pub(super) mod firewall;
mod folders;
mod interfaces;
mod layers;
mod monitors;
mod namespaces;
mod network;
mod nftables;
pub(super) mod records;
mod stops;
mod torn;
mod unconnected;
mod unowned;
mod unrecorded;

pub use layers::ImageLayers;
pub(super) use network::{has_rules, run};
