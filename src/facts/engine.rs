//! What a container engine is and has. Reads nothing, changes nothing.

pub use crate::plan::values::EngineKind;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

/// A container engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Engine {
    /// Which one.
    pub kind: EngineKind,
    /// Its program.
    pub program: PathBuf,
    /// Its version, `4.3.1`.
    pub version: String,
    /// What makes its networks: `netavark`, `cni`.
    pub network_backend: String,
    /// Whether containers find one another by name.
    pub name_resolution: bool,
    /// Whether the engine answers at all, and as root; the reason if not.
    pub problem: Option<String>,
    /// The folder of its images.
    pub graph_root: PathBuf,
    /// Whether it can write to the systemd journal.
    pub journald: bool,
}

impl Engine {
    /// The engine of this kind that an offline dry run assumes.
    pub fn assumed_of(kind: EngineKind) -> Self {
        match kind {
            EngineKind::Podman => Self::assumed(),
            EngineKind::Docker => Self {
                kind,
                program: PathBuf::from("/usr/bin/docker"),
                version: "20.10.24".to_owned(),
                network_backend: "libnetwork".to_owned(),
                graph_root: PathBuf::from("/var/lib/docker"),
                ..Self::assumed()
            },
        }
    }

    /// Podman, as an offline dry run assumes it.
    pub fn assumed() -> Self {
        Self {
            kind: EngineKind::Podman,
            program: PathBuf::from("/usr/bin/podman"),
            version: "4.3.1".to_owned(),
            network_backend: "netavark".to_owned(),
            name_resolution: true,
            problem: None,
            graph_root: PathBuf::from("/var/lib/containers/storage"),
            journald: true,
        }
    }
}

/// What an engine has at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EngineLook {
    /// All containers, storage-only ones included.
    pub containers: Vec<ContainerFact>,
    /// All images.
    pub images: Vec<ImageFact>,
    /// All networks.
    pub networks: Vec<NetworkFact>,
    /// All secrets of its store.
    pub secrets: Vec<SecretFact>,
}

/// A container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerFact {
    /// Its name.
    pub name: String,
    /// Its ID, 64 hexadecimal digits.
    pub id: String,
    /// The ID of its image, 64 hexadecimal digits.
    pub image_id: String,
    /// Its labels; none for a storage-only container.
    pub labels: BTreeMap<String, String>,
    /// The networks that it is on.
    pub networks: Vec<String>,
    /// The published ports: address (`None` for all), port, protocol.
    pub ports: Vec<super::HeldPort>,
    /// Whether its process runs.
    pub running: bool,
    /// Whether only its storage is left of it.
    pub storage_only: bool,
    /// The exit status of its process, once that ended.
    pub exit_code: Option<i32>,
    /// How often the engine started it again by itself.
    pub restarts: u32,
    /// Its address on the plan's network.
    pub address: Option<IpAddr>,
}

#[cfg(test)]
impl ContainerFact {
    /// One that runs, for tests: of no image, without labels, networks and ports.
    pub fn running(name: &str, id: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: id.to_owned(),
            image_id: String::new(),
            labels: BTreeMap::new(),
            networks: Vec::new(),
            ports: Vec::new(),
            running: true,
            storage_only: false,
            exit_code: None,
            restarts: 0,
            address: None,
        }
    }
}

impl ContainerFact {
    /// The label that says which plan it belongs to.
    pub const PLAN: &'static str = "landfall.plan";
    /// The label that says which service it is.
    pub const SERVICE: &'static str = "landfall.service";
    /// The label that says which run created it.
    pub const RUN: &'static str = "landfall.run";
    /// The label that says what it was made from.
    pub const CONFIG: &'static str = "landfall.config";

    /// The plan that it belongs to.
    pub fn plan(&self) -> Option<&str> {
        self.labels.get(Self::PLAN).map(String::as_str)
    }

    /// The service that it is.
    pub fn service(&self) -> Option<&str> {
        self.labels.get(Self::SERVICE).map(String::as_str)
    }
}

/// A monitor that runs although the engine has no such container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonitorFact {
    /// The container's name.
    pub container: String,
    /// The container's ID, 64 hexadecimal digits.
    pub id: String,
}

/// An image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageFact {
    /// Its ID, 64 hexadecimal digits.
    pub id: String,
    /// Its tags.
    pub tags: Vec<String>,
}

/// A network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkFact {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its address ranges.
    pub subnets: Vec<ipnet::IpNet>,
}

/// A secret of the engine's store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretFact {
    /// The engine's name of it.
    pub name: String,
}
