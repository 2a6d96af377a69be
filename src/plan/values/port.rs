//! Published ports. Reads nothing, changes nothing.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::ops::RangeInclusive;

use super::form::{Problem, right, shown};
use crate::diagnostics::Code;

/// Ports of the server that lead to ports of a container: `[IP:]HOST[-END]:CONTAINER[-END][/udp]`.
///
/// Both ranges are of the same length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    address: Option<IpAddr>,
    host: PortRange,
    container: PortRange,
    protocol: Protocol,
}

/// One port, or several in a row; never empty, never port 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: u16,
    last: u16,
}

/// What runs over a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// Unless the plan says otherwise.
    Tcp,
    /// `/udp`.
    Udp,
}

impl Protocol {
    /// `tcp` or `udp`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
        }
    }
}

impl PortRange {
    /// The lowest port.
    pub fn first(self) -> u16 {
        self.first
    }

    /// The highest port.
    pub fn last(self) -> u16 {
        self.last
    }

    /// All ports, ascending.
    pub fn numbers(self) -> RangeInclusive<u16> {
        self.first..=self.last
    }

    fn overlaps(self, other: Self) -> bool {
        self.first <= other.last && other.first <= self.last
    }

    fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let (first, last) = (number(first)?, number(last)?);
        (first <= last).then_some(Self { first, last })
    }
}

/// A port's number in its only spelling.
pub(super) fn number(text: &str) -> Option<u16> {
    let number = text.parse::<u16>().ok().filter(|number| *number != 0)?;
    (number.to_string() == text).then_some(number)
}

impl Port {
    /// Reads a published port.
    ///
    /// # Errors
    /// A text of another form, an address that is none, or ranges of different lengths.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (ports, protocol) = match text.split_once('/') {
            None | Some((_, "tcp")) => (text.strip_suffix("/tcp").unwrap_or(text), Protocol::Tcp),
            Some((ports, "udp")) => (ports, Protocol::Udp),
            Some((_, other)) => {
                return Err(problem(text, &format!("has the unknown protocol {}", shown(other)))
                    .label("protocols are tcp and udp"));
            }
        };
        let Some((rest, container)) = ports.rsplit_once(':') else { return Err(without_colon(text, ports)) };
        let (address, host) = match rest.rsplit_once(':') {
            Some((address, host)) => (Some(self::address(text, address)?), host),
            None => (None, rest),
        };
        let host = range(text, host)?;
        let container = range(text, container)?;
        let port = Self { address, host, container, protocol };
        if host.numbers().len() == container.numbers().len() {
            return Ok(port);
        }
        Err(problem(text, "has ranges of different lengths").label(format!(
            "{} on the VSN, {} in the container",
            host.numbers().len(),
            container.numbers().len()
        )))
    }

    /// The server's address, if not all of them.
    pub fn address(self) -> Option<IpAddr> {
        self.address
    }

    /// The same ports at another address of the server.
    #[must_use]
    pub fn at(self, address: IpAddr) -> Self {
        Self { address: Some(address), ..self }
    }

    /// The same ports at every address of the server.
    #[must_use]
    pub fn everywhere(self) -> Self {
        Self { address: None, ..self }
    }

    /// The ports on the server.
    pub fn host(self) -> PortRange {
        self.host
    }

    /// The ports in the container.
    pub fn container(self) -> PortRange {
        self.container
    }

    /// What runs over them.
    pub fn protocol(self) -> Protocol {
        self.protocol
    }

    /// Each port on the server with the port in the container that it leads to, ascending.
    pub fn pairs(self) -> impl Iterator<Item = (u16, u16)> {
        self.host.numbers().zip(self.container.numbers())
    }

    /// Whether both want the same port of the same address.
    ///
    /// No address stands for all; `0.0.0.0` for all of IPv4, `[::]` for all of IPv6.
    pub fn conflicts_with(self, other: Self) -> bool {
        let same_address = match (self.address, other.address) {
            (None, _) | (_, None) => true,
            (Some(one), Some(another)) => {
                one == another
                    || one.is_ipv4() == another.is_ipv4() && (one.is_unspecified() || another.is_unspecified())
            }
        };
        same_address && self.protocol == other.protocol && self.host.overlaps(other.host)
    }
}

fn problem(text: &str, what: &str) -> Problem {
    Problem::new(Code::BadPort, format!("port {} {what}", shown(text)))
}

fn without_colon(text: &str, ports: &str) -> Problem {
    let problem = problem(text, "does not say where it leads").label("the VSN's port, a colon, the container's port");
    problem.write(right::<Port>(text, format!("{ports}:{text}")))
}

fn range(text: &str, range: &str) -> Result<PortRange, Problem> {
    PortRange::parse(range).ok_or_else(|| {
        problem(text, &format!("has the wrong port {}", shown(range)))
            .label("ports are 1 to 65535, ranges ascend: `8000-8009`")
    })
}

fn address(text: &str, address: &str) -> Result<IpAddr, Problem> {
    let bracketed = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    if let Some(address) = bracketed.and_then(|address| address.parse::<Ipv6Addr>().ok()) {
        return Ok(IpAddr::V6(address));
    }
    match address.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) if bracketed.is_none() => Ok(IpAddr::V4(address)),
        Ok(IpAddr::V6(_)) => Err(problem(text, "has an IPv6 address without brackets")
            .write(text.strip_prefix(address).and_then(|rest| right::<Port>(text, format!("[{address}]{rest}"))))),
        Ok(IpAddr::V4(_)) | Err(_) => {
            let problem = problem(text, &format!("has no address {}", shown(address)))
                .label("an IPv4 address, or an IPv6 address in brackets");
            let meant = (address == "localhost").then(|| text.replacen("localhost", "127.0.0.1", 1));
            Err(problem.write(meant.and_then(|meant| right::<Port>(text, meant))))
        }
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        if first == last { write!(out, "{first}") } else { write!(out, "{first}-{last}") }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, host, container, protocol } = self;
        match address {
            Some(IpAddr::V4(address)) => write!(out, "{address}:")?,
            Some(IpAddr::V6(address)) => write!(out, "[{address}]:")?,
            None => {}
        }
        write!(out, "{host}:{container}")?;
        match protocol {
            Protocol::Tcp => Ok(()),
            Protocol::Udp => out.write_str("/udp"),
        }
    }
}

value!(Port {
    format: "landfall-port",
    pattern: concat!(
        concat!("^((", ipv4!(), r"|\[", ipv6!(), r"\]):)?"),
        concat!(port_range!(), ":", port_range!(), "(/(tcp|udp))?$")
    ),
    beyond: ["a range that descends", "ranges of different lengths"],
    wrong: "[IP:]HOST[-END]:CONTAINER[-END][/udp], IPv6 in brackets",
    description: "A published port: [IP:]HOST[-END]:CONTAINER[-END][/udp], IPv6 in brackets.",
    examples: ["8080:80", "127.0.0.1:5432:5432", "[2001:db8::1]:53:53/udp", "8000-8009:9000-9009"],
});
