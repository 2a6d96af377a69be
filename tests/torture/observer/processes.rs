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

/// All processes but process 1 and what it waits with. A process that has ended and whose end nobody has asked for is none: it holds
/// nothing. Their arguments and environments go to files in `folder`, for the search for secrets.
pub fn all(system: &System, folder: &Path) -> Vec<Process> {
    let top = system.path("/proc");
    let own = fs::read_link(top.join("1/ns/pid")).unwrap();
    let mut processes = Vec::new();
    let mut servers_of_names = 0;
    for entry in fs::read_dir(&top).unwrap().flatten() {
        let Ok(id) = entry.file_name().to_str().unwrap().parse::<u32>() else { continue };
        let path = entry.path();
        // A process that has ended meanwhile is none.
        let Ok(stat) = fs::read_to_string(path.join("stat")) else { continue };
        let (program, parent, state, began) = parse(&stat);
        if id == 1 || state == "Z" || (parent == 1 && is_waited_with(&path)) {
            continue;
        }
        // The web server of the test images has a process of its own for each connection, as long as that lasts.
        let of_its_parent = || fs::read_to_string(top.join(parent.to_string()).join("stat")).map(|stat| parse(&stat).0);
        if program == "httpd" && of_its_parent().is_ok_and(|parent| parent == "httpd") {
            continue;
        }
        let inside = fs::read_link(path.join("ns/pid")).is_ok_and(|namespace| namespace != own);
        let whose = if inside { "container" } else { "server" };
        for (what, file) in [("arguments", "cmdline"), ("environment", "environ")] {
            let bytes = fs::read(path.join(file)).unwrap_or_default();
            fs::write(folder.join(format!("{what}-{whose}-{id}-{}", program.replace('/', "_"))), bytes).unwrap();
        }
        // The engine has one for all networks, and starts another one whenever its own has gone; a second one was left behind.
        servers_of_names += u32::from(program == "aardvark-dns");
        if program == "aardvark-dns" && servers_of_names == 1 {
            continue;
        }
        processes.push(Process { id, program, began });
    }
    processes.sort_by_key(|process| process.id);
    processes
}

/// Process 1 of a throw-away VSN waits with a `sleep` in its own process group: what was started in it and outlived its parent has another.
fn is_waited_with(process: &Path) -> bool {
    let group = |process: &Path| {
        let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
        stat.rsplit_once(") ").and_then(|(_, last)| last.split_whitespace().nth(2).map(str::to_owned))
    };
    let arguments = fs::read(process.join("cmdline")).unwrap_or_default();
    arguments == b"sleep\0infinity\0" && group(process) == group(&process.with_file_name("1"))
}

/// The sockets, by their inodes, of the engine's server of names.
pub fn sockets_of_the_server_of_names(system: &System) -> Vec<String> {
    let mut sockets = Vec::new();
    for process in fs::read_dir(system.path("/proc")).unwrap().flatten() {
        if fs::read_to_string(process.path().join("comm")).is_ok_and(|name| name == "aardvark-dns\n") {
            let open = fs::read_dir(process.path().join("fd")).into_iter().flatten().flatten();
            let links = open.filter_map(|open| fs::read_link(open.path()).ok());
            sockets.extend(
                links.filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned())),
            );
        }
    }
    sockets
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
