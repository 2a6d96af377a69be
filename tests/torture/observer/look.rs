//! Everything that is to be seen of a server at one time.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;

use super::engine::Container;
use super::processes::Process;
use super::secrets::Found;
use super::{network, processes, secrets};
use crate::canaries::Canaries;
use crate::scene::{OUR_PORT, THEIR_PORT};
use crate::support::{Crontab, Entry, Vsn, eventually};

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
    pub crontab: Crontab,
    /// What our published port answers, if it does, and the strangers'.
    pub answers: (String, String),
    pub lock_is_free: bool,
    /// Where pieces of the secrets are.
    pub found: Vec<Found>,
    /// The saved plan, whose being there is what «deployed» means.
    pub saved: Option<Vec<u8>>,
}

/// Asks the engine, the firewall and the ports, all at once; `$1` is where the answers go. Fails when one of them could not be had.
const ASK: &str = "
    cd \"$1\" || exit 1
    ask() { local into=$1; shift; \"$@\" > \"$into\" 2> \"$into.problem\" || echo \"$into\" >> failed; }
    described() {
      local all
      mapfile -t all < <(podman ps --all --quiet --no-trunc)
      if [ ${#all[@]} = 0 ]; then echo '[]'; else podman container inspect \"${all[@]}\"; fi
    }
    ask containers podman ps --all --external --no-trunc --format json &
    ask described described &
    ask images podman images --all --no-trunc --format '{{.Repository}}:{{.Tag}} {{.ID}}' &
    ask networks podman network ls --format json &
    ask volumes podman volume ls --format json &
    ask secrets podman secret ls --format '{{.Name}} {{.ID}} {{.Driver}}' &
    ask rules iptables-save &
    ask rules6 ip6tables-save &
    interfaces() { ip -oneline link show | cut -d ' ' -f 2; }
    ask interfaces interfaces &
    curl --silent --max-time 20 \"http://127.0.0.1:$2/version\" > ours &
    curl --silent --max-time 20 \"http://127.0.0.1:$3/version\" > theirs &
    # A lock that was never taken is free.
    if [ ! -e /run/landfall.lock ] || flock --nonblock /run/landfall.lock true; then echo free > lock; fi
    wait
    [ ! -e failed ] || { head failed *.problem; exit 1; }";

impl Look {
    /// Looks. Where something comes or goes meanwhile, it looks again.
    pub fn at(vsn: &Vsn, canaries: &Canaries) -> Self {
        let_the_engine_finish(&System::of(vsn));
        let folder = vsn.folder().join("look");
        let ports = [OUR_PORT.to_string(), THEIR_PORT.to_string()];
        let mut problem = String::new();
        let mut tries = 0;
        eventually("the engine answers", || {
            drop(fs::remove_dir_all(&folder));
            fs::create_dir(&folder).unwrap();
            let asked = vsn.run(["bash", "-c", ASK, "look", folder.to_str().unwrap(), &ports[0], &ports[1]]);
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
        Self {
            containers: Container::all(&listed("containers"), &listed("described")),
            images: lines("images"),
            // Podman says of its own default network that it was made just now.
            networks: sorted(
                listed("networks").iter().filter(|one| one["name"] != "podman").map(Value::to_string).collect(),
            ),
            volumes: sorted(listed("volumes").iter().map(Value::to_string).collect()),
            secrets: lines("secrets"),
            rules: network::rules(&[said("rules"), said("rules6")]),
            interfaces: lines("interfaces"),
            listeners: network::listeners(&system),
            processes,
            disk: vsn.manifest("/"),
            volatile: volatile(&system),
            crontab: vsn.crontab(),
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

/// A monitor has the engine tidy up after each command in a container, some time after the command has ended. An engine that goes on for
/// longer is seen as it is.
fn let_the_engine_finish(system: &System) {
    let busy = || processes::programs(system).iter().any(|program| program == "podman");
    let mut looks = 0;
    while busy() && looks < 100 {
        sleep(Duration::from_millis(100));
        looks += 1;
    }
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

pub fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// What lies in `/run` but what every look of ours, every command and every boot leaves.
fn volatile(system: &System) -> Vec<String> {
    const OFTEN: [&str; 12] = [
        "containers/networks/aardvark-dns/aardvark.pid",
        "containers/networks/ipam.db",
        "containers/storage/overlay-layers",
        "crond",
        // Where a test has mounted a disk of its own.
        "disk",
        "landfall.lock",
        "libpod",
        "lock",
        // The `mount` of a test.
        "mount",
        // The runtime's own record of a container whose monitor was killed stays until the next boot, whoever removes the container.
        "runc/",
        "rsyslogd.pid",
        "xtables.lock",
    ];
    let top = system.path("/run");
    let mut paths = Vec::new();
    descend(&top, &top, &mut paths);
    // The folder of all plans stays, empty, as does that of their state.
    paths.retain(|path| path != "landfall" && !OFTEN.iter().any(|often| path.starts_with(often)));
    sorted(paths)
}

/// The paths below `top`, relative to it, as far as its own file system reaches.
pub fn descend(top: &Path, folder: &Path, paths: &mut Vec<String>) {
    // What goes meanwhile is not there.
    let Ok(own) = fs::symlink_metadata(top) else { return };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(metadata) = fs::symlink_metadata(entry.path()) else { continue };
        paths.push(entry.path().strip_prefix(top).unwrap().to_str().unwrap().to_owned());
        if metadata.is_dir() && metadata.dev() == own.dev() {
            descend(top, &entry.path(), paths);
        }
    }
}
