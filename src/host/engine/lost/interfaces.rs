//! Removes the network namespaces that no container has, and that are still connected to a bridge.
//!
//! A `podman start` that is killed half-way has made one, and has not put it on record: whoever removes the container leaves it.

use super::super::deadline;
use super::super::driver::Podman;
use super::super::said;
use super::network::run;
use crate::host::command::{Command, find};
use crate::run::Failure;
use std::path::Path;

/// An interface of a bridge, and the namespace that its other end is in.
#[derive(Debug, PartialEq, Eq)]
struct Port {
    interface: String,
    /// None where it has no name.
    namespace: Option<String>,
}

impl Podman {
    /// Removes the namespaces of a network of this engine's that no container of its has, and its bridge where no container is on it.
    ///
    /// # Errors
    /// What Podman or `ip` said, or that they did not end in time.
    pub(in super::super) fn disconnect_the_lost(&self, network: &str) -> Result<(), Failure> {
        let arguments =
            ["network", "inspect", "--format", "{{.Driver}} {{.NetworkInterface}}", network].map(str::to_owned);
        let output = self.call(&arguments, deadline::LOOK).run_to_any_code().map_err(said::failure)?;
        let told = String::from_utf8_lossy(&output.stdout);
        match (output.code, told.trim().split_once("bridge ")) {
            (0, Some(("", bridge))) => self.clear_bridge(bridge),
            // Another kind of network has none, nor has one that is gone.
            (_, Some(_) | None) => Ok(()),
        }
    }

    /// Removes the namespaces at a bridge that no container has, and the bridge where nothing else is connected to it.
    ///
    /// # Errors
    /// What Podman or `ip` said, or that they did not end in time.
    pub(super) fn clear_bridge(&self, bridge: &str) -> Result<(), Failure> {
        let Some(ip) = find("ip") else { return Ok(()) };
        let links =
            |of: [&str; 2]| run(Command::new(&ip).args(["-oneline", "link", "show"]).args(of)).map(|said| ports(&said));
        if links(["type", "bridge"])?.iter().all(|there| there.interface != bridge) {
            return Ok(());
        }
        let connected: Vec<_> =
            links(["master", bridge])?.into_iter().filter_map(|port| Some((port.interface, port.namespace?))).collect();
        let used = if connected.is_empty() { Vec::new() } else { self.namespaces()? };
        for (interface, namespace) in connected.iter().filter(|(_, name)| is_the_engines(name) && !used.contains(name))
        {
            tracing::info!(bridge, namespace, "removes a network namespace that no container has");
            run(Command::new(&ip).args(["link", "delete", interface]))?;
            run(Command::new(&ip).args(["netns", "delete", namespace]))?;
        }
        // A removal that was killed half-way leaves it with nothing connected; a bridge that somebody has made has another name.
        if (is_netavarks(bridge) || !connected.is_empty()) && links(["master", bridge])?.is_empty() {
            run(Command::new(&ip).args(["link", "delete", bridge]))?;
        }
        Ok(())
    }

    /// The names of the namespaces that containers have.
    pub(super) fn namespaces(&self) -> Result<Vec<String>, Failure> {
        let listed =
            self.done(self.call(&["ps", "--all", "--quiet", "--no-trunc"].map(str::to_owned), deadline::LOOK))?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let ids: Vec<String> = listed.lines().map(str::to_owned).collect();
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let arguments = ["container", "inspect", "--format", "{{.NetworkSettings.SandboxKey}}"].map(str::to_owned);
        let told = self.done(self.call(&[arguments.to_vec(), ids].concat(), deadline::LOOK))?;
        let told = String::from_utf8_lossy(&told.stdout).into_owned();
        let name = |path: &str| Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned());
        Ok(told.lines().filter_map(name).collect())
    }
}

/// Whether it is called as netavark calls the bridges that it makes: `podman`, and a number.
fn is_netavarks(bridge: &str) -> bool {
    bridge.strip_prefix("podman").is_some_and(|number| number.parse::<u32>().is_ok())
}

/// Whether it is called as Podman calls the namespaces that it makes: `netns-`, and a UUID.
pub(super) fn is_the_engines(namespace: &str) -> bool {
    let Some(uuid) = namespace.strip_prefix("netns-") else { return false };
    uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12]) && uuid.chars().all(|one| one == '-' || one.is_ascii_hexdigit())
}

/// The interfaces that `ip -oneline link show` printed.
fn ports(printed: &str) -> Vec<Port> {
    let port = |line: &str| {
        let mut words = line.split_whitespace().skip_while(|word| *word != "link-netns");
        Some(Port { interface: name(line)?.to_owned(), namespace: words.nth(1).map(str::to_owned) })
    };
    printed.lines().filter_map(port).collect()
}

/// The name of the interface that a line is about, without the other end.
fn name(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(": ")?.1.split_once(": ")?;
    name.split('@').next()
}

#[cfg(test)]
mod tests {
    use super::{Port, is_the_engines, ports};
    use pretty_assertions::assert_eq;

    const NAMESPACE: &str = "netns-828df48c-e19a-5291-077e-d4975acfa791";

    #[test]
    fn the_interfaces_of_a_bridge_are_told_with_the_namespaces_at_their_other_ends() {
        let printed = format!(
            "3: veth0@if2: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue master podman1 state UP mode DEFAULT group \
             default qlen 1000\\    link/ether 6a:b7:d0:e2:eb:57 brd ff:ff:ff:ff:ff:ff link-netns {NAMESPACE}\n\
             4: tap0: <BROADCAST,MULTICAST> mtu 1500 qdisc noop master podman1 state DOWN mode DEFAULT group default qlen 1000\\    \
             link/ether 76:f3:da:7e:c2:2a brd ff:ff:ff:ff:ff:ff\n"
        );
        let port = |interface: &str, namespace: Option<&str>| Port {
            interface: interface.to_owned(),
            namespace: namespace.map(str::to_owned),
        };
        assert_eq!(ports(&printed), [port("veth0", Some(NAMESPACE)), port("tap0", None)]);
        assert_eq!(ports(""), []);
    }

    #[test]
    fn a_namespace_that_somebody_has_made_is_not_taken_for_the_engines() {
        assert!(is_the_engines(NAMESPACE));
        for other in ["blue", "netns-1", "netns-828df48c-e19a-5291-077e", "netns-828df48c-e19a-5291-077e-d4975acfa79g"]
        {
            assert!(!is_the_engines(other), "{other}");
        }
    }
}
