//! Every file of the server's disk, and which of them Landfall may touch.

use crate::support::Entry;

/// Files that may come, go and change: Landfall's own list, the engine's records, and what the tests themselves and the server's services
/// write. Everything else is somebody's.
const CHANGES: [&str; 15] = [
    // Landfall's.
    "root/.ssh/id_images",
    "root/.ssh/.landfall-new-",
    "var/lib/landfall/shop",
    "var/spool/cron/",
    // The engine's; what in it is somebody's is looked at on its own.
    "etc/containers/networks/shop.json",
    "etc/containers/networks/netavark.lock",
    "var/lib/containers",
    // Somebody's processes and the engine leave these; that they go is looked at on its own.
    "var/tmp/",
    "tmp/",
    // Syslog's and cron's.
    "var/log/syslog",
    "var/log/cron",
    "var/log/auth.log",
    "var/log/user.log",
    "var/log/mail",
    "var/spool/rsyslog",
];

/// Folders in which something of the above comes and goes, so that the time of their last change differs, and the file to which the plan
/// adds a line.
const TIMES_DIFFER: [&str; 12] = [
    "",
    "etc/containers/networks",
    "root/.ssh",
    "root/.ssh/known_hosts",
    "srv",
    "srv/images",
    "srv/mail",
    "tmp",
    "var/lib/landfall",
    "var/log",
    "var/spool/cron",
    "var/tmp",
];

/// What of the engine's own files belongs to strangers as long as they are there: layers, volumes, images.
const IN_ENGINE: [&str; 4] = ["overlay/", "overlay-containers/", "overlay-images/", "volumes/"];

const ENGINE: &str = "var/lib/containers/storage/";

/// Folders whose entries must be the strangers' alone when nothing of ours is there.
const EMPTIED: [&str; 8] = [
    "var/lib/containers/storage/overlay",
    "var/lib/containers/storage/overlay/l",
    "var/lib/containers/storage/overlay-containers",
    "var/lib/containers/storage/overlay-images",
    "var/lib/containers/storage/overlay-layers",
    "var/lib/containers/storage/volumes",
    "etc/containers/networks",
    "root/.ssh",
];

/// What is somebody's, in a form in which it must never differ. `engine` says whether what the engine keeps for them is told too.
pub fn strangers(disk: &[Entry], before: &[Entry], engine: bool) -> Vec<String> {
    let mut lines = Vec::new();
    for entry in disk {
        let changes = CHANGES.iter().any(|listed| entry.path.starts_with(listed)) || is_the_tests(&entry.path);
        if !changes || engine && is_kept_for_strangers(&entry.path, before) {
            lines.push(line(entry));
        }
    }
    lines
}

/// The plan's data and the strangers' files lie in `/srv`, beside whatever a test needs there; a test that fills a disk calls that so.
fn is_the_tests(path: &str) -> bool {
    let fills = path.split('/').any(|name| name == "filler");
    fills
        || path
            .strip_prefix("srv/")
            .is_some_and(|within| !["shop", "theirs", "tls"].iter().any(|top| within.starts_with(top)))
}

/// Whether it is in a layer, container, image or volume that was there before anything of ours was.
fn is_kept_for_strangers(path: &str, before: &[Entry]) -> bool {
    let Some(within) = path.strip_prefix(ENGINE) else { return false };
    // What a container sees of its layers is mounted there while it runs.
    if within.contains("/merged/") {
        return false;
    }
    let Some(kind) = IN_ENGINE.iter().find(|kind| within.starts_with(**kind)) else { return false };
    let Some(id) = within[kind.len()..].split('/').next().filter(|id| id.len() > 20 || *kind == "volumes/") else {
        return false;
    };
    let top = format!("{ENGINE}{kind}{id}");
    before.iter().any(|entry| entry.path == top)
}

/// Whether nobody but Landfall, and an operator, would change it: the engine and syslog write their records at any time.
pub fn is_kept(entry: &Entry) -> bool {
    let written = ["var/lib/containers/", "etc/containers/networks", "var/log/", "var/tmp", "tmp", "srv/mail"];
    let kept = !written.iter().any(|folder| entry.path.starts_with(folder)) && !is_the_tests(&entry.path);
    kept && !entry.path.is_empty()
}

fn line(entry: &Entry) -> String {
    let Entry { path, kind, mode, owner, size, modified, changed, links, inode, attributes } = entry;
    let is_ours_to_change = TIMES_DIFFER.contains(&path.as_str());
    if is_ours_to_change && path == "root/.ssh/known_hosts" {
        return format!("/{path} {mode:o} {owner:?}");
    }
    // Whoever loads the same image once more writes its records once more.
    let is_loaded_again = path.starts_with("var/lib/containers/storage/overlay-images/");
    let times = if is_ours_to_change || is_loaded_again {
        String::new()
    } else {
        format!("{modified} {changed} {links} {inode}")
    };
    format!("/{path} {kind:?} {mode:o} {owner:?} {size} {attributes:?} {times}")
}

/// The names in the folders in which something of ours was.
pub fn emptied(disk: &[Entry]) -> Vec<String> {
    let parent = |path: &str| path.rsplit_once('/').map(|(parent, _)| parent.to_owned()).unwrap_or_default();
    // Written by whoever looks first after a boot.
    let is_record = |path: &str| [".lock", ".json", ".has-mount-program"].iter().any(|end| path.ends_with(end));
    let listed = disk.iter().filter(|entry| EMPTIED.contains(&parent(&entry.path).as_str()));
    listed
        .filter(|entry| !(entry.path.starts_with(ENGINE) && is_record(&entry.path)))
        .map(|entry| format!("/{}", entry.path))
        .collect()
}

/// What was begun and not finished, and what only a run that is under way needs.
pub fn unfinished(disk: &[Entry], before: &[Entry]) -> Vec<String> {
    let temporary = |path: &str| path.starts_with("var/tmp/") || path.starts_with("tmp/");
    let is_left = |entry: &&Entry| {
        let known = before.iter().any(|known| known.path == entry.path);
        let path = entry.path.as_str();
        !known && (temporary(path) || path.contains(".landfall-new-") || path.contains("/downloads"))
    };
    disk.iter().filter(is_left).map(|entry| format!("/{}", entry.path)).collect()
}
