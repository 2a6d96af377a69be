//! Every file of the server's disk, and which of them Landfall may touch.

use std::collections::BTreeSet;

use crate::support::Entry;

/// What may come, go and change, with all that is in it: Landfall's own list, the engine's records, and what syslog writes. Everything else
/// is somebody's.
const CHANGES: [&str; 17] = [
    // Landfall's.
    "root/.ssh/id_images",
    "var/lib/landfall/shop",
    "var/spool/cron/crontabs/root",
    "var/spool/cron/root",
    // The engine's; what in it is somebody's is looked at on its own.
    "etc/containers/networks/shop.json",
    "etc/containers/networks/netavark.lock",
    "var/lib/containers",
    "var/lib/docker",
    "var/log/dockerd.log",
    // Syslog's, as Debian and Fedora name them.
    "var/log/syslog",
    "var/log/cron",
    "var/log/cron.log",
    "var/log/auth.log",
    "var/log/user.log",
    "var/log/mail.log",
    "var/log/maillog",
    "var/spool/rsyslog",
];

/// What may be there for a moment: files on their way to their place, Landfall's and those of `crontab`, and what programs keep in the
/// folders that are for that. None of it may be there in the end.
const PASSES: [&str; 5] = [
    "root/.ssh/.landfall-new-",
    "var/spool/cron/crontabs/.landfall-new-",
    "var/spool/cron/crontabs/tmp.",
    "var/tmp/",
    "tmp/",
];

/// What only the tests write in `/srv`, each beside the data and what is the strangers'.
const OF_THE_TESTS: [&str; 3] = ["srv/plan.json", "srv/mail", "srv/begin"];

/// What a test fills a disk with.
const FILLERS: [&str; 3] = ["var/lib/landfall/filler", "var/spool/cron/crontabs/filler", "var/lib/containers/filler"];

/// Folders in which something of the above comes and goes, so that the time of their last change differs, and the file to which the plan
/// adds a line.
const TIMES_DIFFER: [&str; 13] = [
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
    "var/spool/cron/crontabs",
    "var/tmp",
];

/// What of the engine's own files belongs to strangers as long as they are there: layers, volumes, images.
const IN_ENGINE: [&str; 5] = ["overlay/", "overlay-containers/", "overlay-images/", "overlay2/", "volumes/"];

/// Where Podman and Docker keep what they have.
const ENGINES: [&str; 2] = ["var/lib/containers/storage/", "var/lib/docker/"];

/// What is no volume in the folder of volumes: the engine's device for quotas, made anew whenever it looks at a volume, and its list.
const BESIDE_VOLUMES: [&str; 2] = ["backingFsBlockDev", "metadata.db"];

/// Folders whose entries must be the strangers' alone when nothing of ours is there.
const EMPTIED: [&str; 15] = [
    "var/lib/containers/storage/overlay",
    "var/lib/containers/storage/overlay/l",
    "var/lib/containers/storage/overlay-containers",
    "var/lib/containers/storage/overlay-images",
    "var/lib/containers/storage/overlay-layers",
    "var/lib/containers/storage/volumes",
    "var/lib/docker/containers",
    "var/lib/docker/image/overlay2/imagedb/content/sha256",
    "var/lib/docker/image/overlay2/layerdb/mounts",
    "var/lib/docker/image/overlay2/layerdb/sha256",
    "var/lib/docker/overlay2",
    "var/lib/docker/overlay2/l",
    "var/lib/docker/volumes",
    "etc/containers/networks",
    "root/.ssh",
];

/// What is somebody's, in a form in which it must never differ. `engine` says whether what the engine keeps for them is told too.
pub fn strangers(disk: &[Entry], before: &[Entry], engine: bool) -> Vec<String> {
    let known: BTreeSet<&str> = before.iter().map(|entry| entry.path.as_str()).collect();
    let is_somebodys = |path: &str| {
        let passes = PASSES.iter().any(|begins| path.starts_with(begins)) && !known.contains(path);
        let changes = CHANGES.iter().any(|listed| is_within(path, listed));
        let engines = engine && is_kept_for_strangers(path, &known);
        !is_the_tests(path, &known) && (engines || !passes && !changes)
    };
    disk.iter().filter(|entry| is_somebodys(&entry.path)).map(line).collect()
}

fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Beside the plan's data and the strangers' files a test puts into `/srv` what it needs there; from then on it is as it is.
fn is_the_tests(path: &str, known: &BTreeSet<&str>) -> bool {
    let theirs = ["srv/shop", "srv/theirs", "srv/tls"].iter().any(|top| is_within(path, top));
    let put_there = path.starts_with("srv/") && !theirs && !known.contains(path);
    put_there || OF_THE_TESTS.iter().chain(&FILLERS).any(|listed| is_within(path, listed))
}

/// Whether it is in a layer, container, image or volume that was there before anything of ours was.
fn is_kept_for_strangers(path: &str, known: &BTreeSet<&str>) -> bool {
    let Some((engine, within)) = in_engine(path) else { return false };
    // What a container sees of its layers is mounted there while it runs.
    if within.contains("/merged/") {
        return false;
    }
    let Some(kind) = IN_ENGINE.iter().find(|kind| within.starts_with(**kind)) else { return false };
    let is_id = |id: &&str| id.len() > 20 || *kind == "volumes/" && !BESIDE_VOLUMES.contains(id);
    let Some(id) = within[kind.len()..].split('/').next().filter(is_id) else { return false };
    known.contains(format!("{engine}{kind}{id}").as_str())
}

/// Whose folder a path is in, and the rest of it.
fn in_engine(path: &str) -> Option<(&'static str, &str)> {
    ENGINES.into_iter().find_map(|engine| Some((engine, path.strip_prefix(engine)?)))
}

/// Whether an engine keeps it.
pub fn is_the_engines(path: &str) -> bool {
    ["var/lib/containers/", "var/lib/docker/"].iter().any(|folder| path.starts_with(folder))
}

/// Whether nobody but Landfall, and an operator, would change it: the engine and syslog write their records at any time.
pub fn is_kept(entry: &Entry) -> bool {
    let written =
        ["var/lib/containers/", "var/lib/docker", "etc/containers/networks", "var/log/", "var/tmp", "tmp", "srv/mail"];
    let kept =
        !written.iter().any(|folder| entry.path.starts_with(folder)) && !is_the_tests(&entry.path, &BTreeSet::new());
    kept && !entry.path.is_empty()
}

fn line(entry: &Entry) -> String {
    let Entry { path, kind, mode, owner, size, modified, changed, links, inode, attributes } = entry;
    let is_ours_to_change = TIMES_DIFFER.contains(&path.as_str());
    // Its lines are looked at on their own.
    if path == "root/.ssh/known_hosts" {
        return format!("/{path} {mode:o} {owner:?}");
    }
    // Whoever loads the same image once more writes its records once more.
    let is_loaded_again = path.starts_with("var/lib/containers/storage/overlay-images/")
        || path.starts_with("var/lib/docker/overlay2/") && path.ends_with("/committed");
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
        .filter(|entry| !(in_engine(&entry.path).is_some() && is_record(&entry.path)))
        .map(|entry| format!("/{}", entry.path))
        .collect()
}

/// What was begun and not finished, and what only a run that is under way needs.
pub fn unfinished(disk: &[Entry], before: &[Entry]) -> Vec<String> {
    let is_left = |entry: &&Entry| {
        let known = before.iter().any(|known| known.path == entry.path);
        let path = entry.path.as_str();
        let passes = PASSES.iter().any(|begins| path.starts_with(begins));
        !known
            && (passes
                || ["/.landfall-new-", "/.landfall-copy-"].iter().any(|name| path.contains(name))
                || path.contains("/downloads"))
    };
    disk.iter().filter(is_left).map(|entry| format!("/{}", entry.path)).collect()
}
