//! The string values of the plan language and of a site's policy, one type for each kind, parsed once. Reads nothing, changes nothing.
//!
//! Every type has `parse`, gives its canonical text by `Display` (and serialises as it), and describes itself in the
//! JSON Schema by a lexical pattern and a format. The pattern is for editors; `parse` is the authority, and
//! [`problem_of`] lets a validator ask it by the format's name.

#[macro_use]
mod form;
#[macro_use]
mod pattern;

mod address;
mod allowed;
mod capability;
mod digest;
mod duration;
mod email;
mod engine_kind;
mod engine_names;
mod host;
mod image;
mod location;
mod name;
mod owner;
mod path;
mod port;
mod process;
mod registry_path;
mod run;
mod schedule;
mod signal;
mod size;
mod subnet;
#[cfg(test)]
mod tests;
mod url;

pub use address::{Address, HostsEntry, TcpTarget};
pub use allowed::{AllowedDevice, AllowedPorts, Endpoint, Recipient};
pub use capability::Capability;
pub use digest::{Digest, ImageId, Sha256};
pub use duration::Duration;
pub use email::Email;
pub use engine_kind::EngineKind;
pub use engine_names::{Device, LabelKey, SysctlName};
pub use form::{Form, Problem, Value};
pub use host::{Host, HostName};
pub use image::{ImageReference, RegistryName};
pub use location::{SshLocation, WebLocation};
pub use name::{JobName, KeyFileName, PlanName, SecretName, ServiceName};
pub use owner::{Mode, Owner};
pub use path::{ArchivePath, ContainerPath, HostPath, PlanPath};
pub use port::{Port, PortRange, Protocol};
pub use process::{CommandName, EnvironmentName, User};
pub use registry_path::RegistryPath;
pub use run::{RunId, RunIdProblem};
pub use schedule::Schedule;
pub use signal::Signal;
pub use size::Size;
pub use subnet::Subnet;
pub use url::{HttpUrl, Scheme};

macro_rules! kinds {
    ($($kind:ident,)+) => {
        /// Every kind, as it stands in the schema.
        pub const FORMS: &[&Form] = &[$(&$kind::FORM,)+];

        /// The name of every kind's format in the schema, in the order of [`FORMS`].
        pub const FORMATS: &[&str] = &[$($kind::FORM.format,)+];

        /// What is wrong with `text` as a value of the kind whose schema format is `format`.
        ///
        /// `None` if it is right, and for formats that are not among [`FORMATS`].
        pub fn problem_of(format: &str, text: &str) -> Option<Problem> {
            $(if format == $kind::FORM.format {
                return $kind::parse(text).err();
            })+
            None
        }
    };
}

kinds! {
    Address, AllowedDevice, AllowedPorts, ArchivePath, Capability, CommandName, ContainerPath, Device, Digest, Duration,
    Email, Endpoint, EnvironmentName, Host, HostName, HostPath, HostsEntry, HttpUrl, WebLocation, ImageId,
    ImageReference, JobName, KeyFileName, LabelKey, Mode, Owner, PlanName, PlanPath, Port, Recipient, RegistryName,
    RegistryPath, Schedule, SecretName, ServiceName, Sha256, Signal, Size, SshLocation, Subnet, SysctlName, TcpTarget, User,
}
