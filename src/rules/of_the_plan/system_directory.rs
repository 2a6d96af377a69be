//! Directories of the system, and of Landfall, that are nobody's data. Reads nothing, changes nothing.

use crate::diagnostics::{Code, Finding, Place};
use crate::plan::model::Plan;
use crate::plan::values::HostPath;
use crate::rules::place::element;

/// Directories that are not data themselves, though data may lie below them.
const ITSELF: [(&str, &str); 13] = [
    ("/", "the whole system"),
    ("/home", "the users' own directories"),
    ("/root", "root's own directory"),
    ("/tmp", "everybody's temporary directory"),
    ("/var", "where the system keeps what changes"),
    ("/var/cache", "where programs of the system keep copies"),
    ("/var/lib", "where programs of the system keep their state"),
    ("/var/log", "the system's log"),
    ("/var/mail", "the system's mailboxes"),
    ("/var/spool", "where programs of the system keep their queues"),
    ("/var/tmp", "everybody's temporary directory"),
    ("/var/backups", "the system's own backups"),
    ("/lost+found", "what a file system check finds"),
];

/// Directories in which nothing is data.
const BELOW: [(&str, &str); 12] = [
    ("/dev", "the system's devices"),
    ("/proc", "a window to the kernel"),
    ("/sys", "a window to the kernel"),
    ("/run", "empty after every boot"),
    ("/var/run", "empty after every boot"),
    ("/boot", "what the system boots from"),
    ("/root/.ssh", "root's keys"),
    ("/var/spool/cron", "the crontabs"),
    ("/var/lib/containers", "the engine's own"),
    ("/var/lib/containerd", "the engine's own"),
    ("/var/lib/docker", "the engine's own"),
    ("/var/lib/landfall", "Landfall's own state"),
];

/// Directories of which a part may be read by a container, such as certificates or time zones.
const TO_READ: [(&str, &str); 9] = [
    ("/etc", "the system's configuration"),
    ("/usr", "the system's programs"),
    ("/bin", "the system's programs"),
    ("/sbin", "the system's programs"),
    ("/lib", "the system's libraries"),
    ("/lib32", "the system's libraries"),
    ("/lib64", "the system's libraries"),
    ("/libx32", "the system's libraries"),
    ("/var/lib/dpkg", "the package manager's own"),
];

pub(super) fn findings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, service) in &plan.services {
        for (index, volume) in service.volumes.iter().enumerate() {
            let Some(meaning) = meaning_of(&volume.source, volume.read_only) else { continue };
            let at = element(name, "volumes", index).then("source");
            let finding =
                Finding::error(Code::SystemDirectory, at, format!("`{}` is no place for data", volume.source))
                    .label(meaning);
            findings.push(match meaning_of(&volume.source, true) {
                Some(_) => finding.help(format!("use a directory of its own, such as `/srv/{}/{name}`", plan.name)),
                None => finding.help("write `\"read_only\": true` if the service only reads it").fix(
                    "mount it read-only",
                    Place::Value(element(name, "volumes", index).then("read_only")),
                    true,
                ),
            });
        }
    }
    findings
}

/// What a directory is to the system; `None` if a service may have it as its data.
fn meaning_of(source: &HostPath, read_only: bool) -> Option<&'static str> {
    let source = source.as_path();
    let itself = ITSELF.iter().find(|(path, _)| source == std::path::Path::new(path));
    let below = BELOW.iter().find(|(path, _)| source.starts_with(path));
    let part = |path: &str| read_only && source != std::path::Path::new(path);
    let to_read = TO_READ.iter().find(|(path, _)| source.starts_with(path) && !part(path));
    itself.or(below).or(to_read).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::meaning_of;
    use crate::plan::values::HostPath;
    use pretty_assertions::assert_eq;

    #[test]
    fn data_has_a_directory_of_its_own() {
        let refused = |path: &str, read_only| meaning_of(&HostPath::parse(path).unwrap(), read_only).is_some();
        let data = [
            "/srv",
            "/srv/shop/db",
            "/home/shop",
            "/var/lib/shop",
            "/var/log/shop",
            "/opt/shop",
            "/mnt/disk",
            "/etcetera",
        ];
        assert_eq!(data.map(|path| refused(path, false)), [false; 8]);
        let not = ["/", "/etc", "/usr", "/var/lib", "/var/lib/landfall", "/run/shop", "/proc/1", "/root", "/root/.ssh"];
        assert_eq!(not.map(|path| refused(path, true)), [true; 9]);
        let parts = ["/etc/ssl/certs", "/usr/share/zoneinfo"];
        assert_eq!(parts.map(|path| (refused(path, true), refused(path, false))), [(false, true); 2]);
    }
}
