//! The first process of a container, as the system shows it. Reads only.

use super::super::driver::Podman;
use super::super::lost::records;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

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
        #[derive(Deserialize)]
        struct Recorded {
            id: String,
            #[serde(default)]
            names: Option<Vec<String>>,
        }
        let storage = self.storage().ok()?;
        let recorded = records::list::<Recorded>(&storage, "containers").ok()??;
        let is_it = |recorded: &Recorded| recorded.names.iter().flatten().any(|name| name == container);
        let Recorded { id, names: _ } = recorded.into_iter().find(is_it)?;
        let file = records::folder(&storage.run, "containers")?.join(&id).join("userdata/pidfile");
        let pid: u32 = std::fs::read_to_string(file).ok()?.trim().parse().ok()?;
        let routes = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("net/fib_trie")).ok()?;
        Some(FirstProcess { id, pid, address: only_address(&routes)? })
    }
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
    addresses.sort_unstable();
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
