//! What a site's policy allows: each kind of value says of a plan's values which ones it covers. Reads nothing, changes nothing.

mod device;
mod endpoint;
mod ports;
mod recipient;

pub use device::AllowedDevice;
pub use endpoint::Endpoint;
pub use ports::AllowedPorts;
pub use recipient::Recipient;
