//! Removes what a network that is gone left on the server: rules of the firewall that lead to nobody, its bridge, its names.
//!
//! Podman leaves them where it could not clean up after a container. The next container at the same port would not be reached,
//! its name would have two addresses, and its network's range would seem to be in use.

use super::super::deadline;
use super::super::driver::Podman;
use super::firewall::{self, Rules};
use super::nftables;
use crate::few::Few;
use crate::host::command::{Command, find};
use crate::run::Failure;
use ipnet::IpNet;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Where netavark keeps the names of the containers of each network, and which process answers for them.
const NAMES: &str = "/run/containers/networks/aardvark-dns";

/// How long a call of these programs may take.
const DEADLINE: Duration = Duration::from_secs(30);

/// The programs for each family of addresses: the one that tells the rules, and the one that changes them.
const FAMILIES: [[&str; 2]; 2] = [["iptables-save", "iptables"], ["ip6tables-save", "ip6tables"]];

/// What a network has on this server.
struct Remains {
    /// Of iptables for each family, and of nftables: the program that changes rules with its first arguments, and what it is to remove.
    rules: Vec<(PathBuf, &'static [&'static str], Rules)>,
    /// The file with the names of its containers.
    names: PathBuf,
}

/// Whose remains are looked for.
#[derive(Debug, Clone, Copy)]
enum Whose<'a> {
    /// Of networks that the engine does not have.
    Nobodys,
    /// Of one that it has, too, and that no container is on.
    Kept(&'a str),
}

impl Whose<'_> {
    /// Whether it is those of this network, which the engine has.
    fn is(self, network: &str) -> bool {
        matches!(self, Self::Kept(kept) if kept == network)
    }
}

impl Podman {
    /// Whether a network that the engine does not have left something on this server.
    ///
    /// # Errors
    /// The rules of the firewall can't be read.
    pub fn network_has_remains(&self, network: &str) -> Result<bool, Failure> {
        Ok(!self.remains_of(network)?.is_nothing())
    }

    /// The address ranges that the rules of a network name.
    ///
    /// # Errors
    /// The rules of the firewall can't be read.
    pub fn subnets_of_remains(&self, network: &str) -> Result<BTreeSet<IpNet>, Failure> {
        Ok(self.remains_of(network)?.subnets())
    }

    /// Removes what a network left that the engine does not have; does nothing where it has one of that name.
    ///
    /// # Errors
    /// What the programs said that look or remove.
    pub(in super::super) fn clear_remains(&self, network: &str) -> Result<(), Failure> {
        let remains = self.remains_of(network)?;
        if remains.is_nothing() || self.networks()?.iter().any(|there| there.name == network) {
            return Ok(());
        }
        tracing::info!(network, "removes what a network that is gone left");
        self.remove(remains, BTreeSet::new())
    }

    /// Removes what containers that are gone left of a network that the engine has, and that has these address ranges. No container may
    /// be on it: what it has on the server then is nobody's, but for what a bridge has that is held.
    ///
    /// # Errors
    /// What the programs said that look or remove.
    pub(in super::super) fn clear_kept(&self, network: &str, ranges: &[IpNet]) -> Result<(), Failure> {
        let remains = self.remains(network, Whose::Kept(network))?;
        match self.held_bridge() {
            // The network's own stay; what is connected to its bridge and lost does not.
            Some(bridge) if !remains.are_of_containers() => self.clear_bridge(&bridge),
            _ => {
                if !remains.is_nothing() {
                    tracing::info!(network, "removes what lost containers left of a network");
                }
                self.let_go();
                self.remove(remains, ranges.iter().copied().gathered())
            }
        }
    }

    /// Removes it, and the bridges of its address ranges and of these.
    fn remove(&self, remains: Remains, mut subnets: BTreeSet<IpNet>) -> Result<(), Failure> {
        subnets.extend(remains.subnets());
        let Remains { rules, names } = remains;
        for (program, first, Rules { removals, .. }) in rules {
            for removal in removals {
                run(Command::new(&program).args(first.iter().copied()).args(removal))?;
            }
        }
        subnets.iter().try_for_each(|subnet| self.remove_bridge(subnet))?;
        if names.exists() { forget_names(&names) } else { Ok(()) }
    }

    fn remains_of(&self, network: &str) -> Result<Remains, Failure> {
        self.remains(network, Whose::Nobodys)
    }

    fn remains(&self, network: &str, whose: Whose<'_>) -> Result<Remains, Failure> {
        let mut rules = Vec::new();
        for [tells, changes] in FAMILIES {
            let (Some(tells), Some(changes)) = (find(tells), find(changes)) else { continue };
            let saved = run(Command::new(&tells))?;
            // Another program may hold the firewall's lock.
            rules.push((changes, &["--wait", "10"][..], firewall::of_network(&saved, network)));
        }
        rules.extend(self.rules_of_no_network(whose)?.map(|(nft, found)| (nft, &[][..], found)));
        Ok(Remains { rules, names: Path::new(NAMES).join(network) })
    }

