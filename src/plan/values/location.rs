//! Where image archives are fetched from. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, is_word, right, shown};
use super::host::Host;
use super::path::HostPath;
use super::url::HttpUrl;
use crate::diagnostics::Code;

/// A file on another server, by SSH: `user@host:/path`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SshLocation {
    user: String,
    host: Host,
    path: HostPath,
}

/// A file on a web server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebLocation(HttpUrl);

impl SshLocation {
    /// Reads `user@host:/path`, with IPv6 in brackets.
    ///
    /// # Errors
    /// A part that is missing or malformed, a relative path, or a path that a remote shell would read differently.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let problem = Problem::new(Code::BadLocation, format!("location {} is not a file on a server", shown(text)))
            .label("`user@host:/path`, IPv6 in brackets, the path absolute");
        let Some((user, rest)) = text.split_once('@') else { return Err(problem) };
        let Some((host, path)) = rest.find(":/").and_then(|colon| rest.split_at_checked(colon)) else {
            return Err(problem);
        };
        let path = path.strip_prefix(':').unwrap_or(path);
        let (Some((host, None)), true) = (Host::with_port(host), is_user(user)) else { return Err(problem) };
        if !path.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._+@%=:-".contains(&byte)) {
            return Err(Problem::new(
                Code::BadLocation,
                format!("location {} has a path with special characters", shown(text)),
            )
            .label("letters, digits and `/._+@%=:-`")
            .help("rename the file there: a shell on that server may read its name"));
        }
        let path = HostPath::parse(path).map_err(|problem| {
            let short = text.strip_suffix(path).unwrap_or_default();
            let spelled = super::path::only_spelling(path);
            let meant = spelled.map(|path| format!("{short}{path}"));
            Problem { help: String::new(), ..problem }.write(meant.and_then(|meant| right::<Self>(text, meant)))
        })?;
        Ok(Self { user: user.to_owned(), host, path })
    }

    /// The user to log in as.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The server's name or address.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// The file there.
    pub fn path(&self) -> &HostPath {
        &self.path
    }
}

fn is_user(text: &str) -> bool {
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    is_word(text, 32, |c| c.is_ascii_alphabetic() || c == '_', rest)
}

impl WebLocation {
    /// Reads the address of a file.
    ///
    /// # Errors
    /// Not a web address, or the address of a folder.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let secure = format!("https://{text}");
        let meant = || Some(secure).filter(|secure| !text.contains("://") && Self::parse(secure).is_ok());
        let url = HttpUrl::parse(text).map_err(|problem| match problem.meant.as_slice() {
            [] => problem,
            // Not the one without TLS.
            [..] => Problem { help: String::new(), meant: Vec::new(), ..problem }.write(meant()),
        })?;
        if url.path().ends_with('/') {
            return Err(
                Problem::new(Code::BadLocation, format!("URL {} names no file", shown(text))).label("ends with `/`")
            );
        }
        Ok(Self(url))
    }

    /// The web address.
    pub fn url(&self) -> &HttpUrl {
        &self.0
    }
}

impl fmt::Display for SshLocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { user, host, path } = self;
        write!(out, "{user}@{}:{path}", host.before_port())
    }
}

impl fmt::Display for WebLocation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

value!(SshLocation {
    format: "landfall-ssh-location",
    pattern: concat!(
        concat!(
            "^[A-Za-z_][A-Za-z0-9_.-]{0,31}@",
            host_before_port!(),
            ":(/|(/([A-Za-z0-9_+@%=:-][A-Za-z0-9._+@%=:-]*"
        ),
        r"|\.[A-Za-z0-9_+@%=:-][A-Za-z0-9._+@%=:-]*|\.\.[A-Za-z0-9._+@%=:-]+))+)$"
    ),
    beyond: [
        "a host's name of more than 253 characters, or with a last part of more than 63",
        "a path of more than 4095 bytes, or with a part of more than 255",
    ],
    wrong: "user@host:/path, IPv6 in brackets",
    description: "A file on another server, fetched by SSH.",
    examples: ["images@images.example:/srv/images/shop.tar.zst"],
});

value!(WebLocation {
    format: "landfall-web-location",
    pattern: concat!(
        concat!("^https?://", host_before_port!(), "(:", port_number!(), ")?"),
        r"(\?|[/?]([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*([A-Za-z0-9._~!$&'()*+,;=:@?-]|%[0-9A-Fa-f]{2}))$"
    ),
    beyond: ["a name of more than 253 characters, or with a last part of more than 63"],
    wrong: "https:// or http://, a host, and the path of a file",
    description: "A file on a web server.",
    examples: ["https://images.example/shop/app-3.43.1.tar.zst"],
});
