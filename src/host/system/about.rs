//! What whoever looks at a server from afar wants to know of it. Reads only.

use crate::few::Few;
use crate::host::command::{Command, find, visible};
use nix::sys::statvfs::statvfs;
use nix::sys::utsname::uname;
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A server, as far as the kernel tells of it. What it does not tell is left out.
#[derive(Debug, Serialize)]
pub struct About {
    /// The host name.
    pub hostname: Option<String>,
    /// `Linux 6.1.0-18-amd64 #1 SMP …, x86_64`.
    pub kernel: Option<String>,
    /// What `/etc/os-release` says: `NAME`, `VERSION_ID` and so on.
    pub system: BTreeMap<String, String>,
    /// How many processors there are for this program.
    pub processors: Option<usize>,
    /// Seconds since the boot, and how busy it was in the last 1, 5 and 15 minutes.
    pub uptime: Option<String>,
    /// As in `/proc/loadavg`.
    pub load: Option<String>,
    /// As in `/proc/meminfo`, in KiB.
    pub memory_kib: BTreeMap<String, u64>,
    /// What has been waited for, as in `/proc/pressure`.
    pub pressure: BTreeMap<&'static str, String>,
    /// Whether SELinux is enforcing.
    pub selinux_enforcing: bool,
    /// The file systems that something of the plan, of the engine or of the system lies on.
    pub disks: Vec<DiskUse>,
}

/// A file system, as full as it is.
#[derive(Debug, Serialize)]
pub struct DiskUse {
    /// What lies on it.
    pub path: PathBuf,
    /// Where it is mounted.
    pub mounted_at: Option<PathBuf>,
    /// Its kind: `ext4`.
    pub kind: Option<String>,
    /// Whether it is mounted read-only.
    pub read_only: Option<bool>,
    /// How many bytes it has.
    pub bytes: u64,
    /// How many are free for ordinary users.
    pub free_bytes: u64,
    /// How many files it can have; 0 where it has no limit.
    pub files: u64,
    /// How many more it can have.
    pub free_files: u64,
}

/// Looks at this server, and at the file systems of these paths.
pub fn about(paths: &[PathBuf]) -> About {
    let read = |path: &str| std::fs::read_to_string(path).ok();
    let kernel = uname().ok().map(|told| {
        let parts = [told.sysname(), told.release(), told.version()].map(|part| part.to_string_lossy().into_owned());
        format!("{}, {}", parts.join(" "), told.machine().to_string_lossy())
    });
    let pressure = ["cpu", "io", "memory"].into_iter();
    About {
        hostname: super::hostname().ok(),
        kernel,
        system: pairs(&read("/etc/os-release").unwrap_or_default(), '='),
        processors: std::thread::available_parallelism().ok().map(usize::from),
        uptime: read("/proc/uptime").map(|text| text.trim().to_owned()),
        load: read("/proc/loadavg").map(|text| text.trim().to_owned()),
        memory_kib: memory(&read("/proc/meminfo").unwrap_or_default()),
        pressure: pressure.filter_map(|of| Some((of, read(&format!("/proc/pressure/{of}"))?))).gathered(),
        selinux_enforcing: super::selinux_enforcing(),
        disks: paths.iter().filter_map(|path| disk(path)).collect(),
    }
}

/// Programs that a deployment depends on, and that say their version.
const PROGRAMS: [&str; 14] = [
    "podman",
    "docker",
    "dockerd",
    "containerd",
    "conmon",
    "crun",
    "runc",
    "netavark",
    "bash",
    "curl",
    "flock",
    "git",
    "nft",
    "iptables",
];

/// The first line that each of them says of itself, of those that are installed.
pub fn versions() -> BTreeMap<&'static str, String> {
    let version = |program: &'static str| {
        let call = Command::new(&find(program)?).arg("--version").deadline(Duration::from_secs(5));
        let output = call.keep_the_last(4096).run().ok()?;
        let first = String::from_utf8_lossy(&output.stdout).lines().next().map(str::to_owned)?;
        Some((program, visible(&first)))
    };
    PROGRAMS.into_iter().filter_map(version).gathered()
}

fn pairs(text: &str, between: char) -> BTreeMap<String, String> {
    let pair = |line: &str| {
        let (key, value) = line.split_once(between)?;
        Some((key.trim().to_owned(), value.trim().trim_matches('"').to_owned()))
    };
    text.lines().filter_map(pair).gathered()
}

fn memory(meminfo: &str) -> BTreeMap<String, u64> {
    let number = |(key, value): (String, String)| Some((key, value.split(' ').next()?.parse().ok()?));
    pairs(meminfo, ':').into_iter().filter_map(number).gathered()
}

fn disk(path: &Path) -> Option<DiskUse> {
    let there = path.ancestors().find(|folder| folder.exists())?;
    let found = statvfs(there).ok()?;
    let really = there.canonicalize().unwrap_or_else(|_| there.to_owned());
    let mounts = super::mounts().unwrap_or_default();
    // Of several at one place, the last one is seen.
    let mount = mounts.into_iter().rev().filter(|mount| really.starts_with(&mount.point));
    let mount = mount.max_by_key(|mount| mount.point.components().count());
    Some(DiskUse {
        path: path.to_owned(),
        mounted_at: mount.as_ref().map(|mount| mount.point.clone()),
        kind: mount.as_ref().map(|mount| mount.kind.clone()),
        read_only: mount.as_ref().map(|mount| mount.read_only),
        bytes: found.blocks().saturating_mul(found.fragment_size()),
        free_bytes: found.blocks_available().saturating_mul(found.fragment_size()),
        files: found.files(),
        free_files: found.files_available(),
    })
}

#[cfg(test)]
mod tests {
    use super::{memory, pairs};
    use pretty_assertions::assert_eq;

    #[test]
    fn files_of_the_system_are_read_as_pairs() {
        let read: Vec<_> = pairs("NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\n# x\n", '=').into_iter().collect();
        let expected = [("NAME", "Debian GNU/Linux"), ("VERSION_ID", "12")];
        assert_eq!(read, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        let read: Vec<_> = memory("MemTotal:       16384 kB\nHugePages_Total:       0\nx: y\n").into_iter().collect();
        assert_eq!(read, [("HugePages_Total".to_owned(), 0), ("MemTotal".to_owned(), 16384)]);
    }
}
