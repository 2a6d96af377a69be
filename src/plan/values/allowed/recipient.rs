//! Whom mail may go to. Reads nothing, changes nothing.

use std::fmt;

use crate::diagnostics::Code;
use crate::plan::values::form::{Problem, shown};
use crate::plan::values::{Email, Host};

/// Whom mail may go to: one address, or everybody at `@host`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Recipient {
    /// One address.
    One(Email),
    /// Everybody at a host, whose name is in lower case here.
    At(String),
}

impl Recipient {
    /// Reads `user@host` or `@host`.
    ///
    /// # Errors
    /// Neither.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let at = text.strip_prefix('@').and_then(|host| match Host::parse(host) {
            Ok(Host::Name(name)) if text.len() <= 254 => Some(Self::At(name)),
            Ok(Host::Name(_) | Host::Address(_)) | Err(_) => None,
        });
        at.or_else(|| Email::parse(text).ok().map(Self::One)).ok_or_else(|| {
            Problem::new(Code::BadEmail, format!("recipient {} is neither a mail address nor a host's", shown(text)))
                .label("`user@host`, or `@host` for everybody there")
        })
    }

    /// Whether mail to this address goes to whom is meant. Hosts are the same in capitals; a part of a host's name is another
    /// host.
    pub fn covers(&self, address: &Email) -> bool {
        let Some((user, host)) = address.as_str().rsplit_once('@') else { return false };
        match self {
            Self::At(allowed) => host.eq_ignore_ascii_case(allowed),
            Self::One(allowed) => allowed
                .as_str()
                .rsplit_once('@')
                .is_some_and(|(name, at)| name == user && at.eq_ignore_ascii_case(host)),
        }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(address) => address.fmt(out),
            Self::At(host) => write!(out, "@{host}"),
        }
    }
}

value!(Recipient {
    format: "landfall-recipient",
    pattern: concat!(r"^([A-Za-z0-9_](\.?[A-Za-z0-9_+=-])*)?@", host_name!(), "$"),
    longest: 254,
    beyond: ["a user of more than 64 characters, or a last part of the host's name of more than 63"],
    wrong: "user@host, or @host for everybody there",
    description: "Whom mail may go to: an address, or @host for everybody there.",
    examples: ["@example.org", "ops@example.org"],
});
