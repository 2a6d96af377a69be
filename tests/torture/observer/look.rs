//! Everything that is to be seen of a server at one time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::engine::Container;
use super::processes::Process;
use super::secrets::Found;
use super::{asked, network, processes, secrets, volatile};
use crate::canaries::Canaries;
use crate::scene::{OUR_PORT, THEIR_PORT};
use crate::support::{Crontab, Entry, Kind, Vsn, eventually};

/// What was seen.
#[derive(Debug, Clone)]
pub struct Look {
    /// Also what is mere storage, sorted by name.
    pub containers: Vec<Container>,
    /// Every tag and image ID.
    pub images: Vec<String>,
    /// With all that the engine says of each.
    pub networks: Vec<String>,
    pub volumes: Vec<String>,
    pub secrets: Vec<String>,
    /// What the engine keeps of each secret, by its ID.
    pub secret_values: Vec<String>,
    /// Of the firewall, without counters.
    pub rules: Vec<String>,
    /// The network interfaces of the server.
    pub interfaces: Vec<String>,
    /// The sockets that listen in the server itself.
    pub listeners: Vec<String>,
    pub processes: Vec<Process>,
    /// Every file of its disk.
    pub disk: Vec<Entry>,
    /// The paths in `/run`.
    pub volatile: Vec<String>,
    /// What of it is neither the engine's nor ours, described.
    pub volatile_of_others: Vec<String>,
    pub shared_memory: Vec<String>,
    pub mounts: Vec<String>,
    pub crontab: Crontab,
    pub known_hosts: Option<String>,
    /// What our published port answers, if it does, and the strangers'.
    pub answers: (String, String),
    pub lock_is_free: bool,
    /// Where pieces of the secrets are.
    pub found: Vec<Found>,
    /// The saved plan, whose being there is what «deployed» means.
    pub saved: Option<Vec<u8>>,
}

impl Look {
    /// Looks. Where something comes or goes meanwhile, it looks again: after each command in a container, its monitor has the engine
    /// tidy up at some time. An engine that is at work each time is seen as it is.
    pub fn at(vsn: &Vsn, canaries: &Canaries) -> Self {
        for _ in 1..10 {
            let look = Self::once(vsn, canaries);
            if !look.processes.iter().any(|process| is_of_the_engine(&process.program)) {
                return look;
            }
        }
        Self::once(vsn, canaries)
    }

    fn once(vsn: &Vsn, canaries: &Canaries) -> Self {
        let_the_engine_finish(&System::of(vsn));
        let folder = vsn.folder().join("look");
        let ports = [OUR_PORT.to_string(), THEIR_PORT.to_string()];
        let mut problem = String::new();
        let mut tries = 0;
        eventually("the engine answers", || {
            drop(fs::remove_dir_all(&folder));
            fs::create_dir(&folder).unwrap();
            let asked = vsn.run([
                "bash",
                "-c",
                &asked::script(vsn.engine()),
                "look",
                folder.to_str().unwrap(),
                &ports[0],
                &ports[1],
            ]);
            problem = format!("{asked:?}");
            tries += 1;
            assert!(tries < 60, "{problem}");
            asked.status == Some(0)
        });
        Self::read(vsn, canaries, &folder)
    }

