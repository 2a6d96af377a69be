//! The first process of a container, as the system shows it. Reads only.

use super::super::driver::Podman;
use super::super::lost::records::{self, Entry};
use crate::few::InOrder;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};

/// What is to be seen of a container that runs, without asking the engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstProcess {
    /// The container's ID.
    pub id: String,
    /// The process that its monitor says it is: whoever relies on it looks whose it is.
    pub pid: u32,
    /// The address that the process has, beside those that lead to itself.
    pub address: IpAddr,
}

impl Podman {
    /// The first process of a container that has been started; `None` where that is not to be seen, or where it has not the one address.
    pub fn first_process(&self, container: &str) -> Option<FirstProcess> {
        self.first_processes(&[container.to_owned()]).pop()
    }

    /// The first processes of those of these containers where that is to be seen, and that have the one address.
    pub(in super::super) fn first_processes(&self, containers: &[String]) -> Vec<FirstProcess> {
        let Ok(storage) = self.storage() else { return Vec::new() };
        let is_one = |recorded: &Entry| containers.iter().any(|name| recorded.has_name(name));
        let Ok(Some(recorded)) = records::those(&storage, "containers", &is_one) else { return Vec::new() };
        let Some(folder) = storage.volatile_records("containers") else { return Vec::new() };
        recorded.into_iter().filter_map(|recorded| first_process(&folder, recorded.id)).collect()
    }
}

/// The first process of the container of this ID, where the containers' folders lie in this one.
fn first_process(folder: &Path, id: String) -> Option<FirstProcess> {
    let pid = std::fs::read_to_string(folder.join(&id).join("userdata/pidfile")).ok()?.trim().parse().ok()?;
    FirstProcess::of(id, pid)
}

impl FirstProcess {
    /// This process, as the first one of the container of this ID; `None` where it has not the one address.
    pub(in super::super) fn of(id: String, pid: u32) -> Option<Self> {
        let routes = std::fs::read_to_string(of_process(pid).join("net/fib_trie")).ok()?;
        Some(Self { id, pid, address: only_address(&routes)? })
    }
}

/// A process, told from all that had or will have its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    pid: u32,
    /// When it began, in ticks since the server did.
    began: String,
}

impl Process {
    /// The first process of a container; `None` where this server does not count it so, or can't tell whose it is.
    pub fn of(container: &str, pid: u32) -> Option<Self> {
        // Of some runtimes, the container's processes are in no group of its own.
        let groups = std::fs::read_to_string(of_process(pid).join("cgroup")).ok()?;
        if container.is_empty() || !groups.contains(container) { None } else { Self::at(pid) }
    }

    /// Whether it has not ended.
    pub fn lives(&self) -> bool {
        Self::at(self.pid).as_ref() == Some(self)
    }

    /// The process that has this number now, unless it has ended.
    fn at(pid: u32) -> Option<Self> {
        let text = std::fs::read_to_string(of_process(pid).join("stat")).ok()?;
        // The program's name stands in brackets, and may hold anything.
        let (_, rest) = text.rsplit_once(')')?;
        let mut fields = rest.split_whitespace();
        let state = fields.next()?;
        let began = fields.nth(18)?.to_owned();
        // One that has ended may wait for its parent to hear of it.
        if matches!(state, "Z" | "X") { None } else { Some(Self { pid, began }) }
    }

    /// One that had the number of this one before it.
    #[cfg(test)]
    pub fn before(self) -> Self {
        Self { began: "0".to_owned(), ..self }
    }
}

fn of_process(pid: u32) -> PathBuf {
    Path::new("/proc").join(pid.to_string())
}

/// The one address of IPv4 that these routes of a system lead to itself, but for the loopback's.
fn only_address(routes: &str) -> Option<IpAddr> {
    let mut addresses = Vec::new();
    let mut last: Option<Ipv4Addr> = None;
    for line in routes.lines().map(str::trim) {
        if let Some(address) = line.strip_prefix("|-- ") {
            last = address.parse().ok();
        } else if line == "/32 host LOCAL" {
            addresses.extend(last.filter(|address| !address.is_loopback()));
        }
    }
    addresses.put_in_order();
    addresses.dedup();
    match addresses.as_slice() {
        [one] => Some((*one).into()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::only_address;
    use pretty_assertions::assert_eq;

    /// Of a container on one network.
    const ROUTES: &str = "Main:
  +-- 0.0.0.0/1 2 0 2
     +-- 0.0.0.0/4 2 0 2
        |-- 0.0.0.0
           /0 universe UNICAST
        +-- 10.89.0.0/24 2 1 2
           |-- 10.89.0.0
              /24 link UNICAST
           |-- 10.89.0.222
              /32 host LOCAL
           |-- 10.89.0.255
              /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.1
           /32 host LOCAL
Local:
        |-- 10.89.0.222
           /32 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
";

    #[test]
    fn the_address_is_the_one_that_leads_to_the_container_itself() {
        assert_eq!(only_address(ROUTES), Some("10.89.0.222".parse().unwrap()));
    }

    #[test]
    fn of_none_and_of_several_there_is_no_telling() {
        let second = ROUTES.replace("|-- 127.0.0.1", "|-- 10.90.0.7");
        let none = ROUTES.replace("10.89.0.222", "127.0.0.2");
        assert_eq!((only_address(&second), only_address(&none), only_address("")), (None, None, None));
    }
}
