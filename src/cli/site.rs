//! The site's policy: how it is found, and a plan held against it. Reads only.

use super::inputs;
use crate::Checked;
use crate::diagnostics::{Code, Document, Finding, Severity, Source};
use crate::host::files::{self, FileProblem};
use crate::host::{policy as found, sources::Sources};
use crate::plan::model::Plan;
use crate::plan::text::MAXIMUM_BYTES;
use crate::policy::{self, Places, Site};
use std::path::{Path, PathBuf};

/// What was found where a policy can be.
#[derive(Debug)]
pub enum Found {
    /// No policy: plans may ask for whatever they like.
    None,
    /// A policy.
    Policy(Box<Site>),
    /// Something that is to be a policy, and is none: no plan is let through.
    Broken(Source, Vec<Finding>),
}

impl Found {
    /// The policy of this server.
    pub fn here() -> Self {
        match found::read(MAXIMUM_BYTES as u64) {
            Ok(Some(bytes)) => Self::of(found::FILE, &bytes),
            Ok(None) => Self::None,
            Err(problem) => Self::unusable(found::FILE, &problem),
        }
    }

    /// The policy in this file, whoever can write it, in place of the server's own: for judging only.
    pub fn given(path: &Path) -> Self {
        let name = path.display().to_string();
        match files::read_untrusted(path, MAXIMUM_BYTES as u64) {
            Ok(bytes) => Self::of(&name, &bytes),
            Err(problem) => Self::unusable(&name, &problem),
        }
    }

    fn of(name: &str, bytes: &[u8]) -> Self {
        match policy::read(name, bytes) {
            Ok(site) => Self::Policy(Box::new(site)),
            Err(wrong) => {
                let (source, findings) = *wrong;
                Self::Broken(source, findings)
            }
        }
    }

    fn unusable(name: &str, problem: &FileProblem) -> Self {
        let told = inputs::finding(Document::Policy, problem);
        let finding = if told.code == Code::FileUnusable { policy::unusable(&told.message) } else { told };
        Self::Broken(Source::new(name, ""), vec![finding])
    }

    /// The text of what was found.
    pub fn source(&self) -> Option<&Source> {
        match self {
            Self::None => None,
            Self::Policy(site) => Some(&site.source),
            Self::Broken(source, _) => Some(source),
        }
    }

    /// What is wrong with it.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::None | Self::Policy(_) => &[],
            Self::Broken(_, findings) => findings,
        }
    }

    /// Adds to what was found in a plan's text that there is no usable policy, if so.
    pub fn told_in(&self, checked: &mut Checked) {
        checked.policy_source = self.source().cloned();
        checked.findings.extend_from_slice(self.findings());
    }

    /// What this plan asks for and may not have; `places` says where its files really lie.
    pub fn judge(&self, plan: &Plan, places: &Places) -> Vec<Finding> {
        match self {
            Self::None | Self::Broken(_, _) => Vec::new(),
            Self::Policy(site) => policy::judge(site, plan, places),
        }
    }

    /// The same for a plan whose text may be wrong: what seems to be missing in it may be there, misspelt.
    pub fn judge_checked(&self, checked: &mut Checked, places: impl FnOnce(&Plan) -> Places) {
        let Some(plan) = checked.plan.as_ref().filter(|_| matches!(self, Self::Policy(_))) else { return };
        let mut findings = self.judge(plan, &places(plan));
        if checked.findings.iter().any(|finding| finding.severity == Severity::Error) {
            findings.retain(|finding| !policy::is_about_what_is_missing(finding));
        }
        checked.findings.extend(findings);
    }
}

/// Where the files of a plan lie that was read from this folder, as they were opened.
pub fn places(folder: PathBuf, opened: &Sources, on_the_server: bool) -> Places {
    Places { folder, files: opened.leads_to().clone(), on_the_server }
}
