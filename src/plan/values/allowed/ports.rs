//! Ports of the server that plans may publish. Reads nothing, changes nothing.

use std::fmt;
use std::net::IpAddr;

use crate::diagnostics::Code;
use crate::plan::values::form::{Problem, shown};
use crate::plan::values::{Port, PortRange, Protocol};

/// Ports of the server, at one of its addresses or at all: `[IP:]PORT[-END][/udp]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AllowedPorts {
    address: Option<IpAddr>,
    ports: PortRange,
    protocol: Protocol,
}

impl AllowedPorts {
    /// Reads `[IP:]PORT[-END][/udp]`, IPv6 in brackets.
    ///
    /// # Errors
    /// A text of another form.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (ports, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        // A published port says the same, and where it leads.
        let range = ports.rsplit_once(':').map_or(ports, |(_, range)| range);
        match Port::parse(&format!("{ports}:{range}/{protocol}")) {
            Ok(port) => Ok(Self { address: port.address(), ports: port.host(), protocol: port.protocol() }),
            Err(_) => Err(Problem::new(Code::BadPort, format!("ports {} are not ports of the VSN", shown(text)))
                .label("`[IP:]PORT[-END][/udp]`: an address if not all, IPv6 in brackets; 1 to 65535, ascending")),
        }
    }

    /// The address, if not all of them.
    pub fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Whether this port may be published at this address; no address stands for all interfaces.
    ///
    /// Without an address of its own it covers all, with `0.0.0.0` all of IPv4, with `[::]` all of IPv6, otherwise that
    /// address alone. All interfaces, as a plan asks for them without an address, are covered only by what has no address.
    pub fn covers(&self, address: Option<IpAddr>, port: u16, protocol: Protocol) -> bool {
        let Self { address: allowed, ports, protocol: allowed_protocol } = self;
        let at = match (allowed, address) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(allowed), Some(address)) => {
                let (allowed, address) = (allowed.to_canonical(), address.to_canonical());
                allowed == address || allowed.is_unspecified() && allowed.is_ipv4() == address.is_ipv4()
            }
        };
        at && protocol == *allowed_protocol && ports.numbers().contains(&port)
    }
}

impl fmt::Display for AllowedPorts {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, ports, protocol } = self;
        match address {
            Some(IpAddr::V4(address)) => write!(out, "{address}:")?,
            Some(IpAddr::V6(address)) => write!(out, "[{address}]:")?,
            None => {}
        }
        write!(out, "{ports}")?;
        match protocol {
            Protocol::Tcp => Ok(()),
            Protocol::Udp => out.write_str("/udp"),
        }
    }
}

value!(AllowedPorts {
    format: "landfall-allowed-ports",
    pattern: concat!(concat!("^((", ipv4!(), r"|\[", ipv6!(), r"\]):)?"), concat!(port_range!(), "(/(tcp|udp))?$")),
    beyond: ["a range that descends"],
    wrong: "[IP:]PORT[-END][/udp], IPv6 in brackets",
    description: "Ports of the VSN that plans may publish: [IP:]PORT[-END][/udp], IPv6 in brackets.",
    examples: ["127.0.0.1:1024-65535", "8080-8099", "[2001:db8::1]:53/udp"],
});
