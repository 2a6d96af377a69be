//! `landfall check`: validates a plan and its secrets, offline and without root.

use super::arguments::{Check, ReportFormat};
use super::inputs::{self, Trust};
use super::screen::Screen;
use crate::diagnostics::report::{self, Report};
use crate::exit::Exit;

/// Tells every finding; the exit status says whether one is an error.
pub fn check(arguments: &Check, screen: &Screen) -> Exit {
    let Check { plan, secrets, deny_warnings, format } = arguments;
    let mut checked = inputs::check(plan, secrets.as_deref(), Trust::Anything);
    if let Some(read) = &checked.plan {
        let missing = inputs::missing_files(read, inputs::folder_of(plan));
        checked.findings.extend(missing);
    }
    if *deny_warnings {
        checked.deny_warnings();
    }
    let report = checked.report();
    screen.result(&text(&report, *format, screen));
    if report.is_valid() { Exit::Done } else { Exit::Refused }
}

fn text(report: &Report<'_>, format: ReportFormat, screen: &Screen) -> String {
    match format {
        ReportFormat::Human if report.findings.is_empty() => {
            let name = report.plan.map_or("the plan", |source| source.name());
            format!("{name} is valid\n")
        }
        ReportFormat::Human => report::human(report, &screen.style()),
        ReportFormat::Json => format!("{:#}\n", report::json(report)),
        ReportFormat::Sarif => format!("{:#}\n", report::sarif(report)),
        ReportFormat::Github => report::github(report),
    }
}
