//! Container engines: which commands they are given, what they have, and how each call ends.
//!
//! [`podman`] says which command a change is, as a list, and reads nothing; the dry run prints the very list that
//! [`Podman`] runs. Another engine is another module beside it that offers the same.

mod deadline;
mod details;
mod driver;
mod look;
mod looks;
mod lost;
mod marked;
pub mod podman;
mod pull;
mod registry;
mod retrieve;
mod said;
mod secret_store;
mod store_lock;

pub use details::ImageDetails;
pub use driver::{Answer, Podman};
pub use look::Storage;
pub use looks::Looks;
pub use lost::ImageLayers;
pub use pull::{Access, Login};
pub use retrieve::Order;
pub use secret_store::SecretStore;
