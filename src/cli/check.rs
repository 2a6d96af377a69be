//! `landfall check`: validates a plan and its secrets, offline and without root.

use super::arguments::{Check, ReportFormat};
use super::inputs::{self, Trust};
use super::screen::Screen;
use crate::diagnostics::Severity;
use crate::diagnostics::report::{self, Report};
use crate::exit::Exit;
use crate::facts::FileFact;
use crate::host::sources;
use crate::rules;

/// Tells every finding; the exit status says whether one is an error.
pub fn check(arguments: &Check, screen: &Screen) -> Exit {
    let Check { plan, secrets, deny_warnings, format } = arguments;
    let mut checked = inputs::check(plan, secrets.as_deref(), Trust::Anything);
    if let Some(read) = &checked.plan {
        // The plan is judged, not this machine: an archive that is built later is missing here and not on the server.
        let folder = plan.parent().unwrap_or(plan);
        let found = sources::named_files(read).into_iter().map(|path| {
            let there = path.from(folder).exists();
            let fact = if there { FileFact::Folder } else { FileFact::Missing };
            (path, fact)
        });
        let missing = found.filter(|(_, fact)| *fact == FileFact::Missing).collect();
        checked.findings.extend(rules::of_the_files(read, &missing, Severity::Warning));
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
