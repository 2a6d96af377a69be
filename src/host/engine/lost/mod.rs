//! Mends what Podman can't: it loses track of a container whose monitor and network namespace are gone.

mod firewall;
mod interfaces;
mod monitors;
mod namespaces;
mod network;
