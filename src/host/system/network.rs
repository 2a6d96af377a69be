//! Ports that something listens on, and subnets that are in use. Reads only.

use crate::few::InOrder;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// TCP or UDP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
}

/// A port that something listens on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Listener {
    /// The address; `0.0.0.0` or `::` for all of them. `::` takes the port for IPv4 as well, as a rule.
    pub address: IpAddr,
    /// The port.
    pub port: u16,
    /// The protocol.
    pub protocol: Protocol,
}

/// A subnet that the server has a route to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// The interface that it is reached through: `eth0`, `podman1`.
    pub interface: String,
    /// The subnet.
    pub network: IpNet,
}

/// Everything that listens, sorted.
///
/// # Errors
/// The system's.
pub fn listening_ports() -> io::Result<Vec<Listener>> {
    let mut found = Vec::new();
    for (table, protocol) in
        [("tcp", Protocol::Tcp), ("tcp6", Protocol::Tcp), ("udp", Protocol::Udp), ("udp6", Protocol::Udp)]
    {
        let text = read_table(table)?;
        found.extend(text.lines().skip(1).filter_map(|line| listener(line, protocol)));
    }
    found.put_in_order();
    found.dedup();
    Ok(found)
}

/// Every subnet with a route, without the default route, loopback, link-local and multicast ones.
///
/// # Errors
/// The system's.
pub fn subnets_in_use() -> io::Result<Vec<Subnet>> {
    let four = read_table("route")?;
    let six = read_table("ipv6_route")?;
    Ok(four.lines().skip(1).filter_map(route_4).chain(six.lines().filter_map(route_6)).collect())
}

/// A kernel without IPv6 doesn't have its tables.
fn read_table(name: &str) -> io::Result<String> {
    match std::fs::read_to_string(format!("/proc/self/net/{name}")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        other => other,
    }
}

/// `0: 0100007F:1F90 00000000:0000 0A …`: TCP in state 0A (LISTEN), UDP in 07 (not connected).
fn listener(line: &str, protocol: Protocol) -> Option<Listener> {
    let mut fields = line.split_ascii_whitespace().skip(1);
    let (address, port) = fields.next()?.split_once(':')?;
    let state = fields.nth(1)?;
    let waiting = match protocol {
        Protocol::Tcp => "0A",
        Protocol::Udp => "07",
    };
    if state != waiting {
        return None;
    }
    Some(Listener { address: address_in_words(address)?, port: u16::from_str_radix(port, 16).ok()?, protocol })
}

/// The kernel prints an address as 32-bit words in the machine's own byte order.
fn address_in_words(text: &str) -> Option<IpAddr> {
    let mut bytes = Vec::with_capacity(16);
    for start in (0..text.len()).step_by(8) {
        bytes.extend(u32::from_str_radix(text.get(start..start + 8)?, 16).ok()?.to_ne_bytes());
    }
    match (<[u8; 4]>::try_from(bytes.as_slice()), <[u8; 16]>::try_from(bytes.as_slice())) {
        (Ok(four), _) => Some(IpAddr::V4(Ipv4Addr::from(four))),
        (_, Ok(sixteen)) => Some(IpAddr::V6(Ipv6Addr::from(sixteen))),
        (Err(_), Err(_)) => None,
    }
}

/// `eth0 000200C0 00000000 0001 0 0 0 00FFFFFF …`.
fn route_4(line: &str) -> Option<Subnet> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let interface = (*fields.first()?).to_owned();
    let (IpAddr::V4(network), IpAddr::V4(mask)) =
        (address_in_words(fields.get(1)?)?, address_in_words(fields.get(7)?)?)
    else {
        return None;
    };
    let network = Ipv4Net::with_netmask(network, mask).ok()?.trunc();
    let address = network.network();
    let ours =
        network.prefix_len() > 0 && !address.is_loopback() && !address.is_link_local() && !address.is_multicast();
    ours.then_some(Subnet { interface, network: IpNet::V4(network) })
}

/// `fd00…00 40 0…0 00 0…0 metric references use flags eth0`; prefix lengths are hexadecimal.
fn route_6(line: &str) -> Option<Subnet> {
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let interface = (*fields.get(9)?).to_owned();
    let address = Ipv6Addr::from(u128::from_str_radix(fields.first()?, 16).ok()?);
    let network = Ipv6Net::new(address, u8::from_str_radix(fields.get(1)?, 16).ok()?).ok()?.trunc();
    let address = network.network();
    let link_local = address.segments().first().is_some_and(|first| first & 0xffc0 == 0xfe80);
    let ours = network.prefix_len() > 0 && interface != "lo" && !link_local && !address.is_multicast();
    ours.then_some(Subnet { interface, network: IpNet::V6(network) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use pretty_assertions::assert_eq;

    #[test]
    fn listening_sockets_are_told_from_connected_ones() {
        let tcp = "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1682 1";
        let connected =
            "   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0        0 1683 1";
        let six =
            "   0: 00000000000000000000000000000000:0050 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 7 1";
        let expected = Listener { address: "127.0.0.1".parse().unwrap(), port: 8080, protocol: Protocol::Tcp };
        assert_eq!(listener(tcp, Protocol::Tcp), Some(expected));
        assert_eq!(listener(connected, Protocol::Tcp), None);
        let expected = Listener { address: "::".parse().unwrap(), port: 80, protocol: Protocol::Tcp };
        assert_eq!(listener(six, Protocol::Tcp), Some(expected));
        let loopback = address_in_words("00000000000000000000000001000000");
        assert_eq!(loopback, Some("::1".parse().unwrap()));
    }

    #[test]
    fn a_socket_that_listens_is_found() {
        let tcp = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let udp = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let found = listening_ports().unwrap();
        for (address, protocol) in
            [(tcp.local_addr().unwrap(), Protocol::Tcp), (udp.local_addr().unwrap(), Protocol::Udp)]
        {
            let expected = Listener { address: address.ip(), port: address.port(), protocol };
            assert!(found.contains(&expected), "{expected:?} is not in {found:?}");
        }
    }

    #[test]
    fn routes_name_the_subnets_in_use_and_their_interfaces() {
        let four = "eth0\t000200C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0";
        let default = "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0";
        let subnet = |text: &str| Subnet { interface: "eth0".to_owned(), network: text.parse().unwrap() };
        assert_eq!(route_4(four), Some(subnet("192.0.2.0/24")));
        assert_eq!(route_4(default), None);
        for (network, mask) in [("0000FEA9", "0000FFFF"), ("0000007F", "000000FF"), ("000000E0", "000000F0")] {
            let line = format!("eth0\t{network}\t00000000\t0001\t0\t0\t0\t{mask}\t0\t0\t0");
            assert_eq!(route_4(&line), None, "{network}");
        }
        let zeros = "0".repeat(32);
        let six =
            |address: &str| format!("{address} 40 {zeros} 00 {zeros} 00000100 00000001 00000000 00000001     eth0");
        assert_eq!(route_6(&six(&format!("fd00{}", "0".repeat(28)))), Some(subnet("fd00::/64")));
        assert_eq!(route_6(&six(&format!("fe80{}", "0".repeat(28)))), None);
        assert_eq!(route_6(&format!("{zeros} 00 {zeros} 00 {zeros} 00000400 2 0 3 eth0")), None);
    }
}
