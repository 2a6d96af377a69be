//! Subnets of the plan's network. Reads nothing, changes nothing.

use std::fmt;
use std::net::IpAddr;

use ipnet::IpNet;

use super::form::{Problem, right, shown};
use crate::diagnostics::Code;

/// The addresses of a network of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subnet(IpNet);

impl Subnet {
    /// Reads `10.90.0.0/24` or `fd00:90::/64`.
    ///
    /// # Errors
    /// Not a network's address and length, too large or too small, or a range with a meaning of its own.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let Some((network, length)) = network(text) else { return Err(of_wrong_form(text)) };
        let (shortest, longest) = if network.is_ipv4() { (8, 30) } else { (48, 126) };
        let usable = || (shortest..=longest).contains(&length).then_some(length);
        let Some(network) = usable().and_then(|length| IpNet::new(network, length).ok()) else {
            return Err(problem(text, "has no usable length").label(format!("/{shortest} to /{longest}")));
        };
        if network.trunc() != network {
            return Err(problem(text, "is not a network's address")
                .label(format!("the host's part, after {} bits, is not zero", network.prefix_len()))
                .write(right::<Self>(text, network.trunc())));
        }
        match special(network.addr()) {
            Some(meaning) => {
                Err(problem(text, &format!("is {meaning}")).help("choose a private range, such as `10.90.0.0/24`"))
            }
            None => Ok(Self(network)),
        }
    }

    /// As the `ipnet` library has it.
    pub fn network(self) -> IpNet {
        self.0
    }

    /// Whether an address lies in both.
    pub fn overlaps(self, other: Self) -> bool {
        self.0.contains(&other.0) || other.0.contains(&self.0)
    }
}

fn problem(text: &str, what: &str) -> Problem {
    Problem::new(Code::BadSubnet, format!("subnet {} {what}", shown(text)))
}

fn network(text: &str) -> Option<(IpAddr, u8)> {
    let (address, length) = text.split_once('/')?;
    let length = length.parse::<u8>().ok().filter(|number| number.to_string() == length)?;
    Some((address.parse().ok()?, length))
}

fn of_wrong_form(text: &str) -> Problem {
    let meant = text.parse::<IpAddr>().ok().and_then(|address| {
        let length = if address.is_ipv4() { 24 } else { 64 };
        IpNet::new(address, length).ok().and_then(|network| right::<Subnet>(text, network.trunc()))
    });
    problem(text, "is not an address and a length")
        .label("a network's address, `/`, the length of its prefix")
        .write(meant)
}

fn special(address: IpAddr) -> Option<&'static str> {
    let meanings = match address {
        IpAddr::V4(address) => [
            (address.is_loopback(), "for loopback"),
            (address.is_multicast(), "for multicast"),
            (address.is_link_local(), "for link-local addresses"),
            (matches!(address.octets(), [0 | 240.., ..]), "reserved"),
        ],
        IpAddr::V6(address) => [
            (address.is_loopback(), "for loopback"),
            (address.is_multicast(), "for multicast"),
            (address.is_unicast_link_local(), "for link-local addresses"),
            (matches!(address.segments(), [0, 0, 0, ..]), "reserved"),
        ],
    };
    meanings.into_iter().find_map(|(holds, meaning)| holds.then_some(meaning))
}

impl fmt::Display for Subnet {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

value!(Subnet {
    format: "landfall-subnet",
    pattern: concat!("^(", ipv4!(), "/([89]|[12][0-9]|30)|", ipv6!(), "/(4[89]|[5-9][0-9]|1[01][0-9]|12[0-6]))$"),
    unless: r"^((0|127|22[4-9]|23[0-9]|24[0-9]|25[0-5])\.|169\.254\.)",
    beyond: ["an address with bits after the prefix", "a range of IPv6 with a meaning of its own"],
    wrong: "a network's address, /, the length of its prefix",
    description: "A subnet: a network's address and the length of its prefix, IPv4 or IPv6.",
    examples: ["10.90.0.0/24", "fd00:90::/64"],
});
