//! Removes the network namespaces that no container has, and that are connected to nothing.
//!
//! A `podman start` makes one first, then has it connected, then puts it on record. Where it is killed, and who connects it fails or was not
//! begun, nobody knows it any more. Such a one that is older than the run belongs to somebody else's trouble, and stays.

use super::super::driver::Podman;
use super::super::marked;
use super::interfaces::is_the_engines;
use super::network::run;
use super::records::entries;
use crate::few::Few;
use crate::host::awake;
use crate::host::command::{Command, find, patient};
use crate::run::Failure;
use std::collections::BTreeSet;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// Where the namespaces are that have a name.
const NAMED: &str = "/run/netns";

/// How long calls of the engine by others may take to end: one may be about to connect a namespace.
const OTHERS: Duration = Duration::from_secs(5);

/// How often is looked whether they have.
const BEAT: Duration = Duration::from_millis(50);

impl Podman {
    /// Removes those that were made since then. Where others are at work with the engine for long, those that may be theirs stay.
    ///
    /// # Errors
    /// What Podman or `ip` said, or that they did not end in time.
    pub fn remove_unconnected(&self, since: SystemTime) -> Result<(), Failure> {
        let Some(ip) = find("ip") else { return Ok(()) };
        let began = awake::now();
        loop {
            let found = unused(Path::new(NAMED), since);
            if found.is_empty() {
                return Ok(());
            }
            // Whoever made one of these has come to its end then: whether it is in use is asked after that.
            let is_alone = !self.is_at_work();
            let unused = unused(Path::new(NAMED), since);
            let lost = self.lost(&ip, found.into_iter().filter(|name| unused.contains(name)).collect())?;
            if is_alone {
                return lost.iter().try_for_each(|name| remove(&ip, name));
            }
            if lost.is_empty() {
                return Ok(());
            }
            if awake::now().saturating_sub(began) >= patient(OTHERS) {
                tracing::warn!(namespaces = ?lost, "network namespaces that no container has stay, since others use the engine");
                return Ok(());
            }
            std::thread::sleep(BEAT);
        }
    }

    /// Those of these that no container has on record, and that are connected to nothing.
    fn lost(&self, ip: &Path, mut names: Vec<String>) -> Result<Vec<String>, Failure> {
        let on_record = self.namespaces()?;
        names.retain(|name| !on_record.contains(name));
        let mut lost = Vec::new();
        for name in names {
            let links = run(Command::new(ip).args(["-netns", &name, "-oneline", "link", "show"]))?;
            if links.lines().all(leads_nowhere) {
                lost.push(name);
            }
        }
        Ok(lost)
    }
}

fn remove(ip: &Path, name: &str) -> Result<(), Failure> {
    tracing::info!(namespace = name, "removes a network namespace that no container has");
    run(Command::new(ip).args(["netns", "delete", name])).map(drop)
}

/// The names of those in this folder that are called as Podman calls its own, were made since then, and have no process.
fn unused(folder: &Path, since: SystemTime) -> Vec<String> {
    let made = |path: &PathBuf| {
        let name = path.file_name()?.to_str().filter(|name| is_the_engines(name))?.to_owned();
        let metadata = path.metadata().ok()?;
        (metadata.modified().ok()? >= since).then(|| (name, metadata.ino()))
    };
    let mut made: Vec<(String, u64)> = entries(folder).iter().filter_map(made).collect();
    if !made.is_empty() {
        let used: BTreeSet<PathBuf> =
            marked::processes().filter_map(|(_, folder)| std::fs::read_link(folder.join("ns/net")).ok()).gathered();
        made.retain(|(_, inode)| !used.contains(Path::new(&format!("net:[{inode}]"))));
    }
    made.into_iter().map(|(name, _)| name).collect()
}

/// Whether an interface that `ip -oneline link show` told of is the loopback's, or one that the system puts into each namespace.
fn leads_nowhere(line: &str) -> bool {
    let interface = line.split(": ").nth(1).unwrap_or_default();
    interface == "lo" || interface.ends_with("@NONE")
}

#[cfg(test)]
mod tests {
    use super::{leads_nowhere, unused};
    use pretty_assertions::assert_eq;
    use std::time::{Duration, SystemTime};

    const OF_PODMAN: &str = "netns-828df48c-e19a-5291-077e-d4975acfa791";

    #[test]
    fn only_those_that_were_made_since_then_and_have_no_process_may_be_lost() {
        let folder = tempfile::tempdir().unwrap();
        let used = OF_PODMAN.replace('8', "9");
        for name in [OF_PODMAN, "netns-1", "blue"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        // It leads to that of this process.
        std::os::unix::fs::symlink("/proc/self/ns/net", folder.path().join(used)).unwrap();
        let now = SystemTime::now();
        let hour = Duration::from_secs(3600);
        assert_eq!(unused(folder.path(), now - hour), [OF_PODMAN]);
        assert_eq!(unused(folder.path(), now + hour), [] as [&str; 0]);
        assert_eq!(unused(&folder.path().join("none"), now - hour), [] as [&str; 0]);
    }

    #[test]
    fn the_loopback_and_what_the_system_puts_into_each_namespace_lead_nowhere() {
        let told = "1: lo: <LOOPBACK> mtu 65536 qdisc noop state DOWN mode DEFAULT group default qlen 1000\n\
                    2: sit0@NONE: <NOARP> mtu 1480 qdisc noop state DOWN mode DEFAULT group default qlen 1000\n\
                    3: eth0@if7: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP mode DEFAULT\n\
                    4: macvlan0@eth0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop state DOWN mode DEFAULT group default";
        assert_eq!(told.lines().map(leads_nowhere).collect::<Vec<_>>(), [true, true, false, false]);
    }
}
