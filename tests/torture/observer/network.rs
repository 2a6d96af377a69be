//! The firewall and the sockets.

use std::collections::BTreeMap;

use super::look::{System, sorted};
use super::processes;

/// The rules of all tables and what becomes of packets that meet none, each with its table. Of netavark's own chains nothing is left but
/// the empty ones that it never removes.
pub fn rules(saved: &[String]) -> Vec<String> {
    let mut rules = Vec::new();
    for saved in saved {
        let mut table = "";
        for line in saved.lines() {
            if let Some(name) = line.strip_prefix('*') {
                table = name;
            } else if line.starts_with("-A") {
                rules.push(format!("{table} {line}"));
            } else if let Some((chain, _counters)) = line.strip_prefix(':').and_then(|chain| chain.split_once(" ["))
                && !chain.starts_with("NETAVARK-")
            {
                rules.push(format!("{table} {chain}"));
            }
        }
    }
    sorted(rules)
}

/// The interfaces. `/sys` of a throw-away VSN would show those of the machine.
pub fn interfaces(system: &System) -> Vec<String> {
    let table = system.table("dev");
    let names = table.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name.trim().to_owned());
    sorted(names.collect())
}

/// How many there are of each kind, with the numbers left out that the engine gives to networks, addresses, interfaces and containers.
pub fn kinds(lines: &[String]) -> BTreeMap<String, i64> {
    let mut kinds = BTreeMap::new();
    for line in lines {
        *kinds.entry(line.split(' ').map(without_numbers).collect::<Vec<_>>().join(" ")).or_default() += 1;
    }
    kinds
}

fn without_numbers(word: &str) -> String {
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    let is_hash = |rest: &str| rest.len() >= 13 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_short_hash = |rest: &str| rest.len() >= 7 && rest.bytes().all(|byte| byte.is_ascii_hexdigit());
    for begins in ["br-", "veth"] {
        if word.strip_prefix(begins).is_some_and(is_short_hash) {
            return format!("{begins}#");
        }
    }
    for begins in ["NETAVARK-DN-", "NETAVARK-", "veth", "podman"] {
        if word.strip_prefix(begins).is_some_and(|rest| is_hash(rest) || is_number(rest)) {
            return format!("{begins}#");
        }
    }
    let digits_and_dots = |letter: char| letter.is_ascii_digit() || letter == '.';
    // The ranges from which Podman and Docker take one for each network.
    let within = ["10.89.", "172."].into_iter().find_map(|range| Some((range, word.strip_prefix(range)?)));
    match within {
        Some((range, rest)) => format!("{range}#{}", rest.trim_start_matches(digits_and_dots)),
        None if is_hash(word.trim_end_matches('"')) => "<id>".to_owned(),
        None => word.to_owned(),
    }
}

/// The TCP sockets that listen and the UDP sockets that wait for anybody, in the server itself, but for those of the engine's own server
/// of names, which it starts and ends as it needs it.
pub fn listeners(system: &System) -> Vec<String> {
    let mut listeners = Vec::new();
    let engines = processes::sockets_of_the_server_of_names(system);
    for (table, state) in [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")] {
        let text = system.table(table);
        let bound = text.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let listens = fields.get(3) == Some(&state)
                && !engines.iter().any(|engines| fields.get(9) == Some(&engines.as_str()));
            listens.then(|| format!("{table} {}", fields[1]))
        });
        listeners.extend(bound);
    }
    sorted(listeners)
}
