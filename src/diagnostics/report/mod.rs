//! Findings with their sources, as texts. Reads nothing, changes nothing.
//!
//! Lines and columns count from 1; a column is a Unicode character (scalar value) of the UTF-8 text. No form of the report
//! shows anything of the secrets file but names, lines and columns.

mod github;
mod human;
mod json;
mod junit;
mod located;
mod sarif;

pub use github::github;
pub(super) use human::wrapped;
pub use human::{Style, human, human_of_all};
pub use json::{json, json_of_all};
pub use junit::junit;
pub use sarif::sarif;

use super::{Finding, Source};

/// Findings, and the texts that they are about.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// The plan file, if one was read.
    pub plan: Option<&'a Source>,
    /// The secrets file, if one was given.
    pub secrets: Option<&'a Source>,
    /// The site's policy, if one is in force.
    pub policy: Option<&'a Source>,
    /// In any order; every form tells them in source order, the plan first, then the secrets, the policy, the server.
    pub findings: &'a [Finding],
}

impl Report<'_> {
    /// Whether no finding is an error.
    pub fn is_valid(&self) -> bool {
        self.findings.iter().all(|finding| finding.severity == super::Severity::Warning)
    }
}

#[cfg(test)]
mod tests;