    /// What nftables have of networks that the engine does not have, or of one more, which do not say their names. Where something is
    /// connected to the bridge of one, it may be another engine's.
    fn rules_of_no_network(&self, whose: Whose<'_>) -> Result<Option<(PathBuf, Rules)>, Failure> {
        let (Some(nft), Some(ip)) = (find("nft"), find("ip")) else { return Ok(None) };
        let table = Command::new(&nft).args(["--json", "list", "table"]).args(nftables::TABLE).deadline(DEADLINE).run();
        // Where netavark writes iptables' rules, there is none.
        let Ok(table) = table else { return Ok(None) };
        let listed = ["network", "ls", "--no-trunc", "--format", "{{.ID}} {{.Name}}"].map(str::to_owned);
        let listed = self.done(self.call(&listed, deadline::LOOK))?;
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let others = listed.lines().filter_map(|line| line.trim().split_once(' ')).filter(|(_, name)| !whose.is(name));
        let mut known: BTreeSet<String> = others.map(|(id, _)| id.to_owned()).gathered();
        let table = String::from_utf8_lossy(&table.stdout).into_owned();
        let of = |known: &BTreeSet<String>| {
            let unread = |problem| Failure::new(format!("what `nft` printed can't be read: {problem}"));
            nftables::of_networks_but(&table, known).map_err(unread)
        };
        let ids = nftables::ids(&table);
        let unknown = ids.iter().filter(|id| !known.iter().any(|known| known.starts_with(id.as_str())));
        for id in unknown.cloned().collect::<Vec<String>>() {
            let others: BTreeSet<String> = ids.iter().filter(|other| **other != id).cloned().gathered();
            let used = of(&others)?.subnets.iter().map(|subnet| is_used(&ip, subnet)).collect::<Result<Vec<_>, _>>()?;
            if used.contains(&true) {
                known.insert(id);
            }
        }
        Ok(Some((nft, of(&known)?)))
    }

    /// Removes the bridges that have an address of this range, and to which nothing is connected but what is lost.
    fn remove_bridge(&self, subnet: &IpNet) -> Result<(), Failure> {
        let Some(ip) = find("ip") else { return Ok(()) };
        let listed = run(Command::new(&ip).args(["-oneline", "address", "show", "to"]).arg(subnet.to_string()))?;
        for interface in listed.lines().filter_map(|line| line.split_whitespace().nth(1)) {
            self.clear_bridge(interface)?;
            if is_idle_bridge(&ip, interface)? {
                run(Command::new(&ip).args(["link", "delete", interface]))?;
            }
        }
        Ok(())
    }
}

/// Whether something is connected to a bridge that has an address of this range.
fn is_used(ip: &Path, subnet: &IpNet) -> Result<bool, Failure> {
    let listed = run(Command::new(ip).args(["-oneline", "address", "show", "to"]).arg(subnet.to_string()))?;
    let bridges = listed.lines().filter_map(|line| line.split_whitespace().nth(1));
    let used = bridges.map(|bridge| Ok(!is_idle_bridge(ip, bridge)?)).collect::<Result<Vec<bool>, Failure>>()?;
    Ok(used.contains(&true))
}

/// Whether it is a bridge, and nothing is connected to it.
fn is_idle_bridge(ip: &Path, interface: &str) -> Result<bool, Failure> {
    let links = |of: [&str; 2]| run(Command::new(ip).args(["-oneline", "link", "show"]).args(of));
    let is_it = |line: &str| line.split_whitespace().nth(1) == Some(&format!("{interface}:"));
    Ok(links(["type", "bridge"])?.lines().any(is_it) && links(["master", interface])?.trim().is_empty())
}

impl Remains {
    fn is_nothing(&self) -> bool {
        self.rules.iter().all(|(_, _, rules)| rules.removals.is_empty()) && !self.names.exists()
    }

    /// Whether some of it is a container's, or may be.
    fn are_of_containers(&self) -> bool {
        self.rules.iter().any(|(_, _, rules)| rules.of_containers) || self.names.exists()
    }

    fn subnets(&self) -> BTreeSet<IpNet> {
        self.rules.iter().flat_map(|(_, _, rules)| rules.subnets.iter().copied()).gathered()
    }
}

/// Whether the firewall has rules of this network, of iptables.
///
/// # Errors
/// They can't be read.
pub fn has_rules(network: &str) -> Result<bool, Failure> {
    let [[tells, _], _] = FAMILIES;
    let Some(tells) = find(tells) else { return Ok(false) };
    Ok(!firewall::of_network(&run(Command::new(&tells))?, network).removals.is_empty())
}

pub fn run(call: Command) -> Result<String, Failure> {
    let output = call.deadline(DEADLINE).run().map_err(|problem| Failure::new(problem.to_string()))?;
    Ok(String::from_utf8(output.stdout).unwrap_or_else(|odd| String::from_utf8_lossy(odd.as_bytes()).into_owned()))
}

/// Removes the names, and has the process that answers for them read again what there is.
fn forget_names(names: &Path) -> Result<(), Failure> {
    crate::host::files::remove_if_there(names).map_err(|problem| Failure::new(problem.to_string()))?;
    let text = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    let process = text(&Path::new(NAMES).join("aardvark.pid")).trim().parse::<i32>().ok();
    let is_the_one = |process: &i32| text(Path::new(&format!("/proc/{process}/comm"))).trim() == "aardvark-dns";
    if let Some(process) = process.filter(is_the_one) {
        // One that has ended meanwhile needs no signal.
        let _ = kill(Pid::from_raw(process), Signal::SIGHUP);
    }
    Ok(())
}
