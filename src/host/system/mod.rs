//! What the server has and what it is doing, read from the kernel. Reads only.

mod about;
mod clock;
mod mounts;
mod network;
mod reader;

pub use about::{About, DiskUse, about, versions};
pub use clock::{booted_at, now, zone};
pub use mounts::{Mount, is_mountpoint, mountpoint_within, mounts};
pub use network::{Listener, Protocol, Subnet, listening_ports, subnets_in_use};
pub use reader::has_reader;

use super::command::{Command, find};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::sys::utsname::uname;
use std::io;
use std::path::Path;
use std::time::Duration;

/// What a file system has left for ordinary users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FreeSpace {
    /// Bytes.
    pub bytes: u64,
    /// New files and folders; `u64::MAX` where the file system has no limit.
    pub inodes: u64,
    /// The number of the file system, to tell whether two paths share their space.
    pub device: u64,
}

/// Who types: the user that `sudo` made root, or root.
pub fn operator() -> String {
    std::env::var("SUDO_USER").ok().filter(|user| !user.is_empty()).unwrap_or_else(|| "root".to_owned())
}

/// What is free where `path`, or what exists of it, lies.
///
/// # Errors
/// The system's.
pub fn free_space(path: &Path) -> io::Result<FreeSpace> {
    let existing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
    let statistics = statvfs(existing)?;
    let device = nix::sys::stat::stat(existing)?.st_dev;
    let bytes = statistics.blocks_available().saturating_mul(statistics.fragment_size());
    let inodes = if statistics.files() == 0 { u64::MAX } else { statistics.files_available() };
    Ok(FreeSpace { bytes, inodes, device })
}

/// Whether no program can be started from the file system of `path`: it is mounted with `noexec`.
///
/// # Errors
/// The system's.
pub fn forbids_programs(path: &Path) -> io::Result<bool> {
    Ok(statvfs(path)?.flags().contains(FsFlags::ST_NOEXEC))
}

/// How much memory new programs can have without swapping, in bytes (`MemAvailable`).
///
/// # Errors
/// The system's, or `InvalidData` if the kernel doesn't say it.
pub fn free_memory() -> io::Result<u64> {
    let text = std::fs::read_to_string("/proc/meminfo")?;
    available_memory(&text)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "no MemAvailable in /proc/meminfo"))
}

fn available_memory(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The server's host name, as the kernel has it.
///
/// # Errors
/// The system's.
pub fn hostname() -> io::Result<String> {
    Ok(nix::unistd::gethostname()?.to_string_lossy().into_owned())
}

/// Whether this program runs as root.
pub fn is_root() -> bool {
    nix::unistd::geteuid().is_root()
}

/// The processor architecture by its name in image configurations: `amd64`, `arm64`.
///
/// # Errors
/// The system's.
pub fn architecture() -> io::Result<String> {
    let machine = uname()?.machine().to_string_lossy().into_owned();
    Ok(image_architecture(&machine).to_owned())
}

fn image_architecture(machine: &str) -> &str {
    match machine {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "armv6l" | "armv7l" | "armv8l" => "arm",
        "i386" | "i486" | "i586" | "i686" => "386",
        "loongarch64" => "loong64",
        other => other,
    }
}

/// The version of the kernel that runs.
///
/// # Errors
/// The system's.
pub fn kernel() -> io::Result<String> {
    Ok(uname()?.release().to_string_lossy().into_owned())
}

/// What the operating system calls itself: `Debian GNU/Linux 12 (bookworm)`; empty where it does not say.
pub fn operating_system() -> String {
    let text = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="));
    line.map(|name| name.trim_matches(['"', '\'']).to_owned()).unwrap_or_default()
}

/// Whether SELinux is enforcing; false where the kernel doesn't have it.
pub fn selinux_enforcing() -> bool {
    std::fs::read_to_string("/sys/fs/selinux/enforce").is_ok_and(|text| text.trim() == "1")
}

/// The type in a file's SELinux label, such as `container_file_t`; `None` where there is no label.
pub fn selinux_type(path: &Path) -> Option<String> {
    let stat = Command::new(&find("stat")?).args(["--format=%C", "--"]).arg(path);
    let output = stat.deadline(Duration::from_secs(10)).run().ok()?;
    let label = String::from_utf8(output.stdout).ok()?;
    label.trim().split(':').nth(2).map(str::to_owned)
}

/// Makes the permission bits of what programs create independent of the operator's umask: 022.
pub fn set_neutral_umask() {
    nix::sys::stat::umask(nix::sys::stat::Mode::from_bits_truncate(0o022));
}

/// Keeps this process, and the programs that it starts, from leaving their memory, with all secrets in it, on the disk when they crash.
pub fn leave_no_core_file() {
    let Ok((_, most)) = getrlimit(Resource::RLIMIT_CORE) else { return };
    // It can't fail: any process may lower a limit of its own.
    let _ = setrlimit(Resource::RLIMIT_CORE, 0, most);
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn free_memory_is_what_the_kernel_calls_available() {
        let meminfo = "MemTotal:       24681992 kB\nMemFree:         1000 kB\nMemAvailable:   20480000 kB\n";
        assert_eq!(available_memory(meminfo), Some(20_480_000 * 1024));
        assert_eq!(available_memory("MemTotal: 5 kB\n"), None);
        assert!(free_memory().unwrap() > 0);
    }

    #[test]
    fn architectures_have_their_names_in_images() {
        let named: Vec<&str> = ["x86_64", "aarch64", "armv7l", "i686", "riscv64"].map(image_architecture).to_vec();
        assert_eq!(named, ["amd64", "arm64", "arm", "386", "riscv64"]);
    }

    #[test]
    fn space_is_measured_where_a_missing_folder_would_be() {
        let folder = tempfile::tempdir().unwrap();
        let missing = free_space(&folder.path().join("a/b")).unwrap();
        assert_eq!(missing.device, std::os::unix::fs::MetadataExt::dev(&folder.path().metadata().unwrap()));
    }
}
