//! What runs.

use std::fs;
use std::path::Path;

use super::look::System;

/// One process, as the server numbers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pub id: u32,
    pub program: String,
    /// In ticks of the kernel since the machine's start: numbers are used again.
    pub began: u64,
}

/// All processes but process 1, what it waits with, and the engine's server of names, which it starts and ends as it needs it. Their arguments and environments go to files in `folder`, for the
/// search for secrets.
pub fn all(system: &System, folder: &Path) -> Vec<Process> {
    let top = system.path("/proc");
    let own = fs::read_link(top.join("1/ns/pid")).unwrap();
    let mut processes = Vec::new();
    for entry in fs::read_dir(&top).unwrap().flatten() {
        let Ok(id) = entry.file_name().to_str().unwrap().parse::<u32>() else { continue };
        let path = entry.path();
        // A process that has ended meanwhile is none.
        let Ok(stat) = fs::read_to_string(path.join("stat")) else { continue };
        let (program, parent, state, began) = parse(&stat);
        if id == 1 || (parent == 1 && program == "sleep") || state == "Z" {
            continue;
        }
        let inside = fs::read_link(path.join("ns/pid")).is_ok_and(|namespace| namespace != own);
        let whose = if inside { "container" } else { "server" };
        for (what, file) in [("arguments", "cmdline"), ("environment", "environ")] {
            let bytes = fs::read(path.join(file)).unwrap_or_default();
            fs::write(folder.join(format!("{what}-{whose}-{id}-{}", program.replace('/', "_"))), bytes).unwrap();
        }
        if program == "aardvark-dns" {
            continue;
        }
        processes.push(Process { id, program, began });
    }
    processes.sort_by_key(|process| process.id);
    processes
}

/// The program of each process.
pub fn programs(system: &System) -> Vec<String> {
    let entries = fs::read_dir(system.path("/proc")).unwrap().flatten();
    let stats = entries.filter_map(|entry| fs::read_to_string(entry.path().join("stat")).ok());
    // `/proc` has a table of that name itself, whose lines are others.
    stats.filter(|stat| stat.contains(") ")).map(|stat| parse(&stat).0).collect()
}

/// The program, the parent, the state and the beginning, from a line of `stat`: a program's name may hold anything.
fn parse(stat: &str) -> (String, u32, String, u64) {
    let (first, last) = stat.rsplit_once(") ").unwrap();
    let program = first.split_once(" (").unwrap().1.to_owned();
    let fields: Vec<&str> = last.split_whitespace().collect();
    (program, fields[1].parse().unwrap(), fields[0].to_owned(), fields[19].parse().unwrap())
}
