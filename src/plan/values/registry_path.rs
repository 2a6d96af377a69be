//! Parts of registries: what a site's policy allows, and where copies of another registry's images are. Reads nothing, changes nothing.

use std::fmt;

use super::form::{Problem, shown};
use super::image::{ImageReference, RegistryName, is_repository};
use crate::diagnostics::Code;

/// A registry, or a part of one: `registry[/path]`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RegistryPath {
    registry: RegistryName,
    /// Empty for the whole registry.
    path: String,
}

impl RegistryPath {
    /// Reads `registry[/path]`.
    ///
    /// # Errors
    /// A registry that is none, a path that no repository has, a tag or a digest.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let (registry, path) = text.split_once('/').map_or((text, None), |(registry, path)| (registry, Some(path)));
        let problem = |what: &str| {
            Problem::new(Code::BadImageReference, format!("image source {} {what}", shown(text)))
                .label("`registry` or `registry/path`, without tag and digest, without `/` at the end")
        };
        let Ok(registry) = RegistryName::parse(registry) else { return Err(problem("has no registry")) };
        match path {
            Some(path) if !is_repository(path) => Err(problem("has no path that a repository can have")),
            Some(_) | None => Ok(Self { registry, path: path.unwrap_or_default().to_owned() }),
        }
    }

    /// The registry.
    pub fn registry(&self) -> &RegistryName {
        &self.registry
    }

    /// The same image there, in a mirror: its repository below this path, its tag and its digest.
    pub fn mirrored(&self, image: &ImageReference) -> ImageReference {
        let Self { registry, path } = self;
        image.moved_to(registry.clone(), path)
    }

    /// Whether an image comes from there: from this registry, by the same name and the same port, and from this path or
    /// below it. `example.org/a` covers `example.org/a` and `example.org/a/b`, but neither `example.org/ab` nor
    /// `example.org.evil.example/a`.
    pub fn covers(&self, image: &ImageReference) -> bool {
        let Self { registry, path } = self;
        let below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        let inside = path.is_empty() || image.repository().strip_prefix(path.as_str()).is_some_and(below);
        image.registry() == registry && inside
    }
}

impl fmt::Display for RegistryPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { registry, path } = self;
        if path.is_empty() { write!(out, "{registry}") } else { write!(out, "{registry}/{path}") }
    }
}

value!(RegistryPath {
    format: "landfall-registry-path",
    pattern: concat!("^", registry!(), r"(/[a-z0-9]+((\.|__?|-+)[a-z0-9]+)*)*$"),
    beyond: [
        "a registry's name of more than 253 characters, or with a last part of more than 63",
        "a path of more than 200 characters",
    ],
    wrong: "registry or registry/path, without tag and digest",
    description: "A registry, or a part of one: the repository of this path and all below it.",
    examples: ["registry.example:5000/shop", "docker.io/library"],
});
