//! Whom an engine's daemon trusts. Reads nothing, changes nothing.

use crate::plan::values::RegistryName;
use std::collections::BTreeMap;

/// How a daemon asks the registries of a plan; empty where no daemon decides that, or nobody has looked.
pub type RegistryTrusts = BTreeMap<RegistryName, RegistryTrust>;

/// How a daemon asks one registry, whatever a plan says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryTrust {
    /// Whether it speaks TLS alone, and verifies the registry's certificate.
    pub verified: bool,
    /// The files with authorities that it trusts for it beside the server's: the SHA-256 of each.
    pub authorities: Vec<String>,
}
