//! Puts lost network namespaces back. Without its own, Podman 4.3 can't clean up after a container, and lists no container at all.

use super::super::deadline;
use super::super::driver::Podman;
use crate::host::command::{Command, CommandProblem, find};
use std::time::Duration;

/// How many are put back at most: one listing tells of one.
const MOST: usize = 1000;

/// The interface that netavark gives a container; where it is missing, it gives up cleaning up half-way.
const INTERFACE: &str = "eth0";

/// How long a call of `ip` may take.
const IP: Duration = Duration::from_secs(10);

impl Podman {
    /// Puts back the network namespaces over whose absence listings fail, empty: the engine can then clean up after their
    /// containers. Whether there was one.
    pub fn mend_namespaces(&self) -> bool {
        let listing = ["ps", "--all", "--quiet"].map(str::to_owned);
        let mended = (0..MOST).take_while(|_| match self.call(&listing, deadline::LOOK).run() {
            Err(CommandProblem::Failed { command: _, code: _, stderr_tail }) => {
                lost(&stderr_tail).is_some_and(|name| put_back(&name))
            }
            Ok(_) | Err(_) => false,
        });
        mended.count() > 0
    }
}

/// The name of the lost namespace that a listing failed over.
fn lost(stderr: &str) -> Option<String> {
    let error = stderr.lines().find(|line| line.starts_with("Error: joining network namespace of container "))?;
    let (_, rest) = error.split_once("retrieving network namespace at /run/netns/")?;
    let (name, reason) = rest.split_once(": ")?;
    let known = reason.starts_with("failed to Statfs") || reason.starts_with("unknown FS magic");
    let plain =
        name.starts_with("netns-") && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    (known && plain).then(|| name.to_owned())
}

/// A new namespace of this name, with what netavark looks for when it removes a container from a network.
fn put_back(name: &str) -> bool {
    let Some(ip) = find("ip") else {
        tracing::warn!(name, "a network namespace is lost, and there is no `ip` to put it back with");
        return false;
    };
    let run = |arguments: &[&str]| Command::new(&ip).args(arguments).deadline(IP).run();
    // What is left of its file would be in the way; where nothing is, this fails.
    let _ = run(&["netns", "delete", name]);
    let peer = "lost0";
    let put = run(&["netns", "add", name])
        .and_then(|_| run(&["-netns", name, "link", "add", INTERFACE, "type", "veth", "peer", "name", peer]));
    match &put {
        Ok(_) => tracing::info!(name, "put back a network namespace that was lost, for the engine to clean up"),
        Err(problem) => tracing::warn!(name, %problem, "a lost network namespace could not be put back"),
    }
    put.is_ok()
}

#[cfg(test)]
mod tests {
    use super::lost;
    use pretty_assertions::assert_eq;

    fn told(path: &str, reason: &str) -> String {
        let what = format!("retrieving network namespace at {path}: {reason}");
        format!(
            "time=\"2026-11-21T07:26:13Z\" level=error msg=\"Joining network namespace for container ebfa: {what}\"\n\
             Error: joining network namespace of container ebfa: {what}\n"
        )
    }

    #[test]
    fn the_lost_namespace_is_read_from_what_podman_says() {
        let path = "/run/netns/netns-ae136ee9-9bd1-979f-f46a-df863ae537e3";
        let name = || Some("netns-ae136ee9-9bd1-979f-f46a-df863ae537e3".to_owned());
        assert_eq!(lost(&told(path, &format!("failed to Statfs \"{path}\": no such file or directory"))), name());
        assert_eq!(lost(&told(path, &format!("unknown FS magic on \"{path}\": 1021994"))), name());
    }

    #[test]
    fn nothing_but_a_lost_namespace_of_the_engine_is_put_back() {
        let gone = |path: &str| lost(&told(path, "failed to Statfs: no such file or directory"));
        assert_eq!(gone("/run/netns/mine"), None);
        assert_eq!(gone("/run/netns/netns-1/../mine"), None);
        assert_eq!(gone("/srv/netns-1"), None);
        assert_eq!(lost(&told("/run/netns/netns-1", "permission denied")), None);
        assert_eq!(lost("Error: no such container\n"), None);
    }
}
