//! One service and what reaches its container. Reads nothing, changes nothing.

use super::{Config, Cpus, Dependencies, Healthcheck, Image, Logging, Tmpfs, Ulimit, Volume};
use super::{examples, snippets};
use crate::plan::values::{
    Address, Capability, ContainerPath, Device, Duration, EnvironmentName, HostName, HostsEntry, LabelKey, Mode, Owner,
    Port, SecretName, Signal, Size, SysctlName, User,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// One service: a container that can be disposed of and made again at any time. What must last is in its `volumes`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Service")]
#[schemars(extend("examples" = [examples::service()], "defaultSnippets" = snippets::service()))]
pub struct Service {
    /// Where the image comes from: a reference with its registry, or an object with exactly one source.
    pub image: Image,
    /// The arguments of the entrypoint (or the program itself, where the image has none). Without it, the image's own.
    ///
    /// A list, not a line: no shell splits it or replaces anything in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["migrate", "--verbose"], example = ["sh", "-c", "exec app --port $PORT"])]
    #[schemars(extend("eachValue" = {"description": "One argument.", "examples": ["--verbose"]}))]
    pub command: Option<Vec<String>>,
    /// The program to run, and its first arguments. Without it, the image's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = ["/usr/local/bin/app", "serve"])]
    #[schemars(extend("eachValue" = {"description": "The program, or one argument.", "examples": ["/usr/local/bin/app"]}))]
    #[schemars(length(min = 1))]
    pub entrypoint: Option<Vec<String>>,
    /// Environment variables by name: a text, a secret, or a template with secrets in it.
    ///
    /// Root sees them with the engine's `inspect`; a secret is safer as a file (`secrets`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("default" = {}, "examples" = [{"TZ": "Europe/Vienna"}, {"DATABASE_URL": {"template": "postgres://shop:{{url db_password}}@db/shop"}}]))]
    pub environment: BTreeMap<EnvironmentName, Environment>,
    /// Secrets that the container gets as files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [[{"secret": "db_password", "target": "/run/secrets/db"}]]))]
    pub secrets: Vec<SecretFile>,
    /// Small files that travel with the plan, mounted read-only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [[{"file": "nginx.conf", "target": "/etc/nginx/nginx.conf"}]]))]
    pub configs: Vec<Config>,
    /// Data directories of the server: what the service must find again after it was disposed of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [[{"source": "/srv/shop/db", "target": "/var/lib/postgresql/data"}]]))]
    pub volumes: Vec<Volume>,
    /// Ports of the server that lead into the container: `[IP:]HOST[-END]:CONTAINER[-END][/udp]`, IPv6 in brackets.
    ///
    /// Without an IP the port is open on all interfaces, past the server's firewall. Services reach one another by name without publishing anything.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["8080:80"], ["127.0.0.1:5432:5432", "[2001:db8::1]:5432:5432"], ["8000-8009:9000-9009/udp"]]))]
    #[schemars(extend("eachValue" = {"defaultSnippets": snippets::ports()}))]
    pub ports: Vec<Port>,
    /// What must be up before this service starts: a list of names, each healthy, or names with conditions.
    ///
    /// What doesn't depend on one another starts side by side.
    #[serde(default, skip_serializing_if = "Dependencies::is_empty")]
    #[schemars(extend("default" = {}))]
    pub depends_on: Dependencies,
    /// How to tell that the service works. Without it, a service that has run for three seconds without a restart is healthy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub healthcheck: Option<Healthcheck>,
    /// What happens when the service's process ends. At boot, Landfall starts everything but one-shots itself, in order.
    #[serde(default)]
    #[schemars(example = Restart::No)]
    pub restart: Restart,
    /// The user that the process runs as, and perhaps its group: names of the image, or numbers. Without it, the image's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"postgres", example = &"999:999")]
    pub user: Option<User>,
    /// The directory that the process starts in. Without it, the image's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"/app")]
    pub working_dir: Option<ContainerPath>,
    /// The host name that the container sees itself by. Without it, the service's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"shop.example")]
    pub hostname: Option<HostName>,
    /// More names that the other services reach this one by.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["cache", "store.internal"]]))]
    pub aliases: Vec<HostName>,
    /// Labels of the container, for other programs. Those that begin with `landfall.` or `io.containers.` are taken.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("default" = {}, "examples" = [{"org.example.team": "shop"}]))]
    #[schemars(extend("eachValue" = {"description": "The label's value.", "examples": ["shop"]}))]
    pub labels: BTreeMap<LabelKey, String>,
    /// Whether the container's own file system is read-only. What it must write then needs `volumes` or `tmpfs`, `/tmp` as well.
    #[serde(default, skip_serializing_if = "super::off")]
    #[schemars(extend("default" = false), example = true)]
    pub read_only: bool,
    /// Directories in memory, empty at every start: a path, or an object with `target`, `size` and `mode`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["/tmp"], [{"target": "/var/cache", "size": "16MiB"}]]))]
    pub tmpfs: Vec<Tmpfs>,
    /// The size of `/dev/shm`. Without it, the engine's: about 64 MB, which is too little for many databases.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"256MiB")]
    pub shm_size: Option<Size>,
    /// Kernel settings by name, as texts: those that every container has for itself (`net.*`, `fs.mqueue.*`, System V IPC).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("default" = {}, "examples" = [{"net.core.somaxconn": "1024"}]))]
    #[schemars(extend("eachValue" = {"description": "The setting's value, as a text.", "examples": ["1024"]}))]
    pub sysctls: BTreeMap<SysctlName, String>,
    /// Capabilities added to those that every service starts with.
    ///
    /// These are CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, NET_BIND_SERVICE, SETFCAP, SETGID, SETPCAP, SETUID and SYS_CHROOT.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["NET_ADMIN"]]))]
    pub cap_add: Vec<Capability>,
    /// Capabilities taken from those that every service starts with; `ALL` takes all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["SETFCAP", "SYS_CHROOT"], ["ALL"]]))]
    pub cap_drop: Vec<Capability>,
    /// Whether the process is kept from gaining privileges, as by `sudo` and other set-user-id programs.
    #[serde(default = "super::on")]
    #[schemars(example = false)]
    pub no_new_privileges: bool,
    /// The most memory that the container may use; what needs more is killed. Without it, there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"512MiB", example = &"1GiB")]
    pub memory: Option<Size>,
    /// The most processor time, in cores, from 0.01 to 1024. Without it, there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 0.5, example = 1.5)]
    pub cpus: Option<Cpus>,
    /// The most processes and threads at once, from 1 to 4194304. Without it, the engine's limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = 200, range(min = 1, max = 4_194_304))]
    pub pids_limit: Option<u32>,
    /// Resource limits of the process, by name: a number, or `soft` and `hard`. Without one, the engine's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(extend("default" = {}, "examples" = [{"nofile": 65536}, {"nofile": {"soft": 1024, "hard": 65536}}]))]
    #[schemars(extend("propertyNames" = super::limits::names()))]
    pub ulimits: BTreeMap<String, Ulimit>,
    /// Devices of the server: `/dev/x`, with `:/dev/y` its path in the container, with `:rwm` what may be done with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["/dev/ttyUSB0"], ["/dev/sdb:/dev/disk:rw"]]))]
    pub devices: Vec<Device>,
    /// More lines for the container's `/etc/hosts`: `name:address`, or `name:host-gateway` for the server itself.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["printer.example:192.0.2.9", "vsn:host-gateway"]]))]
    pub extra_hosts: Vec<HostsEntry>,
    /// Addresses of the name servers for names outside the plan. Without any, the server's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("default" = [], "examples" = [["192.0.2.53"]]))]
    pub dns: Vec<Address>,
    /// Whether a small init process starts the service's and reaps the processes that it leaves behind.
    #[serde(default, skip_serializing_if = "super::off")]
    #[schemars(extend("default" = false), example = true)]
    pub init: bool,
    /// The signal that asks the process to end. Without it, the image's, which is mostly `SIGTERM`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = &"SIGINT", example = &"SIGQUIT", example = &"SIGRTMIN+3")]
    pub stop_signal: Option<Signal>,
    /// How long the process may take to end after `stop_signal` before it is killed. Databases need time to write.
    #[serde(default = "ten_seconds")]
    #[schemars(example = &"30s", example = &"2m")]
    pub stop_grace_period: Duration,
    /// Where the container's output goes, and how much of it is kept. Always bounded; by default a file of the engine's.
    #[serde(default)]
    #[schemars(extend("examples" = [{"max_size": "50MiB"}, {"driver": "journald", "tag": "shop-web"}]))]
    pub logging: Logging,
}

fn ten_seconds() -> Duration {
    Duration::seconds(10)
}

impl Service {
    /// Whether the service is done once its process has ended with 0.
    pub fn one_shot(&self) -> bool {
        self.restart == Restart::No
    }
}

/// The value of an environment variable: a text, a secret, or a template with secrets in it.
///
/// A text is passed on as it stands; nothing in it is interpolated.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(deny_unknown_fields, extend("examples" = examples::variables(), "defaultSnippets" = snippets::variables()))]
pub enum Environment {
    /// A text, passed on as it stands.
    Text(String),
    /// The value of a secret.
    Secret {
        /// The secret's name in the secrets file. Root sees its value with the engine's `inspect`: a file is safer.
        #[schemars(example = &"db_password")]
        secret: SecretName,
    },
    /// A text with secrets in it.
    Template {
        /// A text with secrets in it: `{{name}}` as it is, `{{url name}}` percent-encoded, `{{json name}}` as a JSON text.
        ///
        /// Nothing but names from the secrets file can stand between the braces.
        #[schemars(example = &"postgres://shop:{{url db_password}}@db/shop")]
        template: String,
    },
}

/// A secret, by its name in the secrets file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Secret", extend("defaultSnippets" = snippets::secret()))]
pub struct SecretReference {
    /// The secret's name: a key of the secrets file.
    #[schemars(example = &"smtp_password")]
    pub secret: SecretName,
}

/// A secret that the container gets as a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields, title = "Secret file")]
#[schemars(extend("examples" = examples::secret_files(), "defaultSnippets" = snippets::secret_files()))]
pub struct SecretFile {
    /// The secret's name: a key of the secrets file.
    #[schemars(example = &"db_password")]
    pub secret: SecretName,
    /// The file's absolute path in the container.
    #[schemars(example = &"/run/secrets/db_password")]
    pub target: ContainerPath,
    /// Who owns the file in the container, as `uid:gid` in numbers: the user that the service runs as. By default root.
    #[serde(default = "super::root")]
    #[schemars(example = &"999:999", example = &"10001:10001")]
    pub owner: Owner,
    /// The file's permissions in octal. By default its owner alone may read it.
    #[serde(default = "read_by_owner")]
    #[schemars(example = &"0440", example = &"0444")]
    pub mode: Mode,
    /// How the value is written in the secrets file, where it is binary. Without it, the value is the text that stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(example = Decode::Base64)]
    pub decode: Option<Decode>,
}

/// How a binary secret is written in the secrets file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Decode {
    /// Base64 with padding, on one line: what `base64 -w0 FILE` prints.
    Base64,
}

fn read_by_owner() -> Mode {
    Mode::OWNER_READS
}

/// What happens when a service's process ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    /// Nothing: the service is a one-shot, done when it ends with 0, and not run again at boot.
    No,
    /// It is started again unless it ended with 0.
    OnFailure,
    /// It is started again.
    #[default]
    Always,
}
