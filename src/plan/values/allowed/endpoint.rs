//! A server that may be spoken to. Reads nothing, changes nothing.

use std::fmt;

use crate::diagnostics::Code;
use crate::plan::values::Host;
use crate::plan::values::form::{Problem, shown};

/// A server that may be spoken to, on one port or on any: `host` or `host:port`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Endpoint {
    host: Host,
    port: Option<u16>,
}

impl Endpoint {
    /// Reads `host` or `host:port`, with IPv6 in brackets.
    ///
    /// # Errors
    /// A host that is neither a name nor an address, or a port that is none.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if let Some((host, port)) = Host::with_port(text) {
            return Ok(Self { host, port });
        }
        Err(Problem::new(Code::BadAddress, format!("server {} is not a host", shown(text)))
            .label("`host` or `host:port`, IPv6 in brackets, ports from 1 to 65535"))
    }

    /// Whether it is this server, by the same name or address, and this port. No name is resolved, and a part of a name is
    /// another name.
    pub fn covers(&self, host: &Host, port: u16) -> bool {
        canonical(&self.host) == canonical(host) && self.port.is_none_or(|allowed| allowed == port)
    }
}

/// An IPv4 address that is written as an IPv6 one leads to the same server.
fn canonical(host: &Host) -> Host {
    match host {
        Host::Name(name) => Host::Name(name.clone()),
        Host::Address(address) => Host::Address(address.to_canonical()),
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        out.write_str(&host.before_port())?;
        port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

value!(Endpoint {
    format: "landfall-endpoint",
    pattern: concat!("^(", host_name!(), "|", ipv4!(), r"|\[", ipv6!(), r"\])(:", port_number!(), ")?$"),
    beyond: ["a name of more than 253 characters, or with a last part of more than 63"],
    wrong: "host or host:port, IPv6 in brackets",
    description: "A server's name or address, optionally with one port; without it, any port.",
    examples: ["mail.example.org", "mail.example.org:587", "[2001:db8::7]:443"],
});
