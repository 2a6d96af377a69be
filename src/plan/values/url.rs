//! Web addresses. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, shown};
use super::host::Host;
use crate::diagnostics::Code;

/// A web address: scheme, host, optional port, path and query; no user, no fragment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpUrl {
    scheme: Scheme,
    host: Host,
    port: Option<u16>,
    path: String,
}

/// How a web server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// In the clear, port 80.
    Http,
    /// Over TLS, port 443.
    Https,
}

impl Scheme {
    /// `http` or `https`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

impl HttpUrl {
    /// Reads a web address.
    ///
    /// # Errors
    /// Another scheme, a host that is none, a user, a fragment, or characters that have to be percent-encoded.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (scheme, rest) = match text.split_once("://") {
            Some(("http", rest)) => (Scheme::Http, rest),
            Some(("https", rest)) => (Scheme::Https, rest),
            Some(_) | None => {
                let meant = format!("http://{text}");
                return Err(problem(text, "is not a web address")
                    .label("begins with `http://` or `https://`")
                    .write(Some(meant).filter(|meant| !text.contains("://") && Self::parse(meant).is_ok())));
            }
        };
        let (authority, path) =
            rest.split_at_checked(rest.find(['/', '?', '#']).unwrap_or(rest.len())).unwrap_or((rest, ""));
        let place = Host::with_port(authority);
        if let Some((_, visible)) = rest.rsplit_once('@').filter(|_| place.is_none()) {
            return Err(problem(&format!("{}://…@{visible}", scheme.text()), "has a user in it")
                .label("a password here would be readable by everybody")
                .help("ask for a page that needs no login"));
        }
        if path.contains('#') {
            return Err(problem(text, "has a fragment").label("what follows `#` is never sent to a server"));
        }
        let Some((host, port)) = place else {
            return Err(problem(text, &format!("has no host {}", shown(authority)))
                .label("`host` or `host:port`, IPv6 in brackets"));
        };
        if !is_request_target(path) {
            return Err(problem(text, "has characters that a URL can't have")
                .help("write them percent-encoded: a space is `%20`"));
        }
        Ok(Self { scheme, host, port, path: if path.starts_with('/') { path.to_owned() } else { format!("/{path}") } })
    }

    /// How the server is spoken to.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The server's name or address.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The port, the scheme's own if none is written.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.scheme.port())
    }

    /// Path and query, as they are sent; begins with `/`.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The same address at another host: where a service's name stands for its container.
    #[must_use]
    pub fn at(&self, host: Host) -> Self {
        let Self { scheme, host: _, port, path } = self;
        Self { scheme: *scheme, host, port: *port, path: path.clone() }
    }
}

fn problem(text: &str, what: &str) -> Problem {
    Problem::new(Code::BadUrl, format!("URL {} {what}", shown(text)))
}

/// Whether these are the characters that RFC 3986 allows in path and query, every `%` before two hex digits.
fn is_request_target(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/?".contains(&byte);
    let mut parts = text.split('%');
    let first = parts.next().is_none_or(|part| part.bytes().all(plain));
    first
        && parts.all(|part| {
            let digits = part.bytes().take(2).filter(u8::is_ascii_hexdigit).count();
            digits == 2 && part.bytes().all(plain)
        })
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { scheme, host, port, path } = self;
        write!(out, "{}://{}", scheme.text(), host.before_port())?;
        if let Some(port) = port {
            write!(out, ":{port}")?;
        }
        out.write_str(path)
    }
}

value!(HttpUrl {
    format: "landfall-http-url",
    pattern: concat!(
        concat!("^https?://", host_before_port!(), "(:", port_number!(), ")?"),
        r"([/?]([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?$"
    ),
    beyond: ["a name of more than 253 characters, or with a last part of more than 63"],
    wrong: "http:// or https://, a host, optionally a port and a path",
    description: "A web address, without user and fragment.",
    examples: ["http://localhost:8080/healthz"],
});
