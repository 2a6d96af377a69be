//! What a boot finds gone: `/run`, the memory that processes share, and mounts.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::engine::Container;
use super::look::{System, sorted};

/// What every look of ours, every command and every boot leaves in `/run`, each as exactly the path that it is.
const OFTEN: [&str; 27] = [
    // The engine's server of names, and which container has which address.
    "containers/networks/aardvark-dns/aardvark.pid",
    "containers/networks/ipam.db",
    // How often each layer is mounted.
    "containers/storage/overlay-layers",
    "containers/storage/overlay-layers/mountpoints.json",
    "containers/storage/overlay-layers/mountpoints.lock",
    // Cron's.
    "crond.pid",
    "crond.reboot",
    "cron.reboot",
    // Where a test has mounted a disk of its own.
    "disk",
    // The folder of all plans stays, empty, as does that of their state; the locks are files that are never removed, so that all see the
    // same.
    "landfall",
    "landfall.lock",
    // What Podman said of itself, for the next run.
    "landfall.podman-itself",
    "landfall.podman-networks",
    "landfall.ports",
    "libpod",
    "libpod/alive",
    "libpod/alive.lck",
    "libpod/events",
    "libpod/events/events.log",
    "libpod/events/events.log.lock",
    "libpod/exits",
    "lock",
    // The `mount` of a test.
    "mount",
    "mount/utab",
    "mount/utab.lock",
    "rsyslogd.pid",
    "xtables.lock",
];

/// The paths in `/run` but those.
pub fn paths(system: &System) -> Vec<String> {
    let top = system.path("/run");
    let mut paths = Vec::new();
    descend(&top, &top, &mut paths);
    // Docker unmounts at once, and removes what it has mounted on within a minute.
    let passes = ["disk/", "docker/netns/"];
    paths.retain(|path| !OFTEN.contains(&path.as_str()) && !passes.iter().any(|begins| path.starts_with(begins)));
    sorted(paths)
}

/// Leaves the runtime's records out of containers that are not there.
pub fn without_lost_records(paths: &mut Vec<String>, containers: &[Container]) {
    let is_lost = |path: &str| {
        let id = path.strip_prefix("runc/").and_then(|rest| rest.split('/').next()).filter(|id| id.len() == 64);
        id.is_some_and(|id| containers.iter().all(|container| container.id != id))
    };
    paths.retain(|path| !is_lost(path));
}

/// Those of them that are neither the engine's nor ours, with all that nobody may change of them.
pub fn strangers(system: &System, paths: &[String]) -> Vec<String> {
    let engines =
        ["containerd", "containers", "docker", "docker.pid", "docker.sock", "landfall", "libpod", "netns", "runc"];
    let is_somebodys = |path: &&String| !engines.contains(&path.split('/').next().unwrap_or_default());
    let described = |path: &String| {
        let metadata = fs::symlink_metadata(system.path(&format!("/run/{path}"))).ok()?;
        let (mode, owner, size) = (metadata.mode(), (metadata.uid(), metadata.gid()), metadata.size());
        let times = if metadata.is_dir() {
            String::new()
        } else {
            format!("{size} {}.{}", metadata.mtime(), metadata.mtime_nsec())
        };
        Some(format!("/run/{path} {mode:o} {owner:?} {} {times}", metadata.ino()))
    };
    paths.iter().filter(is_somebodys).filter_map(described).collect()
}

/// What lies in the memory that processes share, but for the engine's locks.
pub fn shared_memory(system: &System) -> Vec<String> {
    let top = system.path("/dev/shm");
    let mut paths = Vec::new();
    descend(&top, &top, &mut paths);
    paths.retain(|path| path != "libpod_lock");
    sorted(paths)
}

/// Where something is mounted for a container, or in a folder of ours or of nobody's.
pub fn mounts(system: &System) -> Vec<String> {
    let places = [
        "/run/netns/",
        "/run/containers/",
        "/run/landfall",
        "/var/lib/containers/storage/overlay/",
        "/var/lib/containers/storage/overlay-containers/",
        "/var/lib/docker/overlay2/",
        "/var/lib/docker/containers/",
        "/tmp/",
        "/var/tmp/",
    ];
    let table = fs::read_to_string(system.path("/proc/1/mountinfo")).unwrap();
    let points = table.lines().filter_map(|line| line.split(' ').nth(4));
    sorted(points.filter(|point| places.iter().any(|place| point.starts_with(place))).map(str::to_owned).collect())
}

/// What only some deployments have in our folder of `/run`: the locks of jobs and boots, what came of those that cron has run, and the mark
/// by which a one-shot may be started, which no boot starts again.
const SOMETIMES: [&str; 6] = [
    "landfall/shop/_boot",
    "landfall/shop/_healthcheck",
    "landfall/shop/boot.lock",
    "landfall/shop/recover.lock",
    "landfall/shop/healthcheck.lock",
    "landfall/shop/boot/migrate",
];

/// How many there are of each kind that belong to none of these containers, with what is random in their names left out.
pub fn kinds(paths: &[String], containers: &[Container]) -> BTreeMap<String, i64> {
    let mut kinds = BTreeMap::new();
    let is_a_containers = |path: &&String| containers.iter().any(|container| path.contains(&container.id));
    let is_told_apart = |path: &&String| !is_a_containers(path) && !SOMETIMES.contains(&path.as_str());
    for path in paths.iter().filter(is_told_apart) {
        *kinds.entry(path.split('/').map(without_random).collect::<Vec<_>>().join("/")).or_default() += 1;
    }
    kinds
}

fn without_random(name: &str) -> &str {
    let hexadecimal = |name: &str| name.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-');
    match name.strip_prefix("netns-") {
        Some(rest) if hexadecimal(rest) => "netns",
        _ if name.len() == 64 && hexadecimal(name) => "<id>",
        _ => name,
    }
}

/// The paths below `top`, relative to it, as far as its own file system reaches.
pub fn descend(top: &Path, folder: &Path, paths: &mut Vec<String>) {
    // What goes meanwhile is not there.
    let Ok(own) = fs::symlink_metadata(top) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(metadata) = fs::symlink_metadata(entry.path()) else { continue };
        paths.push(entry.path().strip_prefix(top).unwrap().to_string_lossy().into_owned());
        if metadata.is_dir() && metadata.dev() == own.dev() {
            descend(top, &entry.path(), paths);
        }
    }
}
