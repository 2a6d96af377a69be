//! The policy as typed values. Reads nothing, changes nothing.
//!
//! The schema is generated from these types, so what stands in a doc comment here is what whoever writes a policy reads in the
//! editor. A list that is left out limits nothing; one that is empty allows nothing.

use crate::plan::model::{Cpus, Teardown};
use crate::plan::values::{
    AllowedDevice, AllowedPorts, Capability, Duration, Endpoint, HostPath, PlanName, Recipient, RegistryPath, Size,
    Subnet, SysctlName,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the plans that are deployed on a server may ask for.
///
/// A member that is left out limits nothing. A list holds what is allowed; an empty one allows nothing of the kind. Keys that
/// begin with `x-` are yours, for comments.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Site policy", extend("examples" = [super::schema::example()]))]
pub struct Policy {
    /// Where this schema lies, as a URL or a path relative to this file. It is for your editor.
    #[serde(rename = "$schema", default, skip_serializing)]
    #[schemars(example = &"policy.v1.json")]
    pub schema: Option<String>,
    /// The version of the policy format. There is only 1.
    #[schemars(extend("const" = 1), example = 1)]
    pub version: u32,
    /// The names of the plans that may be deployed here. Without it, a plan may have any name, and take the place of another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["shop"], extend("uniqueItems" = true))]
    pub plans: Option<Vec<PlanName>>,
    /// What a plan may dispose of, as its `teardown` says: `plan`, or the whole `node` with other people's containers.
    ///
    /// Without it, both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["plan"], extend("uniqueItems" = true))]
    pub teardown: Option<Vec<Teardown>>,
    /// Folders in or below which the sources of volumes must lie. Without it, anywhere but in the system's own directories.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["/srv"])]
    pub data_roots: Option<Vec<HostPath>>,
    /// More such folders, for volumes that are mounted `read_only`: certificates, time zones. Without it, none.
    ///
    /// Only beside `data_roots`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["/etc/ssl/certs", "/usr/share/zoneinfo"])]
    pub read_only_roots: Option<Vec<HostPath>>,
    /// Folders that configs, certificates and build contexts may be read from, besides the plan's own folder.
    ///
    /// What counts is where a path leads, symbolic links followed. Without it, any file that root can read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["/etc/pki/shop"])]
    pub file_folders: Option<Vec<HostPath>>,
    /// Registries, or parts of them, that images may be pulled from: `registry[/path]`, part by part, the port as plans write it.
    ///
    /// Images that are on the server already belong to `localhost`. What a build starts from is not limited by it, but by
    /// `build`. Without it, any registry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["registry.example:5000/shop", "docker.io/library"])]
    pub registries: Option<Vec<RegistryPath>>,
    /// Folders in or below which image archives must lie, symbolic links followed. Without it, anywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["/srv/images"])]
    pub archive_folders: Option<Vec<HostPath>>,
    /// Servers that image archives may be fetched from, by ssh or https. Without it, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["images.example"])]
    pub archive_hosts: Option<Vec<Endpoint>>,
    /// Whether images may be built on the server. A build runs commands as root, starts from any image, and has the network.
    #[serde(default = "allowed")]
    #[schemars(example = false)]
    pub build: bool,
    /// Whether an image may be named by what can be another image tomorrow: a tag alone, an archive without its hash.
    #[serde(default = "allowed")]
    #[schemars(example = false)]
    pub unpinned_images: bool,
    /// Whether a plan may do without verified certificates: `"tls_verify": false`, and mail with `"tls": "none"`.
    #[serde(default = "allowed")]
    #[schemars(example = false)]
    pub unverified_tls: bool,
    /// Capabilities that services may add to those that every container has. Without it, any.
    ///
    /// With `SYS_ADMIN`, `SYS_MODULE`, `SYS_PTRACE`, `SYS_RAWIO`, `DAC_READ_SEARCH`, `BPF`, `MKNOD` or `ALL`, a container is as good
    /// as root on the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["NET_RAW"])]
    pub cap_add: Option<Vec<Capability>>,
    /// Whether a service may let its processes gain privileges (`"no_new_privileges": false`).
    #[serde(default = "allowed")]
    #[schemars(example = false)]
    pub new_privileges: bool,
    /// Whether a service may run as root in its container. If not, every `user` must be a number other than 0.
    ///
    /// Root in a container can leave programs in a data directory that give root to whoever runs them on the server.
    #[serde(default = "allowed")]
    #[schemars(example = false)]
    pub container_root: bool,
    /// Devices that services may ask for, and what may be done with them: `/dev/x` or `/dev/x:rw`. Without it, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["/dev/ttyUSB0"])]
    pub devices: Option<Vec<AllowedDevice>>,
    /// Ports of the server that services may publish: `[IP:]PORT[-END][/udp]`. Without it, any.
    ///
    /// One without an address covers all addresses; `0.0.0.0` those of IPv4, `[::]` those of IPv6. What a plan publishes on all
    /// interfaces, without an address, is covered only by one without an address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["127.0.0.1:1024-65535", "443"])]
    pub host_ports: Option<Vec<AllowedPorts>>,
    /// Ranges that the subnets of a plan's network must lie in. Without it, any, even those of other servers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["10.90.0.0/16"])]
    pub subnets: Option<Vec<Subnet>>,
    /// Servers that `http` and `tcp` health checks may ask, as root of this server: `host` or `host:port`. Without it, any.
    ///
    /// A plan's own services, and the ports that it publishes itself, may always be asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["status.example:443"])]
    pub check_hosts: Option<Vec<Endpoint>>,
    /// Mail servers that plans may hand mail to. Without it, any. The system's own `sendmail` is always allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["mail.example.org:587"])]
    pub smtp_hosts: Option<Vec<Endpoint>>,
    /// Whom mail may go to: addresses, or `@host` for everybody there. Without it, anybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["@example.org"])]
    pub mail_to: Option<Vec<Recipient>>,
    /// Whether a plan may put private keys into `/root/.ssh`, and hosts into root's `known_hosts`.
    #[serde(default = "allowed")]
    #[schemars(example = false)]
    pub ssh_keys: bool,
    /// Which of the server's logs a plan's clean-up may purge. Without it, all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["syslog"], extend("uniqueItems" = true))]
    pub log_purge: Option<Vec<LogPurge>>,
    /// The shortest time that a clean-up must keep the entries of logs. Without it, as short as a plan says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"30d")]
    pub log_keep: Option<Duration>,
    /// The most `memory` that a service may have; each must say how much. Without it, there need be no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"2GiB")]
    pub memory: Option<Size>,
    /// The most `cpus` that a service may have; each must say how many. Without it, there need be no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 2)]
    pub cpus: Option<Cpus>,
    /// The most processes (`pids_limit`) that a service may have; each must say how many. Without it, the engine's limit will do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 512, range(min = 1, max = 4_194_304))]
    pub pids: Option<u32>,
    /// The resource limits (`ulimits`) that services may set. Without it, any; `rtprio` and `nice` can starve the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["nofile"], schema_with = "super::schema::ulimits")]
    pub ulimits: Option<Vec<String>>,
    /// The kernel settings (`sysctls`) that services may set, each for its own container. Without it, any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["net.core.somaxconn"])]
    pub sysctls: Option<Vec<SysctlName>>,
}

/// What a clean-up purges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(example = LogPurge::Syslog)]
pub enum LogPurge {
    /// The system's log.
    Syslog,
    /// The logs of authentication and audit as well (`"include_auth": true`).
    Auth,
}

impl Default for Policy {
    /// The policy that limits nothing.
    fn default() -> Self {
        Self {
            schema: None,
            version: 1,
            plans: None,
            teardown: None,
            data_roots: None,
            read_only_roots: None,
            file_folders: None,
            registries: None,
            archive_folders: None,
            archive_hosts: None,
            build: allowed(),
            unpinned_images: allowed(),
            unverified_tls: allowed(),
            cap_add: None,
            new_privileges: allowed(),
            container_root: allowed(),
            devices: None,
            host_ports: None,
            subnets: None,
            check_hosts: None,
            smtp_hosts: None,
            mail_to: None,
            ssh_keys: allowed(),
            log_purge: None,
            log_keep: None,
            memory: None,
            cpus: None,
            pids: None,
            ulimits: None,
            sysctls: None,
        }
    }
}

fn allowed() -> bool {
    true
}
