//! What a machine is. Reads nothing, changes nothing.

use ipnet::IpNet;
use jiff::civil::DateTime;
use std::net::IpAddr;
use std::path::PathBuf;

/// What stays free in the state folder, in bytes: for the journal, the scripts, and the log of a container that fails.
pub const KEPT_FREE: u64 = 16 << 20;

/// A machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Its host name.
    pub hostname: String,
    /// Whether we are root.
    pub root: bool,
    /// Its architecture in the images' words: `amd64`, `arm64`.
    pub architecture: String,
    /// Available memory in bytes.
    pub free_memory: u64,
    /// Free bytes where the engine keeps images.
    pub free_disk: u64,
    /// The disk where the engine keeps images.
    pub images_disk: Disk,
    /// Free bytes in the state folder.
    pub free_state: u64,
    /// The disk of the state folder.
    pub state_disk: Disk,
    /// Why the state folder can't be used, if so: read-only, immutable, without room for files, or with programs forbidden.
    pub state_problem: Option<String>,
    /// The folder that holds the state of all plans, without symbolic links on the way where it is there.
    pub state_folder: PathBuf,
    /// Whether SELinux is enforcing.
    pub selinux: bool,
    /// Ports that a process of this machine holds, those of our own plan's containers left out.
    pub ports: Vec<HeldPort>,
    /// Address ranges that an interface or a route of this machine uses, those of our own network left out.
    pub subnets: Vec<IpNet>,
    /// How mail can leave.
    pub mail: MailPath,
    /// The time zone that cron goes by; `None` where it is not known.
    pub zone: Option<Zone>,
    /// The program that runs now: what the boot job calls to finish an interrupted run.
    pub program: PathBuf,
    /// Why the running program can't be trusted at boot, if so: who else may write to it.
    pub program_problem: Option<String>,
}

impl Machine {
    /// The machine that an offline dry run assumes.
    pub fn assumed() -> Self {
        Self {
            hostname: String::new(),
            root: true,
            architecture: "amd64".to_owned(),
            free_memory: u64::MAX,
            free_disk: u64::MAX,
            images_disk: Disk { device: 0, at: PathBuf::from("/") },
            free_state: u64::MAX,
            state_disk: Disk { device: 0, at: PathBuf::from("/") },
            state_problem: None,
            state_folder: PathBuf::from("/var/lib/landfall"),
            selinux: false,
            ports: Vec::new(),
            subnets: Vec::new(),
            mail: MailPath { sendmail: Some(PathBuf::from("/usr/sbin/sendmail")), server: Ok(()) },
            zone: None,
            program: PathBuf::from("/usr/local/bin/landfall"),
            program_problem: None,
        }
    }
}

/// A file system.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disk {
    /// What the kernel tells it by.
    pub device: u64,
    /// Where it is mounted.
    pub at: PathBuf,
}

/// A time zone, and when its clocks change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name, `Europe/Berlin`.
    pub name: String,
    /// The changes of the next years, ascending.
    pub changes: Vec<ClockChange>,
}

/// A stretch of the wall clock that does not exist, or that comes twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockChange {
    /// Whether it is skipped; it is repeated otherwise.
    pub skips: bool,
    /// Where it begins.
    pub from: DateTime,
    /// Where it ends; this moment exists once.
    pub until: DateTime,
}

/// How mail can leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailPath {
    /// The `sendmail` program, where there is one.
    pub sendmail: Option<PathBuf>,
    /// Whether the plan's mail server accepts a connection; the reason if not. `Ok` where the plan names none.
    pub server: Result<(), String>,
}

/// A transport protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A port that something listens on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HeldPort {
    /// The address; `None` for all of them.
    pub address: Option<IpAddr>,
    /// The port.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
    /// Who holds it, as far as can be seen: a container's name. Empty if unknown.
    pub holder: String,
}