    fn read(vsn: &Vsn, canaries: &Canaries, folder: &Path) -> Self {
        let said = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
        let listed = |name: &str| -> Vec<Value> { serde_json::from_str(&said(name)).unwrap_or_default() };
        let lines = |name: &str| sorted(said(name).lines().map(str::to_owned).collect());
        let system = System::of(vsn);
        let processes = processes::all(&system, folder);
        let described = listed("described");
        // Each by itself, for what may be in one may not be in another.
        fs::remove_file(folder.join("described")).unwrap();
        for container in &described {
            let name = container["Name"].as_str().unwrap();
            fs::write(folder.join(format!("described-{name}")), container.to_string()).unwrap();
        }
        let (disk, paths) = (vsn.manifest("/"), volatile::paths(&system));
        let names = disk.iter().map(named).chain(paths.iter().map(|path| format!("/run/{path}\n").into_bytes()));
        fs::write(folder.join("names"), names.collect::<Vec<_>>().concat()).unwrap();
        Self {
            containers: Container::all(&listed("containers"), &described),
            images: lines("images"),
            networks: sorted(listed("networks").iter().map(Value::to_string).collect()),
            volumes: sorted(listed("volumes").iter().map(Value::to_string).collect()),
            secrets: lines("secrets"),
            secret_values: secret_values(vsn),
            rules: network::rules(&[said("rules"), said("rules6")]),
            interfaces: network::interfaces(&system),
            listeners: network::listeners(&system),
            processes,
            disk,
            volatile_of_others: volatile::strangers(&system, &paths),
            volatile: paths,
            shared_memory: volatile::shared_memory(&system),
            mounts: volatile::mounts(&system),
            crontab: vsn.crontab(),
            known_hosts: vsn.read("/root/.ssh/known_hosts").map(|lines| String::from_utf8(lines).unwrap()),
            answers: (said("ours").trim().to_owned(), said("theirs").trim().to_owned()),
            lock_is_free: folder.join("lock").exists(),
            found: secrets::search(vsn, &system, folder, canaries),
            saved: vsn.read("/var/lib/landfall/shop/saved.json"),
        }
    }

    /// The entry of its disk at this absolute path.
    pub fn entry(&self, path: &str) -> Option<&Entry> {
        self.disk.iter().find(|entry| format!("/{}", entry.path) == path)
    }

    /// How many processes run of each program.
    pub fn programs(&self) -> BTreeMap<&str, usize> {
        let mut programs = BTreeMap::new();
        for process in &self.processes {
            *programs.entry(process.program.as_str()).or_default() += 1;
        }
        programs
    }
}

/// Waits while the engine is at work, but not for ever: one that goes on for longer is seen as it is.
fn let_the_engine_finish(system: &System) {
    let busy = || processes::programs(system).iter().any(|program| is_of_the_engine(program));
    let mut looks = 0;
    while busy() && looks < 100 {
        sleep(Duration::from_millis(100));
        looks += 1;
    }
}

/// Whether it is a program that does one thing for the engine and ends.
fn is_of_the_engine(program: &str) -> bool {
    ["podman", "docker", "runc"].contains(&program)
}

/// The server's process 1, through which its mounts and tables are seen from here.
pub struct System(PathBuf);

impl System {
    fn of(vsn: &Vsn) -> Self {
        let process = fs::read_to_string(vsn.folder().join("pid")).unwrap();
        Self(Path::new("/proc").join(process.trim()))
    }

    /// A path of it, as it sees it.
    pub fn path(&self, path: &str) -> PathBuf {
        self.0.join("root").join(path.strip_prefix('/').unwrap())
    }

    /// A table of its network, such as `tcp`.
    pub fn table(&self, name: &str) -> String {
        fs::read_to_string(self.0.join("net").join(name)).unwrap_or_default()
    }
}

/// What somebody could write a secret into beside a file: its name, what a link holds, and attributes.
fn named(entry: &Entry) -> Vec<u8> {
    let mut named = format!("/{}\n", entry.path).into_bytes();
    if let Kind::Link(held) = &entry.kind {
        named.extend(held.bytes().chain([b'\n']));
    }
    for (name, value) in &entry.attributes {
        named.extend(name.bytes().chain([b'\n']).chain(value.iter().copied()).chain([b'\n']));
    }
    named
}

fn secret_values(vsn: &Vsn) -> Vec<String> {
    let list = |name: &str| -> Option<Value> {
        let text = vsn.read(&format!("/var/lib/containers/storage/secrets/filedriver/{name}"))?;
        serde_json::from_slice(&text).ok()
    };
    // Until a recovery, what the engine has lost is in the copy.
    let stored = list("secretsdata.json").or_else(|| list(".landfall-copy-secretsdata.json")).unwrap_or_default();
    let values = stored.as_object().into_iter().flatten();
    // What a secret of ours is must not be printed where one is missing.
    let sum =
        |value: &Value| Sha256::digest(value.to_string()).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    values.map(|(id, value)| format!("{id} {}", sum(value))).collect()
}

pub fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}
