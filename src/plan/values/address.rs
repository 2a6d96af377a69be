//! Addresses, alone and with a name or a port. Reads nothing, changes nothing.

use std::fmt;
use std::net::IpAddr;

use super::form::{Problem, shown};
use super::host::{Host, HostName};
use crate::diagnostics::Code;

/// An IP address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(IpAddr);

/// A server and its TCP port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TcpTarget {
    host: Host,
    port: u16,
}

/// A line for a container's hosts file: a name, and an address or the server itself.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostsEntry {
    name: HostName,
    address: Option<IpAddr>,
}

impl Address {
    /// Reads an IPv4 or IPv6 address.
    ///
    /// # Errors
    /// Anything else.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        text.parse().map(Self).map_err(|_| {
            Problem::new(Code::BadAddress, format!("address {} is not an IP address", shown(text)))
                .label("IPv4 such as `192.0.2.1`, or IPv6 such as `2001:db8::1`")
        })
    }

    /// As the standard library has it.
    pub fn ip(self) -> IpAddr {
        self.0
    }
}

impl TcpTarget {
    /// Reads `host:port`, with IPv6 in brackets.
    ///
    /// # Errors
    /// No port, or a host that is neither a name nor an address.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if let Some((host, Some(port))) = Host::with_port(text) {
            return Ok(Self { host, port });
        }
        Err(Problem::new(Code::BadAddress, format!("TCP target {} is not a host and a port", shown(text)))
            .label("`host:port`, IPv6 in brackets, ports from 1 to 65535"))
    }

    /// The server's name or address.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl HostsEntry {
    /// What stands for the server that the containers run on.
    pub const GATEWAY: &str = "host-gateway";

    /// Reads `name:address` or `name:host-gateway`; IPv6 with or without brackets.
    ///
    /// # Errors
    /// A name that is none, or an address that is none.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem =
            Problem::new(Code::BadAddress, format!("hosts entry {} is not a name and an address", shown(text)))
                .label("`name:address`, or `name:host-gateway` for the VSN itself");
        let Some((name, address)) = text.split_once(':') else { return Err(problem) };
        let Ok(name) = HostName::parse(name) else { return Err(problem) };
        if address == Self::GATEWAY {
            return Ok(Self { name, address: None });
        }
        let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address);
        match bare.parse::<IpAddr>() {
            Ok(address) => Ok(Self { name, address: Some(address) }),
            Err(_) => Err(problem),
        }
    }

    /// The name.
    pub fn name(&self) -> &HostName {
        &self.name
    }

    /// The address; `None` is the server that the containers run on.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }
}

impl fmt::Display for Address {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl fmt::Display for TcpTarget {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}", self.host.before_port(), self.port)
    }
}

impl fmt::Display for HostsEntry {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, address } = self;
        match address {
            Some(address) => write!(out, "{name}:{address}"),
            None => write!(out, "{name}:{}", Self::GATEWAY),
        }
    }
}

value!(Address {
    format: "landfall-address",
    pattern: concat!("^(", ipv4!(), "|", ipv6!(), ")$"),
    wrong: "an IPv4 or IPv6 address",
    description: "An IPv4 or IPv6 address.",
    examples: ["192.0.2.53", "2001:db8::53"],
});

value!(TcpTarget {
    format: "landfall-tcp-target",
    pattern: concat!("^", host_before_port!(), ":", port_number!(), "$"),
    beyond: ["a name of more than 253 characters, or with a last part of more than 63"],
    wrong: "host:port, IPv6 in brackets",
    description: "A server's name or address and its TCP port; IPv6 in brackets.",
    examples: ["db:5432", "[::1]:8080"],
});

value!(HostsEntry {
    format: "landfall-hosts-entry",
    pattern: concat!(
        concat!("^", host_name!(), ":(host-gateway|", ipv4!(), "|", ipv6!()),
        concat!(r"|\[(", ipv4!(), "|", ipv6!(), r")\])$")
    ),
    beyond: ["a name of more than 64 characters"],
    wrong: "name:address, or name:host-gateway",
    description: "A name and its address, or host-gateway for the VSN itself.",
    examples: ["printer.example:192.0.2.9", "vsn:host-gateway"],
});
