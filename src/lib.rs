//! Landfall interprets a deployment plan on one Linux server.
//!
//! A step never acts: it returns operations. One runner performs them, one journal records them, one printer
//! previews them. `ARCHITECTURE.md` tells who may use whom.

pub mod authoring;
pub mod cli;
#[cfg(test)]
#[path = "../tests/support/committed.rs"]
mod committed;
pub mod compose;
pub mod diagnostics;
pub mod difference;
pub mod exit;
pub mod facts;
mod few;
pub mod host;
pub mod journal;
pub mod operation;
mod packed;
pub mod plan;
pub mod policy;
pub mod redaction;
pub mod rules;
pub mod run;
pub mod schemas;
pub mod script;
pub mod steps;

use diagnostics::{Code, Document, Finding, Place, Severity, Source, report::Report};
use plan::{model::Plan, reading, secrets::Secrets};

pub use plan::reading::plan_sha256;
pub use plan::secrets::names_secrets;

/// How many findings of one plan and its secrets are told.
const MOST_FINDINGS: usize = 1000;

/// A plan and its secrets after everything that can be judged without a server.
#[derive(Debug, Clone)]
pub struct Checked {
    /// The plan, if it can be read; it is valid only if no finding is an error.
    pub plan: Option<Plan>,
    /// The secrets, if a file was given and can be read.
    pub secrets: Option<Secrets>,
    /// The text of the plan.
    pub plan_source: Source,
    /// The text of the secrets file, if one was given.
    pub secrets_source: Option<Source>,
    /// The text of the site's policy, if one is in force.
    pub policy_source: Option<Source>,
    /// Everything that is wrong with both.
    pub findings: Vec<Finding>,
}

impl Checked {
    /// Leaves [`MOST_FINDINGS`] in source order, and a finding that says so.
    fn keep_the_first(&mut self) {
        if self.findings.len() <= MOST_FINDINGS {
            return;
        }
        let (plan, secrets) = (&self.plan_source, self.secrets_source.as_ref());
        let start = |finding: &Finding| {
            let source = if finding.document == Document::Plan { Some(plan) } else { secrets };
            (finding.document, source.map(|source| source.span_of(&finding.place).start))
        };
        self.findings.sort_by_cached_key(start);
        let severity = self.findings.iter().map(|finding| finding.severity).min().unwrap_or(Severity::Error);
        self.findings.truncate(MOST_FINDINGS);
        let end = self.plan_source.text().len();
        let message = format!("there are more than these {MOST_FINDINGS} findings");
        let finding = Finding::new(Code::TooManyFindings, severity, Document::Plan, Place::Bytes(end..end), message);
        self.findings.push(finding.help("cure these first; is it the right file?"));
    }

    /// Takes every warning for an error, as `--deny-warnings` asks for.
    pub fn deny_warnings(&mut self) {
        self.findings.iter_mut().for_each(|finding| finding.severity = Severity::Error);
    }

    /// The findings with their texts, for any form of report.
    pub fn report(&self) -> Report<'_> {
        let Self { plan: _, secrets: _, plan_source, secrets_source, policy_source, findings } = self;
        Report { plan: Some(plan_source), secrets: secrets_source.as_ref(), policy: policy_source.as_ref(), findings }
    }
}

/// Everything that can be judged without a server, all findings at once. Each file comes as its name and its bytes.
///
/// Whether a named secret has a value is judged only if a secrets file is given.
pub fn check(plan: (&str, &[u8]), secrets: Option<(&str, &[u8])>) -> Checked {
    let plan = reading::plan(plan.0, plan.1);
    let secrets = secrets.map(|(name, bytes)| reading::secrets(name, bytes));
    let values = secrets.as_ref().and_then(|read| read.content.as_ref());
    let mut findings = match (&plan.content, &plan.beside_mistakes) {
        (Some(content), _) => rules::of_the_plan(content, &plan.source, values),
        (None, Some(rest)) => rules::of_the_rest(rest, &plan.source),
        (None, None) => Vec::new(),
    };
    if !plan.findings.is_empty() {
        findings.retain(rules::stands_by_itself);
    }
    findings.extend(plan.findings);
    let (secrets, secrets_source) = match secrets {
        Some(read) => {
            findings.extend(read.findings);
            (read.content, Some(read.source))
        }
        None => (None, None),
    };
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        findings.retain(|finding| !rules::is_advice(finding));
    }
    let (plan, plan_source) = (plan.content, plan.source);
    let mut checked = Checked { plan, secrets, plan_source, secrets_source, policy_source: None, findings };
    checked.keep_the_first();
    checked
}
