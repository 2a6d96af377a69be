//! Names and addresses of computers. Reads nothing, changes nothing.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

use super::form::{Problem, shown};
use crate::diagnostics::Code;

/// The longest name that Linux lets a computer or a container have.
const LONGEST_OWN_NAME: usize = 64;

/// The longest name in DNS.
const LONGEST_NAME: usize = 253;

/// The name of a computer or a container (RFC 1123), in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(String);

/// Where a server is: its name in DNS, in lower case, or its address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Host {
    /// A name, not resolved yet.
    Name(String),
    /// An address.
    Address(IpAddr),
}

text!(HostName);

impl HostName {
    /// Reads the name of a computer or a container.
    ///
    /// # Errors
    /// A name that RFC 1123 doesn't allow, an address, or more than 64 characters.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        if is_name(text) && text.len() <= LONGEST_OWN_NAME {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        let nearest = text.replace(['_', ' '], "-").to_ascii_lowercase();
        Err(Problem::new(Code::BadAddress, format!("host name {} is not a host name", shown(text)))
            .label("letters, digits, `-` and `.`, at most 64 of them")
            .write(Some(nearest).filter(|nearest| is_name(nearest) && nearest.len() <= LONGEST_OWN_NAME)))
    }
}

impl Host {
    /// Reads a server's name or address.
    ///
    /// # Errors
    /// Neither a name that RFC 1123 allows nor an address.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::find(text).ok_or_else(|| {
            Problem::new(Code::BadAddress, format!("host {} is neither a name nor an address", shown(text)))
                .label("a name of letters, digits, `-` and `.`, or an IP address")
        })
    }

    fn find(text: &str) -> Option<Self> {
        match text.parse::<IpAddr>() {
            Ok(address) => Some(Self::Address(address)),
            Err(_) => is_name(text).then(|| Self::Name(text.to_ascii_lowercase())),
        }
    }

    /// Splits `host`, `host:port` and `[v6]:port`; the port is `None` where there is none.
    pub(super) fn with_port(text: &str) -> Option<(Self, Option<u16>)> {
        let (host, port) = match text.strip_prefix('[') {
            Some(bracketed) => {
                let (address, rest) = bracketed.split_once(']')?;
                (Self::Address(address.parse::<Ipv6Addr>().ok()?.into()), rest)
            }
            None => {
                let (host, rest) = text.split_at_checked(text.find(':').unwrap_or(text.len()))?;
                (Self::find(host)?, rest)
            }
        };
        match port.strip_prefix(':') {
            Some(port) => Some((host, Some(super::port::number(port)?))),
            None => port.is_empty().then_some((host, None)),
        }
    }

    /// As it stands before a colon and a port: IPv6 in brackets.
    pub fn before_port(&self) -> String {
        match self {
            Self::Address(IpAddr::V6(address)) => format!("[{address}]"),
            Self::Address(IpAddr::V4(address)) => address.to_string(),
            Self::Name(name) => name.clone(),
        }
    }
}

fn is_name(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let numeric = |label: &str| label.bytes().all(|byte| byte.is_ascii_digit());
    let looks_like_address = text.contains('.') && text.rsplit('.').next().is_some_and(numeric);
    text.len() <= LONGEST_NAME && text.split('.').all(is_label) && !looks_like_address
}

impl fmt::Display for Host {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(name),
            Self::Address(address) => address.fmt(out),
        }
    }
}

value!(HostName {
    format: "landfall-host-name",
    pattern: concat!("^", host_name!(), "$"),
    longest: 64,
    wrong: "letters, digits, - and ., at most 64 of them",
    description: "The name of a computer or a container.",
    examples: ["vsn7", "shop.example"],
});

value!(Host {
    format: "landfall-host",
    pattern: concat!("^(", host_name!(), "|", ipv4!(), "|", ipv6!(), ")$"),
    longest: 253,
    beyond: ["a name with a last part of more than 63 characters"],
    wrong: "the name or the address of a server",
    description: "The name or the address of a server.",
    examples: ["mail.example", "192.0.2.25"],
});
