//! The firewall and the sockets.

use super::look::{System, sorted};

/// The rules of all tables, each with its table. Of netavark's own chains nothing is left but the empty ones that it never removes.
pub fn rules(saved: &[String]) -> Vec<String> {
    let mut rules = Vec::new();
    for saved in saved {
        let mut table = "";
        for line in saved.lines() {
            if let Some(name) = line.strip_prefix('*') {
                table = name;
            } else if line.starts_with("-A") {
                rules.push(format!("{table} {line}"));
            }
        }
    }
    sorted(rules)
}

/// The TCP sockets that listen and the UDP sockets that wait for anybody, in the server itself, but for port 53, that of the engine's own
/// server of names, which it starts and ends as it needs it.
pub fn listeners(system: &System) -> Vec<String> {
    let mut listeners = Vec::new();
    for (table, state) in [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")] {
        let text = system.table(table);
        let bound = text.lines().filter_map(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            let listens = fields.get(3) == Some(&state) && !fields[1].ends_with(":0035");
            listens.then(|| format!("{table} {}", fields[1]))
        });
        listeners.extend(bound);
    }
    sorted(listeners)
}
