//! What netavark keeps of networks in nftables, as commands that remove it. Reads nothing, changes nothing.
//!
//! Newer ones write their rules there, in a table of their own. A network's chains are `nv_ID_SUBNET` and, for published ports,
//! `nv_ID_SUBNET_dnat`; of its ID, which is random, the first digits are in their names, and of its own name nothing is.

use super::firewall::Rules;
use crate::few::Few;
use ipnet::IpNet;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Netavark's table.
pub(super) const TABLE: [&str; 2] = ["inet", "netavark"];

/// The chains that networks have rules in beside their own.
const SHARED: [&str; 4] = ["INPUT", "FORWARD", "POSTROUTING", "NETAVARK-HOSTPORT-DNAT"];

/// How many digits of a network's ID are in the names of its chains.
const DIGITS: usize = 8;

#[derive(Debug, Deserialize)]
struct Listed {
    nftables: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    #[serde(default)]
    chain: Option<Chain>,
    #[serde(default)]
    rule: Option<Rule>,
}

#[derive(Debug, Deserialize)]
struct Chain {
    name: String,
}

#[derive(Debug, Deserialize)]
struct Rule {
    chain: String,
    handle: u64,
    #[serde(default)]
    expr: Vec<Value>,
}

/// What `nft --json list table inet netavark` printed has of networks that have none of these IDs: nobody removes it any more.
///
/// # Errors
/// It can't be read.
pub(super) fn of_networks_but(printed: &str, ids: &BTreeSet<String>) -> Result<Rules, String> {
    let Listed { nftables } = serde_json::from_str(printed).map_err(|problem| problem.to_string())?;
    let (mut chains, mut rules) = (Vec::new(), Vec::new());
    for Entry { chain, rule } in nftables {
        chains.extend(chain.map(|Chain { name }| name).filter(|name| is_of_none(name, ids)));
        rules.extend(rule);
    }
    let leads_there = |rule: &Rule| target(rule).is_some_and(|target| chains.iter().any(|chain| chain == target));
    let subnets: BTreeSet<IpNet> =
        rules.iter().filter(|rule| leads_there(rule) && rule.chain == "POSTROUTING").filter_map(range).gathered();
    let mut removals = Vec::new();
    let shared = rules.iter().filter(|rule| SHARED.contains(&rule.chain.as_str()));
    for rule in shared.filter(|rule| leads_there(rule) || range(rule).is_some_and(|range| subnets.contains(&range))) {
        removals.push(command(["delete", "rule"], &[&rule.chain, "handle", &rule.handle.to_string()]));
    }
    // A chain that others lead to can't be removed.
    removals.extend(chains.iter().map(|chain| command(["flush", "chain"], &[chain])));
    removals.extend(chains.iter().map(|chain| command(["delete", "chain"], &[chain])));
    // Which of them are a container's, they do not say.
    let of_containers = !removals.is_empty();
    Ok(Rules { removals, subnets, of_containers })
}

/// The first digits of the IDs of all networks that have chains.
pub(super) fn ids(printed: &str) -> BTreeSet<String> {
    let listed: Option<Listed> = serde_json::from_str(printed).ok();
    let chains = listed.into_iter().flat_map(|Listed { nftables }| nftables).filter_map(|entry| entry.chain);
    chains.filter_map(|Chain { name }| id(&name).map(str::to_owned)).gathered()
}

/// The first digits of the ID of the network whose chain it is.
fn id(chain: &str) -> Option<&str> {
    let (id, _) = chain.strip_prefix("nv_")?.split_once('_')?;
    Some(id).filter(|id| id.len() == DIGITS)
}

fn command(act: [&str; 2], what: &[&str]) -> Vec<String> {
    act.iter().chain(&TABLE).chain(what).map(|word| (*word).to_owned()).collect()
}

/// Whether a chain is that of a network, and of none of these.
fn is_of_none(chain: &str, ids: &BTreeSet<String>) -> bool {
    id(chain).is_some_and(|id| !ids.iter().any(|known| known.starts_with(id)))
}

/// The chain that a rule leads to.
fn target(rule: &Rule) -> Option<&str> {
    rule.expr.iter().find_map(|statement| statement.pointer("/jump/target")?.as_str())
}

/// The range that a rule is about: the first that it compares an address with.
fn range(rule: &Rule) -> Option<IpNet> {
    rule.expr.iter().find_map(|statement| {
        let (addr, len) = ("/match/right/prefix/addr", "/match/right/prefix/len");
        let addr: IpAddr = statement.pointer(addr)?.as_str()?.parse().ok()?;
        IpNet::new(addr, statement.pointer(len)?.as_u64()?.try_into().ok()?).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::of_networks_but;
    use crate::host::engine::lost::firewall::Rules;
    use pretty_assertions::assert_eq;

    /// With the networks of the IDs ff1ef302… (one container, port 8080) and 8b11dace… (two families, ports 8081 and 8082/udp), recorded
    /// from nftables 1.1.3 and netavark 1.14.0.
    const LISTED: &str = include_str!("nftables.json");

    fn but(ids: [&str; 2]) -> Rules {
        of_networks_but(LISTED, &ids.map(|id| format!("{id}{}", "0".repeat(56))).into()).unwrap()
    }

    #[test]
    fn regression_045_all_rules_and_chains_of_a_network_that_is_gone_are_removed_and_none_of_another() {
        let found = but(["8b11dace", "2f259bab"]);
        let removals: Vec<String> = found.removals.iter().map(|removal| removal.join(" ")).collect();
        assert_eq!(
            removals,
            [
                "delete rule inet netavark INPUT handle 23",
                "delete rule inet netavark FORWARD handle 24",
                "delete rule inet netavark FORWARD handle 25",
                "delete rule inet netavark POSTROUTING handle 26",
                "delete rule inet netavark NETAVARK-HOSTPORT-DNAT handle 28",
                "flush chain inet netavark nv_ff1ef302_10_89_0_0_nm24",
                "flush chain inet netavark nv_ff1ef302_10_89_0_0_nm24_dnat",
                "delete chain inet netavark nv_ff1ef302_10_89_0_0_nm24",
                "delete chain inet netavark nv_ff1ef302_10_89_0_0_nm24_dnat",
            ]
        );
        assert_eq!(found.subnets, ["10.89.0.0/24".parse().unwrap()].into());
    }

    #[test]
    fn of_a_network_with_two_families_both_are_removed() {
        let found = but(["ff1ef302", "2f259bab"]);
        let handles: Vec<&String> = found.removals.iter().filter_map(|removal| removal.get(6)).collect();
        assert_eq!(handles, ["37", "45", "38", "39", "46", "47", "40", "48", "50", "54", "59"]);
        assert_eq!(found.subnets, ["10.91.0.0/24", "fd00:90::/64"].map(|range| range.parse().unwrap()).into());
    }

    #[test]
    fn where_every_network_is_there_nothing_is_removed() {
        assert_eq!(but(["8b11dace", "ff1ef302"]), Rules::default());
        let unread = of_networks_but("no JSON", &[].into());
        assert_eq!(unread, Err("expected ident at line 1 column 2".to_owned()));
    }
}
