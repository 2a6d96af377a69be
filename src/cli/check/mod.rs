//! `landfall check`: validates plans and their secrets, offline and without root.

mod overview;
mod targets;
#[cfg(test)]
mod tests;
mod told;

use super::arguments::{Check, ReportFormat};
use super::inputs::{self, Trust, folder_of, is_standard_input};
use super::review;
use super::screen::Screen;
use super::site::Found;
use crate::Checked;
use crate::diagnostics::report::{self, Report};
use crate::diagnostics::{Code, Document, Finding, Severity, Source};
use crate::exit::Exit;
use jiff::Zoned;
use overview::Overview;
use std::path::Path;

/// Tells every finding, and what a reader wants to know of the plans that are right; the exit status says whether one is not.
pub fn check(arguments: &Check, now: &Zoned, screen: &Screen) -> Exit {
    let Check { plans, secrets, policy, deny_warnings, format } = arguments;
    if secrets.iter().chain(plans).filter(|path| is_standard_input(path)).count() > 1 {
        screen.line("error: standard input can be one file only: name the others");
        return Exit::Usage;
    }
    let secrets = secrets.as_deref().map(|path| inputs::read_secrets(path, Trust::Anything));
    let site = policy.as_deref().map_or(Found::None, Found::given);
    let mut checked: Vec<Checked> = Vec::new();
    for target in targets::of(plans) {
        checked.push(match target {
            Ok(path) => {
                let (mut checked, lies_in) = inputs::check_with(&path, secrets.as_ref(), Trust::Anything);
                site.judge_checked(&mut checked, |plan| inputs::places(plan, folder_of(&path), lies_in));
                of_the_files(checked, &path)
            }
            Err(refused) => refused,
        });
    }
    if *deny_warnings {
        checked.iter_mut().for_each(Checked::deny_warnings);
    }
    let judged = Judged::of(checked, site);
    screen.result(&text(&judged, *format, now, screen));
    if judged.reports().iter().all(Report::is_valid) { Exit::Done } else { Exit::Refused }
}

fn of_the_files(mut checked: Checked, path: &Path) -> Checked {
    if let Some(plan) = &checked.plan {
        let missing = inputs::missing_files(plan, folder_of(path));
        checked.findings.extend(missing);
    }
    checked
}

/// The plans, each with its own findings, and the secrets file that they share.
struct Judged {
    plans: Vec<Checked>,
    secrets: Option<Source>,
    of_the_secrets: Vec<Finding>,
    site: Found,
}

impl Judged {
    /// What is wrong with the secrets file is told once; a secret is unused if no plan uses it.
    fn of(mut plans: Vec<Checked>, site: Found) -> Self {
        let of_secrets = |finding: &Finding| finding.document == Document::Secrets;
        let mut own: Vec<Vec<Finding>> = Vec::new();
        for checked in &mut plans {
            let (secrets, plan) = std::mem::take(&mut checked.findings).into_iter().partition(of_secrets);
            checked.findings = plan;
            own.push(secrets);
        }
        let everywhere = |finding: &Finding| own.iter().all(|findings| findings.contains(finding));
        let mut of_the_secrets: Vec<Finding> = Vec::new();
        for finding in own.iter().flatten() {
            let stands = finding.code != Code::SecretNeverUsed || everywhere(finding);
            if stands && !of_the_secrets.contains(finding) {
                of_the_secrets.push(finding.clone());
            }
        }
        let secrets = plans.iter_mut().filter_map(|checked| checked.secrets_source.take()).next();
        Self { plans, secrets, of_the_secrets, site }
    }

    fn reports(&self) -> Vec<Report<'_>> {
        let Self { plans, secrets, of_the_secrets, site } = self;
        let (none, findings) = (Report { plan: None, secrets: None, policy: None, findings: &[] }, site.findings());
        let secrets = secrets.as_ref();
        let secrets = secrets.map(|source| Report { secrets: Some(source), findings: of_the_secrets, ..none });
        let policy = site.source().map(|source| Report { policy: Some(source), findings, ..none });
        plans.iter().map(Checked::report).chain(secrets).chain(policy).collect()
    }

    /// Of each plan, unless its secrets are wrong.
    fn overviews(&self, now: &Zoned) -> Vec<(&str, Option<Overview>)> {
        let beside = self.of_the_secrets.iter().chain(self.site.findings());
        let the_rest_is_right = beside.into_iter().all(|finding| finding.severity == Severity::Warning);
        let one = |checked: &Checked| {
            let plan = checked.plan.as_ref().filter(|_| the_rest_is_right && checked.report().is_valid())?;
            let folder = folder_of(Path::new(checked.plan_source.name()));
            // A plan without canonical JSON is none that was read.
            Some(Overview::of(plan, review::of(plan, folder).ok()?, now))
        };
        self.plans.iter().map(|checked| (checked.plan_source.name(), one(checked))).collect()
    }
}

fn text(judged: &Judged, format: ReportFormat, now: &Zoned, screen: &Screen) -> String {
    let reports = judged.reports();
    match format {
        ReportFormat::Human => told::human(&reports, &judged.overviews(now), &screen.style()),
        ReportFormat::Json => format!("{:#}\n", told::json(&reports, &judged.overviews(now))),
        ReportFormat::Sarif => format!("{:#}\n", report::sarif(&reports)),
        ReportFormat::Github => report::github(&reports),
        ReportFormat::Junit => report::junit(&reports),
    }
}
