//! References to images in registries. Reads nothing, changes nothing.

use std::fmt;

use super::digest::Digest;
use super::form::{Problem, is_word, right, shown};
use super::host::Host;
use crate::diagnostics::Code;

/// A registry: a host that is recognisable as one, and perhaps a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryName {
    host: Host,
    port: Option<u16>,
}

/// An image in a registry: `registry/repository[:tag][@digest]`. The registry is always written.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    registry: RegistryName,
    repository: String,
    tag: Option<String>,
    digest: Option<Digest>,
}

impl RegistryName {
    /// Reads `host[:port]`.
    ///
    /// # Errors
    /// A scheme, a path, or a single word: in a reference it would be taken for a part of the repository.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        Self::find(text).ok_or_else(|| {
            let bare = text.split_once("://").map_or(text, |(_, rest)| rest);
            let bare = bare.split_once('/').map_or(bare, |(host, _)| host);
            Problem::new(Code::BadImageReference, format!("registry {} is not a registry", shown(text)))
                .label("a host with a dot, `localhost`, or `host:port`")
                .write(Self::find(bare))
        })
    }

    fn find(text: &str) -> Option<Self> {
        let recognisable = text.contains(['.', ':']) || text == "localhost";
        let (host, port) = Host::with_port(text).filter(|_| recognisable)?;
        Some(Self { host, port })
    }

    /// The registry's name or address.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// Its port, if one is written.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl ImageReference {
    /// Reads `registry/repository[:tag][@digest]`.
    ///
    /// # Errors
    /// A reference without registry, or a part that is malformed.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => {
                (rest, Some(Digest::parse(digest).map_err(|problem| of_digest(text, rest, problem))?))
            }
            None => (text, None),
        };
        let Some((registry, path)) = rest.split_once('/') else { return Err(short_or_wrong(text, rest)) };
        let Some(registry) = RegistryName::find(registry) else { return Err(short_or_wrong(text, rest)) };
        let (repository, tag) = repository_and_tag(text, path)?;
        Ok(Self { registry, repository: repository.to_owned(), tag: tag.map(str::to_owned), digest })
    }

    /// Where the image is.
    pub fn registry(&self) -> &RegistryName {
        &self.registry
    }

    /// The image's name there, without tag and digest.
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// The tag, if one is written.
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The same repository, tag and digest below a path of another registry; the path may be empty.
    pub(super) fn moved_to(&self, registry: RegistryName, path: &str) -> Self {
        let repository = if path.is_empty() { self.repository.clone() } else { format!("{path}/{}", self.repository) };
        Self { registry, repository, ..self.clone() }
    }

    /// The digest, if one is written.
    pub fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }
}

fn problem(text: &str, what: &str) -> Problem {
    Problem::new(Code::BadImageReference, format!("image {} {what}", shown(text)))
}

/// The cure of a digest is a part of the cure of a reference.
fn of_digest(text: &str, rest: &str, of_digest: Problem) -> Problem {
    let digest = text.get(rest.len() + 1..).unwrap_or_default();
    let hex = digest.strip_prefix("sha256:").unwrap_or(digest).to_ascii_lowercase();
    let meant = format!("{rest}@sha256:{hex}");
    Problem { help: String::new(), ..of_digest }.write(right::<ImageReference>(text, meant))
}

fn repository_and_tag<'a>(text: &str, path: &'a str) -> Result<(&'a str, Option<&'a str>), Problem> {
    let (repository, tag) = match path.split_once(':') {
        Some((repository, tag)) => (repository, Some(tag)),
        None => (path, None),
    };
    if !is_repository(repository) {
        let lower = repository.to_ascii_lowercase();
        let meant = lower.split('/').all(is_component).then(|| text.replacen(repository, &lower, 1));
        let meant = meant.and_then(|meant| right::<ImageReference>(text, meant));
        return Err(problem(text, &format!("has no repository {}", shown(repository)))
            .label("lower-case letters and digits, joined by `.`, `_`, `__`, `-` and `/`")
            .write(meant));
    }
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    match tag {
        Some(tag) if !is_word(tag, 128, |c| c.is_ascii_alphanumeric() || c == '_', rest) => {
            Err(problem(text, &format!("has no tag {}", shown(tag)))
                .label("up to 128 letters, digits, `_`, `.` and `-`"))
        }
        Some(_) | None => Ok((repository, tag)),
    }
}

/// Whether a repository can have this name.
pub(super) fn is_repository(text: &str) -> bool {
    text.len() <= 200 && text.split('/').all(is_component)
}

/// Whether it is one part of a repository's name: runs of letters and digits, joined by `.`, `_`, `__` or dashes.
fn is_component(text: &str) -> bool {
    let separator = |c: char| matches!(c, '.' | '_' | '-');
    let joined = |run: &str| matches!(run, "." | "_" | "__") || run.bytes().all(|byte| byte == b'-');
    let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || separator(c);
    let bordered = text.starts_with(separator) || text.ends_with(separator);
    let mut runs = text.split(|c: char| !separator(c)).filter(|run| !run.is_empty());
    !text.is_empty() && !bordered && text.chars().all(allowed) && runs.all(joined)
}

fn short_or_wrong(text: &str, rest: &str) -> Problem {
    if text.contains("://") {
        let bare = text.split_once("://").map(|(_, bare)| bare).filter(|bare| ImageReference::parse(bare).is_ok());
        return problem(text, "begins with a scheme").label("a reference begins with the registry's host").write(bare);
    }
    let prefix = if rest.contains('/') { "docker.io/" } else { "docker.io/library/" };
    let long = format!("{prefix}{text}");
    if ImageReference::parse(&long).is_ok() {
        return Problem::new(Code::ShortImageName, format!("image {} does not say which registry", shown(text)))
            .label("engines look for short names in different places")
            .help(format!("write `{long}`, or the registry that you mean"))
            .meant([long]);
    }
    problem(text, "is not an image reference").label("`registry/repository[:tag][@sha256:digest]`")
}

impl fmt::Display for RegistryName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { host, port } = self;
        out.write_str(&host.before_port())?;
        port.map_or(Ok(()), |port| write!(out, ":{port}"))
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, repository, tag, digest } = self;
        write!(out, "{registry}/{repository}")?;
        if let Some(tag) = tag {
            write!(out, ":{tag}")?;
        }
        digest.as_ref().map_or(Ok(()), |digest| write!(out, "@{digest}"))
    }
}

value!(RegistryName {
    format: "landfall-registry",
    pattern: concat!("^", registry!(), "$"),
    beyond: ["a name of more than 253 characters, or with a last part of more than 63"],
    wrong: "a host with a dot, localhost, or host:port",
    description: "A registry: its host, optionally with a port.",
    examples: ["docker.io", "registry.example:5000"],
});

value!(ImageReference {
    format: "landfall-image",
    pattern: concat!(
        concat!("^", registry!(), r"(/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)+"),
        "(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$"
    ),
    beyond: [
        "a registry's name of more than 253 characters, or with a last part of more than 63",
        "a repository of more than 200 characters",
    ],
    wrong: "registry/repository[:tag][@sha256:digest]; the registry is always written",
    description: "An image in a registry. The registry is always written: engines look for short names in different places.",
    examples: ["docker.io/library/postgres:16", "registry.example:5000/shop/app:3.43.1"],
});
