//! The container engines by name. Reads nothing, changes nothing.

use std::fmt::{self, Display, Formatter};

/// A container engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EngineKind {
    /// Podman.
    Podman,
    /// Docker.
    Docker,
}

impl EngineKind {
    /// The one whose program has this name.
    pub fn of_program(name: &str) -> Option<Self> {
        [Self::Podman, Self::Docker].into_iter().find(|kind| kind.program() == name)
    }

    /// The name of its program: `podman`.
    pub fn program(self) -> &'static str {
        match self {
            Self::Podman => "podman",
            Self::Docker => "docker",
        }
    }
}

impl Display for EngineKind {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Podman => "Podman",
            Self::Docker => "Docker",
        })
    }
}
